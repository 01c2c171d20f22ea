import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '@app/domain';
import type { Clock, Logger } from '@app/domain';
import { CamelCasePlugin, Kysely } from 'kysely';
import type { Catalog } from './catalog.js';
import type { CatalogDialect } from './dialects/catalog-dialect.js';
import { migrate } from './migrations/migrate.js';
import { postgresDialect } from './dialects/postgres-dialect.js';
import { isNotUpYet } from './dialects/postgres-errors.js';
import { Session } from './session.js';
import { SqlCatalog } from './sql-catalog.js';
import { sqliteDialect } from './dialects/sqlite-dialect.js';
import type { Tables } from './rows/tables.js';

const READY_POLL_MS = 250;

export interface CatalogOptions {
  /** A `postgres://…` URL of a database, which several instances may share and which may hold other tables. */
  url?: string | undefined;
  /** Without `url`, a file of SQLite, which is created with its folder if absent; `:memory:` (the default) lasts until it is closed. */
  file?: string | undefined;
  clock: Clock;
  logger: Logger;
  /** How long to wait for a server that cannot be reached yet; default: not at all. */
  readyWithinMs?: number | undefined;
}

/**
 * Opens the catalog, and creates or migrates it if necessary. Throws CATALOG_UNAVAILABLE when its server cannot be reached or
 * refuses the login, CATALOG_FAILED when its file is no database, and CATALOG_TOO_NEW.
 */
export async function openCatalog(options: CatalogOptions): Promise<Catalog> {
  const dialect = dialectOf(options);
  const db = new Kysely<Tables>({ dialect: dialect.kysely, plugins: [new CamelCasePlugin()] });
  try {
    const isNew = await onceReady(() => migrate(db, dialect), options);
    if (isNew) options.logger.info({ catalog: dialect.name }, 'a new catalog was made');
    const { value: id } = await db
      .selectFrom('catalogInfo')
      .select('value')
      .where('name', '=', 'id')
      .executeTakeFirstOrThrow();
    return new SqlCatalog(new Session(db, dialect), { id });
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

function dialectOf({ url, file, logger }: CatalogOptions): CatalogDialect {
  return url === undefined ? sqliteDialect(file ?? ':memory:') : postgresDialect(url, logger);
}

async function onceReady<T>(work: () => Promise<T>, { readyWithinMs = 0, logger }: CatalogOptions): Promise<T> {
  const deadline = performance.now() + readyWithinMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isNotUpYet(error) || performance.now() + READY_POLL_MS > deadline) throw error;
      logger.debug({ error: messageOf(error) }, 'the catalog is not up yet');
    }
    await sleep(READY_POLL_MS);
  }
}
