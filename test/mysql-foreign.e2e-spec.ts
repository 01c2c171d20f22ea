import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ConnectionParams } from '@app/domain';
import { MysqlDriver } from '@app/drivers';
import type { DumpSource, LoadResult } from '@app/drivers';
import type { SandboxServer } from '@app/sandbox';
import { isFull, startTestServer } from './support/given-engine.js';
import { Elsewhere } from './support/elsewhere.js';
import { hostileDumps } from './support/hostile-dumps.js';
import { ManyLoads } from './support/many-loads.js';
import { mutatedStatements } from './support/mutated-statements.js';
import { runSql } from './support/run-sql.js';

/** What a dump of somebody else may do to a server of MySQL or MariaDB, each version with its own client (ADR 38). */

jest.setTimeout(900_000);

const never = new AbortController().signal;
/** Mutated statements: some hundreds, and 20,000 by `FUZZ=20000`. */
const MUTATIONS = Number(process.env['FUZZ'] ?? (isFull ? 2_000 : globalThis.ENGINE === undefined ? 400 : 200));
const SEED = Number(process.env['SEED'] ?? 17);
let server: SandboxServer;
let runtimeDir: string;
let driver: MysqlDriver;
let mariadb: boolean;
let elsewhere: Elsewhere;
let number = 0;

beforeAll(async () => {
  const settings = { 'log-bin': 'binlog', 'server-id': '1', 'secure-file-priv': '', 'event-scheduler': 'ON' };
  server = await startTestServer('MySQL', { settings });
  runtimeDir = await mkdtemp(join(tmpdir(), 'mysql-foreign-'));
  driver = new MysqlDriver({ runtimeDir, largeTableBytes: 64 });
  mariadb = (await driver.probe(server.connection('mysql'))).flavour === 'MariaDB';
  elsewhere = await Elsewhere.on(server, mariadb);
});
afterAll(async () => {
  await elsewhere?.end();
  await server?.stop();
  await rm(runtimeDir, { recursive: true, force: true });
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

type Way = 'beside' | 'in place' | 'without an account';

const withFile = (text: string): string => text.replaceAll('$FILE', join(elsewhere.files, `${(number += 1)}`));

async function attempt(
  way: Way,
  text: string,
  look: (database: string) => Promise<void> = () => Promise.resolve(),
): Promise<LoadResult | Error> {
  const source = script(withFile(text));
  const as = way === 'without an account' ? mighty : root;
  const database = way === 'in place' ? 'target' : driver.swap.copyName('shop', 'restore', `${(number += 1)}x`);
  try {
    if (way === 'in place')
      await runSql(root('mysql'), ['DROP DATABASE IF EXISTS target', 'CREATE DATABASE target CHARACTER SET utf8mb4']);
    else await driver.swap.createStaging(as('shop'), database);
    const request = { connection: as(database), format: 'plain', tools: {}, skipOwnership: false } as const;
    const plan = await driver.prepareLoad({ ...request, staged: way !== 'in place', strict: true });
    const loaded = await driver.load(plan, source, { signal: never, beforeCommit: () => Promise.resolve() });
    await look(database);
    return loaded;
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
    expect({ since, ...(await elsewhere.look()) }).toEqual({ since, ...before });
    since = [];
  }
  expect({ since, ...(await elsewhere.look()) }).toEqual({ since, ...before });
}

const WAYS: readonly Way[] = ['beside', 'in place', 'without an account'];

describe('17.2: a foreign dump', () => {
  it.each(WAYS)('that is hostile changes nothing elsewhere, and fails with the statement named: %s', async (way) => {
    const before = await elsewhere.look();
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

  it.each([
    ['by an account of its own', 'root'],
    ['judged by its text', 'mighty'],
  ] as const)(
    'of some hundred mutated statements changes nothing elsewhere: %s',
    async (_way, who) => {
      const seed = SEED + (who === 'root' ? 0 : 1_000_000);
      const loads = new ManyLoads({ server, driver, elsewhere, as: who === 'root' ? root : mighty });
      const faults = await loads.run(mutatedStatements(seed, Math.ceil(MUTATIONS / 2), mariadb));
      process.stderr.write(`[fuzz] SEED=${SEED}, ${loads.figures}\n`);
      expect({ seed: SEED, faults }).toEqual({ seed: SEED, faults: [] });
    },
    14_400_000,
  );

  it.each(WAYS)('with executable comments between its words leaves a database that can be dropped: %s', async (way) => {
    const before = await elsewhere.look();
    const trigger = 'CREATE TRIGGER zt BEFORE/*!*/INSERT ON t FOR EACH ROW SET @a = 7';
    const outcome = await attempt(way, `DELIMITER ;;\n${trigger} ;;\nDELIMITER ;`, async (database) => {
      const found = await runSql(root(database), [
        'SELECT TRIGGER_NAME AS name FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()',
      ]);
      expect(found).toEqual([{ name: 'zt' }]);
    });
    // An account of its own may make no such trigger on a server that writes a log.
    expect(outcome instanceof Error).toBe(way !== 'without an account');
    const left = `SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'target' OR SCHEMA_NAME LIKE '%restore%'`;
    expect(await runSql(root('mysql'), [left])).toEqual([]);
    expect(await elsewhere.look()).toEqual(before);
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
    await driver.swap.createStaging(root('shop'), name);
    const request = { connection: root(name), format: 'plain', tools: {}, skipOwnership: false, staged: true } as const;
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
    await driver.swap.createStaging(root('shop'), name);
    await runSql(root('mysql'), [`CREATE USER ${kept}@'%' IDENTIFIED BY 'Xx1!Xx1!Xx1!'`]);
    await attempt('beside', 'SELECT 1;');
    // The load that is under way there may be another service's.
    expect(await accounts()).toEqual([{ User: kept }]);
    await driver.swap.dropCopy(root('shop'), name);
    expect(await accounts()).toEqual([]);
  });
});
