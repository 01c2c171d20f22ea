import type { Kysely } from 'kysely';
import type { CatalogDialect } from '../dialects/catalog-dialect.js';

/** The storages that people add. The secrets among their settings are sealed in a column of their own. */
export async function storages(db: Kysely<unknown>, { text }: CatalogDialect): Promise<void> {
  await db.schema
    .createTable('storages')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('name', text, (column) => column.notNull().unique())
    .addColumn('kind', text, (column) => column.notNull())
    .addColumn('settings', text, (column) => column.notNull())
    .addColumn('sealed_secrets', text)
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
}
