// Usage: npm run test:soak -- [--minutes 30] [--engine postgres|mariadb]
//
// Runs operations of all kinds in turn against the built service, prints what it takes of the machine, and fails when that has grown by
// more than 20 % since the fifth minute (since half of the time where that is shorter).
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Subject } from '../kill/subject.js';
import { ENGINES } from '../kill/target.js';
import { startService } from '../support/service-process.js';
import { footprintOf, growth } from './footprint.js';
import type { Footprint } from './footprint.js';
import { soakRound } from './soak-round.js';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' }, engine: { type: 'string' } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new Error('--minutes is a number above 0.');
const engines = ENGINES.filter((engine) => values.engine === undefined || values.engine === engine);
if (engines.length === 0) throw new Error(`--engine is one of ${ENGINES.join(', ')}.`);

const WARM_AFTER_SECONDS = Math.min(300, minutes * 30);
/** What was used for the last call is given back meanwhile. */
const REST_MS = 1_000;

const ending = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => ending.abort());
const tell = (...columns: unknown[]): void =>
  void process.stdout.write(`${columns.map((column) => String(column).padStart(12)).join('')}\n`);

const temporary = await mkdtemp(join(tmpdir(), 'soak-'));
// As the system's own: servers run as another account.
await chmod(temporary, 0o1777);
const subjects = await Promise.all(engines.map((engine) => Subject.start(engine)));
const service = await startService({ LOG_LEVEL: 'error', TMPDIR: temporary, BACKUP_RETENTION_COUNT: '3' });
try {
  for (const subject of subjects) {
    await subject.target.build('A');
    await subject.connect(service.url);
  }
  const began = performance.now();
  const elapsed = (): number => (performance.now() - began) / 1000;
  const samples: Footprint[] = [];
  let calls = 0;
  tell('seconds', 'calls', 'memory, MB', 'descriptors', 'threads', 'temp files');
  while (elapsed() < minutes * 60 && !ending.signal.aborted) {
    calls += await soakRound(service.url, subjects, ending.signal);
    await sleep(REST_MS);
    const sample = await footprintOf(service.pid, service.home, temporary, elapsed());
    samples.push(sample);
    tell(sample.seconds, calls, sample.memoryMb, sample.descriptors, sample.threads, sample.temporaryFiles);
  }
  const grown = ending.signal.aborted ? [] : growth(samples, WARM_AFTER_SECONDS);
  for (const line of grown) process.stderr.write(`${line}\n`);
  process.exitCode = grown.length > 0 ? 1 : 0;
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n${service.log().slice(-4_000)}\n`);
  process.exitCode = 1;
} finally {
  await service.stop();
  await Promise.all(subjects.map(({ target }) => target.stop()));
  await rm(temporary, { recursive: true, force: true });
}
