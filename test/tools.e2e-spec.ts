import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');

/** They run outside Jest, on the built libs, and seldom: without this, a moved file breaks them unnoticed. */
describe('the programs beside the tests', () => {
  it.each(['bench', 'kill', 'network', 'screenshots', 'soak'])('loads %s', (tool) => {
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--import', './test/bench/built-libs.mjs', `test/${tool}/main.ts`, '--no-such-option'],
      { cwd: ROOT, encoding: 'utf8' },
    );

    expect(stderr).toContain("Unknown option '--no-such-option'");
    expect(status).toBe(1);
  });
});
