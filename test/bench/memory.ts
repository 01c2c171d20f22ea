import { connect } from './backup.js';
import { rounded } from './figures.js';
import type { BenchContext, BenchPart, Figures } from './part.js';
import { ServiceUnderTest } from './service-under-test.js';
import { residentOf, watchMemory } from './usage.js';
import { startWorkload } from './workload.js';
import type { Engine } from './workload.js';

const SETTLE_MS = 3_000;

/** How much the service itself grows, its tools not counted: they are the servers' vendors'. */
export const memory: BenchPart = {
  name: 'memory',
  title: 'Memory of the service: idle, and the most while it works',
  async run({ tell, engines, megabytes, rounds }: BenchContext): Promise<Figures[]> {
    const rows: Figures[] = [];
    for (const engine of engines) {
      tell(`${engine}: a database of ${megabytes} MB of SQL`);
      await using workload = await startWorkload(engine, megabytes);
      await using service = await ServiceUnderTest.start({ BACKUP_RETENTION_COUNT: '2' });
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      const idle = residentOf(service.process.pid);
      await connect(service, workload.connection);
      rows.push(...(await measure(engine, service, { idle, rounds, tell })));
    }
    return rows;
  },
};

async function measure(
  engine: Engine,
  service: ServiceUnderTest,
  { idle, rounds, tell }: { idle: number; rounds: number; tell(line: string): void },
): Promise<Figures[]> {
  const { pid } = service.process;
  const most = new Map<string, number>();
  const grow = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    tell(`${engine}: ${what}`);
    const watch = watchMemory(pid, { alone: true });
    try {
      return await work();
    } finally {
      most.set(what, Math.max(most.get(what) ?? 0, watch.stop()));
    }
  };
  for (let round = 0; round < rounds; round += 1) {
    const { backup } = await grow('a backup', () =>
      service.call<{ backup: { path: string } }>('POST', '/api/backup', { compression: 'zstd' }),
    );
    const { restore } = await grow('a restore', () =>
      service.call<{ restore: { id: string } }>('POST', '/api/restore', { backup_file_path: backup.path }),
    );
    await service.call('DELETE', `/api/restores/${restore.id}/undo`);
  }
  return [...most].map(([what, bytes]) => ({
    ...{ engine, while: what },
    'idle, MB': rounded(idle / 1e6, 0),
    'most, MB': rounded(bytes / 1e6, 0),
    'growth, MB': rounded((bytes - idle) / 1e6, 0),
  }));
}
