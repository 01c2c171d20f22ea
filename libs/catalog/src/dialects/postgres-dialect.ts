import type { Logger } from '@app/domain';
import { PostgresDialect, PostgresIntrospector, sql } from 'kysely';
import type { DatabaseMetadataOptions, TableMetadata, Kysely } from 'kysely';
import type { CatalogDialect } from './catalog-dialect.js';
import { postgresErrorOf } from './postgres-errors.js';
import { PostgresListener } from './postgres-listener.js';
import { nameOf, openPool, poolConfig } from './postgres-pool.js';
import { withTranslatedErrors } from './translating-driver.js';

/** Catalogs in other schemas of the same database share it; a hint too many does no harm. */
const EVENTS_CHANNEL = 'database_backup_service_events';

/** The migrations look for their tables only in the schema in which they create them, not in those of other programs. */
class OwnSchemaIntrospector extends PostgresIntrospector {
  constructor(private readonly own: Kysely<unknown>) {
    super(own);
  }

  override async getTables(options?: DatabaseMetadataOptions): Promise<TableMetadata[]> {
    const { rows } = await sql<{ name: string }>`select current_schema() as name`.execute(this.own);
    const tables = await super.getTables(options);
    return tables.filter(({ schema }) => schema === rows[0]?.name);
  }
}

class OwnSchemaDialect extends PostgresDialect {
  override createIntrospector(db: Kysely<unknown>): OwnSchemaIntrospector {
    return new OwnSchemaIntrospector(db);
  }
}

export function postgresDialect(url: string, logger: Logger): CatalogDialect {
  const config = poolConfig(url);
  const name = nameOf(config);
  const translate = (error: unknown): Error => postgresErrorOf(error, name);
  return {
    name,
    kysely: withTranslatedErrors(new OwnSchemaDialect({ pool: openPool(config, logger) }), translate),
    text: sql`text collate "C"`,
    common: (column) => sql<string>`${sql.ref(column)}`,
    now: sql<number>`cast(extract(epoch from now()) * 1000 as bigint)`,
    notify: sql`select pg_notify(${EVENTS_CHANNEL}, '')`,
    listen: (onNotice) => new PostgresListener(config, EVENTS_CHANNEL, onNotice, logger),
    translate,
  };
}
