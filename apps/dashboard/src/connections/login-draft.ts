import type { Schemas } from '../api/client.js';

type DbType = Schemas['ConnectRequest']['db_type'];
type TlsMode = Schemas['ConnectionEntry']['ssl_mode'];

/** Where such a server listens unless somebody has moved it. */
export const USUAL_PORTS: Readonly<Record<DbType, string>> = { PostgreSQL: '5432', MySQL: '3306' };

/** The other type, and its usual port; a port that somebody has chosen stays. */
export function withType({ port }: { port: string | number }, db_type: DbType): { db_type: DbType; port?: string } {
  const usual = String(port) === '' || Object.values(USUAL_PORTS).includes(String(port));
  return { db_type, ...(usual ? { port: USUAL_PORTS[db_type] } : {}) };
}

/** Where the hand has to go when the API says this of a login, and names no field. */
export const FIELD_OF_CODE = { DATABASE_NOT_FOUND: 'database' };

export const TLS_MODES: readonly { value: TlsMode; label: string }[] = [
  { value: 'prefer', label: 'Encrypted where the server can (prefer)' },
  { value: 'require', label: 'Encrypted (require)' },
  { value: 'verify-ca', label: 'Encrypted, certificate checked (verify-ca)' },
  { value: 'verify-full', label: 'Encrypted, certificate and name checked (verify-full)' },
  { value: 'disable', label: 'Not encrypted (disable)' },
];
