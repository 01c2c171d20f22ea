import pg from 'pg';
import type { PostgresSession } from './postgres-session.js';

const SHOWN = 5;

/**
 * How to get the rights of roles that this user is a member of without having them (NOINHERIT, or WITH INHERIT FALSE): a sentence
 * to end a hint with, or nothing. `roles`: only among these. SET ROLE would not do for us: to rename a database, one role needs
 * both the rights of its owner and CREATEDB, which is never inherited.
 */
export async function inheritHint(session: PostgresSession, roles?: readonly string[]): Promise<string> {
  const rows = await session.query<{ role: string; user: string; modern: boolean; inherits: boolean }>(
    `SELECT r.rolname::text AS role, u.rolname::text AS "user", u.rolinherit AS inherits,
            pg_catalog.current_setting('server_version_num')::int >= 160000 AS modern
       FROM pg_catalog.pg_roles r, pg_catalog.pg_roles u
      WHERE u.rolname = current_user AND ($1::text[] IS NULL OR r.rolname = ANY ($1::text[]))
        AND pg_catalog.pg_has_role(r.oid, 'MEMBER') AND NOT pg_catalog.pg_has_role(r.oid, 'USAGE') ORDER BY 1 LIMIT ${SHOWN}`,
    [roles ?? null],
  );
  const [first] = rows;
  if (first === undefined) return '';
  const quoted = rows.map(({ role }) => pg.escapeIdentifier(role));
  const user = pg.escapeIdentifier(first.user);
  const granted = `GRANT ${quoted.join(', ')} TO ${user}`;
  const remedy = first.modern
    ? `${granted} WITH INHERIT TRUE`
    : first.inherits
      ? granted
      : `ALTER ROLE ${user} INHERIT`;
  return ` ${user} is a member of ${quoted.join(', ')}, but does not inherit the rights: ${remedy}.`;
}
