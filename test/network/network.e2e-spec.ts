import { networkRun } from './network-run.js';

/** Always the same, so that a failure comes from a change. `npm run test:network` tries other seeds. */
const SEED = Number(process.env['NETWORK_SEED'] ?? 1893);
const ROUNDS = Number(process.env['NETWORK_ROUNDS'] ?? 4);

jest.setTimeout(120_000 + ROUNDS * 60_000);

describe('a network that fails', () => {
  it(`lets nothing be lost, kept as a success, or left behind, at ${ROUNDS} moments of backups and restores (NETWORK_SEED=${SEED})`, async () => {
    const lines: string[] = [];
    const tell = (line: string): void => void lines.push(line);
    const run = networkRun({ seed: SEED, rounds: ROUNDS, engines: ['postgres', 'mariadb'], tell });
    const report = await run.catch((error: unknown) => {
      throw new Error(`${(error as Error).message}\n${lines.join('\n')}`, { cause: error });
    });
    expect(report.rounds).toHaveLength(ROUNDS);
    // It would show nothing if all had ended before.
    expect(report.hit).toBeGreaterThan(0);
  });
});
