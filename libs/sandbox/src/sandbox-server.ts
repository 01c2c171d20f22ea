import type { ConnectionParams } from '@app/domain';

/** A throwaway database server: private directory, free port on 127.0.0.1, password authentication. */
export interface SandboxServer {
  readonly engine: 'postgres' | 'mariadb';
  readonly host: '127.0.0.1';
  readonly port: number;
  /** Administrator of the server. */
  readonly username: string;
  readonly password: string;
  /** Directory of the server's Unix socket. */
  readonly socketDirectory: string;
  /** Parameters to log in as the administrator. */
  connection(database: string): ConnectionParams;
  /** The end of the server's log, for messages. */
  logTail(): Promise<string>;
  /** Stops the server and removes its directory. Safe to call twice. */
  stop(): Promise<void>;
}

export interface SandboxOptions {
  /** Extra server settings, `name=value` as the server's command line takes them. */
  settings?: Readonly<Record<string, string>>;
}
