import type { Catalog } from '@app/catalog';
import { DomainError } from '@app/domain';

const COUNTED_AT_MOST = 100;

/**
 * CONNECTION_IN_USE while jobs of the connection wait or run, which would find another one than they were made for; and
 * while what restores have replaced is kept on its server, which nobody would find to drop it any more.
 */
export async function refuseWhileWorking(catalog: Catalog, connectionId: string, purpose: string): Promise<void> {
  const { rows, next } = await catalog.jobs.page({
    connectionId,
    states: ['queued', 'running'],
    limit: COUNTED_AT_MOST,
  });
  if (rows.length === 0) return refuseWithCopies(catalog, connectionId, purpose);
  const count = next === undefined ? String(rows.length) : `more than ${COUNTED_AT_MOST}`;
  const jobs = rows.length === 1 ? '1 job that waits or runs' : `${count} jobs that wait or run`;
  throw new DomainError('CONNECTION_IN_USE', `The connection ${purpose}, but has ${jobs}.`, {
    hint: `Wait for them, or cancel them with POST /api/jobs/:id/cancel; GET /api/jobs?connection_id=${connectionId} lists them.`,
  });
}

async function refuseWithCopies(catalog: Catalog, connectionId: string, purpose: string): Promise<void> {
  const copies = await catalog.restores.leftOver(connectionId);
  if (copies === 0) return;
  const what =
    copies === 1 ? '1 copy of what a restore has replaced' : `${copies} copies of what restores have replaced`;
  throw new DomainError('CONNECTION_IN_USE', `The connection ${purpose}, but has ${what} on its server.`, {
    hint: 'Drop the previous databases that are not needed any more with DELETE /api/restores/:id/undo; GET /api/restores lists them.',
  });
}
