import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { startMariadb } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import type { AdaptationQuestion, AdaptedDump, DumpSource } from '../../db-driver.js';
import { withSession } from '../login/mysql-session.js';
import { MysqlDriver } from '../mysql-driver.js';
import { originOf } from './dump-origin.js';

/** Dumps of MySQL on MariaDB. The reverse, and backups of ours, are tried with two servers in test/mysql-elsewhere. */

jest.setTimeout(120_000);

let server: SandboxServer;
let folder: string;
let driver: MysqlDriver;

beforeAll(async () => {
  server = await startMariadb();
  folder = await mkdtemp(join(tmpdir(), 'crossing-'));
  driver = new MysqlDriver({ runtimeDir: join(folder, 'runtime') });
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const OF_MYSQL =
  '-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n--\n-- Host: h    Database: shop\n-- ------------------------------------------------------\n-- Server version\t8.0.36\n\n/*!50503 SET NAMES utf8mb4 */;\n/*!40101 SET SQL_MODE="NO_AUTO_VALUE_ON_ZERO" */;\n';
const ENGINE = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci';

const script = (body: string, header = OF_MYSQL, own = true): DumpSource => ({
  ...{ format: 'plain', own },
  open: () => Readable.from([Buffer.from(`${header}${body}\n-- Dump completed\n`)]),
});
const adapt = (source: DumpSource, question: Partial<AdaptationQuestion> = {}): Promise<AdaptedDump> =>
  driver.adaptDump(
    source,
    { connection: server.connection('mysql'), tables: null, ...question },
    new AbortController().signal,
  );
const textOf = async ({ source }: AdaptedDump): Promise<string> => (await buffer(source.open())).toString();

async function sql(database: string, ...statements: string[]): Promise<unknown[]> {
  return withSession(server.connection(database), {}, async (session) => {
    let rows: unknown[] = [];
    for (const statement of statements) rows = await session.rows(statement);
    return rows;
  });
}

/** Loads it into a database of that name, and says what the service says. */
async function restored(
  name: string,
  body: string,
  question: Partial<AdaptationQuestion> = {},
): Promise<readonly string[]> {
  await sql('mysql', `DROP DATABASE IF EXISTS ${name}`, `CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  const connection = server.connection(name);
  const { source, warnings } = await adapt(script(body), { connection, ...question });
  const plan = await driver.prepareLoad({ connection, format: 'plain', tools: {}, skipOwnership: false });
  const hooks = { signal: new AbortController().signal, beforeCommit: () => Promise.resolve() };
  await driver.load({ ...plan, isNew: true }, source, hooks);
  return warnings;
}

describe('24: a dump of MySQL for MariaDB', () => {
  it('keeps columns and keys invisible, of which MariaDB would skip the word', async () => {
    const warnings = await restored(
      'invisible',
      [
        "CREATE TABLE `inv` (\n  `id` int NOT NULL,\n  `hidden` int DEFAULT '3' /*!80023 INVISIBLE */ COMMENT 'a, b)',\n  `k` int DEFAULT NULL,",
        `  PRIMARY KEY (\`id\`),\n  KEY \`ik\` (\`k\`) /*!80000 INVISIBLE */\n) ${ENGINE};`,
        'INSERT INTO `inv` (`id`, `hidden`, `k`) VALUES (1,2,3);',
        `CREATE TABLE \`gipk\` (\n  \`my_row_id\` bigint unsigned NOT NULL AUTO_INCREMENT /*!80023 INVISIBLE */,\n  \`a\` int DEFAULT NULL,\n  PRIMARY KEY (\`my_row_id\`)\n) ${ENGINE};`,
        'INSERT INTO `gipk` (`my_row_id`, `a`) VALUES (1,1);',
      ].join('\n'),
    );
    expect(warnings).toEqual([]);
    expect(await sql('invisible', 'SELECT * FROM inv')).toEqual([{ id: 1, k: 3 }]);
    expect(await sql('invisible', 'SELECT * FROM gipk')).toEqual([{ a: 1 }]);
    expect(
      await sql(
        'invisible',
        `SELECT DISTINCT IGNORED AS i FROM information_schema.STATISTICS WHERE INDEX_NAME = 'ik' AND TABLE_SCHEMA = 'invisible'`,
      ),
    ).toEqual([{ i: 'YES' }]);
  });

  it('says which columns become visible where rows are written without names of columns', async () => {
    const warnings = await restored(
      'unnamed',
      `CREATE TABLE \`t\` (\n  \`id\` int NOT NULL,\n  \`h\` int DEFAULT NULL /*!80023 INVISIBLE */\n) ${ENGINE};\nINSERT INTO \`t\` VALUES (1,2);`,
    );
    expect(warnings).toEqual([
      expect.stringMatching(/^The column h of table t, which is invisible in the source, is visible on MariaDB/),
    ]);
    expect(await sql('unnamed', 'SELECT * FROM t')).toEqual([{ id: 1, h: 2 }]);
  });

  it('leaves out a CHECK that is not enforced, and says so', async () => {
    const warnings = await restored(
      'checks',
      `CREATE TABLE \`chk\` (\n  \`id\` int NOT NULL,\n  \`a\` int DEFAULT NULL,\n  CONSTRAINT \`kept\` CHECK ((\`id\` > 0)),\n  CONSTRAINT \`pos\` CHECK ((\`a\` > 0)) /*!80016 NOT ENFORCED */\n) ${ENGINE};\nINSERT INTO \`chk\` VALUES (1,-1);`,
    );
    expect(warnings).toEqual([
      expect.stringMatching(
        /^The CHECK pos of table chk, which the source did not enforce \(NOT ENFORCED\), was left out/,
      ),
    ]);
    await sql('checks', 'INSERT INTO chk VALUES (2,-2)');
    await expect(sql('checks', 'INSERT INTO chk VALUES (-2,-2)')).rejects.toThrow(/kept/);
  });

  it('names what is lost of tables and columns', async () => {
    const warnings = await restored(
      'lost',
      [
        `CREATE TABLE \`geo\` (\n  \`id\` int NOT NULL,\n  \`p\` point NOT NULL /*!80003 SRID 4326 */\n) ${ENGINE};`,
        `CREATE TABLE \`secret\` (\n  \`a\` int NOT NULL\n) ${ENGINE} /*!80016 ENCRYPTION='Y' */;`,
        `CREATE TABLE \`plain\` (\n  \`storage\` int NOT NULL\n) ${ENGINE} /*!80016 ENCRYPTION='N' */;`,
        `CREATE TABLE \`ndb\` (\n  \`a\` int /*!50606 COLUMN_FORMAT FIXED */ DEFAULT NULL,\n  \`b\` int /*!50606 STORAGE DISK */ DEFAULT NULL\n) ${ENGINE};`,
        `CREATE TABLE \`heat\` (\n  \`a\` int NOT NULL,\n  \`b\` varchar(9) NOT SECONDARY DEFAULT NULL\n) ${ENGINE} SECONDARY_ENGINE=rapid;`,
        `CREATE TABLE \`words\` (\n  \`a\` varchar(9) DEFAULT NULL,\n  FULLTEXT KEY \`ft\` (\`a\`) /*!50100 WITH PARSER \`ngram\` */ \n) ${ENGINE};`,
        `CREATE TABLE \`elsewhere\` (\n  \`a\` int NOT NULL\n) ENGINE=ndbcluster DEFAULT CHARSET=utf8mb4;`,
        'DELIMITER ;;\nCREATE DEFINER=`root`@`localhost` PROCEDURE `p`()\nBEGIN SELECT 1 /*!80018 + 1 */; END ;;\nDELIMITER ;',
      ].join('\n'),
    );
    expect(warnings).toEqual([
      expect.stringMatching(/^Column p of table geo loses SRID 4326: MariaDB/),
      expect.stringMatching(/^Table secret loses ENCRYPTION='Y': it is not encrypted/),
      expect.stringMatching(/^Column a of table ndb loses COLUMN_FORMAT FIXED/),
      expect.stringMatching(/^Column b of table ndb loses STORAGE DISK/),
      expect.stringMatching(/^Column b of table heat loses NOT SECONDARY/),
      expect.stringMatching(/^Table heat loses SECONDARY_ENGINE=rapid/),
      expect.stringMatching(/^Index ft of table words loses WITH PARSER ngram/),
      expect.stringMatching(/^Table elsewhere has the storage engine ndbcluster, which MariaDB .* lacks/),
      expect.stringMatching(/^The procedure p loses \+ 1, which MariaDB .* skips \(\/\*!80018\)/),
    ]);
  });

  it('gets types and options of MariaDB where it takes those of MySQL for errors', async () => {
    const warnings = await restored(
      'errors',
      [
        `CREATE TABLE \`pages\` (\n  \`a\` int DEFAULT NULL\n) ${ENGINE} COMPRESSION='zlib';`,
        `CREATE TABLE \`open\` (\n  \`a\` int DEFAULT NULL\n) /*!50100 TABLESPACE \`innodb_system\` */ ${ENGINE} COMPRESSION='NONE';`,
        `CREATE TABLE \`gen\` (\n  \`a\` int DEFAULT NULL,\n  \`g\` int GENERATED ALWAYS AS ((\`a\` + 1)) STORED NOT NULL COMMENT 'NOT NULL',\n  \`n\` int NOT NULL\n) ${ENGINE};`,
        `CREATE TABLE \`geoms\` (\n  \`geomcollection\` geomcollection DEFAULT NULL\n) ${ENGINE};`,
      ].join('\n'),
    );
    expect(warnings).toEqual([
      expect.stringMatching(/^Table pages loses COMPRESSION='zlib'/),
      expect.stringMatching(/^Table open loses TABLESPACE innodb_system/),
      expect.stringMatching(/^Column g of table gen loses NOT NULL, which MariaDB .* takes for no generated column/),
    ]);
    expect(
      await sql(
        'errors',
        `SELECT DATA_TYPE AS type FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'errors' AND TABLE_NAME = 'geoms'`,
      ),
    ).toEqual([{ type: 'geometrycollection' }]);
  });

  it('is not refused for a name that is also a word of SQL', async () => {
    const warnings = await restored(
      'words',
      [
        `CREATE TABLE t (\n  charset varchar(9) DEFAULT 'x',\n  sequence int,\n  package int COMMENT 'nextval (USING HASH)'\n) ${ENGINE};`,
        'CREATE INDEX i ON t (sequence, package);',
        'CREATE UNIQUE INDEX library ON t (charset);',
        'DELIMITER ;;\nCREATE PROCEDURE p(charset varchar(9))\nBEGIN SELECT charset FROM t; END ;;\nDELIMITER ;',
      ].join('\n'),
    );
    expect(warnings).toEqual([]);
  });

  it('with thousands of partitions is read in a moment', async () => {
    const partitions = Array.from(
      { length: 8192 },
      (_, at) => `PARTITION p${at} VALUES LESS THAN (${at}) ENGINE = InnoDB`,
    );
    const body = `CREATE TABLE \`t\` (\n  \`a\` int NOT NULL\n) ${ENGINE}\n/*!50100 PARTITION BY RANGE (\`a\`)\n(${partitions.join(',\n ')}) */;`;
    const from = performance.now();
    expect((await adapt(script(body))).warnings).toEqual([]);
    expect(performance.now() - from).toBeLessThan(10_000);
  });

  it('is cancelled while its storage is silent', async () => {
    const silent = new PassThrough();
    const cancel = new AbortController();
    const streams = [Readable.from([Buffer.from(OF_MYSQL)]), silent];
    const source: DumpSource = { format: 'plain', own: true, open: () => streams.shift() ?? silent };
    const reading = driver.adaptDump(source, { connection: server.connection('mysql'), tables: null }, cancel.signal);
    setTimeout(() => cancel.abort(), 2_000).unref();
    await expect(reading).rejects.toThrow(/abort/i);
    expect(silent.destroyed).toBe(true);
  });

  it('is refused for what MariaDB does not have, by name, before anything is loaded', async () => {
    const body = [
      `CREATE TABLE \`fun\` (\n  \`a\` varchar(9) DEFAULT NULL,\n  KEY \`f\` ((lower(\`a\`))),\n  KEY \`g\` (\`a\`(3))\n) ${ENGINE};`,
      `CREATE TABLE \`vec\` (\n  \`v\` vector(3) DEFAULT NULL\n) ${ENGINE};`,
      'DELIMITER ;;\nCREATE LIBRARY `lib`\n    LANGUAGE JAVASCRIPT\nAS $$ export function f(n) { return n; } $$ ;;\nDELIMITER ;',
      '/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */\n/*!50001 JSON RELATIONAL DUALITY VIEW `cdv` AS select 1 AS `a` */;',
    ].join('\n');
    await expect(adapt(script(body))).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(
        /^The dump of MySQL 8\.0\.36 holds what MariaDB [\d.]+ does not have: functional index f of table fun; column v of table vec of type VECTOR; library lib; JSON duality view cdv\.$/,
      ) as unknown,
      hint: expect.stringMatching(/Restore into MySQL 8\.0 or newer/) as unknown,
    });
  });

  it('is not refused for what is not among the tables that are restored', async () => {
    const body = [
      `--\n-- Table structure for table \`fun\`\n--\n\nCREATE TABLE \`fun\` (\n  \`a\` varchar(9) DEFAULT NULL,\n  KEY \`f\` ((lower(\`a\`)))\n) ${ENGINE};`,
      `--\n-- Table structure for table \`t\`\n--\n\nCREATE TABLE \`t\` (\n  \`p\` point NOT NULL /*!80003 SRID 4326 */\n) ${ENGINE};`,
    ].join('\n');
    const { warnings } = await adapt(script(body), { tables: ['t'] });
    expect(warnings).toEqual([expect.stringContaining('Column p of table t')]);
  });

  it.each([
    [
      'a dump of the same product',
      '-- MariaDB dump 10.19  Distrib 10.5.1-MariaDB, for Linux\n-- Server version\t10.5.1-MariaDB\n',
    ],
    ['an own dump of this very version', '-- Server version\t10.11.2-MariaDB-log\n'],
  ])('leaves %s as it is', async (_, header) => {
    const source = script('CREATE TABLE `t` (`p` point /*!80003 SRID 4326 */) COLLATE=utf8mb4_0900_ai_ci;', header);
    expect((await adapt(source)).source).toBe(source);
  });

  it.each([
    ['phpMyAdmin', '-- phpMyAdmin SQL Dump\n-- Server version: 8.0.31\n'],
    ['Adminer', '-- Adminer 4.8.1 MySQL 8.0.36 dump\n'],
    ['HeidiSQL', '-- Host:  127.0.0.1\n-- Server version:               8.0.30 - MySQL Community Server - GPL\n'],
    ['nobody', ''],
  ])('is known by the header of %s', async (_, header) => {
    const { warnings } = await adapt(script('CREATE TABLE `t` (`p` point /*!80003 SRID 4326 */);', header, false));
    expect(warnings).toEqual([expect.stringContaining('SRID 4326')]);
  });
});

it.each([
  ['-- Server version\t5.5.5-10.11.8-MariaDB-log', 'MariaDB', '10.11.8'],
  ['-- MySQL dump 10.13  Distrib 8.0.36, for Linux\n-- Server version\t5.5.5-11.8.2-MariaDB', 'MariaDB', '11.8.2'],
  ['-- Server version\t8.0.36-28', 'MySQL', '8.0.36'],
  ['-- Server version\t5.7.mysql_aurora.2.11.1', 'MySQL', '5.7'],
  ['-- Server version: 10.4.32-MariaDB', 'MariaDB', '10.4.32'],
  ['-- Adminer 4.8.1 MySQL 11.4.2-MariaDB dump', 'MariaDB', '11.4.2'],
  ['-- MariaDB dump 10.19-11.8.2-MariaDB, for debian-linux-gnu (x86_64)', 'MariaDB', '11.8.2'],
  ['-- MySQL dump 10.13  Distrib 9.7.4, for Linux (x86_64)', 'MySQL', '9.7.4'],
])('24: a dump says where it comes from: %s', (header, flavour, version) => {
  expect(originOf(Buffer.from(`${header}\n`))).toMatchObject({ flavour, version });
});

describe('24: collations that the server lacks', () => {
  const TABLES = [
    'CREATE TABLE `a` (\n  `x` varchar(99) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_as_cs DEFAULT NULL,\n  UNIQUE KEY `x` (`x`)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;',
    "INSERT INTO `a` VALUES ('b'),('B'),('b '),('COLLATE utf8mb4_0900_ai_ci');",
    'CREATE TABLE `b` (\n  `x` varchar(9) COLLATE utf8mb4_0900_bin DEFAULT NULL,\n  `y` varchar(9) COLLATE utf8mb4_de_pb_0900_ai_ci\n) ENGINE=InnoDB;',
    '/*!50001 SET collation_connection      = utf8mb4_0900_ai_ci */;',
  ].join('\n');

  it('are a reason to refuse, with their names, the objects and the remedy', async () => {
    await expect(adapt(script(TABLES))).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(
        /^The dump of MySQL 8\.0\.36 names collations that MariaDB [\d.]+ does not know: utf8mb4_0900_as_cs \(table a\); utf8mb4_0900_ai_ci \(table a, settings of sessions\); utf8mb4_0900_bin \(table b\); utf8mb4_de_pb_0900_ai_ci \(table b\)\.$/,
      ) as unknown,
      hint: expect.stringMatching(
        /"collations": "map".*utf8mb4_0900_ai_ci becomes utf8mb4_uca1400_nopad_ai_ci/,
      ) as unknown,
      fields: [{ field: 'collations', message: 'must be map for this server' }],
    });
  });

  it('are mapped where that is asked for, which is said', async () => {
    const warnings = await restored('mapped', TABLES, { collations: 'map' });
    expect(warnings).toEqual([
      expect.stringMatching(
        /^Collations were mapped: utf8mb4_0900_as_cs to utf8mb4_uca1400_nopad_as_cs \(table a\);.*Texts may sort.*unique key/,
      ),
    ]);
    expect(
      await sql(
        'mapped',
        `SELECT COLUMN_NAME AS c, COLLATION_NAME AS is_ FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'mapped' ORDER BY TABLE_NAME, 1`,
      ),
    ).toEqual([
      { c: 'x', is_: 'utf8mb4_uca1400_nopad_as_cs' },
      { c: 'x', is_: 'utf8mb4_nopad_bin' },
      { c: 'y', is_: 'utf8mb4_uca1400_german2_nopad_ai_ci' },
    ]);
    expect(await sql('mapped', `SELECT COUNT(*) AS n FROM a WHERE x LIKE 'COLLATE utf8mb4_0900%'`)).toEqual([{ n: 1 }]);
  });

  it('without anything like them stay a reason to refuse', async () => {
    const body = 'CREATE TABLE `ja` (`x` varchar(9) COLLATE utf8mb4_ja_0900_as_cs_ks);';
    await expect(adapt(script(body), { collations: 'map' })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('utf8mb4_ja_0900_as_cs_ks (table ja)') as unknown,
      hint: expect.stringContaining('There is nothing like utf8mb4_ja_0900_as_cs_ks there') as unknown,
    });
  });

  it('are mapped for a new database, too', async () => {
    const databaseSettings = { character_set: 'utf8mb4', collation: 'utf8mb4_0900_ai_ci' };
    await expect(adapt(script(''), { databaseSettings })).rejects.toMatchObject({
      message: expect.stringContaining('utf8mb4_0900_ai_ci (the database itself)') as unknown,
    });
    expect(await adapt(script(''), { databaseSettings, collations: 'map' })).toMatchObject({
      databaseSettings: { character_set: 'utf8mb4', collation: 'utf8mb4_uca1400_nopad_ai_ci' },
    });
  });

  it('keeps every line on its line', async () => {
    const adapted = await adapt(script(TABLES), { collations: 'map' });
    const lines = (await textOf(adapted)).split('\n');
    expect(lines.findIndex((line) => line.startsWith('INSERT'))).toBe(
      `${OF_MYSQL}${TABLES}`.split('\n').findIndex((line) => line.startsWith('INSERT')),
    );
  });
});
