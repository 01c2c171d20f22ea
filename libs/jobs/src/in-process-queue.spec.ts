import type { Catalog, JobRecord } from '@app/catalog';
import { openCatalog } from '@app/catalog';
import { silentLogger, systemClock } from '@app/domain';
import { EventLog } from './event-log.js';
import { InProcessQueue } from './in-process-queue.js';

describe('smoke', () => {
  it('runs', async () => {
    const catalog: Catalog = await openCatalog({ clock: systemClock, logger: silentLogger });
    const queue = new InProcessQueue({
      catalog,
      events: new EventLog(),
      clock: systemClock,
      logger: silentLogger,
      concurrency: 2,
      instance: { id: 'a', host: 'h', pid: process.pid },
    });
    queue.register('backup', { run: async (job: JobRecord) => Promise.resolve({ id: job.id }) });
    await queue.start();
    const job = await queue.enqueue({ type: 'backup', payload: {} });
    expect(await queue.ended(job.id)).toMatchObject({ state: 'succeeded', result: { id: job.id } });
    await queue.shutdown(100);
    await catalog.close();
  });
});
