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
  /** What it can write; the first is the default. */
  readonly formats: readonly BackupFormat[];
  /** True where {@link load} replaces everything in one transaction. False: the engine takes a safety backup first. */
  readonly atomicLoad: boolean;
  readonly tools: ToolCatalog;
  readonly users: UserAdministration;

  /** INVALID_INPUT for names that no server of this engine can have, with all fields. Asks no server. */
  checkNames(names: readonly GivenName[]): void;

  /**
   * Logs in and asks the server who it is. Fails within 10 s with the code that fits: HOST_UNREACHABLE,
   * CONNECTION_TIMEOUT, WRONG_CREDENTIALS, DATABASE_NOT_FOUND, TLS_FAILED, WRONG_ENGINE, POOLED_CONNECTION,
   * SERVER_REFUSED; INVALID_INPUT for names that are too long.
   */
  probe(connection: ConnectionParams, signal?: AbortSignal): Promise<ServerInfo>;

  /**
   * Which database this is, as its server says: the same text by whatever host name, address, socket or account it is
   * reached, and another text for every other database but one in a clone of the server's files. To compare, not to read.
   * Undefined where the server does not tell. Fails as {@link probe} does.
   */
  identify(connection: ConnectionParams, signal?: AbortSignal): Promise<string | undefined>;

  /** Whether both reach one running server now, and no clone of it. Rejects where that cannot be told. */
  isOneServer(one: ConnectionParams, other: ConnectionParams, signal: AbortSignal): Promise<boolean>;

  /**
   * Waits until no other session, of this service or another one, holds the lock of `connection.database`, and takes it.
   * It is on the server, so by whatever name that is reached. DATABASE_NOT_FOUND when it could only be held in the
   * database itself, which is not there; BUSY when it took too long; else as {@link probe}.
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
   * Whether these first bytes (uncompressed; at least 4 KiB unless the file is shorter) are a dump of this engine, and
   * in which format; undefined when not.
   */
  recognise(head: Buffer): DumpFormat | undefined;

  /**
   * Gives a plain dump of somebody else in a form in which it can be loaded: without what only concerns the database that it
   * was made of. Absent: it is loaded as it is.
   */
  tidyForeign?(source: DumpSource, options: TidyOptions): TidiedDump;

  /**
   * Gives a plain dump in the words of the server that is to take it in, where it comes from another product or a newer version; with
   * what that server skips or has otherwise, by name. Reads it to its end then, and changes nothing. UNSUPPORTED for what it has
   * not. Absent: dumps are loaded as they are.
   */
  adaptDump?(source: DumpSource, question: AdaptationQuestion, signal: AbortSignal): Promise<AdaptedDump>;

  /**
   * Writes a foreign dump of the format `directory` out of its tar archive, as it can be loaded from there only. It is one
   * that the driver recognises. BACKUP_UNSAFE, BACKUP_DAMAGED, BACKUP_INCOMPLETE, UNSUPPORTED, NO_SPACE; nothing stays then.
   */
  unpackForeign?(packed: DumpSource, signal: AbortSignal): Promise<UnpackedDump>;

  /** Whether the archive's table of contents can be read (custom, tar, directory). No-op for plain. Fails with BACKUP_DAMAGED. */
  checkArchive(archive: DumpSource, tools: ToolPaths, signal: AbortSignal): Promise<void>;
  /** The same for an archive of somebody else, by reading all of it, with what it holds. */
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
   * cannot use are refused with UNSUPPORTED (FAILURES 65). `orNearest` then takes the nearest ones that the server has;
   * the result says in whole sentences what differs, and is empty otherwise. `closed`: nobody can enter it before
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
   * BUSY when such a session does not end.
   */
  endCreation(connection: ConnectionParams, name: string): Promise<void>;
  dropDatabase(connection: ConnectionParams, name: string): Promise<void>;
  /** Whether a database can be made `closed`: a restore that makes its target then loads into a staging database. */
  readonly closesNew?: boolean;
  /** Drops a database that was made `closed` and is so still. False when there is none of the kind by that name. */
  dropClosed?(connection: ConnectionParams, name: string): Promise<boolean>;

  /**
   * UNSUPPORTED where the server would take two of these tables and views for one, so that one would replace the other. Absent
   * where no server does.
   */
  requireDistinct?(connection: ConnectionParams, names: readonly string[], signal: AbortSignal): Promise<void>;

  /**
   * Checks that a load could work and changes nothing: tools, privileges, the target exists and is reachable.
   * `connection.database` is the target. Says whether the target holds anything.
   */
  prepareLoad(request: LoadRequest, signal?: AbortSignal): Promise<LoadPlan>;
  /** For a target that is still to be made: refuses what the server itself keeps from being loaded, as `prepareLoad` would then. */
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
   * not go on. Undefined when it does not look like that: then a statement of the dump was refused for what it is.
   */
  missingPrerequisite(failure: unknown): MissingPrerequisite | undefined;

  /**
   * Makes accounts that load what may hold anybody's code. Undefined where the engine has none: then dumps are loaded with the
   * rights of the connection.
   */
  readonly confinement?: Confinement;

  /** Replaces a database by a staging database that was loaded with its new content. */
  readonly swap: DatabaseSwap;

  /** Handles what a database needs and no dump of it carries; absent where the engine has no such. */
  readonly globals?: ServerGlobals;

  /** Replaces some tables of a database by those of a dump, and nothing else in it. */
  readonly tables: TableReplacement;

  /** Counts how many objects of each kind a database holds now, as they are counted for a dump. */
  countObjects(connection: ConnectionParams, signal?: AbortSignal): Promise<ObjectCounts>;

  /**
   * Counts all that a database holds now: objects by kind, and the exact number of rows of each table. `content`: what these rows
   * hold as well, where the engine can compute that on a server.
   */
  census(connection: ConnectionParams, signal?: AbortSignal, depth?: CompareDepth): Promise<Census>;

  /**
   * Counts the rows of each table as a dump holds them, by reading it to its end; the tool reads archives. It needs no
   * server. BACKUP_DAMAGED when the dump cannot be read.
   */
  dumpedRows(source: DumpSource, tools: ToolPaths, signal: AbortSignal): Promise<RowCounts>;
}

/**
 * What a dump may do is decided by the rights of the account that loads it (DESIGN §5.1). Such an account owns one database
 * and nothing else on the server. It goes with its database: `dropDatabase` and `dropCopy` drop it, also after a crash.
 */
export interface Confinement {
  /**
   * Makes the account for the empty `administrator.database`, gives it that database, and has logged in as it. Where that
   * cannot be done, nothing is changed, and the reason is a whole sentence. `readsAllRows`: policies do not hide rows from it.
   */
  confine(
    administrator: ConnectionParams,
    options: { readsAllRows: boolean; signal?: AbortSignal | undefined },
  ): Promise<ConfinedAccount | ConfinementRefusal>;

  /** All is loaded: gives the database and what is in it to `account.owner`, and drops the account. */
  release(account: ConfinedAccount): Promise<void>;
}

export interface ConfinedAccount {
  /** Logs in as the account, into its database. */
  connection: ConnectionParams;
  /** Who made it: into the same database. Does what the account may not, as far as no code of the dump runs by that. */
  administrator: ConnectionParams;
  /** Whose the database was. */
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

  /** Whether {@link swap} could be done for this target as this user, and what it would take. Changes nothing. */
  examine(plan: LoadPlan, signal?: AbortSignal): Promise<SwapExamination>;

  /**
   * Makes the staging database `name`, empty, with the target's own encoding and collation. Nobody but us has a reason to
   * look into it. DATABASE_ERROR, MISSING_PRIVILEGE, NO_SPACE. Where the answer is lost it may still be made: `dropCopy`
   * ends that.
   */
  createStaging(connection: ConnectionParams, name: string, signal?: AbortSignal): Promise<void>;

  /**
   * Puts `incoming` in the place of `connection.database`, which then is `outgoing`. Owner, grants, settings, comment
   * and limits of the target stay with its name. Sessions are ended at this moment and not before; between the lock-out
   * and the swap nobody can write. Whatever fails, the target is as it was and can be used (FAILURES 49), but for a
   * death of ours: then {@link recover} does the rest. BUSY when sessions or locks could not be had; UNSUPPORTED with
   * the names of what stands in the way (FAILURES 48).
   */
  swap(request: SwapRequest): Promise<SwapResult>;

  /**
   * After a death in the middle of {@link swap}: brings it to one of its two ends. `journal`: what was last given to
   * `SwapRequest.journal`. Safe to call when nothing is left to do, and any number of times. The target can be used
   * then. Drops neither database. `tell`: hears in whole sentences what somebody else made in the target meanwhile and where
   * it is now, also when this fails later.
   */
  recover(
    connection: ConnectionParams,
    journal: JsonObject,
    tell?: (warning: string) => void,
  ): Promise<'swapped' | 'unchanged'>;

  /**
   * Drops a staging or previous database with all that it holds, and ends sessions and whatever else would keep it. No error when
   * there is none.
   * After a failure {@link copies} says whether it is there, and whole.
   */
  dropCopy(connection: ConnectionParams, name: string, signal?: AbortSignal): Promise<void>;

  /** Bytes that a staging or previous database takes up on the server; undefined when there is none or it cannot be told. */
  copyBytes(connection: ConnectionParams, name: string, signal?: AbortSignal): Promise<number | undefined>;

  /**
   * Whether a new database held anything at all when its staging database took its place: somebody else has put it there.
   * Absent where nobody could (see {@link DbDriver.closesNew}).
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
   * The names by which the dump knows these tables (keys as in {@link Census.rows}), in the order given, each once. Reads
   * the dump to its end and touches no server. INVALID_INPUT, field `tables`, for those that it does not hold, with the
   * names that come nearest.
   */
  find(tables: readonly string[], source: DumpSource, tools: ToolPaths, signal: AbortSignal): Promise<string[]>;

  /** For a plan, changing nothing: rejects as a staged {@link load} would for what `plan.connection.database` holds now. */
  examineTables(plan: LoadPlan, tables: readonly string[], source: DumpSource, signal: AbortSignal): Promise<void>;

  /**
   * Loads tables from the dump and compares their rows with it; fails as {@link DbDriver.load} does, or as `find` and
   * `swap` would. The target's own tables are not touched.
   *
   * `into: 'staging'`: into what `incoming` stands for, to be swapped in. It is made here, and may be left behind half
   * loaded by a failure or death: `dropCopy` then removes all of it. `into: 'target'`: right into `plan.connection.database`,
   * which is empty; what the tables are made of (types, functions, extensions) comes along then.
   */
  load(order: TableLoadOrder, source: DumpSource, hooks: LoadHooks): Promise<TableLoadResult>;
}

export interface TableLoadOrder {
  /** Of the target. */
  plan: LoadPlan;
  /** As the caller gave them. */
  tables: readonly string[];
  into: 'staging' | 'target';
  /** {@link DatabaseSwap.copyName} of the role `restore`. With `into: 'target'` a table-extraction database by this name may still be needed. */
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

/** What the lock-out of a swap grows with, where tables move one by one. Costs are milliseconds: on a fast server, and on a slow one. */
export interface TableMoveCosts {
  /** How many the target holds now. */
  tables: number;
  triggers: number;
  perTable: readonly [least: number, most: number];
  perTrigger: readonly [least: number, most: number];
}

export interface SwapRequest {
  /** `database`: the target. */
  connection: ConnectionParams;
  /** The staging database, or for an undo the previous one, that is to take the target's place. */
  incoming: string;
  /** The name of the previous database. Must not be there yet. */
  outgoing: string;
  /** The target was made `closed` for this: it is opened when the staging database has its place, and not before. */
  created?: boolean;
  signal: AbortSignal;
  /**
   * Called before the first step that a death would leave half-done, and before each later one that needs to be known
   * about; when it resolves, the state is durable. Holds no secret.
   */
  journal(state: JsonObject): Promise<void>;
  /** Where tables move one by one: told how many of how many have, those that leave and those that come. */
  onMoved?: ((moved: number, total: number) => void) | undefined;
}

export interface SwapResult {
  /** How long the target could not be used, whole milliseconds. */
  lockoutMs: number;
  /** Sessions that were ended. */
  sessionsEnded: number;
  warnings: readonly string[];
}

export interface Census {
  objects: ObjectCounts;
  /** Keys are, for PostgreSQL, `schema.table`, quoted where SQL needs it (`format('%I.%I')`); for MySQL, the table's name. */
  rows: RowCounts;
  /** What these rows hold, where it was asked for and can be computed. */
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
  /** What it takes up on the server, indexes included; undefined where the user may not know. */
  sizeBytes: number | undefined;
  /** Whether the user may connect to it (PostgreSQL) or see anything in it (MySQL). */
  accessible: boolean;
}

export interface DumpRequest {
  connection: ConnectionParams;
  format: BackupFormat;
  tools: ToolPaths;
  /** Count objects and rows in the very snapshot of the dump, and compute what they hold, where the engine can share it. */
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
  /** What the dump does not carry; absent where the engine has no such. */
  properties?: ManifestProperties;
  /** What every new database has and this one lacks. */
  absent?: readonly string[];
  /** Rows of partitions are to be dumped by way of the table that they are of (PostgreSQL). */
  rowsByRoot?: boolean;
  roles?: readonly ReferencedRole[];
  /** The search paths with which the database's sessions find what has no schema; absent where the engine has no such. */
  searchPaths?: readonly string[];
  /** Settings of its sessions on which generated values and functions may depend; absent where none does. */
  sessionSettings?: Readonly<Record<string, string>>;
  /** `user@host` in whose names its objects are made (MySQL). */
  definers?: readonly string[];
  objects: ObjectCounts;
  /** What the dump will not hold or cannot hold consistently, by name; for the manifest and the answer. */
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
  /** What the tool complained of although it exited with 0, in its own words. */
  warnings: readonly string[];
  /** Whole sentences on the dump that the tool does not say. */
  notes?: readonly string[];
  /** By table, bytes of the longest value, where not every server takes it in (MySQL). */
  longValues?: Readonly<Record<string, number>>;
}

export interface CompletenessCheck {
  /** How many tables' data have begun in what it has seen; undefined for archives, which cannot be counted in passing. */
  readonly tables: number | undefined;
  update(chunk: Buffer): void;
  /** Throws DUMP_INCOMPLETE when the end of the dump was not seen. */
  finish(): void;
}

/** A dump to read, decompressed. `open` may be called more than once; each stream starts at the first byte. */
export interface DumpSource {
  format: DumpFormat;
  /** False: written by somebody else, so trusted with less. */
  own: boolean;
  open(): Readable;
  /** The dump as a file on this machine that nobody else can change: archives are read in parallel then, by a tool that runs what they hold. */
  file?: string;
  /** More content than this is not read from an archive of somebody else: it may be made to exhaust the machine. */
  limitBytes?: number;
  /** For the format `directory`: the folder in which the dump lies on this machine. `open` gives its table of contents then. */
  folder?: string;
  /** Names what every new database has and the source lacked, as its manifest says; no dump tells it. */
  absent?: readonly string[];
  /** Those of the source's sessions, to be tried where a load fails with the dump's own (PostgreSQL). */
  searchPaths?: readonly string[];
  /** What the source's sessions begin with, of that which generated values and functions may depend on. */
  sessionSettings?: Readonly<Record<string, string>>;
  /** The one of them that is tried, in place of the empty one that the dump sets. */
  searchPath?: string | undefined;
}

/** The contents of a foreign dump, as its statements tell them. Nothing is guessed. */
export interface DumpContents {
  /** How many tables it makes. */
  tables: number;
  /** Whether it has rows, or a place for those of an empty table. */
  rows: boolean;
  /** Tables that it makes without a place for rows, where it has such for others. */
  withoutRows: readonly string[];
  /** The names of its tables and views, where a server could take two of them for one. */
  names?: readonly string[] | undefined;
  /** Whether it makes indexes, keys or triggers; undefined where those are parts of tables. */
  indexes?: boolean;
  /** It makes none of the tables that these belong to. */
  only?: 'rows' | 'indexes' | undefined;
  /** The condition by which its rows were chosen, in the dump tool's own words. */
  condition?: string | undefined;
}

/** A dump that takes up a folder of this machine until it is disposed of. */
export interface UnpackedDump extends AsyncDisposable {
  source: DumpSource;
  /** What people must know of it, in whole sentences. */
  warnings: readonly string[];
}

export interface TidyOptions {
  /** It need not say where it ends. */
  acceptIncomplete: boolean;
  /** The only one that is taken of several databases that it holds. */
  sourceDatabase?: string | undefined;
}

export interface TidiedDump {
  open(): Readable;
  /** The outcome of the last stream that was read to its end. */
  readonly outcome: {
    /** What was left out, in words for a list. */
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
  /** Only these are restored, by the dump's names; null: everything. */
  tables: readonly string[] | null;
  /** Default: `keep`. */
  collations?: CollationChoice | undefined;
  /** The settings with which the target database is to be made. */
  databaseSettings?: DatabaseSettings | undefined;
}

export interface AdaptedDump {
  source: DumpSource;
  /** Whole sentences. */
  warnings: readonly string[];
  /** Takes the place of those that were asked about. */
  databaseSettings: DatabaseSettings;
}

export interface LoadRequest {
  connection: ConnectionParams;
  format: DumpFormat;
  tools: ToolPaths;
  /** Leave out owners and grants, for a server that lacks the roles (PostgreSQL; a no-op on MySQL). */
  skipOwnership: boolean;
  /** Put everything into the target's own tablespace, for a server that lacks others (PostgreSQL). */
  skipTablespaces?: boolean | undefined;
  /** What the dump asks of the server, where its manifest says so. */
  demands?: ManifestDemands | undefined;
  /** In whose name views, routines, triggers and events are made (MySQL). Default: `keep`. */
  definer?: DefinerChoice | undefined;
  /**
   * The target is an empty staging database that nobody uses: it need not be loaded in one transaction, may be left half loaded by a
   * failure, and nothing in it may begin to act by itself (events, subscriptions) before it is swapped in.
   */
  staged?: boolean;
  /** The target was just made for this, `closed` where the engine can: what it holds by now is somebody else's. */
  isNew?: boolean;
  /** Nobody is going to use what is loaded: it is only compared with the source. */
  forVerification?: boolean;
  /** `connection` is of this account. Only with `staged`. */
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
  /** Bytes that the target holds now: what a safety backup would need at the most. */
  targetBytes: number;
  /** What keeps this user from replacing the content of the target in place, whole sentences. A swap needs less. */
  inPlaceBlockers?: readonly string[];
  /** Why a restore in place would load right into the target, and not into a staging database first: a clause to go after "as". */
  unstaged?: string;
  warnings: readonly string[];
  /** What else is lost where all of the target is replaced in place. */
  inPlaceWarnings?: readonly string[];
}

export interface LoadHooks {
  signal: AbortSignal;
  beforeCommit(): Promise<void>;
  /**
   * Shown what was loaded right into the target, or as single tables, before `beforeCommit`; may throw to undo it. Loads of
   * a whole staging database are compared by whoever asked for them.
   */
  check?: LoadCheck | undefined;
  /**
   * Called once, right before anything that the target holds is taken away; whoever wants to put that back saves it here. A
   * load that fails without having called it has changed nothing, nor has one whose failure `isUntouched`. Not where
   * {@link DbDriver.atomicLoad}.
   */
  beforeReplacing?: (() => Promise<void>) | undefined;
  /** Told before a staging database is made, which a death would leave; and when it could not be dropped. */
  staging?: { begins(name: string): Promise<void>; leaves(name: string): void } | undefined;
  /** The server has no room for what is loaded in addition to what the target holds. */
  noRoom?: boolean | undefined;
  /** Where what was loaded moves into the target table by table: told how many of how many have. */
  onMoved?: ((moved: number, total: number) => void) | undefined;
}

export interface LoadCheck {
  depth: CompareDepth;
  judge(found: LoadedRows): void;
}

/** Has the keys of `Census`. `differing`: see {@link LoadResult}. */
export type LoadedRows = Omit<Census, 'objects'> & Pick<LoadResult, 'differing'>;

/** What a server would need to take a dump in. */
export interface MissingPrerequisite {
  /** Words of the server, to go after "because". */
  message: string;
  /** The name of a role that is missing, where it is just that. */
  role?: string;
}

export interface LoadResult {
  warnings: readonly string[];
  /** As the server counted them while it took them, with the keys of `Census.rows`; absent where nobody did. */
  rows?: RowCounts;
  /** Previous tables that {@link TableReplacement} had kept in the database for an undo, and that are gone with what it held. */
  lostCopies?: readonly string[];
  /** Tables whose values may differ from the source's for a reason that lies in the server, and that reason. */
  differing?: Readonly<Record<string, string>>;
  /** How many objects of each kind were left out, as it was asked for. */
  skipped?: ObjectCounts;
  /** For a verification: what refers to other databases, and could not be verified without them; in words for a list. */
  outside?: readonly string[];
}

/** The properties of a database itself, and the roles of the server (FAILURES 20, 64). */
export interface ServerGlobals {
  /** Which of these roles the server lacks, in the order given. */
  missingRoles(connection: ConnectionParams, names: readonly string[], signal?: AbortSignal): Promise<string[]>;

  /**
   * Gives a database the properties of another one, as far as the server and the user's rights allow. Returns in whole
   * sentences what could not be applied. `skipOwnership`: neither owner nor grants.
   */
  applyProperties(
    connection: ConnectionParams,
    database: string,
    properties: ManifestProperties,
    options: { skipOwnership: boolean },
  ): Promise<string[]>;

  /**
   * The roles of the whole server as a script, by the client's own tool. `passwords`: with their hashes, which only a
   * superuser may read. TOOL_MISSING, DUMP_FAILED, DUMP_INCOMPLETE.
   */
  dump(plan: DumpPlan, options: { passwords: boolean }, signal: AbortSignal): Promise<string>;

  /**
   * Makes those of `roles` that the server lacks, all or none; what exists stays as it is. `script`: of {@link dump},
   * and known to be unaltered. INVALID_INPUT for names that it does not hold, MISSING_PRIVILEGE, DATABASE_ERROR.
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
  /** What makes it, without passwords; empty for one that exists. */
  commands: readonly string[];
}

export interface RolesRestored {
  roles: readonly RestoredRole[];
  warnings: readonly string[];
}

/** Finds and checks the engine's client tools. */
export interface ToolCatalog {
  /** Which keys are this engine's. */
  readonly keys: readonly ToolKey[];
  /** For each key the best tool found, custom path first; undefined where there is none. `all` lists every one. */
  detect(custom: ToolPaths): Promise<DetectedTool[]>;
  /** Runs `path --version`. TOOL_UNUSABLE (naming the fault) when it cannot be run or is another tool. */
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

/** The specification's five fields, and what is engine-specific under `details`. */
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
  /** MySQL only; default `%`. */
  host?: string;
  /** Absent: none on create, unchanged on modify. */
  password?: string;
  /** Names as the engine has them. UNKNOWN_PRIVILEGE names the ones that it does not know. */
  privileges?: readonly string[];
}
