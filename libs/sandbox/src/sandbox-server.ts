import type { ConnectionParams } from '@app/domain';
import type { InstalledServer } from './installed-server.js';

/** A throwaway database server: private directory, free port on 127.0.0.1, password authentication. */
export interface SandboxServer extends AsyncDisposable {
  readonly engine: 'postgres' | 'mariadb' | 'mysql';
  readonly host: '127.0.0.1';
  readonly port: number;
  /** The administrator of the server. */
  readonly username: string;
  readonly password: string;
  /** The directory of the server, with its Unix socket (`.s.PGSQL.<port>`, `mariadb.sock`, `mysql.sock`) and all its files. */
  readonly socketDirectory: string;
  /** Returns the parameters of a login as the administrator. */
  connection(database: string): ConnectionParams;
  /** The end of the server's log, for messages. */
  logTail(): Promise<string>;
  /**
   * Kills the server and removes its directory at once, as nothing in it needs a clean shutdown. Safe to call twice. The same
   * happens when our process ends in any way.
   */
  stop(): Promise<void>;
}

export interface SandboxOptions {
  /** Further server settings, as `name=value` of the server's command line. They override our own. */
  settings?: Readonly<Record<string, string>>;
  /** Ends the start, and later the server. */
  signal?: AbortSignal;
  /** Default: the newest installed server. */
  installed?: InstalledServer;
  /** The folder for the server's directory, see `sandboxFolder`. Default: the system's folder for temporary files. */
  folder?: string;
  /** The system time zone of the server (MySQL, MariaDB), as a name of the IANA database. Default: ours. */
  timeZone?: string | undefined;
}
