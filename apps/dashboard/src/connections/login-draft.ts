import type { Schemas } from '../api/client.js';

type DbType = Schemas['ConnectRequest']['db_type'];

/** Where such a server listens unless somebody has moved it. */
export const USUAL_PORTS: Readonly<Record<DbType, string>> = { PostgreSQL: '5432', MySQL: '3306' };

/** The other type, and its usual port; a port that somebody has chosen stays. */
export function withType({ port }: { port: string | number }, db_type: DbType): { db_type: DbType; port?: string } {
  const usual = String(port) === '' || Object.values(USUAL_PORTS).includes(String(port));
  return { db_type, ...(usual ? { port: USUAL_PORTS[db_type] } : {}) };
}
