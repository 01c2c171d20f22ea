import type { Kysely } from 'kysely';
import type { CatalogDialect } from '../dialects/catalog-dialect.js';
import { createIndex } from './create-index.js';

/** Which database a connection reaches, as the server says: two connections may reach one. */
export async function databaseIdentity(db: Kysely<unknown>, { text }: CatalogDialect): Promise<void> {
  await db.schema.alterTable('connections').addColumn('identity', text).execute();
  await createIndex(db, 'connections', 'of_identity', ['identity']);
}
