import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ConnectionParams } from '@app/domain';
import { MysqlDriver } from '@app/drivers';
import { installedMariadb } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { startTestServer, testedServer } from '../../support/given-engine.js';
import { runSql } from '../../support/run-sql.js';

/** Oracle's MySQL where only MariaDB's client is installed, as Debian has it. */

jest.setTimeout(180_000);

const never = new AbortController().signal;

/** The columns of each table after `id`, and what fills it where a row of NULL and defaults says too little. */
const WRITTEN: readonly (readonly [table: string, columns: string, insert?: string])[] = [
  ['stamps', 't timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP'],
  ['expressions', 'j json DEFAULT (JSON_ARRAY()), u char(36) DEFAULT (uuid()), d int DEFAULT (1 + 2)'],
  ['invisible', 'a int, b int INVISIBLE DEFAULT 5', 'INSERT INTO invisible (id, b) VALUES (1, 7)'],
  ['places', 'g point NOT NULL SRID 4326', `INSERT INTO places VALUES (1, ST_GeomFromText('POINT(1 2)', 4326))`],
  ['functional', 'a varchar(20), KEY f ((upper(a))), KEY d (a DESC), KEY i (a) INVISIBLE'],
  ['multivalued', 'j json, KEY m ((CAST(j->"$" AS UNSIGNED ARRAY)))', `INSERT INTO multivalued VALUES (1, '[1,2]')`],
  ['bytes', 'b bit(9), bl blob, vb varbinary(9)', `INSERT INTO bytes VALUES (1, b'101', 0x00ff27, 0x5c00)`],
  ['checked', 'a int CHECK (a > 0) NOT ENFORCED'],
];

describe('25: a MySQL server and the client of MariaDB', () => {
  let server: SandboxServer;
  let runtimeDir: string;
  let driver: MysqlDriver;
  let tools: { mysqldump_path: string; mysql_path: string };

  beforeAll(async () => {
    const [mariadb] = await installedMariadb();
    const tool = (name: string): string => join(mariadb?.home ?? '/usr', 'bin', name);
    tools = { mysqldump_path: tool('mariadb-dump'), mysql_path: tool('mariadb') };
    server = await startTestServer('MySQL', {});
    runtimeDir = await mkdtemp(join(tmpdir(), 'other-client-'));
    driver = new MysqlDriver({ runtimeDir, lockTimeoutMs: 5_000 });
  });
  afterAll(async () => {
    await server?.stop();
    await rm(runtimeDir, { recursive: true, force: true });
  });

  async function made(database: string, ...statements: string[]): Promise<ConnectionParams> {
    await runSql(server.connection('mysql'), [`CREATE DATABASE \`${database}\``]);
    await runSql(server.connection(database), statements);
    return server.connection(database);
  }
  const planOf = (connection: ConnectionParams) =>
    driver.prepareDump({ connection, format: 'plain', tools, census: 'content' });
  const definition = async (connection: ConnectionParams, table: string): Promise<unknown> =>
    (await runSql(connection, [`SHOW CREATE TABLE ${table}`]))[0]?.['Create Table'];

  it('are tested with the other client', () => {
    expect(testedServer()?.flavour).toBe('MySQL');
    expect(tools.mysqldump_path).toContain('mariadb-dump');
  });

  it('give a dump that holds defaults by expression, invisible columns and all kinds of keys', async () => {
    const shop = await made(
      'shop',
      ...WRITTEN.flatMap(([table, columns, insert = `INSERT INTO ${table} (id) VALUES (1)`]) => [
        `CREATE TABLE ${table} (id int PRIMARY KEY, ${columns})`,
        insert,
      ]),
    );
    const plan = await planOf(shop);
    expect([plan.tool.flavour, plan.warnings]).toEqual(['MariaDB', [expect.stringContaining("MariaDB's client")]]);
    const dump = await driver.startDump(plan, never);
    const bytes = await buffer(dump.output);
    await dump.completed;
    const copy = await made('copy');
    const request = { connection: copy, format: 'plain', tools, skipOwnership: false, staged: true } as const;
    await driver.load(
      await driver.prepareLoad(request),
      { format: 'plain', own: true, open: () => Readable.from([bytes]) },
      { signal: never, beforeCommit: async () => undefined },
    );
    const { rows, checksums } = await driver.census(copy, never, 'content');
    expect(Object.keys(rows)).toHaveLength(WRITTEN.length);
    expect(checksums?.tables).toEqual((await dump.census)?.checksums?.tables);
    for (const [table] of WRITTEN) expect(await definition(copy, table)).toBe(await definition(shop, table));
  });

  it.each([
    ['generated columns', 'g', 'a int, b int AS (a * 2) STORED', 'generated columns'],
    ['generated columns that are not stored', 'v', 'a int, b int AS (a * 2) VIRTUAL', 'generated columns'],
    ['a type that it would write as text', 'vec', 'v vector(3)', 'vec.v (vector)'],
  ])('are refused, with what to install, for %s', async (_what, table, columns, words) => {
    const shop = await made(`with_${table}`, `CREATE TABLE ${table} (id int PRIMARY KEY, ${columns})`);
    await expect(planOf(shop)).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      message: expect.stringContaining(`would not dump ${words} of`) as string,
      hint: 'Install mysqldump of MySQL, or set mysqldump_path to it.',
    });
  });

  it('71: hold members and defaults that the server shows as question marks', async () => {
    const shop = await made(
      'emoji',
      `CREATE TABLE e (id int PRIMARY KEY, e enum('a', '😀'), d varchar(9) DEFAULT '😀', plain varchar(9) DEFAULT 'x')`,
    );
    const dump = await driver.startDump(await planOf(shop), never);
    const bytes = await buffer(dump.output);
    await dump.completed;
    expect(bytes.toString('utf8')).toMatch(
      /`e` enum\('a','😀'\) DEFAULT NULL,\n  `d` varchar\(9\) DEFAULT 0xF09F9880,/,
    );
  });

  it('74: are refused for libraries, which only its own client dumps', async () => {
    const shop = await made('library', 'CREATE LIBRARY l LANGUAGE JAVASCRIPT AS $$ export const one = 1; $$');
    await expect(planOf(shop)).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      message: expect.stringContaining('would not dump libraries of') as string,
    });
    const own = await driver.prepareDump({ connection: shop, format: 'plain', tools: {}, census: 'content' });
    expect(own.objects).toMatchObject({ libraries: 1 });
  });

  it.each(['shop', 'odd-shop'])(
    'find foreign keys from databases that an account may not see, with PROCESS alone: %s',
    async (of) => {
      const name = `own_${of}`;
      await made(name, 'CREATE TABLE t (id int PRIMARY KEY)');
      await made(
        `other_${of}`,
        `CREATE TABLE child (t int, CONSTRAINT hidden FOREIGN KEY (t) REFERENCES \`${name}\`.t (id))`,
      );
      await runSql(server.connection('mysql'), [
        `CREATE USER 'for_${of}'@'%' IDENTIFIED BY 'pw'`,
        `GRANT PROCESS ON *.* TO 'for_${of}'@'%'`,
        ...[name, `${name}\\_\\_%`].map((pattern) => `GRANT ALL ON \`${pattern}\`.* TO 'for_${of}'@'%'`),
      ]);
      const connection = { ...server.connection(name), username: `for_${of}`, password: 'pw' };
      const plan = await driver.prepareLoad({ connection, format: 'plain', tools, skipOwnership: false });
      const { blockers } = await driver.swap.examine(plan);
      expect(blockers).toEqual([expect.stringContaining(`refer to tables of "${name}": `)]);
      expect(blockers[0]).toContain('.hidden.');
    },
  );
});
