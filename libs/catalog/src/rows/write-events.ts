import type { Kysely } from 'kysely';
import type { CatalogDialect } from '../dialects/catalog-dialect.js';
import type { NewEvent } from '../records.js';
import { chunksOf } from './chunks.js';
import { eventCodec } from './record-codecs.js';
import type { Tables } from './tables.js';

/**
 * Writes the events of a transaction, as its last statements: the row of the head stays locked until the commit, and the
 * transaction must wait for nothing else meanwhile.
 */
export async function writeEvents(
  db: Kysely<Tables>,
  events: readonly NewEvent[],
  { now, notify }: CatalogDialect,
): Promise<void> {
  // Before the head is locked, as others wait for that.
  if (notify !== undefined) await notify.execute(db);
  const { position } = await db
    .updateTable('domainEventHead')
    .set((column) => ({ position: column('position', '+', events.length) }))
    .returning('position')
    .executeTakeFirstOrThrow();
  const before = position - events.length;
  const rows = events.map((event, index) => ({
    ...eventCodec.toRow({ ...event, position: before + index + 1, at: 0 }),
    at: now,
  }));
  for (const chunk of chunksOf(rows)) await db.insertInto('domainEvents').values(chunk).execute();
}
