import { DomainError } from '@app/domain';
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { Migrator } from 'kysely/migration';
import type { CatalogDialect } from '../dialects/catalog-dialect.js';
import { firstCatalog } from './0001-first-catalog.js';
import { restoreCopies } from './0002-restore-copies.js';
import { safetyBackups } from './0003-safety-backups.js';
import { databaseIdentity } from './0005-database-identity.js';
import { foreignReason } from './0006-foreign-reason.js';
import { manifestRevisions } from './0007-manifest-revisions.js';
import { domainEvents } from './0008-domain-events.js';
import { addresses } from './0009-addresses.js';
import { storages } from './0010-storages.js';
import type { Tables } from '../rows/tables.js';

/** The migrations by name, in the order in which they run. A published one is never changed: a later one corrects it. */
const MIGRATIONS = {
  '0001-first-catalog': firstCatalog,
  '0002-restore-copies': restoreCopies,
  '0003-safety-backups': safetyBackups,
  '0005-database-identity': databaseIdentity,
  '0006-foreign-reason': foreignReason,
  '0007-manifest-revisions': manifestRevisions,
  '0008-domain-events': domainEvents,
  '0009-addresses': addresses,
  '0010-storages': storages,
};

const FIRST = '0001-first-catalog';
/** These are not Kysely's default names, as another program that uses Kysely may share the database. */
const TABLE = 'catalog_migrations';
const LOCK_TABLE = 'catalog_migrations_lock';

/**
 * Migrates the catalog to this version of the code, all or nothing, one instance at a time; the others wait. Returns whether this
 * call created a new catalog. Throws CATALOG_TOO_NEW, and changes nothing, when a newer version of the service has used it.
 */
export async function migrate(tables: Kysely<Tables>, dialect: CatalogDialect): Promise<boolean> {
  const db = tables.withoutPlugins();
  await refuseNewer(db, dialect);
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(migrationsFor(dialect)) },
    migrationTableName: TABLE,
    migrationLockTableName: LOCK_TABLE,
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined) {
    await refuseNewer(db, dialect); // it came between the check and the lock
    throw error instanceof DomainError ? error : dialect.translate(error);
  }
  return results?.some(({ migrationName, status }) => migrationName === FIRST && status === 'Success') ?? false;
}

/** Returns the migrations for a dialect. A test runs those of an earlier version. */
export function migrationsFor(dialect: CatalogDialect): Record<string, Migration> {
  return Object.fromEntries(
    Object.entries(MIGRATIONS).map(([name, up]) => [name, { up: (db: Kysely<unknown>) => up(db, dialect) }]),
  );
}

async function refuseNewer(db: Kysely<Tables>, dialect: CatalogDialect): Promise<void> {
  const tables = await db.introspection.getTables();
  if (!tables.some(({ name }) => name === TABLE)) return;
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(TABLE)}`.execute(db);
  const unknown = rows.map(({ name }) => name).filter((name) => !(name in MIGRATIONS));
  if (unknown.length === 0) return;
  throw new DomainError(
    'CATALOG_TOO_NEW',
    `The catalog ${dialect.name} was written by a newer version of the service (${unknown.toSorted().join(', ')}).`,
    { hint: 'Start that version or a later one, or give this one a catalog of its own: DATA_DIR, or CATALOG_URL.' },
  );
}
