import type { Catalog } from '@app/catalog';
import { DomainError } from '@app/domain';

const COUNTED_AT_MOST = 100;

/** CONNECTION_IN_USE while jobs of the connection wait or run: they would find another one than they were made for. */
export async function refuseWhileWorking(catalog: Catalog, connectionId: string, purpose: string): Promise<void> {
  const { rows, next } = await catalog.jobs.page({
    connectionId,
    states: ['queued', 'running'],
    limit: COUNTED_AT_MOST,
  });
  if (rows.length === 0) return;
  const count = next === undefined ? String(rows.length) : `more than ${COUNTED_AT_MOST}`;
  const jobs = rows.length === 1 ? '1 job that waits or runs' : `${count} jobs that wait or run`;
  throw new DomainError('CONNECTION_IN_USE', `The connection ${purpose}, but has ${jobs}.`, {
    hint: `Wait for them, or cancel them with POST /api/jobs/:id/cancel; GET /api/jobs?connection_id=${connectionId} lists them.`,
  });
}
