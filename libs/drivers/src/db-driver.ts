import type { Readable } from 'node:stream';
import type { DatabaseLock, LockOptions } from './database-lock.js';
import type {
  BackupFormat,
  CollationChoice,
  CompareDepth,
  ConnectionParams,
  ContentChecksums,
  DatabaseSettings,
  DbType,
  DefinerChoice,
  DumpFormat,
  JsonObject,
  ManifestDemands,
  ManifestProperties,
  ObjectCounts,
  ReferencedRole,
  RowCounts,
  ServerInfo,
  ToolInfo,
  ToolKey,
  ToolPaths,
} from '@app/domain';
import type { GivenName } from './given-names.js';

/**
 * One database engine: all that the rest of the service does not know about it. A driver holds no state between calls;
 * each call opens its own connection or process and leaves none behind, whether it succeeds, fails or is aborted.
 * Every failure is a `DomainError`, with the server's or tool's own words (redacted) in its message.
 */
export interface DbDriver {
  readonly dbType: DbType;
  /** The formats that it can write; the first one is the default. */
  readonly formats: readonly BackupFormat[];
  /** True where {@link load} replaces everything in one transaction. False: the engine takes a safety backup first. */
  readonly atomicLoad: boolean;
  readonly tools: ToolCatalog;
  readonly users: UserAdministration;

  /** Throws INVALID_INPUT, with all fields, for names that no server of this engine can have. It asks no server. */
  checkNames(names: readonly GivenName[]): void;

  /**
   * Logs in and asks the server who it is. Fails within 10 s with the code that fits: HOST_UNREACHABLE,
   * CONNECTION_TIMEOUT, WRONG_CREDENTIALS, DATABASE_NOT_FOUND, TLS_FAILED, WRONG_ENGINE, POOLED_CONNECTION,
   * SERVER_REFUSED; INVALID_INPUT for names that are too long.
   */
  probe(connection: ConnectionParams, signal?: AbortSignal): Promise<ServerInfo>;

  /**
   * Returns which database this is, as its server says: the same text by whatever host name, address, socket or account it is
   * reached, and another text for every other database but one in a clone of the server's files. The text is for comparisons.
   * It is undefined where the server does not tell. Fails as {@link probe} does.
   */
  identify(connection: ConnectionParams, signal?: AbortSignal): Promise<string | undefined>;

  /** Tells whether both reach one running server now, and no clone of it. Rejects where that cannot be told. */
  isOneServer(one: ConnectionParams, other: ConnectionParams, signal: AbortSignal): Promise<boolean>;

  /**
   * Waits until no other session, of this service or another one, holds the lock of `connection.database`, and takes it.
   * The lock is on the server, so it holds by whatever name the server is reached. Fails with DATABASE_NOT_FOUND when the lock
   * could only be held in the database itself, which is not there; with BUSY when it took too long; otherwise as {@link probe}.
   */
  lockDatabase(connection: ConnectionParams, options: LockOptions): Promise<DatabaseLock>;

  /**
   * Checks that a dump would be whole, and changes nothing: client new enough for the server (TOOL_MISSING,
   * TOOL_TOO_OLD), privileges enough that nothing is left out silently (MISSING_PRIVILEGE), no object that would abort
   * the dump (BROKEN_OBJECT).
   */
  prepareDump(request: DumpRequest, signal?: AbortSignal): Promise<DumpPlan>;

  /** Starts the dump tool. The caller must read `output` to its end or abort `signal`. */
  startDump(plan: DumpPlan, signal: AbortSignal): Promise<RunningDump>;

  /** Makes a fresh observer that sees every byte of a dump (uncompressed) and says whether its end was seen. */
  completenessCheck(format: DumpFormat): CompletenessCheck;

  /**
   * Returns the format of the dump of this engine that begins with these bytes (uncompressed; at least 4 KiB unless the file is
   * shorter); undefined when they are no such dump.
   */
  recognise(head: Buffer): DumpFormat | undefined;

  /**
   * Returns a plain dump of somebody else in a form in which it can be loaded: without what only concerns the database that it
   * was made of. A driver without this method loads such a dump as it is.
   */
  tidyForeign?(source: DumpSource, options: TidyOptions): TidiedDump;

  /**
   * Returns a plain dump of another product or a newer version in the words of the server that is to load it, and names what that
   * server skips or has otherwise. It reads the dump to its end then, and changes nothing. Fails with UNSUPPORTED for what the
   * server does not have. A driver without this method loads dumps as they are.
   */
  adaptDump?(source: DumpSource, question: AdaptationQuestion, signal: AbortSignal): Promise<AdaptedDump>;

  /**
   * Unpacks a foreign dump of the format `directory` that the driver has recognised from its tar archive, as it can only be loaded
   * from a folder. Fails with BACKUP_UNSAFE, BACKUP_DAMAGED, BACKUP_INCOMPLETE, UNSUPPORTED or NO_SPACE, and leaves nothing then.
   */
  unpackForeign?(packed: DumpSource, signal: AbortSignal): Promise<UnpackedDump>;

  /** Checks that the table of contents of an archive (custom, tar, directory) can be read. Fails with BACKUP_DAMAGED. It does nothing for a plain dump. */
  checkArchive(archive: DumpSource, tools: ToolPaths, signal: AbortSignal): Promise<void>;
  /** Checks an archive of somebody else by reading all of it, and returns what it holds. */
  surveyArchive?(archive: DumpSource, tools: ToolPaths, signal: AbortSignal): Promise<DumpContents>;

  /**
   * Lists the databases of the server by name, without its templates, the schemas that it keeps for itself, and the
   * staging and previous databases of restores.
   * `connection.database` may be empty or missing there.
   */
  listDatabases(connection: ConnectionParams, signal?: AbortSignal): Promise<ServerDatabase[]>;

  databaseExists(connection: ConnectionParams, name: string, signal?: AbortSignal): Promise<boolean>;
  /**
   * Creates an empty database to load into; absent settings are the server's. Settings that the server does not know or
   * cannot use are refused with UNSUPPORTED (FAILURES 65). With `orNearest` it takes the nearest ones that the server has;
   * the result says in whole sentences what differs, and is empty otherwise. With `closed` nobody can enter the database before
   * {@link DatabaseSwap.swap} puts the staging database in its place, where the engine {@link closesNew closes} databases. After CANCELLED and
   * CONNECTION_LOST nobody knows whether the database was made, or will be: see {@link endCreation}.
   */
  createDatabase(
    connection: ConnectionParams,
    name: string,
    settings: DatabaseSettings,
    options?: { orNearest?: boolean; closed?: boolean; signal?: AbortSignal },
  ): Promise<readonly string[]>;
  /**
   * Ends every session that is still making the database of this name, as a server goes on with that when its client is
   * gone. When it resolves, the database is there or will not come. The caller sees to it that nobody else makes it now.
   * Fails with BUSY when such a session does not end.
   */
  endCreation(connection: ConnectionParams, name: string): Promise<void>;
  dropDatabase(connection: ConnectionParams, name: string): Promise<void>;
  /** Whether a database can be made `closed`: a restore that makes its target then loads into a staging database. */
  readonly closesNew?: boolean;
  /** Drops a database that was made `closed` and still is. Returns false when there is no such database of that name. */
  dropClosed?(connection: ConnectionParams, name: string): Promise<boolean>;

  /**
   * Fails with UNSUPPORTED where the server would take two of these tables and views for one, so that one would replace the
   * other. It is absent for an engine whose servers never do.
   */
  requireDistinct?(connection: ConnectionParams, names: readonly string[], signal: AbortSignal): Promise<void>;

  /**
   * Checks that a load could work and changes nothing: tools, privileges, the target exists and is reachable.
   * `connection.database` is the target. Says whether the target holds anything.
   */
  prepareLoad(request: LoadRequest, signal?: AbortSignal): Promise<LoadPlan>;
  /** Refuses, for a target that is still to be made, what the server itself would not load, as `prepareLoad` would later. */
  prepareNew?(request: LoadRequest, signal?: AbortSignal): Promise<void>;

  /**
   * Replaces all that `connection.database` holds by what the dump holds. Any SQL error fails the whole load
   * (RESTORE_FAILED, with the statement's place and the server's words). BACKUP_UNSAFE is thrown before anything is
   * touched, or after all was rolled back. Where {@link atomicLoad}, a failed, aborted or killed load leaves the
   * database as it was; `beforeCommit` runs when all is loaded and nothing is committed yet, and may throw to undo it.
   */
  load(plan: LoadPlan, source: DumpSource, hooks: LoadHooks): Promise<LoadResult>;

  /**
   * Tells why this failure of {@link load} says nothing about the dump: the server lacks something that the source had, or could
   * not go on. It returns undefined when it does not look like that: then a statement of the dump was refused for what it is.
   */
  missingPrerequisite(failure: unknown): MissingPrerequisite | undefined;

  /**
   * Makes accounts that load what may hold anybody's code. It is undefined where the engine has no such accounts: then dumps are
   * loaded with the rights of the connection.
   */
  readonly confinement?: Confinement;

  /** Replaces a database by a staging database that was loaded with its new content. */
  readonly swap: DatabaseSwap;

  /** Handles what a database needs and no dump of it carries. It is absent where the engine has nothing of the kind. */
  readonly globals?: ServerGlobals;

  /** Replaces some tables of a database by those of a dump, and nothing else in it. */
  readonly tables: TableReplacement;

  /** Counts how many objects of each kind a database holds now, as they are counted for a dump. */
  countObjects(connection: ConnectionParams, signal?: AbortSignal): Promise<ObjectCounts>;

  /**
   * Counts all that a database holds now: objects by kind, and the exact number of rows of each table. With the depth `content`
   * it computes checksums of these rows as well, where the engine can do that on a server.
   */
  census(connection: ConnectionParams, signal?: AbortSignal, depth?: CompareDepth): Promise<Census>;

  /**
   * Counts the rows of each table as a dump holds them, by reading it to its end; the tool reads archives. It needs no
   * server. Fails with BACKUP_DAMAGED when the dump cannot be read.
   */
  dumpedRows(source: DumpSource, tools: ToolPaths, signal: AbortSignal): Promise<RowCounts>;
}

/**
 * The rights of the account that loads a dump decide what the dump may do (DESIGN §5.1). Such an account owns one database
 * and nothing else on the server. It goes with its database: `dropDatabase` and `dropCopy` drop it, also after a crash.
 */
export interface Confinement {
  /**
   * Makes the account for the empty `administrator.database`, gives it that database, and has logged in as it. Where that
   * cannot be done, nothing is changed, and the reason is a whole sentence. With `readsAllRows` no policy hides rows from it.
   */
  confine(
    administrator: ConnectionParams,
    options: { readsAllRows: boolean; signal?: AbortSignal | undefined },
  ): Promise<ConfinedAccount | ConfinementRefusal>;

  /** Gives the loaded database and what is in it to `account.owner`, and drops the account. */
  release(account: ConfinedAccount): Promise<void>;
}

export interface ConfinedAccount {
  /** Logs in as the account, into its database. */
  connection: ConnectionParams;
  /** The login of who made it, into the same database. It does what the account may not do and runs no code of the dump. */
  administrator: ConnectionParams;
  /** The former owner of the database. */
  owner: string;
}

export interface ConfinementRefusal {
  refused: string;
  /** Whether code that runs with the rights of the connection itself reaches no files or programs of the server. */
  harmless: boolean;
}

/**
 * Stage, compare, swap (DESIGN §5.3). A restore loads into a staging database with {@link DbDriver.load} (`staged`), compares
 * it, and then lets it take the target's place; what the target held stays as the previous database, under another name.
 * Both are self-contained: a restore is undone by swapping the previous database back in. "Copy" in the names of methods
 * means either of the two, as {@link CopyRole} tells.
 */
export interface DatabaseSwap {
  /** The name of a staging or previous database, `<database>__<role>_<id>` cut to what the engine allows; never that of the database itself. */
  copyName(database: string, role: CopyRole, id: string): string;

  /** Tells whether this user could {@link swap} this target, and what that would take. Changes nothing. */
  examine(plan: LoadPlan, signal?: AbortSignal): Promise<SwapExamination>;

  /**
   * Makes the staging database `name`, empty, with the target's own encoding and collation. Nobody but us has a reason to
   * look into it. Fails with DATABASE_ERROR, MISSING_PRIVILEGE or NO_SPACE. Where the answer is lost it may still be made:
   * `dropCopy` ends that.
   */
  createStaging(connection: ConnectionParams, name: string, signal?: AbortSignal): Promise<void>;

  /**
   * Puts `incoming` in the place of `connection.database`, which then is `outgoing`. Owner, grants, settings, comment
   * and limits of the target stay with its name. Sessions are ended at this moment and not before; between the lock-out
   * and the swap nobody can write. Whatever fails, the target is as it was and can be used (FAILURES 49), unless
   * this process dies: then {@link recover} does the rest. Fails with BUSY when it did not get sessions or locks, and with
   * UNSUPPORTED and the names of what stands in the way (FAILURES 48).
   */
  swap(request: SwapRequest): Promise<SwapResult>;

  /**
   * Brings a {@link swap} in whose middle the process died to one of its two ends. `journal` is what `SwapRequest.journal` got
   * last. It is safe to call when nothing is left to do, and any number of times. The target can be used then. It drops neither
   * database. `tell` receives in whole sentences what somebody else made in the target meanwhile and where it is now, also when
   * this fails later.
   */
  recover(
    connection: ConnectionParams,
    journal: JsonObject,
    tell?: (warning: string) => void,
  ): Promise<'swapped' | 'unchanged'>;

  /**
   * Drops a staging or previous database with all that it holds, and ends sessions and whatever else would keep it. It does not fail
   * when there is none. After a failure {@link copies} says whether it is there, and whole.
   */
  dropCopy(connection: ConnectionParams, name: string, signal?: AbortSignal): Promise<void>;

  /** Returns the bytes that a staging or previous database takes up on the server; undefined when there is none or it cannot be told. */
  copyBytes(connection: ConnectionParams, name: string, signal?: AbortSignal): Promise<number | undefined>;

  /**
   * Tells whether a new database held anything at all when its staging database took its place: somebody else has put it there.
   * It is absent where nobody could (see {@link DbDriver.closesNew}).
   */
  holdsAnything?(connection: ConnectionParams, outgoing: string): Promise<boolean>;

  /** Lists the staging and previous databases on the server, by any {@link copyName} of any database, to find what a lost catalog left. */
  copies(connection: ConnectionParams, signal?: AbortSignal): Promise<FoundCopy[]>;
}

/**
 * Puts some tables of a dump in the place of those of a database: {@link load} stages them, then {@link DatabaseSwap.swap}
 * swaps them. They live as a staging database does: names by {@link DatabaseSwap.copyName}, `recover` after a death, `dropCopy`
 * of either name, and an undo swaps the previous tables back in. What is staged says itself which tables it replaces.
 *
 * With a table come its partitions, the sequences that it owns, indexes, constraints, triggers, comments, grants;
 * nothing else. `swap` changes nothing and fails with UNSUPPORTED, naming everything that stands in the way, where
 * something else of the database would follow the old table or lose it (views, foreign keys to what is not restored).
 */
export interface TableReplacement extends Omit<DatabaseSwap, 'examine' | 'createStaging'> {
  /**
   * Returns the names by which the dump knows these tables (keys as in {@link Census.rows}), in the order given, each once. Reads
   * the dump to its end and touches no server. Fails with INVALID_INPUT, field `tables`, for those that the dump does not hold,
   * with the names that come nearest.
   */
  find(tables: readonly string[], source: DumpSource, tools: ToolPaths, signal: AbortSignal): Promise<string[]>;

  /** Rejects as a staged {@link load} would for what `plan.connection.database` holds now. It changes nothing, for a dry run. */
  examineTables(plan: LoadPlan, tables: readonly string[], source: DumpSource, signal: AbortSignal): Promise<void>;

  /**
   * Loads tables from the dump and compares their rows with it; fails as {@link DbDriver.load} does, or as `find` and
   * `swap` would. The target's own tables are not touched.
   *
   * With `into: 'staging'` it makes what `incoming` stands for and loads that, to be swapped in. A failure or the death of the
   * process may leave it half loaded: `dropCopy` then removes all of it. With `into: 'target'` it loads right into
   * `plan.connection.database`, which is empty; what the tables are made of (types, functions, extensions) comes along then.
   */
  load(order: TableLoadOrder, source: DumpSource, hooks: LoadHooks): Promise<TableLoadResult>;
}

export interface TableLoadOrder {
  /** The plan for the target. */
  plan: LoadPlan;
  /** The tables as the caller named them. */
  tables: readonly string[];
  into: 'staging' | 'target';
  /** The {@link DatabaseSwap.copyName} of the role `restore`. With `into: 'target'` a table-extraction database by this name may still be needed. */
  incoming: string;
}

export interface TableLoadResult extends LoadResult {
  /** The tables that were asked for, as the dump names them. */
  tables: readonly string[];
  /** Exact rows of each table that was loaded, partitions by their own names. */
  rows: RowCounts;
  /** Databases that the load needed and could not drop: `dropCopy` them later. */
  left?: readonly string[];
}

/** A staging or previous database on the server. `whole`: no part of it was dropped already, as far as the server can tell. */
export interface FoundCopy {
  name: string;
  role: CopyRole;
  id: string;
  whole: boolean;
}

/** `restore`: the staging database. `before`: the previous database, which the target was until it was swapped out. */
export type CopyRole = 'restore' | 'before';

export interface SwapExamination {
  /** Whole sentences, with names; empty when it can be done. */
  blockers: readonly string[];
  /** Whole sentences on what will be carried over or lost that people should know of. */
  warnings: readonly string[];
  /** Sessions of others that the swap would end; undefined where it cannot be told. */
  sessions: number | undefined;
  /** Free bytes where the server keeps its data, where that can be known. */
  freeBytes: number | undefined;
  /** Absent where a swap takes as long for a database of any size. */
  moves?: TableMoveCosts;
}

/** The numbers with which the lock-out of a swap grows, where tables move one by one. Costs are milliseconds: on a fast server, and on a slow one. */
export interface TableMoveCosts {
  /** The number of tables that the target holds now. */
  tables: number;
  triggers: number;
  perTable: readonly [least: number, most: number];
  perTrigger: readonly [least: number, most: number];
}

export interface SwapRequest {
  /** The login for the target. */
  connection: ConnectionParams;
  /** The staging database, or for an undo the previous one, that is to take the target's place. */
  incoming: string;
  /** The name of the previous database, which must not exist yet. */
  outgoing: string;
  /** The target was made `closed` for this: it is opened when the staging database has its place, and not before. */
  created?: boolean;
  signal: AbortSignal;
  /**
   * Called before the first step that the death of the process would leave half-done, and before each later one that a recovery
   * must know of. When it resolves, the state is durable. The state holds no secret.
   */
  journal(state: JsonObject): Promise<void>;
  /** Called, where tables move one by one, with how many of how many have moved, those that leave and those that come. */
  onMoved?: ((moved: number, total: number) => void) | undefined;
}

export interface SwapResult {
  /** How long the target could not be used, in whole milliseconds. */
  lockoutMs: number;
  /** The number of sessions that were ended. */
  sessionsEnded: number;
  warnings: readonly string[];
}

export interface Census {
  objects: ObjectCounts;
  /** Keys are, for PostgreSQL, `schema.table`, quoted where SQL needs it (`format('%I.%I')`); for MySQL, the table's name. */
  rows: RowCounts;
  /** The checksums of these rows, where they were asked for and can be computed. */
  checksums?: ContentChecksums;
  /**
   * Partitions whose rows a dump holds under the table at the top of them: their rows may come to lie in other partitions,
   * and are counted for that table.
   */
  partOf?: Readonly<Record<string, string>>;
  /** The server does not tell names apart by their case, so that a table of the dump may be spelled otherwise here. */
  folds?: true;
}

export interface ServerDatabase {
  name: string;
  /** The bytes that it takes up on the server, indexes included; undefined where the user may not know. */
  sizeBytes: number | undefined;
  /** Whether the user may connect to it (PostgreSQL) or see anything in it (MySQL). */
  accessible: boolean;
}

export interface DumpRequest {
  connection: ConnectionParams;
  format: BackupFormat;
  tools: ToolPaths;
  /** Asks for a census in the very snapshot of the dump, where the engine can share it. */
  census?: CompareDepth;
}

export interface DumpPlan {
  connection: ConnectionParams;
  format: BackupFormat;
  census?: CompareDepth;
  server: ServerInfo;
  tool: ToolInfo;
  /** Upper estimate of the dump's size in bytes, from the server's own figures. */
  estimatedBytes: number;
  settings: DatabaseSettings;
  /** The properties of the database, which the dump does not carry; absent where the engine has none. */
  properties?: ManifestProperties;
  /** The objects that every new database has and this one lacks. */
  absent?: readonly string[];
  /** Whether rows of partitions are to be dumped by way of the table that they belong to (PostgreSQL). */
  rowsByRoot?: boolean;
  roles?: readonly ReferencedRole[];
  /** The search paths with which the database's sessions find what has no schema; absent where the engine has none. */
  searchPaths?: readonly string[];
  /** Settings of its sessions on which generated values and functions may depend; absent where none does. */
  sessionSettings?: Readonly<Record<string, string>>;
  /** The accounts (`user@host`) in whose names its objects are made (MySQL). */
  definers?: readonly string[];
  objects: ObjectCounts;
  /** Warnings for the manifest and the answer: they name what the dump will not hold or cannot hold consistently. */
  warnings: readonly string[];
}

export interface RunningDump {
  output: Readable;
  /** Settles when the tool has exited 0 and its streams have closed; rejects with DUMP_FAILED or CANCELLED otherwise. */
  completed: Promise<DumpOutcome>;
  /**
   * The census of the dump's own snapshot, when it was asked for and the engine can. Settles before `completed`; a failure
   * fails the dump as well.
   */
  census?: Promise<Census>;
}

export interface DumpOutcome {
  /** The complaints of a tool that exited with 0, in its own words. */
  warnings: readonly string[];
  /** Remarks of the driver on the dump, in whole sentences. */
  notes?: readonly string[];
  /** The bytes of the longest value of each table, where not every server accepts it (MySQL). */
  longValues?: Readonly<Record<string, number>>;
}

export interface CompletenessCheck {
  /** The number of tables whose rows have begun so far; undefined for archives, which cannot be counted in passing. */
  readonly tables: number | undefined;
  update(chunk: Buffer): void;
  /** Throws DUMP_INCOMPLETE when the end of the dump was not seen. */
  finish(): void;
}

/** A dump to read, decompressed. `open` may be called more than once; each stream starts at the first byte. */
export interface DumpSource {
  format: DumpFormat;
  /** False for a dump that somebody else wrote, which is trusted with less. */
  own: boolean;
  open(): Readable;
  /** The dump as a file on this machine that nobody else can change: archives are read in parallel then, by a tool that runs what they hold. */
  file?: string;
  /** More content than this is not read from an archive of somebody else: it may be made to exhaust the machine. */
  limitBytes?: number;
  /** For the format `directory`: the folder in which the dump lies on this machine. `open` gives its table of contents then. */
  folder?: string;
  /** The objects that every new database has and the source lacked, as its manifest says; no dump tells them. */
  absent?: readonly string[];
  /** The search paths of the source's sessions, which are tried where a load fails with that of the dump (PostgreSQL). */
  searchPaths?: readonly string[];
  /** The settings with which the source's sessions begin and on which generated values and functions may depend. */
  sessionSettings?: Readonly<Record<string, string>>;
  /** The search path that is tried now, in place of the empty one that the dump sets. */
  searchPath?: string | undefined;
}

/** The contents of a foreign dump, as its statements tell them. Nothing is guessed. */
export interface DumpContents {
  /** The number of tables that it makes. */
  tables: number;
  /** Whether it has rows, or a place for those of an empty table. */
  rows: boolean;
  /** Tables that it makes without a place for rows, where it has such for others. */
  withoutRows: readonly string[];
  /** The names of its tables and views, where a server could take two of them for one. */
  names?: readonly string[] | undefined;
  /** Whether it makes indexes, keys or triggers; undefined where those are parts of tables. */
  indexes?: boolean;
  /** Set when it makes none of the tables that these belong to. */
  only?: 'rows' | 'indexes' | undefined;
  /** The condition by which its rows were chosen, in the dump tool's own words. */
  condition?: string | undefined;
}

/** A dump that takes up a folder of this machine until it is disposed of. */
export interface UnpackedDump extends AsyncDisposable {
  source: DumpSource;
  /** Warnings for people, in whole sentences. */
  warnings: readonly string[];
}

export interface TidyOptions {
  /** Whether a dump without an end mark is accepted. */
  acceptIncomplete: boolean;
  /** The only database to take from a dump that holds several. */
  sourceDatabase?: string | undefined;
}

export interface TidiedDump {
  open(): Readable;
  /** The outcome of the last stream that was read to its end. */
  readonly outcome: {
    /** The parts that were left out, in words for a list. */
    readonly notes: ReadonlySet<string>;
    /** Whether it has its end mark. */
    readonly ended: boolean;
    readonly contents: DumpContents;
    /** The databases that it makes, enters or names before its tables. */
    readonly databases: ReadonlySet<string>;
    /** Those among them that belong to the dumped server and are not restored. */
    readonly serverDatabases?: ReadonlySet<string>;
  };
}

export interface AdaptationQuestion {
  /** The connection to the target; its database need not be there. */
  connection: ConnectionParams;
  /** The tables to restore, by the dump's names; null for everything. */
  tables: readonly string[] | null;
  /** Default: `keep`. */
  collations?: CollationChoice | undefined;
  /** The settings with which the target database is to be made. */
  databaseSettings?: DatabaseSettings | undefined;
}

export interface AdaptedDump {
  source: DumpSource;
  /** Warnings for people, in whole sentences. */
  warnings: readonly string[];
  /** The settings that take the place of those in the question. */
  databaseSettings: DatabaseSettings;
}

export interface LoadRequest {
  connection: ConnectionParams;
  format: DumpFormat;
  tools: ToolPaths;
  /** Leaves out owners and grants, for a server that lacks the roles (PostgreSQL; it changes nothing on MySQL). */
  skipOwnership: boolean;
  /** Puts everything into the target's own tablespace, for a server that lacks others (PostgreSQL). */
  skipTablespaces?: boolean | undefined;
  /** The demands of the dump on the server, where its manifest names them. */
  demands?: ManifestDemands | undefined;
  /** The choice of the account in whose name views, routines, triggers and events are made (MySQL). Default: `keep`. */
  definer?: DefinerChoice | undefined;
  /**
   * The target is an empty staging database that nobody uses: it need not be loaded in one transaction, may be left half loaded by a
   * failure, and nothing in it may begin to act by itself (events, subscriptions) before it is swapped in.
   */
  staged?: boolean;
  /** The target was just made for this load, `closed` where the engine can do that: what it holds by now is somebody else's. */
  isNew?: boolean;
  /** Nobody is going to use what is loaded: it is only compared with the source. */
  forVerification?: boolean;
  /** The account that `connection` logs in as. It goes with `staged` only. */
  confinement?: ConfinedAccount;
  /**
   * The dump is somebody else's and is loaded with the rights of the connection: of its commands only those are run whose
   * whole shape is known to act on nothing but this database. The others are BACKUP_UNSAFE.
   */
  strict?: boolean;
}

export interface LoadPlan extends LoadRequest {
  server: ServerInfo;
  tool: ToolInfo | undefined;
  targetIsEmpty: boolean;
  /** The bytes that the target holds now, which a safety backup needs at the most. */
  targetBytes: number;
  /** The reasons why this user cannot replace the content of the target in place, in whole sentences. A swap needs less. */
  inPlaceBlockers?: readonly string[];
  /** The reason why a restore in place would load right into the target, and not into a staging database first: a clause that follows "as". */
  unstaged?: string;
  warnings: readonly string[];
  /** Warnings about what else is lost where all of the target is replaced in place. */
  inPlaceWarnings?: readonly string[];
}

export interface LoadHooks {
  signal: AbortSignal;
  beforeCommit(): Promise<void>;
  /**
   * Judges before `beforeCommit` what was loaded right into the target, or as single tables; it may throw to undo the load. Who
   * asks for the load of a whole staging database compares it himself.
   */
  check?: LoadCheck | undefined;
  /**
   * Called once, right before anything that the target holds is taken away; whoever wants to put that back saves it here. A
   * load that fails without having called it has changed nothing, nor has one whose failure `isUntouched`. It is not called by a
   * driver with {@link DbDriver.atomicLoad}.
   */
  beforeReplacing?: (() => Promise<void>) | undefined;
  /** Called before a staging database is made, which the death of the process would leave, and when it could not be dropped. */
  staging?: { begins(name: string): Promise<void>; leaves(name: string): void } | undefined;
  /** The server has no room for what is loaded in addition to what the target holds. */
  noRoom?: boolean | undefined;
  /** Called, where what was loaded moves into the target table by table, with how many of how many have moved. */
  onMoved?: ((moved: number, total: number) => void) | undefined;
}

export interface LoadCheck {
  depth: CompareDepth;
  judge(found: LoadedRows): void;
}

/** What a load has put in, with the keys of `Census`. For `differing` see {@link LoadResult}. */
export type LoadedRows = Omit<Census, 'objects'> & Pick<LoadResult, 'differing'>;

/** Something that a server needs to load a dump, and does not have. */
export interface MissingPrerequisite {
  /** The words of the server, which follow "because". */
  message: string;
  /** The name of the role, where only a role is missing. */
  role?: string;
}

export interface LoadResult {
  warnings: readonly string[];
  /** The rows as the server counted them while it loaded them, with the keys of `Census.rows`; absent where nobody counted. */
  rows?: RowCounts;
  /** Previous tables that {@link TableReplacement} had kept in the database for an undo, and that are gone with what it held. */
  lostCopies?: readonly string[];
  /** Tables whose values may differ from the source's for a reason that lies in the server, and that reason. */
  differing?: Readonly<Record<string, string>>;
  /** The number of objects of each kind that were left out on request. */
  skipped?: ObjectCounts;
  /** For a verification: the objects that refer to other databases and could not be verified without them, in words for a list. */
  outside?: readonly string[];
}

/** The properties of a database itself, and the roles of the server (FAILURES 20, 64). */
export interface ServerGlobals {
  /** Returns those of these roles that the server lacks, in the order given. */
  missingRoles(connection: ConnectionParams, names: readonly string[], signal?: AbortSignal): Promise<string[]>;

  /**
   * Gives a database the properties of another one, as far as the server and the user's rights allow. Returns in whole
   * sentences what could not be applied. With `skipOwnership` it applies neither owner nor grants.
   */
  applyProperties(
    connection: ConnectionParams,
    database: string,
    properties: ManifestProperties,
    options: { skipOwnership: boolean },
  ): Promise<string[]>;

  /**
   * Returns the roles of the whole server as a script of the client's own tool. With `passwords` it has their hashes, which only
   * a superuser may read. Fails with TOOL_MISSING, DUMP_FAILED or DUMP_INCOMPLETE.
   */
  dump(plan: DumpPlan, options: { passwords: boolean }, signal: AbortSignal): Promise<string>;

  /**
   * Makes those of `roles` that the server lacks, all or none; what exists stays as it is. `script` is one of
   * {@link dump}, and known to be unaltered. Fails with INVALID_INPUT for names that it does not hold, MISSING_PRIVILEGE or
   * DATABASE_ERROR.
   */
  restoreRoles(
    connection: ConnectionParams,
    script: string,
    options: { roles: readonly string[]; dryRun: boolean },
    signal?: AbortSignal,
  ): Promise<RolesRestored>;
}

export interface RestoredRole {
  name: string;
  action: 'create' | 'exists';
  /** The commands that make it, without passwords; empty for a role that exists. */
  commands: readonly string[];
}

export interface RolesRestored {
  roles: readonly RestoredRole[];
  warnings: readonly string[];
}

/** Finds and checks the engine's client tools. */
export interface ToolCatalog {
  /** The keys of this engine. */
  readonly keys: readonly ToolKey[];
  /** Finds for each key the best tool, custom path first; undefined where there is none. `all` lists every one. */
  detect(custom: ToolPaths): Promise<DetectedTool[]>;
  /** Runs `path --version`. Fails with TOOL_UNUSABLE, and names the fault, when it cannot be run or is another tool. */
  verify(key: ToolKey, path: string): Promise<ToolInfo>;
}

export interface DetectedTool {
  key: ToolKey;
  best: ToolInfo | undefined;
  all: readonly ToolInfo[];
}

/** Database users (PostgreSQL login roles, MySQL accounts). `connection` is the session that does the work. */
export interface UserAdministration {
  list(connection: ConnectionParams): Promise<DatabaseUser[]>;
  create(connection: ConnectionParams, user: UserChange): Promise<void>;
  modify(connection: ConnectionParams, user: UserChange): Promise<void>;
  remove(connection: ConnectionParams, user: Pick<UserChange, 'username' | 'host'>): Promise<void>;
}

/** The specification's five fields; `details` holds what is specific to the engine. */
export interface DatabaseUser {
  username: string;
  superuser: boolean;
  createDb: boolean;
  replication: boolean;
  bypassRls: boolean;
  /** Extra fields of the answer, in snake_case (`login`, `create_role`; `host`, `privileges`). */
  details: Readonly<Record<string, unknown>>;
}

export interface UserChange {
  username: string;
  /** The host of a MySQL account; default: `%`. */
  host?: string;
  /** Without it, a new user has no password, and a modified one keeps its own. */
  password?: string;
  /** The privileges as the engine names them. UNKNOWN_PRIVILEGE names those that it does not know. */
  privileges?: readonly string[];
}
