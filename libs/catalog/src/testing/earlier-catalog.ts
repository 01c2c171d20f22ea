import { CamelCasePlugin, Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { postgresDialect } from '../dialects/postgres-dialect.js';
import { sqliteDialect } from '../dialects/sqlite-dialect.js';
import { migrationsFor } from '../migrations/migrate.js';
import type { CatalogOptions } from '../open-catalog.js';

/** Makes the catalog that a version of the service made whose last migration is `last`. */
export async function makeEarlierCatalog(options: CatalogOptions, last: string): Promise<void> {
  const { url, file = '', logger } = options;
  const dialect = url === undefined ? sqliteDialect(file) : postgresDialect(url, logger);
  const db = new Kysely<unknown>({ dialect: dialect.kysely, plugins: [new CamelCasePlugin()] });
  const migrator = new Migrator({
    db: db.withoutPlugins(),
    provider: { getMigrations: () => Promise.resolve(migrationsFor(dialect)) },
    migrationTableName: 'catalog_migrations',
    migrationLockTableName: 'catalog_migrations_lock',
  });
  const { error } = await migrator.migrateTo(last);
  await db.destroy();
  expect(error).toBeUndefined();
}
