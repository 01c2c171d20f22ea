import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ConnectionParams } from '@app/domain';
import { MysqlDriver } from '@app/drivers';
import type { DumpSource, LoadResult } from '@app/drivers';
import type { SandboxServer } from '@app/sandbox';
import { isFull, startTestServer } from './support/given-engine.js';
import { hostileDumps, mutations } from './support/hostile-dumps.js';
import { runSql } from './support/run-sql.js';

/** What a dump of somebody else may do to a server of MySQL or MariaDB, each version with its own client (ADR 38). */

jest.setTimeout(900_000);

const never = new AbortController().signal;
/** Mutated statements: some hundreds, and 20,000 by `FUZZ=20000`. */
const MUTATIONS = Number(process.env['FUZZ'] ?? (isFull ? 2_000 : globalThis.ENGINE === undefined ? 240 : 60));
const SEED = Number(process.env['SEED'] ?? 17);
let server: SandboxServer;
let runtimeDir: string;
let files: string;
let driver: MysqlDriver;
let mariadb: boolean;
let number = 0;

beforeAll(async () => {
  server = await startTestServer('MySQL', { settings: { 'log-bin': 'binlog', 'server-id': '1' } });
  runtimeDir = await mkdtemp(join(tmpdir(), 'mysql-foreign-'));
  files = await mkdtemp(join(tmpdir(), 'mysql-files-'));
  driver = new MysqlDriver({ runtimeDir, largeTableBytes: 64 });
  mariadb = (await driver.probe(server.connection('mysql'))).flavour === 'MariaDB';
  const password = `IDENTIFIED BY 'old'`;
  await runSql(server.connection('mysql'), [
    ...['CREATE DATABASE shop CHARACTER SET utf8mb4', 'CREATE DATABASE other', 'CREATE DATABASE victim'],
    ...[`CREATE USER app@'%' ${password}`, 'GRANT SELECT ON shop.* TO app@`%`'],
    // May do everything but make accounts.
    `CREATE USER mighty@'%' ${password}`,
    'GRANT ALL ON *.* TO mighty@`%`',
    'REVOKE CREATE USER ON *.* FROM mighty@`%`',
    ...(mariadb ? [] : ['REVOKE ROLE_ADMIN ON *.* FROM mighty@`%`']),
  ]);
  for (const database of ['shop', 'other', 'victim']) {
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
});
afterAll(async () => {
  await server?.stop();
  for (const folder of [runtimeDir, files]) await rm(folder, { recursive: true, force: true });
});

const root = (database: string): ConnectionParams => server.connection(database);
const mighty = (database: string): ConnectionParams => ({ ...root(database), username: 'mighty', password: 'old' });

const HEADER = `-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n--\n-- Host: localhost    Database: source\n`;
const SETTINGS = [
  '/*!50503 SET NAMES utf8mb4 */;',
  '/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;',
  '/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;',
  `/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;\n`,
].join('\n');
const TABLE =
  'CREATE TABLE `t` (\n  `id` int NOT NULL,\n  `a` int DEFAULT NULL,\n  PRIMARY KEY (`id`),\n  KEY `k` (`a`)\n);\nINSERT INTO `t` VALUES (1,1),(2,2),(3,3),(4,4),(5,5),(6,6),(7,7),(8,8);\n';
const script = (text: string): DumpSource => ({
  ...{ format: 'plain', own: false },
  open: () => Readable.from([Buffer.from(`${HEADER}${SETTINGS}${TABLE}${text}\n-- Dump completed\n`, 'latin1')]),
});

/** Everything on the server that is none of the dump's. */
async function elsewhere(): Promise<Record<string, string>> {
  const all = async (sql: string) => runSql(root('mysql'), [sql]);
  const ours = `('information_schema','performance_schema','mysql','sys') AND S NOT LIKE '%\\_\\_restore\\_%' AND S NOT LIKE 'target%'`;
  const inSchemas = (columns: string, table: string, schema: string): Promise<unknown> =>
    all(
      `SELECT ${columns} FROM information_schema.${table} WHERE ${schema} NOT IN ${ours.replaceAll('S NOT', `${schema} NOT`)} ORDER BY 1, 2`,
    );
  const sums = ['shop', 'other', 'victim'].flatMap((name) =>
    ['orders', 't', 'victim'].map((table) => `${name}.${table}`),
  );
  const users = mariadb
    ? 'SELECT User, Host, JSON_REMOVE(Priv, "$.password_last_changed") AS p FROM mysql.global_priv'
    : 'SELECT * FROM mysql.user';
  const variables = (await all('SHOW GLOBAL VARIABLES')) as { Variable_name: string }[];
  const found = {
    schemas: await inSchemas('SCHEMA_NAME, DEFAULT_COLLATION_NAME', 'SCHEMATA', 'SCHEMA_NAME'),
    tables: await inSchemas('TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ENGINE', 'TABLES', 'TABLE_SCHEMA'),
    columns: await inSchemas(
      `CONCAT(TABLE_SCHEMA, '.', TABLE_NAME), ORDINAL_POSITION, COLUMN_NAME, COLUMN_TYPE`,
      'COLUMNS',
      'TABLE_SCHEMA',
    ),
    triggers: await inSchemas(
      'CONCAT(TRIGGER_SCHEMA, TRIGGER_NAME), ACTION_STATEMENT, DEFINER',
      'TRIGGERS',
      'TRIGGER_SCHEMA',
    ),
    routines: await inSchemas(
      'ROUTINE_SCHEMA, ROUTINE_NAME, ROUTINE_DEFINITION, DEFINER',
      'ROUTINES',
      'ROUTINE_SCHEMA',
    ),
    events: await inSchemas('EVENT_SCHEMA, EVENT_NAME, STATUS, EVENT_DEFINITION', 'EVENTS', 'EVENT_SCHEMA'),
    views: await inSchemas('TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION', 'VIEWS', 'TABLE_SCHEMA'),
    sums: await all(`CHECKSUM TABLE ${sums.join(', ')}`).catch((error: unknown) => String(error)),
    users: await all(users),
    rights: [await all('SELECT * FROM mysql.db ORDER BY Host, Db, User'), await all('SELECT * FROM mysql.tables_priv')],
    servers: [
      await all('SELECT * FROM mysql.servers'),
      await all('SELECT * FROM mysql.func'),
      await all('SELECT name FROM mysql.plugin'),
    ],
    variables: variables.filter(
      ({ Variable_name: name }) => !/gtid|timestamp|binlog_pos|^(innodb_.*_now|server_uid)/i.test(name),
    ),
    files: await readdir(files),
  };
  return Object.fromEntries(Object.entries(found).map(([what, rows]) => [what, JSON.stringify(rows, undefined, 1)]));
}

type Way = 'beside' | 'in place' | 'without an account';

async function attempt(way: Way, text: string): Promise<LoadResult | Error> {
  const source = script(text.replaceAll('$FILE', join(files, `${(number += 1)}`)));
  const as = way === 'without an account' ? mighty : root;
  const database = way === 'in place' ? 'target' : driver.swap.copyName('shop', 'restore', `${(number += 1)}x`);
  try {
    if (way === 'in place')
      await runSql(root('mysql'), ['DROP DATABASE IF EXISTS target', 'CREATE DATABASE target CHARACTER SET utf8mb4']);
    else await driver.swap.createCopy(as('shop'), database);
    const request = { connection: as(database), format: 'plain', tools: {}, skipOwnership: false } as const;
    const plan = await driver.prepareLoad({ ...request, aside: way !== 'in place', strict: true });
    return await driver.load(plan, source, { signal: never, beforeCommit: () => Promise.resolve() });
  } catch (error) {
    return error as Error;
  } finally {
    if (way === 'in place') await driver.dropDatabase(root('mysql'), 'target').catch(() => undefined);
    else await driver.swap.dropCopy(root('shop'), database);
  }
}

const LOOK_AFTER = 15;

/** Looks at the rest of the server after some of them: the answer names those since the last look. */
async function watched(
  texts: Iterable<string>,
  before: Record<string, string>,
  act: (text: string) => Promise<unknown>,
): Promise<void> {
  let since: string[] = [];
  for (const text of texts) {
    since.push(text);
    await act(text);
    if (since.length < LOOK_AFTER) continue;
    expect({ since, ...(await elsewhere()) }).toEqual({ since, ...before });
    since = [];
  }
  expect({ since, ...(await elsewhere()) }).toEqual({ since, ...before });
}

const WAYS: readonly Way[] = ['beside', 'in place', 'without an account'];

describe('17.2: a foreign dump', () => {
  it.each(WAYS)('that is hostile changes nothing elsewhere, and fails with the statement named: %s', async (way) => {
    const before = await elsewhere();
    const passed: string[] = [];
    const all = hostileDumps(mariadb);
    const some =
      way === 'beside' || isFull || globalThis.ENGINE === undefined ? all : all.filter((_, at) => at % 4 === 0);
    await watched(some, before, async (text) => {
      const outcome = await attempt(way, text);
      const { code = 'none' } = outcome as { code?: string };
      if (!(outcome instanceof Error) || !/^(BACKUP_UNSAFE|RESTORE_FAILED)$/.test(code))
        passed.push(`${code}: ${text}`);
    });
    expect(passed).toEqual([]);
  });

  it.each(WAYS)('of some hundred mutated statements changes nothing elsewhere: %s', async (way) => {
    const before = await elsewhere();
    const count = Math.ceil(MUTATIONS / WAYS.length);
    await watched(mutations(SEED + WAYS.indexOf(way), count), before, (text) => attempt(way, text));
  });

  it('is loaded by an account that is gone afterwards, and gives what it makes to whom the dump names', async () => {
    const text = [
      'SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;\nSET @@SESSION.SQL_LOG_BIN= 0;',
      `SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '2174b383-5441-11e8-b90a-c80aa9429562:1-1029';`,
      'DELIMITER ;;',
      '/*!50003 CREATE*/ /*!50017 DEFINER=`app`@`%`*/ /*!50003 TRIGGER one BEFORE INSERT ON t FOR EACH ROW SET @a = 1 */;;',
      '/*!50003 CREATE*/ /*!50017 DEFINER=`app`@`%`*/ /*!50003 TRIGGER two BEFORE INSERT ON t FOR EACH ROW SET @a = 2 */;;',
      'CREATE DEFINER=`app`@`%` FUNCTION `g`() RETURNS int DETERMINISTIC NO SQL RETURN 7 ;;',
      'CREATE DEFINER=`app`@`%` PROCEDURE `q`() SELECT 1 ;;',
      'CREATE PROCEDURE `mine`() SELECT 1 ;;',
      'DELIMITER ;',
      '/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`app`@`%` SQL SECURITY DEFINER */\n/*!50001 VIEW `w` AS select `t`.`id` AS `id` from `t` */;',
      'SET @@SESSION.SQL_LOG_BIN = @MYSQLDUMP_TEMP_LOG_BIN;',
    ].join('\n');
    const name = driver.swap.copyName('shop', 'restore', 'given');
    await driver.swap.createCopy(root('shop'), name);
    const request = { connection: root(name), format: 'plain', tools: {}, skipOwnership: false, aside: true } as const;
    const plan = await driver.prepareLoad({ ...request, strict: true });
    const { warnings } = await driver.load(plan, script(text), {
      signal: never,
      beforeCommit: () => Promise.resolve(),
    });
    expect(warnings.join('\n')).toMatch(/Left out of the foreign dump.*SET SQL_LOG_BIN, SET GTID_PURGED/);
    // Its rights are on "shop", which the staging database becomes.
    expect(warnings.join('\n')).not.toMatch(/app@%/);
    const found = await runSql(root(name), [
      `SELECT CONCAT(TRIGGER_NAME, ' ', ACTION_ORDER, ' ', DEFINER) AS x FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()
       UNION SELECT CONCAT(ROUTINE_NAME, ' ', IF(DEFINER = CURRENT_USER(), 'connection', DEFINER)) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()
       UNION SELECT CONCAT(TABLE_NAME, ' ', DEFINER) FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1`,
    ]);
    expect(found.map(({ x }) => x)).toEqual([
      'g app@%',
      'mine connection',
      'one 1 app@%',
      'q app@%',
      'two 2 app@%',
      'w app@%',
    ]);
    expect(await runSql(root('mysql'), [`SELECT User FROM mysql.user WHERE User LIKE 'dbs%'`])).toEqual([]);
    await driver.swap.dropCopy(root('shop'), name);
  });

  it.each([
    ['runs its events where nothing of it reaches beyond the database', 'DELETE FROM `t`', 'ENABLED'],
    ['has its events disabled where something of it does', 'DELETE FROM other.t', 'DISABLED'],
  ])('%s', async (_what, act, status) => {
    const event = `/*!50106 CREATE*/ /*!50117 DEFINER=\`root\`@\`localhost\`*/ /*!50106 EVENT \`yearly\` ON SCHEDULE EVERY 1 YEAR STARTS '2037-01-01 00:00:00' ON COMPLETION NOT PRESERVE ENABLE DO ${act} */ ;;`;
    await runSql(root('mysql'), ['DROP DATABASE IF EXISTS target', 'CREATE DATABASE target CHARACTER SET utf8mb4']);
    const plan = await driver.prepareLoad({
      connection: root('target'),
      format: 'plain',
      tools: {},
      skipOwnership: false,
    });
    const hooks = { signal: never, beforeCommit: () => Promise.resolve() };
    const { warnings } = await driver.load(
      plan,
      script(`DELIMITER ;;\n${event.replace('`root`@`localhost`', '`mighty`@`%`')}\nDELIMITER ;`),
      hooks,
    );
    const found = await runSql(root('target'), [
      `SELECT STATUS AS is_, DEFINER AS d FROM information_schema.EVENTS WHERE EVENT_SCHEMA = 'target'`,
    ]);
    expect(found).toEqual([{ is_: status, d: 'mighty@%' }]);
    expect(/Disabled, as they would run.*event yearly/.test(warnings.join())).toBe(status === 'DISABLED');
    await driver.dropDatabase(root('mysql'), 'target');
  });

  it.each(WAYS)('that the dump programs have written is loaded whole: %s', async (way) => {
    const plan = await driver.prepareDump({ connection: root('shop'), format: 'plain', tools: {} });
    const running = await driver.startDump(plan, never);
    const text = (await running.output.toArray()).join('').replace('-- Dump completed', '-- ');
    await running.completed;
    const outcome = await attempt(way, text.replaceAll('`t`', '`t1`'));
    expect(outcome).not.toBeInstanceOf(Error);
    const { warnings } = outcome as LoadResult;
    if (way === 'without an account') expect(warnings.join()).toMatch(/was judged by its text/);
    else expect(warnings.join()).not.toMatch(/judged by its text|could not be dropped/);
  });

  it('leaves an account that a crash kept to the drop of its copy, and to the next load', async () => {
    const accounts = (): Promise<unknown[]> =>
      runSql(root('mysql'), [`SELECT User FROM mysql.user WHERE User LIKE 'dbs%'`]);
    const gone = 'dbs_load_0123456789abcdef0123';
    await runSql(root('mysql'), [`CREATE USER ${gone}@'%' IDENTIFIED BY 'Xx1!Xx1!Xx1!'`]);
    await attempt('beside', 'SELECT 1;');
    expect(await accounts()).toEqual([]);
    const name = driver.swap.copyName('shop', 'restore', 'crashed');
    const kept = `dbs_load_${createHash('sha256').update(name).digest('hex').slice(0, 20)}`;
    await driver.swap.createCopy(root('shop'), name);
    await runSql(root('mysql'), [`CREATE USER ${kept}@'%' IDENTIFIED BY 'Xx1!Xx1!Xx1!'`]);
    await attempt('beside', 'SELECT 1;');
    // The load that is under way there may be another service's.
    expect(await accounts()).toEqual([{ User: kept }]);
    await driver.swap.dropCopy(root('shop'), name);
    expect(await accounts()).toEqual([]);
  });
});
