import type { Schemas } from '../api/client.js';
import type { RestorableBackup } from './restorable-backup.js';

type Connection = Schemas['ConnectionEntry'];
type Request = Schemas['RestoreRequestBody'];

/** The choices in the dialog, as they are typed and not as they are sent. */
export interface RestoreChoices {
  connectionId: string;
  /** `own`: the database of the connection. */
  target: 'own' | 'other';
  /** For `other`. */
  otherDatabase: string;
  scope: 'everything' | 'tables';
  /** For `tables`. */
  tables: readonly string[];
  strategy: NonNullable<Request['strategy']>;
  noOwner: boolean;
  /** The definer of views, routines, triggers and events (MySQL). */
  definer: NonNullable<Request['definer']>;
  /** The treatment of collations that the server does not have (MySQL). */
  collations: NonNullable<Request['collations']>;
  /** For `other`, when it is made. */
  noTablespaces: boolean;
  localeFallback: boolean;
  /** How the restored data is compared; `default`: as the settings say. */
  compare: 'default' | NonNullable<Request['compare']>;
  /** Whether a foreign script without an end mark is accepted. */
  acceptIncomplete: boolean;
  /** The one to restore of several databases that a foreign dump holds; undefined until the API has asked for it. */
  sourceDatabase: string | undefined;
}

/** Those that the backup fits. A foreign file does not tell its engine before it is read: then all. */
export function fittingConnections(backup: RestorableBackup, connections: readonly Connection[]): Connection[] {
  return connections.filter(({ db_type: engine }) => backup.db_type === null || engine === backup.db_type);
}

/**
 * Back to where it came from: its own connection, as long as there is that, else the active one, else any that fits.
 * A backup of one database is never put over another one unasked: it gets a database of its own name there.
 */
export function firstChoices(
  backup: RestorableBackup,
  fitting: readonly Connection[],
  ownConnectionId: string | null,
): RestoreChoices | undefined {
  const connection =
    fitting.find(({ id }) => id === ownConnectionId) ?? fitting.find(({ active }) => active) ?? fitting[0];
  if (connection === undefined) return undefined;
  const elsewhere = backup.database !== null && backup.database !== connection.database;
  return {
    connectionId: connection.id,
    target: elsewhere ? 'other' : 'own',
    otherDatabase: elsewhere ? (backup.database ?? '') : `${connection.database}_restored`,
    scope: 'everything',
    tables: [],
    strategy: 'auto',
    noOwner: false,
    definer: 'keep',
    collations: 'keep',
    noTablespaces: false,
    localeFallback: false,
    compare: 'default',
    acceptIncomplete: false,
    sourceDatabase: undefined,
  };
}

/** Returns the request for the API; undefined while something is missing. */
export function requestOf(
  backup: RestorableBackup,
  choices: RestoreChoices,
  connection: Pick<Connection, 'id' | 'database' | 'db_type'>,
): Request | undefined {
  const database = choices.target === 'own' ? connection.database : choices.otherDatabase.trim();
  if (database === '' || (choices.scope === 'tables' && choices.tables.length === 0)) return undefined;
  return {
    backup_file_path: backup.path,
    connection_id: connection.id,
    target_database: database,
    strategy: choices.strategy,
    ...(choices.scope === 'tables' ? { tables: [...choices.tables] } : {}),
    ...(choices.noOwner && connection.db_type === 'PostgreSQL' ? { no_owner: true } : {}),
    ...(choices.definer !== 'keep' && connection.db_type === 'MySQL' ? { definer: choices.definer } : {}),
    ...(choices.collations !== 'keep' && connection.db_type === 'MySQL' ? { collations: choices.collations } : {}),
    ...(choices.noTablespaces && connection.db_type === 'PostgreSQL' ? { no_tablespaces: true } : {}),
    ...(choices.localeFallback && choices.target === 'other' ? { locale_fallback: true } : {}),
    ...(choices.compare === 'default' ? {} : { compare: choices.compare }),
    ...(choices.acceptIncomplete ? { accept_incomplete: true } : {}),
    ...(choices.sourceDatabase?.trim() ? { source_database: choices.sourceDatabase.trim() } : {}),
  };
}

/** Where in the dialog something was chosen. */
export type Place = 'backup' | 'source' | 'connection' | 'database' | 'tables' | 'strategy' | 'collations' | 'plan';

const PLACE_OF_FIELD: Readonly<Record<string, Place>> = {
  backup_file_path: 'backup',
  source_database: 'source',
  connection_id: 'connection',
  target_database: 'database',
  tables: 'tables',
  strategy: 'strategy',
  collations: 'collations',
};

const PLACE_OF_CODE: Readonly<Record<string, Place>> = {
  BACKUP_NOT_FOUND: 'backup',
  INVALID_PATH: 'backup',
  NOT_A_BACKUP: 'backup',
  WRONG_ENGINE: 'backup',
  BACKUP_DAMAGED: 'backup',
  BACKUP_INCOMPLETE: 'backup',
  BACKUP_UNSAFE: 'backup',
  NOT_CONNECTED: 'connection',
  CONNECTION_NOT_FOUND: 'connection',
  HOST_UNREACHABLE: 'connection',
  CONNECTION_TIMEOUT: 'connection',
  CONNECTION_LOST: 'connection',
  SERVER_REFUSED: 'connection',
  WRONG_CREDENTIALS: 'connection',
  TLS_FAILED: 'connection',
  POOLED_CONNECTION: 'connection',
  DATABASE_NOT_FOUND: 'database',
};

/** At which choice the refusal of a plan is to stand: the one that somebody can change to be rid of it. */
export function placeOf(
  { code, fields }: { code: string | undefined; fields: Readonly<Record<string, string>> },
  { scope, strategy }: Pick<RestoreChoices, 'scope' | 'strategy'>,
): Place {
  for (const field of Object.keys(fields)) {
    const place = PLACE_OF_FIELD[field.replace(/[.[].*$/, '')];
    if (place !== undefined) return place;
  }
  if (code === 'UNSUPPORTED') {
    if (scope === 'tables') return 'tables';
    if (strategy !== 'auto') return 'strategy';
  }
  return PLACE_OF_CODE[code ?? ''] ?? 'plan';
}
