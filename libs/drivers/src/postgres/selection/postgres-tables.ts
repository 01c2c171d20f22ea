import pg from 'pg';
import { DomainError } from '@app/domain';
import type { ConnectionParams, JsonObject, ToolPaths } from '@app/domain';
import { AS_LONG_AS_IT_TAKES } from '../../session/answer-guard.js';
import type {
  Confinement,
  CopyRole,
  DatabaseSwap,
  DumpSource,
  FoundCopy,
  LoadHooks,
  LoadPlan,
  SwapRequest,
  SwapResult,
  TableLoadOrder,
  TableLoadResult,
  TableReplacement,
} from '../../db-driver.js';
import { cancelled } from '../../session/network-errors.js';
import { chooseTables } from '../../table-names.js';
import { withNewerSource } from '../foreign/newer-source.js';
import { tryingSearchPaths } from '../load/search-path-retry.js';
import { databaseError } from '../login/postgres-errors.js';
import { PostgresSession } from '../login/postgres-session.js';
import type { PostgresTools } from '../postgres-tools.js';
import { copiesIn, copyRoleAndId, copySchema, schemasOf } from './copy-schemas.js';
import { withScript } from './dump-script.js';
import { tablesOf } from './schema-script.js';
import { namesOf, relationsOf } from './table-catalog.js';
import { swapTables, holdTableSwapLock } from './table-swap.js';
import { loadError, loadTables } from './table-load.js';
import { requireReplaceable } from './table-blockers.js';
import { spellingsOf, ExtractionDatabase } from './extraction-database.js';

export interface PostgresTablesParts {
  runtimeDir: string;
  lockTimeoutMs: number;
  tools: PostgresTools;
  swap: Pick<DatabaseSwap, 'copyName' | 'createStaging' | 'dropCopy'>;
  confinement: Confinement;
}

/**
 * Tables cannot move between databases, but between schemas they can: new ones are made in schemas of their own in the
 * live database, and then change places with the old ones in one transaction. See ADR 18.
 */
export class PostgresTables implements TableReplacement {
  constructor(private readonly parts: PostgresTablesParts) {}

  copyName(database: string, role: CopyRole, id: string): string {
    return this.parts.swap.copyName(database, role, id);
  }

  async find(tables: readonly string[], source: DumpSource, tools: ToolPaths, signal: AbortSignal): Promise<string[]> {
    const tool = source.format === 'plain' ? undefined : await this.parts.tools.forRestore(tools);
    try {
      const held = await withScript(source, tool, '--schema-only', signal, tablesOf);
      return chooseTables(tables, held.map(spellingsOf)).map(({ key }) => key);
    } catch (error) {
      if (signal.aborted) throw cancelled('Looking for the tables in the dump');
      throw error;
    }
  }

  /** Tables that the dump names and the database does not have block nothing. */
  async examineTables({ connection }: LoadPlan, tables: readonly string[], _source: DumpSource, signal: AbortSignal) {
    const what = `The tables of "${connection.database}" could not be examined`;
    await this.inDatabase(
      connection,
      what,
      async (session) => requireReplaceable(session, await relationsOf(session, await namesOf(session, tables))),
      signal,
    );
  }

  async load(order: TableLoadOrder, source: DumpSource, hooks: LoadHooks): Promise<TableLoadResult> {
    const loading = tryingSearchPaths(source, {
      load: (searchPath) => this.loadOnce(order, { ...source, searchPath }, hooks),
      // The table-extraction database of a failed attempt has been dropped, and its transaction rolled back.
      clear: () => Promise.resolve(),
      mayRetry: () => !hooks.signal.aborted,
    });
    const { value, warnings } = await loading.catch(async (error: unknown) => {
      throw await withNewerSource(error, order.plan.server, source);
    });
    return { ...value, warnings: [...warnings, ...value.warnings] };
  }

  private async loadOnce(order: TableLoadOrder, source: DumpSource, hooks: LoadHooks): Promise<TableLoadResult> {
    const { plan, tables: asked, incoming, into } = order;
    const { tools } = this.parts;
    // The account of a confined load owns its database and may not make another.
    const asAdministrator = { ...plan, connection: plan.confinement?.administrator ?? plan.connection };
    const { signal } = hooks;
    const { database } = plan.connection;
    try {
      const dumpTool = await tools.forDump(plan.server, plan.tools);
      await using extraction = await ExtractionDatabase.open(
        { ...this.parts, plan: asAdministrator, name: incoming },
        source,
        signal,
      );
      const { selected, tables } = await extraction.select(asked);
      // Better now than when all is loaded.
      if (into === 'staging') await this.requireReplaceable(plan.connection, selected, signal);
      const prepared =
        into === 'staging'
          ? await extraction.intoStagingSchemas(selected, tables)
          : await extraction.prune(selected, tables);
      const load = { ...this.parts, plan, incoming, into, prepared, dumpTool };
      const loaded = await loadTables(load, source, hooks);
      await extraction.close();
      return extraction.left ? { ...loaded, left: [incoming] } : loaded;
    } catch (error) {
      if (signal.aborted) throw cancelled(`The restore of tables of "${database}"`);
      throw loadError(error, database);
    }
  }

  swap(request: SwapRequest): Promise<SwapResult> {
    return swapTables(request);
  }

  async recover(connection: ConnectionParams, journal: JsonObject): Promise<'swapped' | 'unchanged'> {
    const { outgoing } = journal;
    // One transaction: without its name nothing is half done.
    if (typeof outgoing !== 'string') return 'unchanged';
    return this.inDatabase(connection, `What became of "${outgoing}" could not be seen`, async (session) => {
      await holdTableSwapLock(session, outgoing, 'session');
      return (await schemasOf(session, outgoing)).includes(copySchema(outgoing, 0)) ? 'swapped' : 'unchanged';
    });
  }

  async dropCopy(connection: ConnectionParams, name: string, signal?: AbortSignal): Promise<void> {
    // A death may have left the table-extraction database.
    if (copyRoleAndId(name).role === 'restore') await this.parts.swap.dropCopy(connection, name, signal);
    try {
      const work = async (session: PostgresSession): Promise<void> => {
        const schemas = (await schemasOf(session, name)).map((schema) => pg.escapeIdentifier(schema));
        if (schemas.length > 0)
          await session.query(`DROP SCHEMA ${schemas.join(', ')} CASCADE`, [], AS_LONG_AS_IT_TAKES);
      };
      await this.inDatabase(connection, `"${name}" could not be dropped`, work, signal);
    } catch (error) {
      if (!(error instanceof DomainError && error.code === 'DATABASE_NOT_FOUND')) throw error;
    }
  }

  async copyBytes(connection: ConnectionParams, name: string, signal?: AbortSignal): Promise<number | undefined> {
    const what = `The size of "${name}" could not be asked`;
    return this.inDatabase(
      connection,
      what,
      async (session) => {
        const schemas = await schemasOf(session, name);
        if (schemas.length === 0) return undefined;
        const { bytes } = await session.queryOne<{ bytes: string }>(
          `SELECT coalesce(pg_catalog.sum(pg_catalog.pg_total_relation_size(c.oid)), 0)::text AS bytes FROM pg_catalog.pg_class c
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'S')`,
          [schemas],
        );
        return Number(bytes);
      },
      signal,
    );
  }

  async copies(connection: ConnectionParams, signal?: AbortSignal): Promise<FoundCopy[]> {
    const found = await this.inDatabase(
      connection,
      'The staging and previous tables could not be listed',
      copiesIn,
      signal,
    );
    return found.map(({ role, id }) => ({ name: this.copyName(connection.database, role, id), role, id, whole: true }));
  }

  private async requireReplaceable(
    connection: ConnectionParams,
    selected: Parameters<typeof relationsOf>[1],
    signal: AbortSignal,
  ): Promise<void> {
    const what = `The tables of "${connection.database}" could not be examined`;
    await this.inDatabase(
      connection,
      what,
      async (session) => requireReplaceable(session, await relationsOf(session, selected)),
      signal,
    );
  }

  private async inDatabase<T>(
    connection: ConnectionParams,
    what: string,
    work: (session: PostgresSession) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    await using session = await PostgresSession.open(connection, signal);
    try {
      return await work(session);
    } catch (error) {
      throw databaseError(error, what);
    }
  }
}
