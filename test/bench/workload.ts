import { readFileSync } from 'node:fs';
import type { ConnectionParams } from '@app/domain';
import { startMariadb, startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { runSql } from '../support/run-sql.js';

export type Engine = 'postgres' | 'mysql';
export const ENGINES: readonly Engine[] = ['postgres', 'mysql'];
export const DATABASE = 'bench';

/** A server as people run them, durable, with a database of about `megabytes` of SQL in it. */
export interface Workload extends AsyncDisposable {
  engine: Engine;
  server: SandboxServer;
  pid: number;
  connection: ConnectionParams;
  /** Makes a database anew, empty. */
  empty(name: string): Promise<void>;
  drop(name: string): Promise<void>;
  /** Fails unless that database holds as many rows as the original. */
  check(name: string): Promise<void>;
}

/** Bytes of SQL that a row of each table takes, about; and its share of the whole. */
const TABLES = [
  { name: 'narrow', row: { postgres: 23, mysql: 26 }, share: 0.2 },
  { name: 'wide', row: { postgres: 420, mysql: 440 }, share: 0.2 },
  { name: 'documents', row: { postgres: 520, mysql: 530 }, share: 0.2 },
  { name: 'blobs', row: { postgres: 4110, mysql: 4110 }, share: 0.15 },
  { name: 'indexed', row: { postgres: 170, mysql: 185 }, share: 0.25 },
] as const;

type Rows = Record<(typeof TABLES)[number]['name'], number>;

const WORDS = 30;

export async function startWorkload(engine: Engine, megabytes: number): Promise<Workload> {
  const rows = Object.fromEntries(
    TABLES.map(({ name, row, share }) => [name, Math.ceil((megabytes * 1e6 * share) / row[engine])]),
  ) as Rows;
  const server = await (engine === 'postgres'
    ? startPostgres({ settings: POSTGRES })
    : startMariadb({ settings: MARIADB }));
  try {
    const maintenance = server.connection(engine === 'postgres' ? 'postgres' : 'mysql');
    const sql = (...statements: string[]): Promise<Record<string, unknown>[]> => runSql(maintenance, statements);
    await sql(`CREATE DATABASE ${DATABASE}`);
    const connection = server.connection(DATABASE);
    await runSql(connection, engine === 'postgres' ? postgresTables(rows) : mysqlTables(rows));
    const drop = async (name: string): Promise<void> => {
      await sql(`DROP DATABASE IF EXISTS ${name}${engine === 'postgres' ? ' WITH (FORCE)' : ''}`);
    };
    return {
      ...{ engine, server, connection, drop },
      pid: await pidOf(engine, maintenance),
      async empty(name) {
        await drop(name);
        await sql(`CREATE DATABASE ${name}`);
      },
      async check(name) {
        for (const [table, expected] of Object.entries(rows)) {
          const [row] = await runSql(server.connection(name), [`SELECT count(*) AS n FROM ${table}`]);
          if (Number(row?.['n']) !== expected) {
            throw new Error(`${name}.${table} has ${String(row?.['n'])} rows, not ${expected}`);
          }
        }
      },
      [Symbol.asyncDispose]: () => server.stop(),
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Sandboxes are quick and forget; these are as on a machine that must not. */
const POSTGRES = {
  ...{ fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' },
  // The defaults of PostgreSQL, which write every row to the log as well.
  ...{ wal_level: 'replica', max_wal_senders: '10' },
  ...{ shared_buffers: '1GB', max_wal_size: '4GB', checkpoint_timeout: '15min' },
};
const MARIADB = {
  'innodb-buffer-pool-size': '1G',
  'innodb-log-file-size': '1G',
  'innodb-flush-method': 'fsync',
  'innodb-flush-log-at-trx-commit': '1',
  'max-allowed-packet': '64M',
};

async function pidOf(engine: Engine, maintenance: ConnectionParams): Promise<number> {
  const query =
    engine === 'postgres'
      ? `SELECT current_setting('data_directory') || '/postmaster.pid' AS f`
      : 'SELECT @@pid_file AS f';
  const [row] = await runSql(maintenance, [query]);
  return Number.parseInt(readFileSync(String(row?.['f']), 'utf8'), 10);
}

const wideColumns = (type: (n: number) => string): string =>
  Array.from({ length: WORDS }, (_, n) => `c${n} ${type(n)}`).join(', ');

function postgresTables(rows: Rows): string[] {
  const series = (count: number): string => `generate_series(1, ${count}) i`;
  const words = Array.from({ length: WORDS }, (_, n) =>
    n % 3 === 0 ? `(i * ${n + 7}) % 100003` : `substr(md5((i + ${n})::text), 1, ${8 + (n % 9)})`,
  );
  return [
    'CREATE TABLE narrow (a int, b int, c bigint)',
    `INSERT INTO narrow SELECT i, i % 1000, i::bigint * 37 FROM ${series(rows.narrow)}`,
    `CREATE TABLE wide (id int PRIMARY KEY, ${wideColumns((n) => (n % 3 === 0 ? 'int' : 'text'))})`,
    `INSERT INTO wide SELECT i, ${words.join(', ')} FROM ${series(rows.wide)}`,
    'CREATE TABLE documents (id int PRIMARY KEY, doc jsonb)',
    `INSERT INTO documents SELECT i, jsonb_build_object('id', i, 'name', md5(i::text), 'tags', jsonb_build_array(md5((i % 97)::text),
       md5((i % 1009)::text), i % 13), 'address', jsonb_build_object('street', md5((i * 3)::text), 'city', 'city ' || i % 500,
       'zip', i % 99999), 'text', repeat(md5((i % 5003)::text), 6), 'active', i % 2 = 0) FROM ${series(rows.documents)}`,
    'CREATE TABLE blobs (id int PRIMARY KEY, body bytea)',
    `INSERT INTO blobs SELECT i, (SELECT string_agg(sha512((i || '.' || k)::bytea), ''::bytea) FROM generate_series(1, 32) k) FROM ${series(rows.blobs)}`,
    `CREATE TABLE indexed (id int PRIMARY KEY, customer int, email text, status text, amount numeric(12, 2), created timestamptz, note text, code uuid)`,
    `INSERT INTO indexed SELECT i, (i::bigint * 7919) % 100003, md5(i::text) || '@example.org', (ARRAY['new', 'paid', 'sent', 'void'])[1 + i % 4],
       (i % 100000) / 100.0, timestamptz '2026-01-01' + (i % 31536000) * interval '1 second', substr(md5((i % 7)::text), 1, 20), md5((i * 11)::text)::uuid
       FROM ${series(rows.indexed)}`,
    ...['customer', 'email', 'status, created', 'amount', 'created', 'code', 'customer, status'].map(
      (columns) => `CREATE INDEX ON indexed (${columns})`,
    ),
    'ALTER TABLE wide ADD UNIQUE (id, c1)',
    'CREATE INDEX ON documents USING gin (doc jsonb_path_ops)',
    'VACUUM ANALYZE',
    'CHECKPOINT',
  ];
}

function mysqlTables(rows: Rows): string[] {
  const series = (count: number): string => `(SELECT seq AS i FROM seq_1_to_${count}) s`;
  const words = Array.from({ length: WORDS }, (_, n) =>
    n % 3 === 0 ? `(i * ${n + 7}) % 100003` : `substr(md5(i + ${n}), 1, ${8 + (n % 9)})`,
  );
  return [
    'SET unique_checks = 0, foreign_key_checks = 0',
    'CREATE TABLE narrow (a int PRIMARY KEY, b int, c bigint)',
    `INSERT INTO narrow SELECT i, i % 1000, i * 37 FROM ${series(rows.narrow)}`,
    `CREATE TABLE wide (id int PRIMARY KEY, ${wideColumns((n) => (n % 3 === 0 ? 'int' : 'varchar(40)'))}, UNIQUE KEY id_c1 (id, c1))`,
    `INSERT INTO wide SELECT i, ${words.join(', ')} FROM ${series(rows.wide)}`,
    'CREATE TABLE documents (id int PRIMARY KEY, doc json)',
    `INSERT INTO documents SELECT i, json_object('id', i, 'name', md5(i), 'tags', json_array(md5(i % 97), md5(i % 1009), i % 13),
       'address', json_object('street', md5(i * 3), 'city', concat('city ', i % 500), 'zip', i % 99999), 'text', repeat(md5(i % 5003), 6),
       'active', i % 2 = 0) FROM ${series(rows.documents)}`,
    'CREATE TABLE blobs (id int PRIMARY KEY, body blob)',
    `INSERT INTO blobs SELECT i, unhex(concat(${Array.from({ length: 32 }, (_, k) => `sha2(concat(i, '.${k}'), 512)`).join(', ')})) FROM ${series(rows.blobs)}`,
    `CREATE TABLE indexed (id int AUTO_INCREMENT PRIMARY KEY, customer int, email varchar(80), status varchar(10), amount decimal(12, 2),
       created datetime, note varchar(40), code char(36), KEY (customer), KEY (email), KEY (status, created), KEY (amount), KEY (created),
       KEY (code), KEY (customer, status))`,
    `INSERT INTO indexed SELECT i, (i * 7919) % 100003, concat(md5(i), '@example.org'), elt(1 + i % 4, 'new', 'paid', 'sent', 'void'),
       (i % 100000) / 100, timestamp '2026-01-01 00:00:00' + interval (i % 31536000) second, substr(md5(i % 7), 1, 20),
       insert(insert(insert(insert(md5(i * 11), 21, 0, '-'), 17, 0, '-'), 13, 0, '-'), 9, 0, '-') FROM ${series(rows.indexed)}`,
    `ALTER TABLE documents ADD CONSTRAINT of_indexed FOREIGN KEY (id) REFERENCES wide (id)`,
    'ANALYZE TABLE narrow, wide, documents, blobs, indexed',
  ].filter((statement) => !statement.includes('of_indexed') || rows.wide >= rows.documents);
}
