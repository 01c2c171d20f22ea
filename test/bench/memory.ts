import { connect } from './backup.js';
import { rounded } from './figures.js';
import type { BenchContext, BenchPart, Figures } from './part.js';
import { ServiceUnderTest } from './service-under-test.js';
import { residentOf, watchMemory } from './usage.js';
import { startWorkload } from './workload.js';
import type { Engine } from './workload.js';

const REST_MS = 3_000;
const SMALL = 'bench_small';

/**
 * How much the service itself grows with the size of a database, its tools not counted: they are the servers' vendors'. Code
 * that any work loads is not of the size; it is told by what an empty database leaves.
 */
export const memory: BenchPart = {
  name: 'memory',
  title: 'Memory of the service: idle, and the most while it works',
  async run({ tell, engines, megabytes, rounds }: BenchContext): Promise<Figures[]> {
    const rows: Figures[] = [];
    for (const engine of engines) {
      tell(`${engine}: a database of ${megabytes} MB of SQL`);
      await using workload = await startWorkload(engine, megabytes);
      await using service = await ServiceUnderTest.start({ BACKUP_RETENTION_COUNT: '2' });
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
      const idle = residentOf(service.process.pid);
      await workload.empty(SMALL);
      await connect(service, workload.server.connection(SMALL));
      await backUpAndRestore(service, (_, work) => work());
      const used = residentOf(service.process.pid);
      await connect(service, workload.connection);
      rows.push(...(await measure(engine, service, { idle, used, rounds, tell })));
    }
    return rows;
  },
};

async function measure(
  engine: Engine,
  service: ServiceUnderTest,
  { idle, used, rounds, tell }: { idle: number; used: number; rounds: number; tell(line: string): void },
): Promise<Figures[]> {
  const { pid } = service.process;
  const most = new Map<string, number>();
  const grow: Watched = async (what, work) => {
    tell(`${engine}: ${what}`);
    const watch = watchMemory(pid, { alone: true });
    try {
      return await work();
    } finally {
      most.set(what, Math.max(most.get(what) ?? 0, watch.stop()));
    }
  };
  for (let round = 0; round < rounds; round += 1) await backUpAndRestore(service, grow);
  return [...most].map(([what, bytes]) => ({
    ...{ engine, while: what },
    'idle, MB': rounded(idle / 1e6, 0),
    'after small work, MB': rounded(used / 1e6, 0),
    'most, MB': rounded(bytes / 1e6, 0),
    'growth, MB': rounded((bytes - used) / 1e6, 0),
  }));
}

type Watched = <T>(what: string, work: () => Promise<T>) => Promise<T>;

async function backUpAndRestore(service: ServiceUnderTest, watched: Watched): Promise<void> {
  const { backup } = await watched('a backup', () =>
    service.call<{ backup: { path: string } }>('POST', '/api/backup', { compression: 'zstd' }),
  );
  const { restore } = await watched('a restore', () =>
    service.call<{ restore: { id: string } }>('POST', '/api/restore', { backup_file_path: backup.path }),
  );
  await service.call('DELETE', `/api/restores/${restore.id}/undo`);
}
