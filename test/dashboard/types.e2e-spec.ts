import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

describe('the types of the API that the dashboard is checked against', () => {
  it('are those of the service as it is; if not: npm run openapi', () => {
    const script = join(__dirname, '../../scripts/openapi.mjs');
    const { stderr, status } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  });
});
