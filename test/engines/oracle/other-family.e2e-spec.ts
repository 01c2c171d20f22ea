import { dirname, join } from 'node:path';
import type { ToolPaths } from '@app/domain';
import { enginesFolder, installedMariadb, startMariadb } from '@app/sandbox';
import type { InstalledServer, SandboxServer } from '@app/sandbox';
import { startEngine } from '../../support/core-harness.js';
import type { Engine } from '../../support/core-harness.js';
import { startTestServer, testedServer } from '../../support/given-engine.js';
import { mysqlSnapshot } from '../../support/mysql-snapshot.js';
import { runSql } from '../../support/run-sql.js';

/** Servers whose backups are made and restored by the clients of the other family, wherever these write a true dump (FAILURES 25). */

jest.setTimeout(240_000);

let engine: Engine;
let mariadb: InstalledServer | undefined;

beforeAll(async () => {
  [[mariadb], engine] = await Promise.all([installedMariadb(enginesFolder()), startEngine()]);
});
afterAll(() => engine?.stop());

const clientsIn = (folder: string, names: readonly [dump: string, client: string]): ToolPaths => ({
  mysqldump_path: join(folder, names[0]),
  mysql_path: join(folder, names[1]),
});

const TABLES = [
  `CREATE TABLE people (id int AUTO_INCREMENT PRIMARY KEY, name varchar(40) NOT NULL, mood enum('a', 'o''k', '😀') DEFAULT 'o''k', made timestamp(6) DEFAULT CURRENT_TIMESTAMP(6), UNIQUE KEY (name), CHECK (name <> ''))`,
  `INSERT INTO people (id, name, mood, made) VALUES (1, 'Zoë 🐘', '😀', '2024-03-31 01:30:00.5'), (7, 'quote '' \\\\ "x"', NULL, '2038-01-01')`,
  'CREATE TABLE orders (id int PRIMARY KEY, person int, raw varbinary(9), bits bit(9), big bigint unsigned, doc json, CONSTRAINT by_person FOREIGN KEY (person) REFERENCES people (id) ON DELETE CASCADE)',
  `INSERT INTO orders VALUES (1, 7, 0x00ff275c0a, b'101', 18446744073709551615, '{"a": "ü"}'), (2, NULL, NULL, NULL, NULL, NULL)`,
  'CREATE TABLE hidden (id int PRIMARY KEY, a int, b int DEFAULT 5 INVISIBLE)',
  'INSERT INTO hidden (id, a, b) VALUES (1, 2, 7)',
  'CREATE TABLE parts (id int NOT NULL, y int NOT NULL, PRIMARY KEY (id, y)) PARTITION BY RANGE (y) (PARTITION old VALUES LESS THAN (2000), PARTITION young VALUES LESS THAN MAXVALUE)',
  'INSERT INTO parts VALUES (1, 1999), (2, 2024)',
  'CREATE VIEW named AS SELECT id, name FROM people WHERE id < 100 WITH CHECK OPTION',
  'CREATE VIEW a_view_of_a_view AS SELECT COUNT(*) AS n FROM named',
  'CREATE FUNCTION twice(n int) RETURNS int DETERMINISTIC RETURN n * 2',
  `CREATE PROCEDURE note(IN t varchar(9)) SELECT concat(t, '; "x"')`,
  'CREATE TRIGGER shout BEFORE INSERT ON people FOR EACH ROW SET NEW.name = upper(NEW.name)',
  `CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2031-01-01' DISABLE DO DELETE FROM orders`,
  `CREATE TABLE keyed (id int PRIMARY KEY, a varchar(20), j json, d char(36) DEFAULT (uuid()), g point NOT NULL SRID 4326, KEY f ((upper(a)) DESC), KEY i (a) INVISIBLE, KEY m ((CAST(j->'$' AS UNSIGNED ARRAY))), SPATIAL KEY (g), CHECK (id > 100) NOT ENFORCED)`,
  `INSERT INTO keyed VALUES (1, 'a', '[1, 22]', 'x', ST_GeomFromText('POINT(1 2)', 4326))`,
  'SET sql_generate_invisible_primary_key = ON',
  'CREATE TABLE keyless (a int)',
  'SET sql_generate_invisible_primary_key = OFF',
  'INSERT INTO keyless VALUES (1), (1)',
  `CREATE JSON DUALITY VIEW document AS SELECT JSON_DUALITY_OBJECT('_id': id, 'name': name) FROM people`,
];

async function refusalOf(server: SandboxServer, tools: ToolPaths, ...statements: readonly string[]): Promise<unknown> {
  await runSql(server.connection('mysql'), ['DROP DATABASE IF EXISTS other', 'CREATE DATABASE other']);
  await runSql(server.connection('other'), [...TABLES.slice(0, 1), ...statements]);
  return engine.backup(server.connection('other'), { tools }).catch((error: unknown) => error);
}

const wouldNotDump = (words: string): unknown =>
  expect.objectContaining({
    code: 'TOOL_MISSING',
    message: expect.stringContaining(`would not dump ${words} of "other" rightly`) as string,
  });

describe("MySQL with MariaDB's clients", () => {
  let server: SandboxServer;
  let tools: ToolPaths;

  beforeAll(async () => {
    server = await startTestServer('MySQL');
    tools = clientsIn(join(mariadb?.home ?? '/usr', 'bin'), ['mariadb-dump', 'mariadb']);
  });
  afterAll(() => server?.stop());

  it('comes back whole by swap, in place and in a new database', async () => {
    await runSql(server.connection('mysql'), ['CREATE DATABASE shop CHARACTER SET utf8mb4']);
    const shop = server.connection('shop');
    await runSql(shop, TABLES);
    const intact = await mysqlSnapshot(shop);
    const made = await engine.backup(shop, { tools, verification: 'restored' });
    expect(made).toMatchObject({ status: 'complete', verification: { level: 'restored' } });
    expect(made.warnings.join('\n')).toContain('Install the client tools of MySQL');
    for (const strategy of ['swap', 'safety_backup'] as const) {
      await runSql(shop, ['DROP VIEW a_view_of_a_view', 'DELETE FROM orders', 'CREATE TABLE stray (x int)']);
      expect(await engine.restore(shop, made.path, { strategy, tools })).toMatchObject({ strategy });
      expect(await mysqlSnapshot(shop)).toEqual(intact);
    }
    expect(await engine.restore(shop, made.path, { targetDatabase: 'copy', tools })).toMatchObject({ created: true });
    expect(await mysqlSnapshot(server.connection('copy'))).toEqual(intact);
  });

  it.each([
    ['CREATE TABLE extra (a int, b int AS (a + 1) STORED)', 'generated columns'],
    ['CREATE TABLE extra (v vector(3))', 'extra.v (vector)'],
    ['CREATE LIBRARY extra LANGUAGE JAVASCRIPT AS $$ export const one = 1 $$', 'libraries'],
  ])('is refused before the dump for what that tool would write wrongly: %s', async (statement, words) => {
    expect(await refusalOf(server, tools, statement)).toEqual(wouldNotDump(words));
  });
});

describe("MariaDB with Oracle's clients", () => {
  let server: SandboxServer;
  let tools: ToolPaths;

  beforeAll(async () => {
    server = await startMariadb(mariadb === undefined ? {} : { installed: mariadb });
    const [mysqld = ''] = testedServer()?.programs ?? [];
    tools = clientsIn(join(dirname(mysqld), '../bin'), ['mysqldump', 'mysql']);
  });
  afterAll(() => server?.stop());

  it.each([
    ['CREATE SEQUENCE extra', 'sequences'],
    ['CREATE TABLE extra (a int) WITH SYSTEM VERSIONING', 'system-versioned tables'],
  ])('is refused before the dump for what that tool would write wrongly: %s', async (statement, words) => {
    expect(await refusalOf(server, tools, statement)).toEqual(wouldNotDump(words));
  });

  it('is told what to install, where the tool cannot log in as MariaDB’s accounts do', async () => {
    expect(await refusalOf(server, tools)).toMatchObject({
      code: 'DUMP_FAILED',
      message: expect.stringContaining('mysql_native_password') as string,
      hint: expect.stringContaining("Install MariaDB's client tools") as string,
    });
    const shop = server.connection('other');
    const made = await engine.backup(shop);
    const failure = await engine.restore(shop, made.path, { tools }).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'RESTORE_FAILED',
      hint: expect.stringContaining("Install MariaDB's client tools") as string,
    });
  });
});
