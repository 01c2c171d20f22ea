import type { MysqlSession } from './mysql-session.js';

/**
 * MySQL's `server_uuid`, and what MariaDB, which has none, can be told by: its host's name, port, files and number. A
 * machine that was cloned keeps the uuid, hence the host's name for both. The name of the database as the server
 * compares it: where it folds letter case, `Shop` and `shop` are one.
 */
export async function askIdentity(session: MysqlSession, database: string): Promise<string> {
  const rows = await session.rows<{ Variable_name: string; Value: string }>(
    `SHOW GLOBAL VARIABLES WHERE Variable_name IN
       ('server_uuid', 'hostname', 'port', 'datadir', 'server_id', 'lower_case_table_names')`,
  );
  const value = new Map(rows.map((row) => [row.Variable_name.toLowerCase(), row.Value]));
  const parts = ['server_uuid', 'hostname', 'port', 'datadir', 'server_id'].map((name) => value.get(name) ?? null);
  const folded = value.get('lower_case_table_names') !== '0';
  return JSON.stringify(['MySQL', ...parts, folded ? database.toLowerCase() : database]);
}
