import type { ServerInfo } from './database.js';

/** The keys of the tool paths in the API and `config.ini`, such as `pg_dump_path`. The service finds a tool whose path is empty or absent. */
export const TOOL_KEYS = ['pg_dump_path', 'pg_restore_path', 'mysqldump_path', 'mysql_path'] as const;
export type ToolKey = (typeof TOOL_KEYS)[number];
export type ToolPaths = Partial<Record<ToolKey, string>>;

export interface ToolInfo {
  /** The absolute path. */
  path: string;
  /** The client family; an Oracle `mysqldump` and a MariaDB one take different flags. */
  flavour: ServerInfo['flavour'];
  version: string;
  versionParts: readonly number[];
}
