import { createHash } from 'node:crypto';
import type { ConnectionParams } from '@app/domain';
import { mysqlSnapshot } from '../support/mysql-snapshot.js';
import { postgresSnapshot } from '../support/postgres-snapshot.js';
import { runSql } from '../support/run-sql.js';

/** The schemas of what restores of tables have kept for their undo; a staging one that was left would be seen. */
const KEPT_TABLES = '__before_*';

/** All that a database holds, rows of every table and the text of every object, as one hash; and the parts of it, to see a difference. */
export interface Fingerprint {
  hash: string;
  parts: Readonly<Record<string, string>>;
}

export async function fingerprintOf(connection: ConnectionParams): Promise<Fingerprint> {
  const { schema, rows } = await (connection.dbType === 'PostgreSQL'
    ? postgresSnapshot(connection, KEPT_TABLES)
    : mysqlSnapshot(connection));
  const parts = { ...rows, schema };
  const text = JSON.stringify(Object.entries(parts).toSorted(([one], [other]) => (one < other ? -1 : 1)));
  return { hash: createHash('sha256').update(text).digest('hex').slice(0, 16), parts };
}

/** What belongs to the name of a database and must stay with it, whatever takes its place. */
export async function settingsOf(connection: ConnectionParams): Promise<string> {
  const { database } = connection;
  const rows =
    connection.dbType === 'PostgreSQL'
      ? await runSql(connection, [
          `select datdba::regrole::text as owner, datacl::text, datallowconn, datconnlimit, datistemplate, pg_encoding_to_char(encoding) as encoding,
                  datcollate, datctype, shobj_description(oid, 'pg_database') as comment,
                  (select array_agg(setconfig::text || ' ' || setrole order by setrole) from pg_db_role_setting where setdatabase = d.oid) as settings
             from pg_database d where datname = '${database}'`,
        ])
      : await runSql(connection, [
          `select default_character_set_name, default_collation_name,
                  (select group_concat(grantee, ' ', privilege_type order by grantee, privilege_type)
                     from information_schema.schema_privileges where table_schema = '${database}') as privileges
             from information_schema.schemata where schema_name = '${database}'`,
        ]);
  return JSON.stringify(rows);
}

/** The parts in which they differ, each with its beginning on either side. */
export function differencesBetween(expected: Fingerprint, found: Fingerprint): string[] {
  const names = [...new Set([...Object.keys(expected.parts), ...Object.keys(found.parts)])];
  return names
    .filter((name) => expected.parts[name] !== found.parts[name])
    .map((name) => {
      const [wanted = '(none)', is = '(none)'] = [expected.parts[name], found.parts[name]];
      if (name !== 'schema') return `${name}: ${is} instead of ${wanted}`;
      const lines = new Set(wanted.split('\n'));
      const isLines = new Set(is.split('\n'));
      const gone = [...lines].filter((line) => !isLines.has(line)).map((line) => `- ${line}`);
      const come = [...isLines].filter((line) => !lines.has(line)).map((line) => `+ ${line}`);
      return `schema:\n${[...gone, ...come].slice(0, 12).join('\n')}`;
    });
}
