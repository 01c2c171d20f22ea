// Usage: npm run test:kill -- [--kills 120] [--seed <number>] [--engine postgres|mariadb]
import { parseArgs } from 'node:util';
import { killRun } from './kill-run.js';
import { ENGINES } from './target.js';

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '120' }, seed: { type: 'string' }, engine: { type: 'string' } },
});
// Another one each time, as each looks at other moments; what it finds can be had again by its number.
const seed = Number(values.seed ?? process.env['KILL_SEED'] ?? Math.floor(Math.random() * 1_000_000));
const kills = Number(values.kills);
if (![seed, kills].every((number) => Number.isSafeInteger(number) && number >= 0)) {
  throw new Error('--kills and --seed are whole numbers.');
}
const engines = ENGINES.filter((engine) => values.engine === undefined || values.engine === engine);
if (engines.length === 0) throw new Error(`--engine is one of ${ENGINES.join(', ')}.`);

// The service runs in a group of its own: nobody but us ends it.
const ending = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => ending.abort());
const tell = (line: string): void => void process.stdout.write(`${line}\n`);

process.stdout.write(`KILL_SEED=${seed}\n`);
try {
  const report = await killRun({ seed, kills, engines, tell, signal: ending.signal });
  process.stdout.write(`\n${report.toString()}\n`);
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
