import { DomainError } from '@app/domain';
import type { DatabaseGrant } from '@app/domain';
import type { PostgresSession } from '../login/postgres-session.js';

/** The properties that belong to a database and are not in it: they stay with the name, whatever takes its place. */
export interface DatabaseProperties {
  oid: string;
  owner: string;
  /** In the ACL's own order; `null` where nobody has ever changed it: then the built-in rights hold. */
  grants: readonly DatabaseGrant[] | null;
  /** `name=value` as the server keeps it. */
  settings: readonly string[];
  roleSettings: readonly { role: string; settings: readonly string[] }[];
  comment: string | null;
  /** −1: none. */
  connectionLimit: number;
  isTemplate: boolean;
  allowsConnections: boolean;
}

const GRANTS = `
  SELECT json_agg(json_build_object('grantee', grantee, 'grantor', grantor, 'privileges', privileges, 'grantable', grantable) ORDER BY nr)
    FROM (SELECT CASE a.grantee WHEN 0 THEN NULL ELSE pg_get_userbyid(a.grantee) END AS grantee, pg_get_userbyid(a.grantor) AS grantor,
                 json_agg(a.privilege_type ORDER BY a.nr) AS privileges,
                 coalesce(json_agg(a.privilege_type ORDER BY a.nr) FILTER (WHERE a.is_grantable), '[]') AS grantable, min(a.nr) AS nr
            FROM aclexplode(d.datacl) WITH ORDINALITY AS a (grantor, grantee, privilege_type, is_grantable, nr)
           GROUP BY a.grantee, a.grantor) g`;

const ROLE_SETTINGS = `
  SELECT json_agg(json_build_object('role', r.rolname, 'settings', s.setconfig) ORDER BY r.rolname)
    FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole WHERE s.setdatabase = d.oid`;

/** Undefined when there is no such database. */
export async function findProperties(
  session: PostgresSession,
  database: string,
): Promise<DatabaseProperties | undefined> {
  const [row] = await session.query<{ properties: DatabaseProperties }>(
    `SELECT json_build_object(
        'oid', d.oid::text, 'owner', pg_get_userbyid(d.datdba),
        'grants', CASE WHEN d.datacl IS NOT NULL THEN coalesce((${GRANTS}), '[]') END,
        'settings', coalesce((SELECT to_json(setconfig) FROM pg_db_role_setting WHERE setdatabase = d.oid AND setrole = 0), '[]'),
        'roleSettings', coalesce((${ROLE_SETTINGS}), '[]'),
        'comment', shobj_description(d.oid, 'pg_database'), 'connectionLimit', d.datconnlimit,
        'isTemplate', d.datistemplate, 'allowsConnections', d.datallowconn) AS properties
       FROM pg_database d WHERE d.datname = $1`,
    [database],
  );
  return row?.properties;
}

/** DATABASE_NOT_FOUND when there is no such database. */
export async function propertiesOf(session: PostgresSession, database: string): Promise<DatabaseProperties> {
  const found = await findProperties(session, database);
  if (found !== undefined) return found;
  throw new DomainError('DATABASE_NOT_FOUND', `There is no database "${database}".`);
}

/** With what CREATE DATABASE begins with put into words. */
export function effectiveGrants({ owner, grants }: DatabaseProperties): readonly DatabaseGrant[] {
  if (grants !== null) return grants;
  return [
    { grantee: null, grantor: owner, privileges: ['TEMPORARY', 'CONNECT'], grantable: [] },
    { grantee: owner, grantor: owner, privileges: ['CREATE', 'TEMPORARY', 'CONNECT'], grantable: [] },
  ];
}
