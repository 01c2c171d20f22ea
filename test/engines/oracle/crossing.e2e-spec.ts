import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { startMariadb } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { startApi } from '../../support/api-harness.js';
import type { ApiAnswer, RunningApi } from '../../support/api-harness.js';
import { startTestServer } from '../../support/given-engine.js';
import { runSql } from '../../support/run-sql.js';

/** Backups and dumps of MySQL on MariaDB and the reverse, through the API; MariaDB is the one that is installed. */

jest.setTimeout(300_000);

const text = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const servers: Partial<Record<'MySQL' | 'MariaDB', SandboxServer>> = {};
let api: RunningApi;

const post = (path: string, body?: unknown): Promise<ApiAnswer> => api.call('POST', path, body);
const sql = (on: 'MySQL' | 'MariaDB', database: string, ...statements: string[]): Promise<Record<string, unknown>[]> =>
  runSql((servers[on] as SandboxServer).connection(database), statements);
const connect = async (to: 'MySQL' | 'MariaDB', database: string): Promise<void> => {
  const { host, port, username, password } = servers[to] as SandboxServer;
  const login = { db_type: 'MySQL', host, port: String(port), database, username, password };
  expect(await post('/api/connect', login)).toMatchObject({ status: 200 });
};
const backup = async (options: object = {}): Promise<string> => {
  const answer = await post('/api/backup', options);
  expect(answer).toMatchObject({ status: 200 });
  return (answer.body['backup'] as { path: string }).path;
};
const warningsOf = (answer: ApiAnswer): string[] =>
  ((answer.body['restore'] ?? answer.body['plan']) as { warnings: string[] }).warnings;

beforeAll(async () => {
  [servers.MySQL, servers.MariaDB, api] = await Promise.all([startTestServer('MySQL'), startMariadb(), startApi()]);
  await sql('MariaDB', 'mysql', 'CREATE DATABASE live CHARACTER SET utf8mb4');
  await sql('MariaDB', 'live', 'CREATE TABLE old (id int PRIMARY KEY)');
  await sql('MySQL', 'mysql', 'CREATE DATABASE live CHARACTER SET utf8mb4');
  await sql('MySQL', 'live', 'CREATE TABLE old (id int PRIMARY KEY)');
});
afterAll(async () => {
  await api?.close();
  await Promise.all([servers.MySQL?.stop(), servers.MariaDB?.stop()]);
});

describe('24: a backup of MySQL on MariaDB', () => {
  let path: string;
  beforeAll(async () => {
    await sql('MySQL', 'mysql', 'CREATE DATABASE shop');
    await sql(
      'MySQL',
      'shop',
      'CREATE TABLE inv (id int PRIMARY KEY, hidden int DEFAULT 3 INVISIBLE, k int, name varchar(20), KEY ik (k) INVISIBLE)',
      "INSERT INTO inv (id, hidden, k, name) VALUES (1, 2, 3, 'a'), (2, 4, 6, 'ä')",
      'CREATE TABLE chk (id int PRIMARY KEY, a int, CONSTRAINT pos CHECK (a > 0) NOT ENFORCED)',
      'INSERT INTO chk VALUES (1, -1)',
      'CREATE TABLE geo (id int PRIMARY KEY, p point NOT NULL SRID 4326, j json, d varchar(36) DEFAULT (uuid()))',
      `INSERT INTO geo VALUES (1, ST_GeomFromText('POINT(10 20)', 4326), '{"b": 1, "a": [1.50]}', 'x')`,
      'CREATE VIEW v AS SELECT id, name FROM inv',
      'CREATE FUNCTION f(a int) RETURNS int DETERMINISTIC RETURN a + 1',
      'CREATE TRIGGER g BEFORE INSERT ON chk FOR EACH ROW SET NEW.id = NEW.id + 0',
    );
    await connect('MySQL', 'shop');
    path = await backup();
    await connect('MariaDB', 'live');
  });

  it.each([{ target_database: 'shop_new' }, { target_database: 'live' }])(
    'is refused in the dry run and by the restore where its collations are not there: %j',
    async (target) => {
      const order = { backup_file_path: path, ...target };
      const refusal = {
        status: 422,
        body: {
          code: 'UNSUPPORTED',
          message: text(
            /^The dump of MySQL 9\.7\.\d+ names collations that MariaDB [\d.]+ does not know: utf8mb4_0900_ai_ci \(table chk, table geo, table inv(?:, the database itself)?\)\.$/,
          ),
          hint: text(
            /^Nothing was changed\. Restore with "collations": "map": utf8mb4_0900_ai_ci becomes utf8mb4_uca1400_nopad_ai_ci/,
          ),
        },
      };
      expect(await post('/api/restore', { ...order, dry_run: true })).toMatchObject(refusal);
      expect(await post('/api/restore', order)).toMatchObject(refusal);
      expect(await sql('MariaDB', 'mysql', "SHOW DATABASES LIKE 'shop_new'")).toEqual([]);
      expect(await sql('MariaDB', 'live', 'SHOW TABLES')).toEqual([{ Tables_in_live: 'old' }]);
    },
  );

  it('a word that is neither keep nor map is a validation error', async () => {
    const answer = await post('/api/restore', { backup_file_path: path, collations: 'nearest' });
    expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_INPUT' } });
    expect(JSON.stringify(answer.body)).toContain('collations');
  });

  it.each([
    ['new', { target_database: 'shop_mapped' }],
    ['swap', { target_database: 'live', strategy: 'swap' }],
    ['safety_backup', { target_database: 'live', strategy: 'safety_backup' }],
  ])('is restored with mapped collations, and what is lost is named: %s', async (strategy, target) => {
    const order = { backup_file_path: path, collations: 'map', ...target };
    const dry = await post('/api/restore', { ...order, dry_run: true });
    expect(dry).toMatchObject({ status: 200 });
    const answer = await post('/api/restore', order);
    expect(answer).toMatchObject({ status: 200, body: { restore: { strategy } } });
    for (const told of [dry, answer]) {
      expect(warningsOf(told)).toEqual(
        expect.arrayContaining([
          text(/^The CHECK pos of table chk, which the source did not enforce/),
          text(/^Column p of table geo loses SRID 4326/),
          text(/^Collations were mapped: utf8mb4_0900_ai_ci to utf8mb4_uca1400_nopad_ai_ci/),
        ]),
      );
    }
    const database = target.target_database;
    expect(await sql('MariaDB', database, 'SELECT * FROM inv ORDER BY id')).toEqual([
      { id: 1, k: 3, name: 'a' },
      { id: 2, k: 6, name: 'ä' },
    ]);
    expect(await sql('MariaDB', database, 'SELECT hidden FROM inv WHERE id = 2')).toEqual([{ hidden: 4 }]);
    expect(await sql('MariaDB', database, 'SELECT a FROM chk')).toEqual([{ a: -1 }]);
    expect(await sql('MariaDB', database, 'SELECT f(1) AS f')).toEqual([{ f: 2 }]);
    expect(
      await sql(
        'MariaDB',
        database,
        `SELECT DISTINCT TABLE_COLLATION AS c FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE'`,
      ),
    ).toEqual([{ c: 'utf8mb4_uca1400_nopad_ai_ci' }]);
  });

  it('some of its tables are restored, and only what is about them is told', async () => {
    const order = { backup_file_path: path, target_database: 'live', tables: ['geo'], collations: 'map' };
    const answer = await post('/api/restore', order);
    expect(answer).toMatchObject({ status: 200 });
    expect(warningsOf(answer).join(' ')).toMatch(/Column p of table geo loses SRID 4326/);
    expect(warningsOf(answer).join(' ')).not.toMatch(/chk/);
  });

  it('is told of what MariaDB lacks before anything is loaded', async () => {
    await sql(
      'MySQL',
      'shop',
      'CREATE TABLE vec (id int PRIMARY KEY, v VECTOR(2), a varchar(9), KEY low ((lower(a))))',
      `CREATE JSON RELATIONAL DUALITY VIEW dual_inv AS SELECT JSON_DUALITY_OBJECT('_id': id, 'name': name) FROM inv`,
      'CREATE LIBRARY lib LANGUAGE JAVASCRIPT AS $$ export function f(n) { return n; } $$',
    );
    await connect('MySQL', 'shop');
    const all = await backup();
    await connect('MariaDB', 'live');
    const order = { backup_file_path: all, target_database: 'live', collations: 'map' };
    for (const dryRun of [true, false]) {
      expect(await post('/api/restore', { ...order, dry_run: dryRun })).toMatchObject({
        status: 422,
        body: {
          code: 'UNSUPPORTED',
          message: text(
            /^The dump of MySQL 9\.7\.\d+ holds what MariaDB [\d.]+ does not have: column v of table vec of type VECTOR; functional index low of table vec; library lib; JSON duality view dual_inv\.$/,
          ),
        },
      });
    }
    expect(await post('/api/restore', { ...order, tables: ['inv'] })).toMatchObject({ status: 200 });
  });
});

describe('24: a backup of MariaDB on MySQL', () => {
  let path: string;
  beforeAll(async () => {
    await sql('MariaDB', 'mysql', 'CREATE DATABASE depot CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_ai_ci');
    await sql(
      'MariaDB',
      'depot',
      `CREATE TABLE inv (id int PRIMARY KEY, hidden int INVISIBLE DEFAULT 3, k int, d varchar(36) DEFAULT uuid(), t text DEFAULT 'x',
        at datetime DEFAULT current_timestamp() ON UPDATE current_timestamp(), s varchar(9) DEFAULT concat('a', 'b') COMMENT 'DEFAULT c', KEY ik (k) IGNORED)`,
      "INSERT INTO inv (id, hidden, k, d, t, s) VALUES (1, 2, 3, 'd', 'tt', 's')",
      'CREATE TABLE chk (id int PRIMARY KEY, a int CHECK (a > 0), j json, CONSTRAINT pos CHECK (a > 0))',
      'CREATE TABLE chk2 (id int PRIMARY KEY, a int, CONSTRAINT pos CHECK (a > 1))',
      'CREATE TABLE comp (id int PRIMARY KEY, c text COMPRESSED, p varchar(9)) PAGE_COMPRESSED=1',
      'CREATE TABLE aria (id int PRIMARY KEY) ENGINE=Aria TRANSACTIONAL=1 ROW_FORMAT=PAGE',
      "INSERT INTO comp VALUES (1, 'long', 'p')",
      'CREATE VIEW v AS SELECT id, k FROM inv',
      'CREATE FUNCTION f(a int) RETURNS int DETERMINISTIC RETURN a + 1',
      'CREATE TRIGGER g BEFORE INSERT ON chk FOR EACH ROW SET NEW.id = NEW.id + 0',
    );
    await connect('MariaDB', 'depot');
    path = await backup();
    await connect('MySQL', 'live');
  });

  it('is refused where its collations are not there', async () => {
    const order = { backup_file_path: path, target_database: 'depot_new' };
    for (const dryRun of [true, false]) {
      expect(await post('/api/restore', { ...order, dry_run: dryRun })).toMatchObject({
        status: 422,
        body: { code: 'UNSUPPORTED', hint: text(/utf8mb4_uca1400_ai_ci becomes utf8mb4_0900_ai_ci/) },
      });
    }
  });

  it.each([
    ['new', { target_database: 'depot_mapped' }],
    ['swap', { target_database: 'live', strategy: 'swap' }],
    ['safety_backup', { target_database: 'live', strategy: 'safety_backup' }],
  ])('is restored in the words of MySQL, and what is lost is named: %s', async (strategy, target) => {
    const order = { backup_file_path: path, collations: 'map', ...target };
    const dry = await post('/api/restore', { ...order, dry_run: true });
    expect(dry).toMatchObject({ status: 200 });
    const answer = await post('/api/restore', order);
    expect(answer).toMatchObject({ status: 200, body: { restore: { strategy } } });
    for (const told of [dry, answer]) {
      expect(warningsOf(told)).toEqual(
        expect.arrayContaining([
          text(/^Column c of table comp loses COMPRESSED/),
          text(/^Table comp loses PAGE_COMPRESSED=1/),
          text(/^Table aria has the storage engine Aria, which MySQL .* lacks/),
          text(/^Table aria loses ROW_FORMAT=PAGE/),
          text(/^The CHECK pos of table chk2 gets another name/),
          text(/^Collations were mapped: .*utf8mb4_uca1400_ai_ci to utf8mb4_0900_ai_ci/),
        ]),
      );
    }
    const database = target.target_database;
    expect(await sql('MySQL', database, 'SELECT id, hidden, k, d, t, s FROM inv')).toEqual([
      { id: 1, hidden: 2, k: 3, d: 'd', t: 'tt', s: 's' },
    ]);
    await sql('MySQL', database, 'INSERT INTO inv (id) VALUES (9)');
    expect(await sql('MySQL', database, 'SELECT hidden, t, s, LENGTH(d) AS l FROM inv WHERE id = 9')).toEqual([
      { hidden: 3, t: 'x', s: 'ab', l: 36 },
    ]);
    expect(await sql('MySQL', database, 'SELECT COUNT(*) AS n, f(1) AS f FROM v')).toEqual([{ n: 2, f: 2 }]);
    expect(
      await sql(
        'MySQL',
        database,
        `SELECT IS_VISIBLE AS visible FROM information_schema.STATISTICS WHERE INDEX_NAME = 'ik' AND TABLE_SCHEMA = DATABASE()`,
      ),
    ).toEqual([{ visible: 'NO' }]);
    await expect(sql('MySQL', database, 'INSERT INTO chk2 VALUES (1, 1)')).rejects.toThrow(/chk2_chk_1/);
    await sql('MySQL', database, 'DELETE FROM inv WHERE id = 9');
  });

  it('is told of what MySQL lacks before anything is loaded', async () => {
    await sql(
      'MariaDB',
      'depot',
      'CREATE SEQUENCE sq',
      'CREATE TABLE drawn (id bigint DEFAULT nextval(sq))',
      'CREATE TABLE ids (u uuid, i inet6)',
      'CREATE TABLE history (id int) WITH SYSTEM VERSIONING',
      'CREATE TABLE long_unique (t text, UNIQUE (t))',
      'CREATE TABLE computed (a int, g int AS (a + 1) STORED, v int AS (a + 2) VIRTUAL)',
      'INSERT INTO computed (a) VALUES (1)',
      'CREATE TABLE listed (a int) PARTITION BY LIST (a) (PARTITION p VALUES IN (1), PARTITION others DEFAULT)',
      `SET sql_mode = 'ORACLE'`,
    );
    await runSql((servers.MariaDB as SandboxServer).connection('depot'), [
      `SET sql_mode = 'ORACLE'`,
      'CREATE PACKAGE pk AS FUNCTION f RETURN int; END',
    ]);
    await connect('MariaDB', 'depot');
    const all = await backup();
    await connect('MySQL', 'live');
    const order = { backup_file_path: all, target_database: 'live', collations: 'map' };
    for (const dryRun of [true, false]) {
      const answer = await post('/api/restore', { ...order, dry_run: dryRun });
      expect(answer).toMatchObject({ status: 422, body: { code: 'UNSUPPORTED' } });
      for (const name of [
        /sequence sq/,
        /column id of table drawn, whose default draws from a sequence/,
        /column u of table ids of type UUID/,
        /column i of table ids of type INET6/,
        /system versioning of table history/,
        /unique index t of table long_unique/,
        /values of the generated column g in the rows of table computed/,
        /partition for all other values \(DEFAULT\) of table listed/,
        /package pk/,
      ]) {
        expect(answer.body['message']).toMatch(name);
      }
    }
  });
});

describe('24: a foreign dump of the other product', () => {
  const OF_MYSQL =
    '-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n-- Host: h    Database: shop\n-- Server version\t8.0.36\n';
  const OF_MARIADB =
    '-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB, for Linux\n-- Host: h    Database: shop\n-- Server version\t10.11.6-MariaDB\n';
  const place = async (name: string, content: string | Buffer): Promise<string> => {
    const folder = join(api.workingDirectory, 'backups');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, name), content);
    return `./backups/${name}`;
  };

  it.each([
    ['plain', (script: string) => Buffer.from(script)],
    ['gzip', (script: string) => gzipSync(script)],
  ])('of MySQL is restored on MariaDB: %s', async (kind, packed) => {
    const script = `${OF_MYSQL}SET @@SESSION.SQL_LOG_BIN= 0;\nCREATE TABLE \`t\` (\n  \`id\` int NOT NULL,\n  \`h\` int DEFAULT NULL /*!80023 INVISIBLE */,\n  \`p\` point DEFAULT NULL /*!80003 SRID 0 */\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;\nINSERT INTO \`t\` (\`id\`, \`h\`) VALUES (1,2);\n-- Dump completed\n`;
    const path = await place(`of-mysql-${kind}.sql${kind === 'gzip' ? '.gz' : ''}`, packed(script));
    await connect('MariaDB', 'live');
    const order = { backup_file_path: path, target_database: `foreign_${kind}`, collations: 'map' };
    const answer = await post('/api/restore', order);
    expect(answer).toMatchObject({ status: 200 });
    expect(warningsOf(answer)).toEqual(
      expect.arrayContaining([text(/^Column p of table t loses SRID 0/), text(/^Collations were mapped/)]),
    );
    expect(await sql('MariaDB', `foreign_${kind}`, 'SELECT * FROM t')).toEqual([{ id: 1, p: null }]);
  });

  it('of MySQL 5.7 is restored on a newer one, without modes of sql_mode that this has dropped', async () => {
    const script = `-- MySQL dump 10.13  Distrib 5.7.44, for Linux (x86_64)\n-- Server version\t5.7.44-log\nCREATE TABLE \`t\` (\n  \`id\` int(11) NOT NULL\n) ENGINE=InnoDB DEFAULT CHARSET=utf8;\nINSERT INTO \`t\` VALUES (1);\n/*!50003 SET sql_mode = 'STRICT_TRANS_TABLES,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION' */ ;\nDELIMITER ;;\n/*!50003 CREATE*/ /*!50017 DEFINER=\`root\`@\`127.0.0.1\`*/ /*!50003 TRIGGER \`g\` BEFORE INSERT ON \`t\` FOR EACH ROW SET NEW.id = NEW.id + 1 */;;\nDELIMITER ;\n-- Dump completed\n`;
    const path = await place('of-mysql-5.7.sql', script);
    await connect('MySQL', 'live');
    const answer = await post('/api/restore', { backup_file_path: path, target_database: 'upgraded' });
    expect(answer).toMatchObject({ status: 200 });
    await sql('MySQL', 'upgraded', 'INSERT INTO t VALUES (1)');
    expect(await sql('MySQL', 'upgraded', 'SELECT id FROM t ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
  });

  it('of MariaDB is restored on MySQL', async () => {
    const script = `${OF_MARIADB}/*!40101 SET SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;\nCREATE TABLE \`t\` (\n  \`id\` int(11) NOT NULL,\n  \`c\` text /*!100301 COMPRESSED*/ DEFAULT 'x',\n  KEY \`k\` (\`id\`) IGNORED\n) ENGINE=Aria DEFAULT CHARSET=utf8mb4 PAGE_CHECKSUM=1;\nINSERT INTO \`t\` VALUES (1,'c');\nDELIMITER ;;\n/*!50003 SET sql_mode = 'STRICT_TRANS_TABLES,NO_AUTO_CREATE_USER,SIMULTANEOUS_ASSIGNMENT' */ ;;\nCREATE FUNCTION \`f\`() RETURNS int(11) DETERMINISTIC\nRETURN 1 ;;\nDELIMITER ;\n-- Dump completed\n`;
    const path = await place('of-mariadb.sql', script);
    await connect('MySQL', 'live');
    const answer = await post('/api/restore', { backup_file_path: path, target_database: 'foreign' });
    expect(answer).toMatchObject({ status: 200 });
    expect(warningsOf(answer)).toEqual(
      expect.arrayContaining([
        text(/^Column c of table t loses COMPRESSED/),
        text(/^Table t has the storage engine Aria/),
        text(/^The function f was written for the sql_mode SIMULTANEOUS_ASSIGNMENT, which MySQL/),
      ]),
    );
    expect(await sql('MySQL', 'foreign', 'SELECT id, c, f() AS f FROM t')).toEqual([{ id: 1, c: 'c', f: 1 }]);
  });

  it.each([
    [
      'Shift_JIS that says so',
      'SET NAMES sjis',
      [0x95, 0x5c, 0x8e, 0xa6],
      /^The dump is text in sjis \(SET NAMES sjis\)/,
    ],
    [
      'Shift_JIS that says UTF-8',
      'SET NAMES utf8mb4',
      [0x95, 0x5c, 0x8e, 0xa6],
      /^The dump is not UTF-8 text: line 9 holds bytes of what seems to be Shift_JIS/,
    ],
    [
      'latin1 that says nothing',
      'SET time_zone = "+00:00"',
      [0xc9, 0x71, 0x75],
      /^The dump is not UTF-8 text: line 9 .* latin1/,
    ],
  ])('28: in %s is named for what it is, and changes nothing', async (name, says, bytes, message) => {
    const head = `${OF_MYSQL}/*!40101 ${says} */;\nCREATE TABLE \`t\` (\n  \`a\` varchar(9) DEFAULT NULL\n) ENGINE=InnoDB;\n\n`;
    const script = Buffer.concat([
      Buffer.from(`${head}INSERT INTO \`t\` VALUES ('`),
      Buffer.from(bytes),
      Buffer.from(`'),('x');\n-- Dump completed\n`),
    ]);
    await connect('MySQL', 'live');
    const before = await sql('MySQL', 'live', 'SHOW TABLES');
    const plain = await place(`${name.replaceAll(' ', '-')}.sql`, script);
    const packed = await place(`${name.replaceAll(' ', '-')}.sql.gz`, gzipSync(script));
    for (const order of [
      { backup_file_path: plain, dry_run: true },
      { backup_file_path: plain },
      { backup_file_path: packed, target_database: 'named' },
    ]) {
      expect(await post('/api/restore', order)).toMatchObject({
        status: 422,
        body: { code: 'UNSUPPORTED', message: text(message), hint: text(/^Nothing was changed.*iconv -f/) },
      });
    }
    expect(await sql('MySQL', 'live', 'SHOW TABLES')).toEqual(before);
    expect(await sql('MySQL', 'mysql', "SHOW DATABASES LIKE 'named'")).toEqual([]);
  });

  it('28: a statement that only the other product understands is named with both products', async () => {
    const script = `${OF_MARIADB}CREATE TABLE \`t\` (\n  \`id\` int(11) NOT NULL\n) ENGINE=InnoDB;\nDELIMITER ;;\nCREATE PROCEDURE \`odd\`() FOR i IN 1..2 DO SELECT i; END FOR ;;\nDELIMITER ;\n-- Dump completed\n`;
    const path = await place('odd.sql', script);
    await connect('MySQL', 'live');
    expect(await post('/api/restore', { backup_file_path: path, target_database: 'odd' })).toMatchObject({
      status: 502,
      body: {
        code: 'RESTORE_FAILED',
        message: text(/at line 8 of the dump.*\(1064\)/),
        hint: text(/comes from MariaDB 10\.11\.6, and this server is MySQL 9\.7\.\d+.*it makes procedure odd\./),
      },
    });
  });
});
