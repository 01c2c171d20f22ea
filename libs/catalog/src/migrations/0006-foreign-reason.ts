import type { Kysely } from 'kysely';
import type { CatalogDialect } from '../dialects/catalog-dialect.js';

/** Why a file with a manifest beside it is not taken for a backup of this installation. */
export async function foreignReason(db: Kysely<unknown>, { text }: CatalogDialect): Promise<void> {
  await db.schema.alterTable('backups').addColumn('foreign_because', text).execute();
}
