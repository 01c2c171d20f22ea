import type {
  BackupFormat,
  BackupKind,
  Compression,
  ContentChecksums,
  DatabaseSettings,
  ObjectCounts,
  RowCounts,
  Verification,
} from './backup.js';
import type { DbType, ServerInfo } from './database.js';

/**
 * The file `<artifact>.manifest.json` beside each artifact, which makes it a backup: an artifact without one is not ours. The
 * fields are in snake_case because people and other programs read the file. Times are ISO 8601 UTC; sizes are bytes.
 */
export interface Manifest {
  /** 2 where an earlier version of the service, which does not know `codecs`, would decode the artifact wrongly. */
  manifest_version: 1 | 2;
  id: string;
  /** The file name of the artifact without its folder, so that a moved pair of files stays valid. */
  artifact: string;
  kind: BackupKind;
  db_type: DbType;
  database: string;
  host: string;
  port: number;
  server: { flavour: ServerInfo['flavour']; version: string };
  tool: { name: string; flavour: ServerInfo['flavour']; version: string };
  format: BackupFormat;
  compression: Compression;
  /** The codecs from the dump to the stored bytes, the last one applied last. Absent in manifests of earlier versions. */
  codecs?: readonly string[];
  /** The size and hash of the stored artifact. */
  size: number;
  sha256: string;
  /** Bytes that the dump tool wrote, before compression. */
  dump_size: number;
  /** The time of the data, which is also in the file's name. Retention and listings order by it. */
  started_at: string;
  completed_at: string;
  duration_ms: number;
  database_settings: DatabaseSettings;
  /** The settings of the database. Absent where the engine has none, and in backups of versions that did not record them. */
  properties?: ManifestProperties;
  /** Objects of every new database that the source did not have (`schema public`, `extension plpgsql`). A restore drops them. */
  absent?: readonly string[];
  /** The roles that the dump or its properties refer to. */
  roles?: readonly ReferencedRole[];
  /** The script with the roles of the server that stands beside the artifact. */
  globals?: { file: string; size: number; sha256: string; passwords: boolean };
  /** The search paths of the database's sessions (PostgreSQL). */
  search_paths?: readonly string[];
  /** The settings of the source's sessions on which generated columns and functions may depend, such as the time zone. */
  session_settings?: Readonly<Record<string, string>>;
  demands?: ManifestDemands;
  objects: ObjectCounts;
  /** Present when the rows were counted in the dump's own snapshot. */
  rows?: RowCounts;
  /** Present when the checksums were computed in the dump's own snapshot. */
  checksums?: ContentChecksums;
  warnings: readonly string[];
  verification: Verification;
  /** How often the manifest was rewritten; absent in one that never was. It shows when an older manifest comes back. */
  revision?: number;
  /** The catalog's ids of the connection and the schedule of the backup. Backups from before the catalog have none. */
  connection_id?: string;
  schedule_id?: string;
  /** The signature of all other fields, with a key of the installation that made the backup. Backups of earlier versions have none. */
  signature?: ManifestSignature;
}

/** HMAC-SHA-256 of the manifest as canonical JSON (keys sorted, no white space), both parts in hexadecimal. */
export interface ManifestSignature {
  key_id: string;
  mac: string;
}

/** The demands of a dump on the server that restores it (MySQL, MariaDB). */
export interface ManifestDemands {
  /** The definers (`user@host`) of its views, routines, triggers and events. */
  definers?: readonly string[];
  /** The bytes of the longest value, for each table with values of 1 MiB and more. */
  long_values?: Readonly<Record<string, number>>;
}

/** The properties of a database that no dump holds, in the form of the manifest. The fields are in snake_case, as it is a file format. */
export interface ManifestProperties {
  owner: string;
  /** The grants in the order in which they were made; null when nobody has ever changed them, so that the built-in ones apply. */
  grants: readonly DatabaseGrant[] | null;
  /** Settings of ALTER DATABASE … SET, as `name=value`. */
  settings: readonly string[];
  /** Settings of ALTER ROLE … IN DATABASE … SET, as `name=value`. */
  role_settings: readonly { role: string; settings: readonly string[] }[];
  comment: string | null;
  /** −1: none. */
  connection_limit: number;
  /** Absent when the database is no template. */
  is_template?: boolean;
}

/** The rights of one role on a database, from one grantor. */
export interface DatabaseGrant {
  /** Null stands for everybody. */
  grantee: string | null;
  grantor: string;
  privileges: readonly string[];
  /** The rights that the role may grant to others. */
  grantable: readonly string[];
}

/** A role of the server that a dump refers to, without its password and settings. */
export interface ReferencedRole {
  name: string;
  /** The options of CREATE ROLE that differ from its defaults: `LOGIN`, `SUPERUSER`, `NOINHERIT`, … */
  attributes: readonly string[];
  /** −1: none. */
  connection_limit: number;
  valid_until: string | null;
  member_of: readonly string[];
}

/** The names of settings that may hold secrets (`app.jwt_secret`): only custom settings have a dot. */
const SECRET_SETTING = /^[^=]*\.[^=]*=/;
const MASK = '********';

/** Removes the values of settings that may be secrets, for answers and for the catalog. */
export function withoutSecrets(properties: ManifestProperties): ManifestProperties {
  const masked = (settings: readonly string[]): string[] =>
    settings.map((setting) => (SECRET_SETTING.test(setting) ? setting.replace(/=.*$/s, `=${MASK}`) : setting));
  return {
    ...properties,
    settings: masked(properties.settings),
    role_settings: properties.role_settings.map(({ role, settings }) => ({ role, settings: masked(settings) })),
  };
}
