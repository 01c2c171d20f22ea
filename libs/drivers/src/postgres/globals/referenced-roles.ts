import type { ReferencedRole } from '@app/domain';
import type { PostgresSession } from '../login/postgres-session.js';

/** The role that initdb made: the server does not record what depends on it. */
const BOOTSTRAP_ROLE = 10;
/** Objects that the server itself brought have lower numbers. */
const FIRST_USER_OID = 16_384;

const OWNED_BY_BOOTSTRAP = ['pg_class.relowner', 'pg_proc.proowner', 'pg_type.typowner', 'pg_namespace.nspowner']
  .map((column) => column.split('.'))
  .map(
    ([catalog, owner]) =>
      `EXISTS (SELECT FROM pg_catalog.${catalog} WHERE ${owner} = ${BOOTSTRAP_ROLE} AND oid >= ${FIRST_USER_OID})`,
  )
  .join(' OR ');

/**
 * The roles that a dump of the session's database refers to (owners, grants, policies, user mappings), those of the
 * database itself, and the roles that these are members of. Not the server's own (`pg_…`), which every server has.
 */
export async function referencedRoles(session: PostgresSession): Promise<ReferencedRole[]> {
  const rows = await session.query<{ role: ReferencedRole }>(
    `WITH RECURSIVE own AS (SELECT oid, datdba FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()),
     referenced (oid) AS (
       SELECT s.refobjid FROM pg_catalog.pg_shdepend s, own
        WHERE s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND (s.dbid = own.oid
           OR s.dbid = 0 AND s.classid = 'pg_catalog.pg_database'::pg_catalog.regclass AND s.objid = own.oid)
       UNION SELECT datdba FROM own
       UNION SELECT setrole FROM pg_catalog.pg_db_role_setting s, own WHERE s.setdatabase = own.oid AND s.setrole <> 0
       UNION SELECT ${BOOTSTRAP_ROLE} WHERE ${OWNED_BY_BOOTSTRAP}
       UNION SELECT m.roleid FROM referenced r JOIN pg_catalog.pg_auth_members m ON m.member = r.oid)
     SELECT pg_catalog.json_build_object('name', r.rolname,
         'attributes', pg_catalog.array_remove(ARRAY[
           CASE WHEN r.rolsuper THEN 'SUPERUSER' END, CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END,
           CASE WHEN r.rolcreatedb THEN 'CREATEDB' END, CASE WHEN r.rolcanlogin THEN 'LOGIN' END,
           CASE WHEN r.rolreplication THEN 'REPLICATION' END, CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END,
           CASE WHEN NOT r.rolinherit THEN 'NOINHERIT' END], NULL),
         'connection_limit', r.rolconnlimit, 'valid_until', r.rolvaliduntil::text,
         'member_of', coalesce((SELECT pg_catalog.json_agg(g.rolname ORDER BY g.rolname) FROM pg_catalog.pg_auth_members m
           JOIN pg_catalog.pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid), '[]')) AS role
       FROM referenced JOIN pg_catalog.pg_roles r USING (oid) WHERE r.rolname !~ '^pg_' ORDER BY r.rolname`,
  );
  return rows.map(({ role }) => role);
}
