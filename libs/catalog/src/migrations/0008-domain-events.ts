import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { CatalogDialect } from '../dialects/catalog-dialect.js';

/**
 * The outbox of domain events. The one row of `domain_event_head` holds the last position: whoever adds events increments it,
 * which locks it until the end of the transaction, so that positions become visible in their order and without gaps.
 */
export async function domainEvents(db: Kysely<unknown>, { text }: CatalogDialect): Promise<void> {
  await db.schema
    .createTable('domain_events')
    .addColumn('position', 'bigint', (column) => column.primaryKey())
    .addColumn('id', text, (column) => column.notNull())
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('payload', text, (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('domain_event_head')
    .addColumn('name', text, (column) => column.primaryKey())
    .addColumn('position', 'bigint', (column) => column.notNull())
    .execute();
  await sql`insert into domain_event_head (name, position) values ('last', 0)`.execute(db);
  await db.schema
    .createTable('event_subscribers')
    .addColumn('name', text, (column) => column.primaryKey())
    .addColumn('position', 'bigint', (column) => column.notNull())
    .addColumn('owner', text)
    .addColumn('leased_until', 'bigint', (column) => column.notNull())
    .execute();
}
