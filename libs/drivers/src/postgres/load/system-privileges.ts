/** One GRANT or REVOKE for each right that is there and should not be, or should be and is not. */
const difference = (target: string): string => `
  SELECT command FROM (
    SELECT 1 AS nr, format('%sREVOKE %s ON ${target} FROM %s CASCADE', prefix, privilege_type || part, object,
        CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END) AS command
      FROM object, LATERAL (SELECT grantee, privilege_type, is_grantable FROM aclexplode(now)
        EXCEPT SELECT grantee, privilege_type, is_grantable FROM aclexplode(wanted)) a
    UNION ALL
    SELECT 2, format('%sGRANT %s ON ${target} TO %s%s', prefix, privilege_type || part, object,
        CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END,
        CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
      FROM object, LATERAL (SELECT grantee, privilege_type, is_grantable FROM aclexplode(wanted)
        EXCEPT SELECT grantee, privilege_type, is_grantable FROM aclexplode(now)) a
  ) c ORDER BY nr`;

/** Writes the commands that bring ALTER DEFAULT PRIVILEGES back to what PostgreSQL has built in. */
export const defaultPrivilegeCommands = `
  WITH object AS (
    SELECT format('ALTER DEFAULT PRIVILEGES FOR ROLE %s ', defaclrole::regrole) AS prefix, '' AS part,
        CASE defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES'
          WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END AS object,
        defaclacl AS now,
        acldefault(CASE defaclobjtype WHEN 'S' THEN 's' ELSE defaclobjtype END, defaclrole) AS wanted
      FROM pg_default_acl WHERE defaclnamespace = 0
  ) ${difference('%s')}`;

/** pg_dump looks at no other system schema, and PostgreSQL keeps no record of what those began with. */
const SYSTEM = `'pg_catalog'::regnamespace`;

const initial = (catalog: string, oid: string, column = '0'): string =>
  `(SELECT initprivs FROM pg_init_privs i WHERE i.classoid = '${catalog}'::regclass AND i.objoid = ${oid} AND i.objsubid = ${column})`;

/**
 * Writes the commands that bring the rights on what initdb made back to what it gave them: pg_dump writes the difference, so
 * that a restore must begin without one.
 */
export const systemPrivilegeCommands = `
  WITH object AS (
    SELECT '' AS prefix, '' AS part, kind || name AS object, coalesce(now, standard) AS now, coalesce(initial, standard) AS wanted
      FROM (
        SELECT 'TABLE ' AS kind, c.oid::regclass::text AS name, relacl AS now, acldefault('r', relowner) AS standard,
            ${initial('pg_class', 'c.oid')} AS initial FROM pg_class c WHERE c.oid < 16384 AND relnamespace = ${SYSTEM} AND relkind IN ('r', 'v')
        UNION ALL
        SELECT 'ROUTINE ', p.oid::regprocedure::text, proacl, acldefault('f', proowner),
            ${initial('pg_proc', 'p.oid')} FROM pg_proc p WHERE p.oid < 16384 AND pronamespace = ${SYSTEM}
        UNION ALL
        SELECT 'TYPE ', t.oid::regtype::text, typacl, acldefault('T', typowner),
            ${initial('pg_type', 't.oid')} FROM pg_type t WHERE t.oid < 16384 AND typnamespace = ${SYSTEM}
        UNION ALL
        SELECT 'LANGUAGE ', quote_ident(lanname), lanacl, acldefault('l', lanowner),
            ${initial('pg_language', 'l.oid')} FROM pg_language l WHERE l.oid < 16384
        UNION ALL
        SELECT 'SCHEMA ', n.oid::regnamespace::text, nspacl, acldefault('n', nspowner),
            ${initial('pg_namespace', 'n.oid')} FROM pg_namespace n WHERE n.oid = ${SYSTEM}
      ) all_objects WHERE now IS DISTINCT FROM initial
    UNION ALL
    SELECT '', format(' (%I)', attname), 'TABLE ' || attrelid::regclass, coalesce(attacl, acldefault('c', 10)),
        coalesce(${initial('pg_class', 'attrelid', 'attnum')}, acldefault('c', 10))
      FROM pg_attribute JOIN pg_class c ON c.oid = attrelid AND relnamespace = ${SYSTEM}
      WHERE attrelid < 16384 AND attacl IS DISTINCT FROM ${initial('pg_class', 'attrelid', 'attnum')}
  ) ${difference('%s')}`;
