import type { ConnectionParams } from '@app/domain';
import type { InstalledServer } from './installed-server.js';

/** A throwaway database server: private directory, free port on 127.0.0.1, password authentication. */
export interface SandboxServer extends AsyncDisposable {
  readonly engine: 'postgres' | 'mariadb' | 'mysql';
  readonly host: '127.0.0.1';
  readonly port: number;
  /** Administrator of the server. */
  readonly username: string;
  readonly password: string;
  /** Directory of the server's Unix socket (`.s.PGSQL.<port>`, `mariadb.sock`, `mysql.sock`), with all else that it keeps. */
  readonly socketDirectory: string;
  /** Parameters to log in as the administrator. */
  connection(database: string): ConnectionParams;
  /** The end of the server's log, for messages. */
  logTail(): Promise<string>;
  /**
   * Kills the server and removes its directory: at once, as nothing in it is worth a clean shutdown. Safe to call
   * twice. Without it, the same happens when our process ends, however it ends.
   */
  stop(): Promise<void>;
}

export interface SandboxOptions {
  /** Extra server settings, `name=value` as the server's command line takes them. They win over our own. */
  settings?: Readonly<Record<string, string>>;
  /** Ends the start, and later the server. */
  signal?: AbortSignal;
  /** Default: the newest. */
  installed?: InstalledServer;
  /** Where the server's directory is made; see `sandboxFolder`. Default: the system's folder for temporary files. */
  folder?: string;
  /** What the server takes for the zone of its machine (MySQL, MariaDB); a name of the IANA database. Default: ours. */
  timeZone?: string | undefined;
}
