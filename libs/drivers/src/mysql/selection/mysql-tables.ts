import { DomainError } from '@app/domain';
import type { ConnectionParams, JsonObject, ObjectCounts, RowCounts, ToolPaths } from '@app/domain';
import { AS_LONG_AS_IT_TAKES } from '../../session/answer-guard.js';
import type {
  CopyRole,
  DatabaseSwap,
  DumpSource,
  FoundCopy,
  LoadedRows,
  LoadHooks,
  LoadPlan,
  LoadResult,
  SwapRequest,
  SwapResult,
  TableLoadOrder,
  TableLoadResult,
  TableReplacement,
} from '../../db-driver.js';
import { cancelled } from '../../session/network-errors.js';
import { chooseTables } from '../../table-names.js';
import { quotedName } from '../login/mysql-account.js';
import { statementError } from '../login/mysql-errors.js';
import { keepsLowerCase } from '../login/folded-names.js';
import { withSession } from '../login/mysql-session.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { asSpelled, spelledConnection } from '../server-names.js';
import { writeStoredObjects } from '../stored-objects/stored-objects-table.js';
import { baseTables } from '../swap/swap-places.js';
import { contentsOf, onlyTables } from './dump-sections.js';
import type { DumpContents } from './dump-sections.js';
import { openKeys, requireClosed, requireFreeTriggerNames, requireReplaceable } from './table-blockers.js';
import { tablesNote, tablesOfCopy } from './table-scope.js';

/** Kinds of objects that come with a table. */
const OF_TABLES: ReadonlySet<string> = new Set(['tables', 'triggers', 'indexes', 'foreign_keys', 'checks']);

export interface MysqlTablesParts {
  /** Recognises staged tables by what is noted in their database. */
  swap: DatabaseSwap;
  load(plan: LoadPlan, source: DumpSource, hooks: LoadHooks): Promise<LoadResult>;
  countObjects(connection: ConnectionParams, signal: AbortSignal): Promise<ObjectCounts>;
  dumpedRows(source: DumpSource, tools: ToolPaths, signal: AbortSignal): Promise<RowCounts>;
}

/** The dump is cut by its own comments into tables, which are loaded into a staging database and then swapped. See ADR 18. */
export class MysqlTables implements TableReplacement {
  constructor(private readonly parts: MysqlTablesParts) {}

  copyName(database: string, role: CopyRole, id: string): string {
    return this.parts.swap.copyName(database, role, id);
  }

  async find(tables: readonly string[], source: DumpSource, _tools: ToolPaths, signal: AbortSignal): Promise<string[]> {
    return (await this.choose(tables, source, signal)).chosen;
  }

  async examineTables(
    plan: LoadPlan,
    tables: readonly string[],
    source: DumpSource,
    signal: AbortSignal,
  ): Promise<void> {
    const { chosen, contents } = await this.choose(tables, source, signal);
    await this.requireReplaceable(plan, chosen, contents, signal);
  }

  async load(order: TableLoadOrder, source: DumpSource, hooks: LoadHooks): Promise<TableLoadResult> {
    const { tables: asked, into } = order;
    const { signal } = hooks;
    const { connection: target } = await spelledConnection(order.plan.connection, signal);
    const plan = { ...order.plan, connection: target };
    const { connection: copy } = await spelledConnection({ ...target, database: order.incoming }, signal);
    const incoming = copy.database;
    const { database } = plan.connection;
    try {
      const { chosen, contents } = await this.choose(asked, source, signal);
      const wanted = new Set(chosen);
      const dump = onlyTables(source, wanted);
      const expected = await this.parts.dumpedRows(dump, plan.tools, signal);
      const connection = into === 'staging' ? { ...plan.connection, database: incoming } : plan.connection;
      if (into === 'staging') {
        await this.requireReplaceable(plan, chosen, contents, signal);
        await this.parts.swap.createStaging(plan.connection, incoming, signal);
      }
      let rows: RowCounts = {};
      let warnings: readonly string[] = [];
      const judge = (found: LoadedRows): void => {
        requireAll(found, chosen, expected);
        hooks.check?.judge(found);
        ({ rows } = found);
      };
      const beforeCommit = async (): Promise<void> => {
        await this.requireNothingElse(connection, signal);
        if (into === 'staging') await this.sign(plan.connection, incoming, signal);
        else warnings = await this.dropOpenKeys(connection, contents, wanted, signal);
        await hooks.beforeCommit();
      };
      const staged = into === 'staging' ? { staged: true } : {};
      const loaded = await this.parts.load({ ...plan, connection, ...staged }, dump, {
        signal,
        beforeCommit,
        check: { depth: hooks.check?.depth ?? 'counts', judge },
      });
      return { tables: chosen, rows, warnings: [...loaded.warnings, ...warnings] };
    } catch (error) {
      if (signal.aborted) throw cancelled(`The restore of tables of "${database}"`);
      throw statementError(error, `Restoring tables of "${database}"`);
    }
  }

  async swap(request: SwapRequest): Promise<SwapResult> {
    const { connection, incoming } = request;
    // Otherwise it would take the place of the whole database.
    const tables = await withSession(connection, {}, (session) => tablesOfCopy(session, incoming));
    if (tables !== undefined) return this.parts.swap.swap(request);
    throw new DomainError(
      'UNSUPPORTED',
      `There is no database "${incoming}" with some tables of "${connection.database}".`,
      {
        hint: 'It was dropped since. Restore a backup instead.',
      },
    );
  }

  recover(
    connection: ConnectionParams,
    journal: JsonObject,
    tell?: (warning: string) => void,
  ): Promise<'swapped' | 'unchanged'> {
    return this.parts.swap.recover(connection, journal, tell);
  }

  dropCopy(connection: ConnectionParams, name: string, signal?: AbortSignal): Promise<void> {
    return this.parts.swap.dropCopy(connection, name, signal);
  }

  copyBytes(connection: ConnectionParams, name: string, signal?: AbortSignal): Promise<number | undefined> {
    return this.parts.swap.copyBytes(connection, name, signal);
  }

  copies(connection: ConnectionParams, signal?: AbortSignal): Promise<FoundCopy[]> {
    return this.parts.swap.copies(connection, signal);
  }

  private async requireReplaceable(
    { connection, server }: LoadPlan,
    chosen: readonly string[],
    { foreignKeys }: DumpContents,
    signal: AbortSignal,
  ): Promise<void> {
    requireClosed(connection.database, foreignKeys, new Set(chosen));
    await withSession(connection, { signal }, async (session) => {
      const lower = await keepsLowerCase(session);
      const tables = lower ? chosen.map((name) => name.toLowerCase()) : chosen;
      await requireReplaceable(session, server, await asSpelled(session, connection.database), tables);
    });
  }

  private async choose(
    asked: readonly string[],
    source: DumpSource,
    signal: AbortSignal,
  ): Promise<{ chosen: string[]; contents: DumpContents }> {
    try {
      const contents = await contentsOf(source, signal);
      const held = contents.tables.map((key) => ({ key, spellings: [key, quotedName(key)] }));
      return { chosen: chooseTables(asked, held).map(({ key }) => key), contents };
    } catch (error) {
      if (signal.aborted) throw cancelled('Looking for the tables in the dump');
      throw error;
    }
  }

  private async requireNothingElse(connection: ConnectionParams, signal: AbortSignal): Promise<void> {
    const objects = await this.parts.countObjects(connection, signal);
    const others = Object.entries(objects).filter(([kind, count]) => count > 0 && !OF_TABLES.has(kind));
    if (others.length > 0) throw notTheDump(others.map(([kind, count]) => `${count} ${kind} came along`));
  }

  /** The staging database itself says which tables it holds, in the server's spelling of the names. */
  private async sign(connection: ConnectionParams, incoming: string, signal: AbortSignal): Promise<void> {
    await withSession(connection, { signal }, async (session) => {
      const tables = await baseTables(session, incoming);
      const coming = await triggerNames(session, incoming);
      await requireFreeTriggerNames(session, connection.database, tables, coming);
      await writeStoredObjects(session, incoming, [], tablesNote(tables));
    });
  }

  private async dropOpenKeys(
    connection: ConnectionParams,
    { foreignKeys }: DumpContents,
    wanted: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<string[]> {
    const open = openKeys(foreignKeys, wanted);
    await withSession(connection, { signal }, async (session) => {
      for (const { table, name } of open) {
        await session.run(
          `ALTER TABLE ${quotedName(table)} DROP FOREIGN KEY ${quotedName(name)}`,
          [],
          AS_LONG_AS_IT_TAKES,
        );
      }
    });
    return open.map(
      ({ name, table, target }) => `Foreign key ${name} of ${table} was left out, as ${target} is not restored.`,
    );
  }
}

/** Nothing but these tables, with as many rows as the dump holds. */
function requireAll({ rows: found, folds }: LoadedRows, tables: readonly string[], expected: RowCounts): void {
  const spelled = new Map(tables.map((name) => [name.toLowerCase(), name]));
  const rows = Object.fromEntries(
    Object.entries(found).map(([name, count]) => [
      folds === true ? (spelled.get(name.toLowerCase()) ?? name) : name,
      count,
    ]),
  );
  const wrong = [...new Set([...tables, ...Object.keys(rows)])]
    .filter((name) => rows[name] !== (expected[name] ?? 0))
    .map((name) => `${name} has ${rows[name] ?? 'no'} rows instead of ${expected[name] ?? 0}`);
  if (wrong.length > 0) throw notTheDump(wrong);
}

function notTheDump(wrong: readonly string[]): DomainError {
  return new DomainError('RESTORE_FAILED', `What was loaded is not what the dump holds: ${wrong.join('; ')}.`, {
    hint: 'Nothing was changed. Restore another backup.',
  });
}

async function triggerNames(session: MysqlSession, database: string): Promise<string[]> {
  const rows = await session.rows<{ name: string }>(
    'SELECT TRIGGER_NAME AS name FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = ?',
    [database],
  );
  return rows.map(({ name }) => name);
}
