import { Agent, request } from 'node:http';
import { connect } from './backup.js';
import { rounded } from './figures.js';
import type { BenchContext, BenchPart, Figures } from './part.js';
import { ServiceUnderTest } from './service-under-test.js';
import { residentOf } from './usage.js';
import { startWorkload } from './workload.js';
import type { Engine } from './workload.js';

const CALLS = ['/api/status', '/api/catalog/backups?limit=50'];
/** A person's page and a monitor or two ask about so often; more would measure the queue before the service. */
const EVERY_MS = 10;
const SECONDS = 8;
const AT_ONCE = 8;

/** How long people wait for an answer while the service is idle, backs up, and restores. */
export const responses: BenchPart = {
  name: 'responses',
  title: `Answers: one each ${EVERY_MS} ms, and as many as ${AT_ONCE} callers at once can get`,
  async run({ tell, engines, megabytes }: BenchContext): Promise<Figures[]> {
    const rows: Figures[] = [];
    for (const engine of engines) {
      tell(`${engine}: a database of ${megabytes} MB of SQL`);
      await using workload = await startWorkload(engine, megabytes);
      await using service = await ServiceUnderTest.start({ BACKUP_RETENTION_COUNT: '2', LOG_LEVEL: 'error' });
      await connect(service, workload.connection);
      rows.push(...(await measure(engine, service, tell)));
    }
    return rows;
  },
};

async function measure(engine: Engine, service: ServiceUnderTest, tell: (line: string) => void): Promise<Figures[]> {
  const { url, pid } = service.process;
  const rows: Figures[] = [];
  const idle = residentOf(pid);
  const row = async (doing: string, work: () => Promise<unknown>): Promise<void> => {
    for (const path of CALLS) {
      tell(`${engine}: ${path}, ${doing}`);
      const done = new AbortController();
      const working = work().finally(() => done.abort());
      const waits = await steadily(url + path, done.signal);
      await working;
      rows.push({
        engine,
        call: path,
        while: doing,
        'median, ms': rounded(at(waits, 0.5), 2),
        'p99, ms': rounded(at(waits, 0.99), 2),
        'most, ms': rounded(at(waits, 1), 1),
        'per second': doing === 'idle' ? rounded(await asManyAsPossible(url + path), 0) : '',
        'resident, MB': rounded((doing === 'idle' ? idle : residentOf(pid)) / 1e6, 0),
      });
    }
  };
  await steadily(url + (CALLS[0] ?? ''), AbortSignal.timeout(2000));
  await row('idle', () => new Promise((resolve) => setTimeout(resolve, SECONDS * 1000)));
  let path = '';
  await row('it backs up', async () => {
    const options = { compression: 'zstd' };
    ({ path } = (await service.call<{ backup: { path: string } }>('POST', '/api/backup', options)).backup);
  });
  await row('it restores', () => service.call('POST', '/api/restore', { backup_file_path: path }));
  return rows;
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Milliseconds from the moment when each was due, so that a standstill counts for all who would have asked in it. */
async function steadily(url: string, signal: AbortSignal): Promise<number[]> {
  const agent = new Agent({ keepAlive: true });
  const begin = performance.now();
  const waits: Promise<number>[] = [];
  for (let due = begin; !signal.aborted; due += EVERY_MS) {
    const early = due - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    waits.push(get(url, agent).then(() => performance.now() - Math.max(due, begin)));
  }
  const sorted = (await Promise.all(waits)).sort((a, b) => a - b);
  agent.destroy();
  return sorted;
}

async function asManyAsPossible(url: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const end = performance.now() + SECONDS * 500;
  let count = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (performance.now() < end) {
        await get(url, agent);
        count += 1;
      }
    }),
  );
  agent.destroy();
  return count / (SECONDS / 2);
}

function get(url: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    request(url, { agent })
      .on('response', (answer) => {
        answer.resume();
        answer.on('end', () =>
          answer.statusCode === 200 ? resolve() : reject(new Error(`${url} answered ${answer.statusCode}`)),
        );
      })
      .on('error', reject)
      .end();
  });
}
