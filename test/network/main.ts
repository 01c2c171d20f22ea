// Usage: npm run test:network -- [--rounds 40] [--seed <number>] [--engine postgres,mysql] [--silence]
//
// --silence: instead of random faults, a cancel and a SIGTERM while the network is silent, in each place of each engine.
import { parseArgs } from 'node:util';
import { networkRun } from './network-run.js';
import { silentPlaces } from './silence-plan.js';

const ENGINES = { postgres: 'postgres', mysql: 'mariadb', mariadb: 'mariadb' } as const;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '40' },
    seed: { type: 'string' },
    engine: { type: 'string', default: 'postgres,mysql' },
    silence: { type: 'boolean', default: false },
  },
});
// Another seed each time, as each tries other moments. A failure comes again with the same seed.
const seed = Number(values.seed ?? process.env['NETWORK_SEED'] ?? Math.floor(Math.random() * 1_000_000));
const rounds = Number(values.rounds);
if (![seed, rounds].every((number) => Number.isSafeInteger(number) && number >= 0)) {
  throw new Error('--rounds and --seed are whole numbers.');
}
const engines = values.engine.split(',').map((name) => {
  if (!Object.hasOwn(ENGINES, name)) throw new Error('--engine is postgres, mysql, or both with a comma between them.');
  return ENGINES[name as keyof typeof ENGINES];
});

// The service runs in a process group of its own, so that only we end it.
const ending = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => ending.abort());
const tell = (line: string): void => void process.stdout.write(`${line}\n`);

process.stdout.write(`NETWORK_SEED=${seed}\n`);
try {
  const distinct = [...new Set(engines)];
  const silent = values.silence ? { silent: silentPlaces(distinct) } : {};
  const report = await networkRun({ seed, rounds, engines: distinct, ...silent, tell, signal: ending.signal });
  process.stdout.write(`\n${report.toString()}\n`);
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
