import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import type { Connection } from 'mysql2/promise';
import type { SandboxServer } from '@app/sandbox';
import { runSql } from './run-sql.js';

const DATABASES = ['shop', 'other', 'victim'];
/** What the servers themselves write into, and what each load changes for its time. */
const OF_THE_SERVER =
  /^(general_log|slow_log|innodb_.*_stats|gtid_\w+|slave_\w+|transaction_registry|.*_stats?|proc|event)$/i;
const MOVING =
  /gtid|timestamp|binlog_pos|^(innodb_.*_now|server_uid|pseudo_|last_insert|rand_seed|identity|insert_id|error_count|warning_count)/i;
const PASSWORD = `IDENTIFIED BY 'old'`;

/**
 * Three databases, accounts and all else that a server of MySQL or MariaDB has apart from the database in which a dump is loaded,
 * under watch.
 */
export class Elsewhere {
  private witness: Connection | undefined;

  private constructor(
    private readonly server: SandboxServer,
    readonly mariadb: boolean,
    /** A folder into which the server may write. */
    readonly files: string,
  ) {}

  static async on(server: SandboxServer, mariadb: boolean): Promise<Elsewhere> {
    const files = await mkdtemp(join(tmpdir(), 'mysql-files-'));
    await chmod(files, 0o777);
    const made = new Elsewhere(server, mariadb, files);
    await made.make();
    return made;
  }

  /** Also after something was changed. */
  async make(): Promise<void> {
    const { server, mariadb, files } = this;
    for (const file of await readdir(files)) await rm(join(files, file), { recursive: true, force: true });
    await runSql(server.connection('mysql'), [
      ...['shop', 'other', 'victim', 'fresh'].map((name) => `DROP DATABASE IF EXISTS ${name}`),
      ...['shop', 'other', 'victim'].map((name) => `CREATE DATABASE ${name} CHARACTER SET utf8mb4`),
      ...['app', 'mighty'].map((name) => `DROP USER IF EXISTS ${name}@'%'`),
      ...[`CREATE USER app@'%' ${PASSWORD}`, 'GRANT SELECT ON shop.* TO app@`%`'],
      // May do everything but make accounts.
      ...[`CREATE USER mighty@'%' ${PASSWORD}`, 'GRANT ALL ON *.* TO mighty@`%`'],
      'REVOKE CREATE USER ON *.* FROM mighty@`%`',
      ...(mariadb ? [] : ['REVOKE ROLE_ADMIN ON *.* FROM mighty@`%`']),
    ]);
    for (const database of DATABASES) {
      await runSql(server.connection(database), [
        'CREATE TABLE orders (id INT PRIMARY KEY, a INT)',
        'INSERT INTO orders VALUES (1, 1), (2, 2)',
        'CREATE TABLE t (id INT PRIMARY KEY, a INT)',
        'INSERT INTO t VALUES (1, 1)',
        'CREATE TABLE victim (id INT PRIMARY KEY)',
        'CREATE PROCEDURE p() SELECT 1',
        'CREATE FUNCTION f() RETURNS INT DETERMINISTIC NO SQL RETURN 1',
        'CREATE VIEW v AS SELECT id FROM t',
        'CREATE EVENT e ON SCHEDULE EVERY 1 YEAR DISABLE DO SET @a = 1',
        'CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET @a = 1',
      ]);
    }
    this.witness?.destroy();
    const { host, port } = server;
    this.witness = await createConnection({ host, port, user: 'app', password: 'old', database: 'shop' });
    this.witness.on('error', () => undefined);
    await this.witness.query(`SELECT GET_LOCK('witness', 1)`);
  }

  /** Everything on the server that is none of the dump's. */
  async look(): Promise<Record<string, string>> {
    const { host, port, username: user, password } = this.server;
    const session = await createConnection({ host, port, user, password, database: 'mysql', charset: 'utf8mb4' });
    try {
      return await this.lookBy(session);
    } finally {
      session.destroy();
    }
  }

  private async lookBy(session: Connection): Promise<Record<string, string>> {
    const all = async (sql: string): Promise<Record<string, unknown>[]> =>
      (await session.query({ sql, timeout: 60_000 }))[0] as Record<string, unknown>[];
    const ours = (schema: string): string =>
      `${schema} NOT IN ('information_schema','performance_schema','mysql','sys') AND ${schema} NOT LIKE '%\\_\\_restore\\_%' AND ${schema} NOT LIKE 'target%'`;
    const inSchemas = (columns: string, table: string, schema: string): Promise<unknown> =>
      all(`SELECT ${columns} FROM information_schema.${table} WHERE ${ours(schema)} ORDER BY 1, 2`);
    const sums = DATABASES.flatMap((name) => ['orders', 't', 'victim'].map((table) => `${name}.${table}`));
    const system = await all(`SHOW FULL TABLES FROM mysql WHERE Table_type = 'BASE TABLE'`);
    const ofTheServer = system.map((row) => String(Object.values(row)[0])).filter((name) => !OF_THE_SERVER.test(name));
    const variables = (await all('SHOW GLOBAL VARIABLES')) as { Variable_name: string }[];
    const found = {
      schemas: await inSchemas('SCHEMA_NAME, DEFAULT_COLLATION_NAME', 'SCHEMATA', 'SCHEMA_NAME'),
      tables: await inSchemas('TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ENGINE', 'TABLES', 'TABLE_SCHEMA'),
      columns: await inSchemas(
        `CONCAT(TABLE_SCHEMA, '.', TABLE_NAME), ORDINAL_POSITION, COLUMN_NAME, COLUMN_TYPE, COLUMN_KEY`,
        ...['COLUMNS', 'TABLE_SCHEMA'],
      ),
      triggers: await inSchemas(
        'CONCAT(TRIGGER_SCHEMA, TRIGGER_NAME), ACTION_STATEMENT, DEFINER',
        'TRIGGERS',
        'TRIGGER_SCHEMA',
      ),
      routines: await inSchemas(
        'CONCAT(ROUTINE_SCHEMA, ROUTINE_NAME), ROUTINE_TYPE, ROUTINE_DEFINITION, DEFINER',
        'ROUTINES',
        'ROUTINE_SCHEMA',
      ),
      events: await inSchemas(
        'EVENT_SCHEMA, EVENT_NAME, STATUS, EVENT_DEFINITION, LAST_EXECUTED',
        'EVENTS',
        'EVENT_SCHEMA',
      ),
      views: await inSchemas('TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION', 'VIEWS', 'TABLE_SCHEMA'),
      sums: await all(`CHECKSUM TABLE ${sums.join(', ')}`),
      // Accounts and their rights, servers, plugins, functions of libraries, time zones, help.
      system: await all(`CHECKSUM TABLE ${ofTheServer.map((name) => `mysql.\`${name}\``).join(', ')}`),
      programs: await all(
        `SELECT COUNT(*) AS n FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA IN ('mysql', 'sys')`,
      ),
      plugins: await all(`SELECT PLUGIN_NAME, PLUGIN_STATUS FROM information_schema.PLUGINS ORDER BY 1`),
      logs: await all('SHOW BINARY LOGS').then((logs) => logs.map((log) => log['Log_name'])),
      kept: this.mariadb ? [] : await all('SELECT * FROM performance_schema.persisted_variables'),
      variables: variables.filter(({ Variable_name: name }) => !MOVING.test(name)),
      sessions: await this.witness
        ?.query(`SELECT DATABASE() AS d, IS_USED_LOCK('witness') = CONNECTION_ID() AS l`)
        .then(([rows]) => rows)
        .catch(String),
      files: await readdir(this.files),
    };
    return Object.fromEntries(Object.entries(found).map(([what, rows]) => [what, JSON.stringify(rows, undefined, 1)]));
  }

  /** Sets what differs from then back, as far as SQL can do that. */
  async setBack(before: Record<string, string>): Promise<void> {
    const was = new Map(
      (JSON.parse(before['variables'] ?? '[]') as { Variable_name: string; Value: string }[]).map((row) => [
        ...([row.Variable_name, row.Value] as const),
      ]),
    );
    const is = await runSql(this.server.connection('mysql'), ['SHOW GLOBAL VARIABLES']);
    for (const row of is) {
      const name = String(row['Variable_name']);
      const value = was.get(name);
      if (value === undefined || value === row['Value']) continue;
      const literal = /^[\d.]+$/.test(value) ? value : `'${value.replaceAll("'", "''")}'`;
      await runSql(this.server.connection('mysql'), [`SET GLOBAL ${name} = ${literal}`]).catch(() => undefined);
    }
    await this.make();
  }

  async end(): Promise<void> {
    this.witness?.destroy();
    await rm(this.files, { recursive: true, force: true });
  }
}

/** The lines that are in one of them only. */
export function differences(before: Record<string, string>, after: Record<string, string>): string[] {
  return Object.keys(before).flatMap((what) => {
    const [old, now] = [before[what] ?? '', after[what] ?? ''].map((text) => text.split('\n'));
    const gone = old?.filter((line) => !now?.includes(line)) ?? [];
    const come = now?.filter((line) => !old?.includes(line)) ?? [];
    return gone.length + come.length === 0 && old?.length === now?.length
      ? []
      : [
          `${what}: ${gone.map((line) => `-${line.trim()}`).join(' ')} ${come.map((line) => `+${line.trim()}`).join(' ')}`,
        ];
  });
}
