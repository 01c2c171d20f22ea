/** The two engines as the API names them. A MariaDB server is `MySQL`; its flavour stands in {@link ServerInfo}. */
export const DB_TYPES = ['PostgreSQL', 'MySQL'] as const;
export type DbType = (typeof DB_TYPES)[number];

/** libpq's names; `prefer` takes TLS where the server offers it and does not verify the certificate. */
export const SSL_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** PEM texts. `key` is a secret. */
export interface TlsMaterial {
  /**
   * What server certificates are checked against with `verify-ca` and `verify-full`; default: the system's list. Given, it
   * makes `require` the same as `verify-ca`.
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

/** What a server said of itself at login. */
export interface ServerInfo {
  dbType: DbType;
  flavour: 'PostgreSQL' | 'MariaDB' | 'MySQL';
  /** As a person would say it: `15.20`, `10.11.19`, `8.4.3`. */
  version: string;
  /** Numbers for comparison: [15, 20], [10, 11, 19]. */
  versionParts: readonly number[];
}
