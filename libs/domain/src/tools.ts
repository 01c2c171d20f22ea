import type { ServerInfo } from './database.js';

/** Keys of the tool paths as the API and `config.ini` name them, e.g. `pg_dump_path`. Empty or absent: find it. */
export const TOOL_KEYS = ['pg_dump_path', 'pg_restore_path', 'mysqldump_path', 'mysql_path'] as const;
export type ToolKey = (typeof TOOL_KEYS)[number];
export type ToolPaths = Partial<Record<ToolKey, string>>;

export interface ToolInfo {
  /** Absolute path. */
  path: string;
  /** The client family; an Oracle `mysqldump` and a MariaDB one take different flags. */
  flavour: ServerInfo['flavour'];
  version: string;
  versionParts: readonly number[];
}
