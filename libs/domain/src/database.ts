/** The two engines as the API names them. A MariaDB server is `MySQL`; its flavour stands in {@link ServerInfo}. */
export const DB_TYPES = ['PostgreSQL', 'MySQL'] as const;
export type DbType = (typeof DB_TYPES)[number];

/** The names of libpq. `prefer` uses TLS where the server offers it and does not verify the certificate. */
export const SSL_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** TLS material as PEM texts. `key` is a secret. */
export interface TlsMaterial {
  /**
   * The certificates that `verify-ca` and `verify-full` check the server's against; default: the list of the system. If it is
   * given, `require` is the same as `verify-ca`.
   */
  ca?: string;
  /** The client certificate, with `key`. */
  certificate?: string;
  key?: string;
}

/** All that is needed to log in to one database. `password` is plain text: never log or print this object. */
export interface ConnectionParams {
  dbType: DbType;
  host: string;
  port: number;
  database: string;
  username: string;
  password: string;
  sslMode: SslMode;
  tls?: TlsMaterial;
}

/** The facts that a server told at login. */
export interface ServerInfo {
  dbType: DbType;
  flavour: 'PostgreSQL' | 'MariaDB' | 'MySQL';
  /** The version as people write it: `15.20`, `10.11.19`, `8.4.3`. */
  version: string;
  /** The numbers for comparison: [15, 20], [10, 11, 19]. */
  versionParts: readonly number[];
}
