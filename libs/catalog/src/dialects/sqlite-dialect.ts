import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sql, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import type { CatalogDialect } from './catalog-dialect.js';
import { SqliteDriver } from './sqlite-driver.js';
import { sqliteErrorOf } from './sqlite-errors.js';
import { withTranslatedErrors } from './translating-driver.js';

/** Migrations run in one transaction: it covers DDL too, and `begin immediate` keeps others out. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** `file` may be `:memory:`. */
export function sqliteDialect(file: string): CatalogDialect {
  const translate = (error: unknown): Error => sqliteErrorOf(error, file);
  return {
    name: file,
    kysely: withTranslatedErrors(
      {
        createAdapter: () => new TransactionalSqliteAdapter(),
        createDriver: () => new SqliteDriver(() => openDatabase(file)),
        createIntrospector: (db) => new SqliteIntrospector(db),
        createQueryCompiler: () => new SqliteQueryCompiler(),
      },
      translate,
    ),
    text: sql`text`,
    // Without statistics SQLite would prefer its index to one that has the wanted order.
    common: (column) => sql<string>`+${sql.ref(column)}`,
    now: sql<number>`cast(unixepoch('subsec') * 1000 as integer)`,
    translate,
  };
}

function openDatabase(file: string): DatabaseSync {
  if (file !== ':memory:') {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // SQLite would create the file with the rights of the umask, and gives its other files the rights of this one.
    closeSync(openSync(file, 'a', 0o600));
    chmodSync(file, 0o600);
  }
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: true, timeout: 0 });
  try {
    // With FULL, confirmed writes survive a power cut. NORMAL would only keep the file whole.
    database.exec('pragma journal_mode = wal; pragma synchronous = full;');
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}
