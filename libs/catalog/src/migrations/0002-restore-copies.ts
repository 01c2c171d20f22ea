import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { CatalogDialect } from '../dialects/catalog-dialect.js';
import { createIndex } from './create-index.js';

/** Restores that go beside the target and can be undone: the copies on the server, and what is under way with them. */
export async function restoreCopies(db: Kysely<unknown>, { text }: CatalogDialect): Promise<void> {
  const add = (name: string, type: typeof text | 'bigint', fallback?: string): Promise<void> =>
    db.schema
      .alterTable('restores')
      .addColumn(name, type, (column) => (fallback === undefined ? column : column.notNull().defaultTo(fallback)))
      .execute();
  await add('kind', text, 'restore');
  await add('undoes', text);
  await add('tables', text);
  await add('incoming', text);
  await add('journal', text);
  await add('copy', text);
  await add('copy_state', text, 'none');
  await add('copy_until', 'bigint');
  await add('copy_bytes', 'bigint');
  await add('lockout_ms', 'bigint');
  await createIndex(db, 'restores', 'of_database', ['database_key', 'started_at desc', 'id desc']);
  await createIndex(db, 'restores', 'of_connection', ['connection_id']);
  await createIndex(db, 'restores', 'of_copy', ['copy_state', 'copy_until']);
  await sql`create index restores_unsettled on restores (started_at) where incoming is not null or journal is not null`.execute(
    db,
  );
}
