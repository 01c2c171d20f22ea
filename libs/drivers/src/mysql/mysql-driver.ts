import { DomainError } from '@app/domain';
import type {
  CompareDepth,
  ConnectionParams,
  DatabaseSettings,
  DumpFormat,
  ObjectCounts,
  RowCounts,
  ServerInfo,
  ToolPaths,
} from '@app/domain';
import { PROMPT_ANSWER_MS } from '../session/answer-guard.js';
import { holdLock, isOneServer } from '../database-lock.js';
import type { DatabaseLock, LockOptions } from '../database-lock.js';
import type {
  AdaptationQuestion,
  AdaptedDump,
  Census,
  CompletenessCheck,
  DbDriver,
  DumpPlan,
  DumpRequest,
  DumpSource,
  LoadHooks,
  LoadPlan,
  LoadRequest,
  LoadResult,
  RunningDump,
  ServerDatabase,
  MissingPrerequisite,
  TidiedDump,
  TidyOptions,
} from '../db-driver.js';
import { namesOfLogin, requireGoodNames } from '../given-names.js';
import type { GivenName } from '../given-names.js';
import { mysqlLock } from './mysql-lock.js';
import {
  createDatabase,
  databaseExists,
  dropDatabase,
  endCreationOf,
  listDatabases,
  MYSQL_NAMES,
} from './mysql-databases.js';
import { completenessCheck, recogniseDump, startDump } from './dump/mysql-dump.js';
import { adaptDump } from './crossing/adapt-dump.js';
import { tidyForeignScript } from './foreign/foreign-script.js';
import { loadByStaging, loadRight } from './load/load-by-staging.js';
import { load, prepareLoad, prepareNew } from './load/mysql-loader.js';
import type { MysqlLoadPlan } from './load/client-feed.js';
import { withOtherSource } from './foreign/other-source.js';
import { missingPrerequisite } from './load/missing-prerequisite.js';
import { prepareDump } from './dump/mysql-preflight.js';
import type { MysqlDumpPlan } from './dump/mysql-preflight.js';
import { objectCounts, readInventory } from './dump/mysql-inventory.js';
import { askIdentity } from './login/mysql-identity.js';
import { statementError } from './login/mysql-errors.js';
import { withSession } from './login/mysql-session.js';
import { DEFAULT_STALL_MS } from './stall-watch.js';
import { requireDistinct, spelledConnection } from './server-names.js';
import { MysqlTools } from './mysql-tools.js';
import { dumpedRows } from './dump/row-counts/dumped-rows.js';
import { census } from './dump/mysql-census.js';
import { MysqlTables } from './selection/mysql-tables.js';
import { MysqlSwap } from './swap/mysql-swap.js';
import { MysqlUsers } from './users/mysql-users.js';

export interface MysqlDriverOptions {
  /** The service's own folder for files that live as long as a tool runs (0600: they hold passwords). */
  runtimeDir: string;
  /** How long a dump waits for a table that another session has locked, before it fails with BUSY. */
  lockTimeoutMs?: number;
  /** Worker sessions that load the rows and keys of large tables, in addition to the client; 0: the client loads everything. */
  loadingSessions?: number;
  /** So much text of rows makes a table large: for less, a statement more costs more than it saves. */
  largeTableBytes?: number;
  /** For how long nothing may move in a dump or a load before it is ended. */
  stallMs?: number;
  /** Where no tool may lie: what is there came over the network. */
  dataFolders?: readonly string[];
}

const DEFAULT_LOCK_TIMEOUT_MS = 30_000;
const DEFAULT_LOADING_SESSIONS = 3;
const NO_ROOM = 'the server has no room for a staging database';
const DEFAULT_LARGE_TABLE_BYTES = 512 * 1024;

/** MySQL and MariaDB, through the client tools of either family. */
export class MysqlDriver implements DbDriver {
  readonly dbType = 'MySQL';
  readonly formats = ['plain'] as const;
  /** DDL commits at once on these servers. */
  readonly atomicLoad = false;
  readonly tools: MysqlTools;
  readonly users = new MysqlUsers();
  readonly swap = new MysqlSwap();
  readonly tables: MysqlTables;

  private readonly options: Required<Omit<MysqlDriverOptions, 'dataFolders'>>;

  constructor({ dataFolders = [], ...options }: MysqlDriverOptions) {
    this.tools = new MysqlTools(dataFolders);
    this.options = {
      lockTimeoutMs: DEFAULT_LOCK_TIMEOUT_MS,
      loadingSessions: DEFAULT_LOADING_SESSIONS,
      largeTableBytes: DEFAULT_LARGE_TABLE_BYTES,
      stallMs: DEFAULT_STALL_MS,
      ...options,
    };
    this.tables = new MysqlTables({
      swap: this.swap,
      load: (plan, source, hooks) => this.load(plan, source, hooks),
      countObjects: (connection, signal) => this.countObjects(connection, signal),
      dumpedRows: (source, tools, signal) => this.dumpedRows(source, tools, signal),
    });
  }

  checkNames(names: readonly GivenName[]): void {
    requireGoodNames(names, MYSQL_NAMES);
  }

  async probe(connection: ConnectionParams, signal?: AbortSignal): Promise<ServerInfo> {
    this.checkNames(namesOfLogin(connection));
    return withSession(connection, { signal }, (session) => {
      session.answerWithin(PROMPT_ANSWER_MS);
      return session.serverInfo();
    });
  }

  async lockDatabase(connection: ConnectionParams, options: LockOptions): Promise<DatabaseLock> {
    return holdLock(await mysqlLock(connection, options.signal), connection.database, options);
  }

  isOneServer(one: ConnectionParams, other: ConnectionParams, signal: AbortSignal): Promise<boolean> {
    return isOneServer([one, other], mysqlLock, signal);
  }

  async identify(connection: ConnectionParams, signal?: AbortSignal): Promise<string | undefined> {
    return withSession(connection, { signal }, async (session) => {
      session.answerWithin(PROMPT_ANSWER_MS);
      try {
        return await askIdentity(session, connection.database);
      } catch (error) {
        throw statementError(error, 'Asking the server which database this is');
      }
    });
  }

  async prepareDump(request: DumpRequest, signal?: AbortSignal): Promise<MysqlDumpPlan> {
    requirePlain(request.format);
    return prepareDump(request, this.tools, this.options.lockTimeoutMs, signal);
  }

  async startDump(plan: DumpPlan & Partial<MysqlDumpPlan>, signal: AbortSignal): Promise<RunningDump> {
    // The tools write the name into the dump as they are given it, and the server writes its own into definitions.
    const { connection } = await spelledConnection(plan.connection, signal);
    const defaults = { dumpHistory: plan.dumpHistory ?? false, packetBytes: plan.packetBytes ?? Infinity };
    return startDump({ ...plan, ...defaults, connection }, this.options, signal);
  }

  completenessCheck(_format: DumpFormat): CompletenessCheck {
    return completenessCheck();
  }

  recognise(head: Buffer): DumpFormat | undefined {
    return recogniseDump(head);
  }

  tidyForeign(source: DumpSource, options: TidyOptions): TidiedDump {
    return tidyForeignScript(source, options);
  }

  adaptDump(source: DumpSource, question: AdaptationQuestion, signal: AbortSignal): Promise<AdaptedDump> {
    return adaptDump(source, question, signal);
  }

  async checkArchive(_archive: DumpSource, _tools: ToolPaths, _signal: AbortSignal): Promise<void> {
    // Plain text has no table of contents.
  }

  listDatabases(connection: ConnectionParams, signal?: AbortSignal): Promise<ServerDatabase[]> {
    return listDatabases(connection, signal);
  }

  databaseExists(connection: ConnectionParams, name: string, signal?: AbortSignal): Promise<boolean> {
    return databaseExists(connection, name, signal);
  }

  createDatabase(
    connection: ConnectionParams,
    name: string,
    settings: DatabaseSettings,
    { orNearest = false, signal }: { orNearest?: boolean; signal?: AbortSignal } = {},
  ): Promise<readonly string[]> {
    return createDatabase(connection, name, settings, { orNearest, signal });
  }

  endCreation(connection: ConnectionParams, name: string): Promise<void> {
    return endCreationOf(connection, name);
  }

  dropDatabase(connection: ConnectionParams, name: string): Promise<void> {
    return dropDatabase(connection, name);
  }

  async requireDistinct(connection: ConnectionParams, names: readonly string[], signal: AbortSignal): Promise<void> {
    await requireDistinct(connection, names, signal);
  }

  async prepareLoad(request: LoadRequest, signal?: AbortSignal): Promise<LoadPlan> {
    requirePlain(request.format);
    return prepareLoad(request, this.tools, signal);
  }

  prepareNew(request: LoadRequest, signal?: AbortSignal): Promise<void> {
    requirePlain(request.format);
    return prepareNew(request, this.tools, signal);
  }

  async load(given: LoadPlan, source: DumpSource, hooks: LoadHooks): Promise<LoadResult> {
    const { connection, folds } = await spelledConnection(given.connection, hooks.signal);
    const plan: MysqlLoadPlan = { ...given, connection, folds };
    const { runtimeDir, loadingSessions, largeTableBytes, stallMs } = this.options;
    const settings = { runtimeDir, workers: loadingSessions, largeTableBytes, stallMs };
    const direct = (into: MysqlLoadPlan, from: DumpSource, with_: LoadHooks): Promise<LoadResult> =>
      load(into, from, with_, settings);
    const replaces = plan.staged !== true && hooks.beforeReplacing !== undefined;
    const staging =
      hooks.noRoom === true ? loadRight.bind(undefined, direct, NO_ROOM) : loadByStaging.bind(undefined, direct);
    const loading = replaces ? staging(plan, source, hooks) : direct(plan, source, hooks);
    return loading.catch(async (error: unknown) => {
      throw await withOtherSource(error, plan.server, source);
    });
  }

  missingPrerequisite(failure: unknown): MissingPrerequisite | undefined {
    return missingPrerequisite(failure);
  }

  async countObjects(connection: ConnectionParams, signal?: AbortSignal): Promise<ObjectCounts> {
    return withSession(connection, { signal }, async (session) => {
      try {
        const { database } = connection;
        return await objectCounts(session, database, await readInventory(session, database));
      } catch (error) {
        throw statementError(error, `Counting the objects of "${connection.database}"`);
      }
    });
  }

  census(connection: ConnectionParams, signal?: AbortSignal, depth: CompareDepth = 'counts'): Promise<Census> {
    return census(connection, this.options.lockTimeoutMs, depth, signal);
  }

  dumpedRows(source: DumpSource, _tools: ToolPaths, signal: AbortSignal): Promise<RowCounts> {
    return dumpedRows(source, signal);
  }
}

function requirePlain(format: DumpFormat): void {
  if (format === 'plain') return;
  throw new DomainError('UNSUPPORTED', `The format "${format}" does not exist for MySQL and MariaDB.`, {
    hint: 'Use plain.',
  });
}
