import { killRun } from './kill-run.js';

/** Fixed, so that a failure is that of a change. `npm run test:kill` looks further. */
const SEED = Number(process.env['KILL_SEED'] ?? 4);
const KILLS = Number(process.env['KILLS'] ?? 10);

jest.setTimeout(60_000 + KILLS * 30_000);

describe('a service that is killed', () => {
  it(`loses nothing and leaves nothing behind, at ${KILLS} moments of backups and restores (KILL_SEED=${SEED})`, async () => {
    const steps: string[] = [];
    const report = await killRun({ seed: SEED, kills: KILLS, tell: (line) => steps.push(line) }).catch(
      (error: unknown) => {
        throw new Error(`${(error as Error).message}\n${steps.join('\n')}`, { cause: error });
      },
    );
    expect(report.kills).toBeGreaterThanOrEqual(KILLS);
    // It would show nothing if all had ended before.
    expect(report.interrupted).toBeGreaterThan(0);
  });
});
