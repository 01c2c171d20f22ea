import type {
  BackupFormat,
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
  Census,
  CompletenessCheck,
  DbDriver,
  DumpContents,
  DumpPlan,
  DumpRequest,
  DumpSource,
  TidiedDump,
  TidyOptions,
  LoadHooks,
  LoadPlan,
  LoadRequest,
  LoadResult,
  RunningDump,
  ServerDatabase,
  MissingPrerequisite,
  UnpackedDump,
} from '../db-driver.js';
import { namesOfLogin, requireGoodNames } from '../given-names.js';
import type { GivenName } from '../given-names.js';
import { POSTGRES_NAMES } from './identifier.js';
import { PostgresConfinement } from './confinement/confined-account.js';
import { DumpCompleteness, recogniseDump } from './dump/dump-text.js';
import { surveyArchive } from './archive/archive-survey.js';
import { unpackDirectory } from './archive/unpacked-directory.js';
import { tidyForeignScript } from './foreign/foreign-script.js';
import { sourceSettings } from './load/source-settings.js';
import { prepareLoad } from './load/load-preflight.js';
import { withNewerSource } from './foreign/newer-source.js';
import { checkArchive } from './archive/postgres-archive.js';
import {
  createDatabase,
  databaseExists,
  dropClosed,
  dropDatabase,
  endCreationOf,
  listDatabases,
} from './postgres-databases.js';
import { countObjects } from './dump/object-counts.js';
import { startPostgresDump } from './dump/postgres-dump.js';
import { databaseError } from './login/postgres-errors.js';
import { loadDump } from './load/postgres-loader.js';
import { missingPrerequisite } from './load/missing-prerequisite.js';
import { surveyForDump } from './dump/postgres-preflight.js';
import { askIdentity } from './login/postgres-identity.js';
import { askServerInfo } from './login/postgres-server-info.js';
import { PostgresSession } from './login/postgres-session.js';
import { postgresLock } from './postgres-lock.js';
import { PostgresTools } from './postgres-tools.js';
import { dumpedRows } from './dump/dumped-rows.js';
import { census } from './dump/postgres-census.js';
import { PostgresGlobals } from './globals/postgres-globals.js';
import { PostgresTables } from './selection/postgres-tables.js';
import { PostgresSwap } from './swap/postgres-swap.js';
import { PostgresUsers } from './users/postgres-users.js';

const DEFAULT_LOCK_TIMEOUT_MS = 30_000;

/** PostgreSQL: dumps by `pg_dump`, loads by our own reader of its scripts, in one transaction or into a staging database. */
export class PostgresDriver implements DbDriver {
  readonly dbType = 'PostgreSQL';
  readonly formats: readonly BackupFormat[] = ['plain', 'custom'];
  readonly atomicLoad = true;
  readonly closesNew = true;
  readonly tools: PostgresTools;
  readonly users = new PostgresUsers();
  readonly confinement = new PostgresConfinement();
  readonly swap = new PostgresSwap();
  readonly globals: PostgresGlobals;
  readonly tables: PostgresTables;
  private readonly options: { runtimeDir: string; lockTimeoutMs: number };

  /**
   * `runtimeDir`: where files with secrets for tools may be, each as long as its tool runs. `lockTimeoutMs`: how long a
   * dump or load waits for an object that another session has locked, before it fails with BUSY. `dataFolders`: where
   * no tool may lie.
   */
  constructor({
    dataFolders = [],
    ...options
  }: {
    runtimeDir: string;
    lockTimeoutMs?: number;
    dataFolders?: readonly string[];
  }) {
    this.options = { lockTimeoutMs: DEFAULT_LOCK_TIMEOUT_MS, ...options };
    this.tools = new PostgresTools(dataFolders);
    this.globals = new PostgresGlobals(this.options.runtimeDir);
    this.tables = new PostgresTables({
      ...this.options,
      tools: this.tools,
      swap: this.swap,
      confinement: this.confinement,
    });
  }

  checkNames(names: readonly GivenName[]): void {
    requireGoodNames(names, POSTGRES_NAMES);
  }

  async probe(connection: ConnectionParams, signal?: AbortSignal): Promise<ServerInfo> {
    this.checkNames(namesOfLogin(connection));
    await using session = await PostgresSession.open(connection, signal);
    session.answerWithin(PROMPT_ANSWER_MS);
    try {
      return await askServerInfo(session);
    } catch (error) {
      throw databaseError(error, 'The server could not be asked who it is');
    }
  }

  async lockDatabase(connection: ConnectionParams, options: LockOptions): Promise<DatabaseLock> {
    return holdLock(await postgresLock(connection, options.signal), connection.database, options);
  }

  isOneServer(one: ConnectionParams, other: ConnectionParams, signal: AbortSignal): Promise<boolean> {
    return isOneServer([one, other], postgresLock, signal);
  }

  async identify(connection: ConnectionParams, signal?: AbortSignal): Promise<string | undefined> {
    await using session = await PostgresSession.open(connection, signal);
    session.answerWithin(PROMPT_ANSWER_MS);
    try {
      return await askIdentity(session);
    } catch (error) {
      throw databaseError(error, 'The server could not be asked which database this is');
    }
  }

  async prepareDump(request: DumpRequest, signal?: AbortSignal): Promise<DumpPlan> {
    // First, as an account may have few connections: this one is closed again before the next is opened.
    const sessionSettings = await sourceSettings(request.connection, signal);
    await using session = await PostgresSession.open(request.connection, signal);
    const server = await askServerInfo(session).catch((error: unknown) => {
      throw databaseError(error, 'The server could not be asked who it is');
    });
    const tool = await this.tools.forDump(server, request.tools);
    const survey = await surveyForDump(session);
    const { connection, format, census: counted } = request;
    return {
      connection,
      format,
      server,
      tool,
      ...survey,
      sessionSettings,
      ...(counted === undefined ? {} : { census: counted }),
    };
  }

  startDump(plan: DumpPlan, signal: AbortSignal): Promise<RunningDump> {
    return startPostgresDump(plan, this.options, signal);
  }

  completenessCheck(format: DumpFormat): CompletenessCheck {
    return new DumpCompleteness(format);
  }

  recognise(head: Buffer): DumpFormat | undefined {
    return recogniseDump(head);
  }

  tidyForeign(source: DumpSource, options: TidyOptions): TidiedDump {
    return tidyForeignScript(source, options);
  }

  unpackForeign(packed: DumpSource, signal: AbortSignal): Promise<UnpackedDump> {
    return unpackDirectory(packed, this.options.runtimeDir, signal);
  }

  async checkArchive(archive: DumpSource, tools: ToolPaths, signal: AbortSignal): Promise<void> {
    if (archive.format === 'plain') return;
    await checkArchive(archive, await this.tools.forRestore(tools), signal);
  }

  async surveyArchive(archive: DumpSource, tools: ToolPaths, signal: AbortSignal): Promise<DumpContents> {
    return surveyArchive(archive, await this.tools.forRestore(tools), signal);
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
    { orNearest = false, closed = false, signal }: { orNearest?: boolean; closed?: boolean; signal?: AbortSignal } = {},
  ): Promise<readonly string[]> {
    return createDatabase(connection, name, settings, { orNearest, closed, signal });
  }

  endCreation(connection: ConnectionParams, name: string): Promise<void> {
    return endCreationOf(connection, name);
  }

  dropDatabase(connection: ConnectionParams, name: string): Promise<void> {
    return dropDatabase(connection, name);
  }

  dropClosed(connection: ConnectionParams, name: string): Promise<boolean> {
    return dropClosed(connection, name);
  }

  prepareLoad(request: LoadRequest, signal?: AbortSignal): Promise<LoadPlan> {
    return prepareLoad(request, this.tools, signal);
  }

  load(plan: LoadPlan, source: DumpSource, hooks: LoadHooks): Promise<LoadResult> {
    return loadDump(plan, source, hooks, this.options).catch(async (error: unknown) => {
      throw await withNewerSource(error, plan.server, source);
    });
  }

  missingPrerequisite(failure: unknown): MissingPrerequisite | undefined {
    return missingPrerequisite(failure);
  }

  async countObjects(connection: ConnectionParams, signal?: AbortSignal): Promise<ObjectCounts> {
    await using session = await PostgresSession.open(connection, signal);
    return await countObjects(session).catch((error: unknown) => {
      throw databaseError(error, `The objects of "${connection.database}" could not be counted`);
    });
  }

  census(connection: ConnectionParams, signal?: AbortSignal, depth: CompareDepth = 'counts'): Promise<Census> {
    return census(connection, this.options.lockTimeoutMs, depth, signal);
  }

  async dumpedRows(source: DumpSource, tools: ToolPaths, signal: AbortSignal): Promise<RowCounts> {
    return dumpedRows(source, source.format === 'plain' ? undefined : await this.tools.forRestore(tools), signal);
  }
}
