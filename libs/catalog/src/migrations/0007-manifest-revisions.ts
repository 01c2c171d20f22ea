import type { Kysely } from 'kysely';
import type { CatalogDialect } from '../dialects/catalog-dialect.js';

/** Remembers each manifest as it was last written: an older one may come back with its valid signature. */
export async function manifestRevisions(db: Kysely<unknown>, { text }: CatalogDialect): Promise<void> {
  await db.schema
    .createTable('manifest_revisions')
    .addColumn('location', text, (column) => column.notNull())
    .addColumn('filename', text, (column) => column.notNull())
    .addColumn('id', text, (column) => column.notNull())
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('verification', text, (column) => column.notNull())
    .addColumn('failed', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('manifest_revisions_key', ['location', 'filename', 'id'])
    .execute();
}
