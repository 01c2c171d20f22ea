import { chmod, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { runProcess, writeSecretFile } from '@app/process';
import { startMariadb } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import type { DumpSource, LoadResult } from '../../../db-driver.js';
import { missingPrerequisite } from '../missing-prerequisite.js';
import { quotedName } from '../../login/mysql-account.js';
import { withSession } from '../../login/mysql-session.js';
import type { MysqlSession } from '../../login/mysql-session.js';
import { MysqlDriver } from '../../mysql-driver.js';

jest.setTimeout(180_000);

let server: SandboxServer;
let folder: string;
let runtimeDir: string;
let number = 0;

beforeAll(async () => {
  server = await startMariadb({ settings: { 'log-bin': 'binlog', 'server-id': '1' } });
  folder = await mkdtemp(join(tmpdir(), 'side-by-side-'));
  runtimeDir = join(folder, 'runtime');
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const inDatabase = <T>(name: string, work: (session: MysqlSession) => Promise<T>): Promise<T> =>
  withSession(server.connection(name), {}, work);

async function make(name: string, ...statements: string[]): Promise<void> {
  await inDatabase('mysql', (session) => session.run(`CREATE OR REPLACE DATABASE ${name} CHARACTER SET utf8mb4`));
  await inDatabase(name, async (session) => {
    await session.run('SET foreign_key_checks = 0');
    for (const statement of statements) await session.run(statement);
  });
}

/** Options that the dump tool writes by itself, whatever it is told. */
async function dump(database: string, ...options: string[]): Promise<DumpSource> {
  const { username, password, port } = server;
  const login = `[client]\nuser=${username}\npassword=${password}\nhost=127.0.0.1\nport=${port}\nprotocol=tcp\n`;
  await using file = await writeSecretFile(folder, login);
  const result = join(folder, `${(number += 1)}.sql`);
  const args = [`--defaults-file=${file.path}`, '--default-character-set=utf8mb4', `--result-file=${result}`];
  await runProcess({ command: 'mariadb-dump', args: [...args, ...options, database], timeoutMs: 60_000 });
  return script(await readFile(result));
}

function script(text: string | Buffer, own = true, chunkBytes = 65_536): DumpSource {
  const bytes = Buffer.from(text);
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, index) =>
    bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes),
  );
  return { format: 'plain', own, open: () => Readable.from(chunks) };
}

interface Loaded extends LoadResult {
  database: string;
}

interface LoadSetup {
  workers?: number;
  largeTableBytes?: number;
  signal?: AbortSignal;
  stallMs?: number;
}

async function load(
  source: DumpSource,
  { workers = 3, largeTableBytes = 1, signal, stallMs = 60_000 }: LoadSetup = {},
): Promise<Loaded> {
  const database = `copy_${(number += 1)}`;
  await make(database);
  const driver = new MysqlDriver({ runtimeDir, loadingSessions: workers, largeTableBytes, stallMs });
  const request = {
    connection: server.connection(database),
    format: 'plain',
    tools: {},
    skipOwnership: false,
  } as const;
  const plan = await driver.prepareLoad({ ...request, staged: true });
  try {
    const hooks = { signal: signal ?? new AbortController().signal, beforeCommit: () => Promise.resolve() };
    return { database, ...(await driver.load(plan, source, hooks)) };
  } finally {
    expect(await readdir(runtimeDir)).toEqual([]);
  }
}

/** Every table as it is defined, and a checksum over its rows. */
async function contents(database: string): Promise<Record<string, unknown>> {
  return inDatabase(database, async (session) => {
    await session.run('SET SESSION system_versioning_alter_history = KEEP');
    const tables = await session.rows<{ name: string; type: string }>(
      'SELECT TABLE_NAME AS name, TABLE_TYPE AS type FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? ORDER BY 1',
      [database],
    );
    const found: Record<string, unknown> = {};
    for (const { name, type } of tables) {
      const [created] = await session.rows<object>(`SHOW CREATE TABLE ${quotedName(name)}`);
      const sums =
        type !== 'BASE TABLE' ? [] : await session.rows<object>(`CHECKSUM TABLE ${quotedName(name)} EXTENDED`);
      const [text] = Object.values(created ?? {}).slice(1);
      const [counted] = await session.rows<object>(`SELECT COUNT(*) AS count FROM ${quotedName(name)}`);
      found[name] = { text: String(text).replaceAll(`\`${database}\`.`, ''), ...counted, ...sums[0], Table: name };
    }
    const triggers = await session.rows<{ name: string }>(
      'SELECT TRIGGER_NAME AS name FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ? ORDER BY 1',
      [database],
    );
    found['triggers'] = triggers.map(({ name }) => name);
    return found;
  });
}

/** A load by one client and a parallel load give the same, and the second was parallel. */
async function expectSame(source: DumpSource, original: string): Promise<Loaded> {
  const plain = await load(source, { workers: 0 });
  const divided = await load(source);
  expect(divided.warnings).toEqual([]);
  const wanted = await contents(original);
  expect(await contents(plain.database)).toEqual(wanted);
  expect(await contents(divided.database)).toEqual(wanted);
  return divided;
}

/** How many sessions have written rows into a database, and which tables were altered: by the binary log. */
async function written(database: string): Promise<{ altered: string[] }> {
  return inDatabase('mysql', async (session) => {
    const logs = await session.rows<{ Log_name: string }>('SHOW BINARY LOGS');
    const altered: string[] = [];
    for (const { Log_name: log } of logs) {
      for (const event of await session.rows<{ Info: string }>(`SHOW BINLOG EVENTS IN '${log}'`)) {
        const text = /^use `(\w+)`; (?:set [^;]*; )?(ALTER TABLE .*)$/s.exec(event.Info);
        if (text?.[1] === database) altered.push(text[2] ?? '');
      }
    }
    return { altered };
  });
}

const rows = (table: string, count: number, values: string): string =>
  `INSERT INTO ${table} SELECT ${values} FROM seq_1_to_${count}`;

describe('A dump that is loaded in parallel', () => {
  it('gives the same as a load by one client: keys of every kind, in their order', async () => {
    await make(
      'kinds',
      'CREATE TABLE parents (id INT PRIMARY KEY AUTO_INCREMENT, code INT NOT NULL, name VARCHAR(30), UNIQUE KEY one (name), KEY by_code (code))',
      rows('parents', 500, `seq, seq * 7 % 501, CONCAT('n', seq)`),
      `CREATE TABLE children (id INT PRIMARY KEY, parent INT, code INT, sibling INT,
         KEY z_last (code, parent), KEY a_first (parent), KEY by_sibling (sibling),
         CONSTRAINT z FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE,
         CONSTRAINT to_code FOREIGN KEY (code, parent) REFERENCES later (code, parent),
         CONSTRAINT self FOREIGN KEY (sibling) REFERENCES children (id))`,
      // Points to a plain key, made later than this table, and earlier.
      'CREATE TABLE later (id INT PRIMARY KEY, code INT, parent INT, child INT, KEY pointed_to (code, parent), KEY k (child), CONSTRAINT back FOREIGN KEY (child) REFERENCES children (id))',
      'CREATE TABLE small_child (id INT PRIMARY KEY, code INT, CONSTRAINT c FOREIGN KEY (code) REFERENCES parents (code))',
      rows('later', 300, 'seq, seq, seq, seq'),
      rows('children', 300, 'seq, seq, seq, 1 + seq DIV 2'),
      'CREATE TABLE many (a INT NOT NULL, n INT NOT NULL AUTO_INCREMENT, b INT, PRIMARY KEY (a, n), KEY first (b), KEY for_counter (n), KEY second (b, a), KEY third (a DESC))',
      rows('many', 300, 'seq % 7, seq, seq'),
      'CREATE TABLE texts (id INT PRIMARY KEY, t TEXT, p POINT NOT NULL, k INT, KEY a (k), SPATIAL KEY s (p), KEY b (t(20)), FULLTEXT KEY f (t), FULLTEXT KEY e (t), KEY c (k, id))',
      rows('texts', 100, `seq, CONCAT('word', seq, ' more'), POINT(seq, seq), seq`),
      `CREATE TABLE derived (id INT PRIMARY KEY, a INT, v INT AS (a * 2) VIRTUAL, s INT AS (a * 3) STORED, doc JSON, KEY by_v (v), KEY by_s (s), KEY both_of (v, a), UNIQUE KEY u (s, id))`,
      `INSERT INTO derived (id, a, doc) SELECT seq, seq * 5, '{"a": 1}' FROM seq_1_to_200`,
      `CREATE TABLE parted (id INT, y INT, k INT, PRIMARY KEY (id, y), KEY by_k (k) COMMENT 'a KEY \`x\` (\`y\`), and more') PARTITION BY RANGE (y) (PARTITION p1 VALUES LESS THAN (100), PARTITION p2 VALUES LESS THAN MAXVALUE)`,
      rows('parted', 300, 'seq, seq, seq'),
      'CREATE TABLE heap (a INT, b VARCHAR(20), KEY (a), KEY (b))',
      rows('heap', 400, `seq % 10, CONCAT('x', seq)`),
      'CREATE TABLE versioned (id INT PRIMARY KEY, a INT, KEY (a)) WITH SYSTEM VERSIONING',
      rows('versioned', 50, 'seq, seq'),
      'CREATE SEQUENCE numbers START WITH 500',
      'CREATE TABLE numbered (id INT PRIMARY KEY DEFAULT (NEXT VALUE FOR numbers), k INT, KEY (k))',
      rows('numbered', 50, 'seq, seq'),
      'CREATE TABLE isam (id INT PRIMARY KEY, k INT, KEY (k)) ENGINE=MyISAM',
      rows('isam', 50, 'seq, seq'),
      'CREATE TABLE nothing_in_it (id INT PRIMARY KEY, k INT, KEY (k), CONSTRAINT nowhere FOREIGN KEY (k) REFERENCES missing (id))',
      'CREATE TABLE ignored (id INT PRIMARY KEY, k INT, KEY hidden (k) IGNORED, KEY shown (k, id) USING BTREE)',
      rows('ignored', 50, 'seq, seq'),
    );
    const own = await expectSame(
      await dump('kinds', '--single-transaction', '--skip-add-locks', '--hex-blob'),
      'kinds',
    );
    const { altered } = await written(own.database);
    expect(altered).toEqual(
      expect.arrayContaining([
        'ALTER TABLE `many` ADD KEY `second` (`b`,`a`), ADD KEY `third` (`a` DESC)',
        'ALTER TABLE `derived` ADD KEY `by_v` (`v`), ADD KEY `by_s` (`s`), ADD KEY `both_of` (`v`,`a`)',
        expect.stringMatching(
          /^ALTER TABLE `children` ADD KEY `z_last` .*, ADD KEY `a_first` .*, ADD KEY `by_sibling`/,
        ),
        expect.stringMatching(
          /^ALTER TABLE `children` ADD CONSTRAINT `self` .*ADD CONSTRAINT `to_code` .*ADD CONSTRAINT `z`/,
        ),
        'ALTER TABLE `small_child` ADD CONSTRAINT `c` FOREIGN KEY (`code`) REFERENCES `parents` (`code`)',
      ]),
    );
    // The dump has the locks that the tool writes by itself, and comes from somebody else. Under them no sequence can be drawn from.
    await inDatabase('kinds', (session) => session.run('DROP TABLE numbered'));
    await expectSame({ ...(await dump('kinds')), own: false }, 'kinds');
    await expectSame(await dump('kinds', '--no-autocommit', '--complete-insert'), 'kinds');
    // The foreign keys hold, whatever they point to.
    await inDatabase(own.database, async (session) => {
      for (const [sql, errno] of [
        ['INSERT INTO small_child VALUES (1, 9999)', 1452],
        ['UPDATE children SET sibling = 9999 WHERE id = 5', 1452],
        ['INSERT INTO later VALUES (9999, 1, 1, 9999)', 1452],
        ['ALTER TABLE parents DROP KEY by_code', 1553],
      ] as const) {
        await expect(session.run(sql)).rejects.toMatchObject({ errno });
      }
    });
  });

  it('keeps what only looks like a part of a dump, in rows, names and comments, wherever its pieces are cut', async () => {
    const odd = '`odd ``name``;\nINSERT INTO x VALUES (1);\n-- Dump completed`';
    const traps = [
      'INSERT INTO `t` VALUES (1);\nUNLOCK TABLES;\n-- Dump completed on 2020-01-01',
      `it's "quoted" \`too\` \\ and \\' \\" /* not */ /*!40000 a */ -- b\n# c\nDELIMITER ;;\n`,
      '\\',
      "'",
      '\n\n;\n',
      'ON DUPLICATE KEY UPDATE',
      ') ENGINE=InnoDB;\nCREATE TABLE `u` (\n  KEY `k` (`k`)\n) ENGINE=InnoDB;',
    ];
    await make(
      'traps',
      `CREATE TABLE ${odd} (id INT PRIMARY KEY, \`KEY \`\`x\`\` (\`\`y\`\`),\` VARCHAR(300), b BLOB, k INT COMMENT 'KEY \`a\` (\`b\`), it''s; ) ENGINE=MyISAM\n  KEY \`c\` (\`d\`)', KEY \`k,)(;\` (k), CONSTRAINT \`c;\` CHECK (k <> 5 or b <> ');'))`,
      ...traps.map(
        (trap, index) =>
          `INSERT INTO ${odd} VALUES (${index}, _utf8mb4 x'${Buffer.from(trap).toString('hex')}', x'${Buffer.from(`\0\x1a\xff${trap}`, 'latin1').toString('hex')}', -${index + 10})`,
      ),
      rows(odd, 255, `seq + 100, CHAR(seq USING latin1), CONCAT(CHAR(seq), x'275c', CHAR(seq)), -seq`),
      `CREATE TABLE latin (id INT PRIMARY KEY, t VARCHAR(50), KEY (t)) CHARSET=latin1 COMMENT='x; -- '`,
      `INSERT INTO latin VALUES (1, 'Größe'), (2, 'ÿþ')`,
      `CREATE TRIGGER act AFTER INSERT ON latin FOR EACH ROW INSERT INTO ${odd} (id) VALUES (1000 + NEW.id)`,
      `CREATE TRIGGER act2 BEFORE INSERT ON ${odd} FOR EACH ROW SET @a = 'DELIMITER ;\n'`,
      'CREATE PROCEDURE p() BEGIN /* DELIMITER ;\nCREATE TABLE `z` (\n */ SELECT 1; END',
      'CREATE VIEW forced AS SELECT t FROM latin FORCE INDEX (t)',
    );
    for (const options of [['--hex-blob', '--routines'], ['--routines'], ['--net-buffer-length=4096', '--routines']]) {
      await expectSame(await dump('traps', ...options), 'traps');
    }
    const whole = await dump('traps', '--routines');
    const bytes = Buffer.concat((await whole.open().toArray()) as Buffer[]);
    for (const chunkBytes of [1, 7, 61]) {
      const { database, warnings } = await load(script(bytes, true, chunkBytes));
      expect(warnings).toEqual([]);
      expect(await contents(database)).toEqual(await contents('traps'));
    }
  });

  it('ends where a trigger is typed in lower case, behind foreign keys that are still to be added', async () => {
    await make(
      'lower_case',
      'CREATE TABLE parents (id INT PRIMARY KEY, k INT, KEY (k))',
      'CREATE TABLE the_children (id INT PRIMARY KEY, parent INT, CONSTRAINT f FOREIGN KEY (parent) REFERENCES parents (id))',
      rows('parents', 300, 'seq, seq'),
      rows('the_children', 300, 'seq, seq'),
      'create trigger low before insert on the_children for each row set new.parent = new.parent',
      'create or replace trigger\n`with a line end` after insert on the_children for each row begin end',
      'CREATE TABLE zz_last (id INT PRIMARY KEY, k INT, KEY (k))',
      rows('zz_last', 100, 'seq, seq'),
    );
    await expectSame(await dump('lower_case'), 'lower_case');
  });

  it('takes rows that are longer than what is held of a statement, among short ones', async () => {
    await make(
      'long_rows',
      'CREATE TABLE blobs (id INT PRIMARY KEY, k INT, b LONGBLOB, KEY (k))',
      `INSERT INTO blobs SELECT seq, seq, REPEAT(CHAR(seq), IF(seq % 4 = 1, 5000000, 300000)) FROM seq_1_to_12`,
      'CREATE TABLE after_them (id INT PRIMARY KEY, k INT, KEY (k))',
      rows('after_them', 100, 'seq, seq'),
    );
    await expectSame(await dump('long_rows', '--hex-blob'), 'long_rows');
    await expectSame(await dump('long_rows', '--skip-extended-insert'), 'long_rows');
  });

  it('keeps the order of rows that have no key', async () => {
    await make(
      'ordered',
      'CREATE TABLE log (at INT, line VARCHAR(200), KEY (at))',
      rows('log', 20_000, `seq, REPEAT('x', 150)`),
    );
    const source = await dump('ordered', '--net-buffer-length=16384');
    const { database } = await expectSame(source, 'ordered');
    const order = await inDatabase(database, (session) =>
      session.rows<{ at: number }>('SELECT at FROM log IGNORE INDEX (at)'),
    );
    expect(order.map(({ at }) => at)).toEqual(order.map((_, index) => index + 1));
  });
});

const HEADER =
  '-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)\n--\n-- Host: h    Database: source\n';
const SETTINGS = [
  '/*!40101 SET NAMES utf8mb4 */;',
  '/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;',
  '/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;',
  `/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;\n`,
].join('\n');
const table = (name: string, ...keys: string[]): string =>
  `CREATE TABLE \`${name}\` (\n  \`id\` int(11) NOT NULL,\n  \`k\` int(11) DEFAULT NULL,\n  PRIMARY KEY (\`id\`)${keys.map((key) => `,\n  ${key}`).join('')}\n) ENGINE=InnoDB;\n`;
const filledTable = `${table('a', 'KEY `k` (`k`)')}INSERT INTO \`a\` VALUES (1,1);\n`;
const body = (...parts: string[]): DumpSource => script(`${HEADER}${SETTINGS}${parts.join('')}\n-- Dump completed\n`);

describe('A dump that differs from what the dump tools write', () => {
  const filled = filledTable;

  it.each([
    [
      'without the first settings',
      script(`${HEADER}${filled}\n-- Dump completed\n`),
      /does not set names, unique_checks/,
    ],
    [
      'with another character set',
      script(`${HEADER}${SETTINGS.replace('utf8mb4', 'latin1')}${filled}`),
      /do not write there \(line 4\)/,
    ],
    [
      'with a setting in between',
      body(filled, `SET sql_mode = 'ANSI_QUOTES';\n`, table('b'), 'INSERT INTO `b` VALUES (1,1);\n'),
      /has sql_mode set for a table/,
    ],
    [
      'with a statement of its own',
      body(filled, 'UPDATE a SET k = 5;\n', table('b')),
      /do not write there \(line 15\)/,
    ],
    ['with a table twice', body(filled, 'DROP TABLE IF EXISTS `a`;\n', filled), /a table twice \(line 15\)/],
    ['with REPLACE', body(filled, 'REPLACE INTO `a` VALUES (1,1);\n', table('b')), /other statements than INSERT INTO/],
    [
      'with rows of another table',
      body(filled, table('b'), 'INSERT INTO `b` VALUES (1,1);\nINSERT INTO `a` VALUES (2,2);\n'),
      /another table/,
    ],
    [
      'with ON DUPLICATE KEY',
      body(filled, 'INSERT INTO `a` VALUES (1,5) ON DUPLICATE KEY UPDATE k = 7;\n', table('b')),
      /another form/,
    ],
    [
      'with two statements on a line',
      body(filled, 'INSERT INTO `a` VALUES (2,2); INSERT INTO `a` VALUES (3,3);\n', table('b')),
      /two statements on a line \(line 15\)/,
    ],
    [
      'with a row in each statement',
      body(
        table('a', 'KEY `k` (`k`)'),
        ...Array.from({ length: 100 }, (_, id) => `INSERT INTO \`a\` VALUES (${id},${id});\n`),
      ),
      /few rows each/,
    ],
  ])('%s is loaded by one client from there on, and the result says so', async (name, source, why) => {
    const plain = await load(source, { workers: 0 });
    const { database, warnings } = await load(source, {
      largeTableBytes: name === 'with a row in each statement' ? 2_000 : 1,
    });
    expect(warnings).toEqual([
      expect.stringMatching(/^The dump was loaded by one session alone, which takes longer: its? /),
    ]);
    expect(warnings[0]).toMatch(why);
    expect(await contents(database)).toEqual(await contents(plain.database));
  });

  it('ends with a statement of its own under another delimiter', async () => {
    const source = body(
      table('a', 'KEY `k` (`k`)'),
      table('b', 'CONSTRAINT `f` FOREIGN KEY (`k`) REFERENCES `a` (`id`)'),
      'INSERT INTO `b` VALUES (1,1);\nDELIMITER $$\nUPDATE b SET k = 5$$\nDELIMITER ;\nINSERT INTO a VALUES (5,5);\nSELEKT 1;\n',
    );
    const lines = Buffer.concat((await source.open().toArray()) as Buffer[]).toString();
    const line = lines.split('\n').indexOf('SELEKT 1;') + 1;
    const broken = { ...source, open: () => Readable.from([Buffer.from(lines.replace('SELEKT', 'DO'))]) };
    const { database } = await load(broken);
    expect(await contents(database)).toEqual(await contents((await load(broken, { workers: 0 })).database));
    // Our own lines do not count.
    await expect(load(source)).rejects.toMatchObject({
      message: expect.stringContaining(`line ${line} of`) as unknown,
    });
  });

  it('is loaded by one client where the server gives no more sessions', async () => {
    await inDatabase('mysql', async (session) => {
      await session.run(`CREATE OR REPLACE USER few@'%' IDENTIFIED BY 'pw' WITH MAX_USER_CONNECTIONS 2`);
      await session.run(`GRANT ALL PRIVILEGES ON *.* TO few@'%'`);
    });
    const database = `copy_${(number += 1)}`;
    await make(database);
    const connection = { ...server.connection(database), username: 'few', password: 'pw' };
    const driver = new MysqlDriver({ runtimeDir, largeTableBytes: 1 });
    const plan = await driver.prepareLoad({
      connection,
      format: 'plain',
      tools: {},
      skipOwnership: false,
      staged: true,
    });
    const hooks = { signal: new AbortController().signal, beforeCommit: () => Promise.resolve() };
    const { warnings } = await driver.load(plan, body(filled), hooks);
    expect(warnings).toEqual([expect.stringContaining('the server gives no more connections')]);
    expect(await contents(database)).toHaveProperty('a');
  });
});

it('A server that cannot sort keys gets the dump once more, keys and all, which is said', async () => {
  const room = await mkdtemp(join(tmpdir(), 'room-'));
  await chmod(room, 0o777);
  await inDatabase('mysql', (session) => session.run('SET GLOBAL innodb_tmpdir = ?', [room]));
  await rm(room, { recursive: true });
  try {
    const columns = 'id INT PRIMARY KEY, k INT, t VARCHAR(200), KEY (k), KEY (t)';
    await make('unsorted', `CREATE TABLE w (${columns})`, rows('w', 20_000, `seq, seq, REPEAT(MD5(seq), 5)`));
    const { database, warnings } = await load(await dump('unsorted'));
    expect(warnings).toEqual([
      expect.stringMatching(/^The dump was loaded twice, .* could not sort keys .*No such file/),
    ]);
    expect(await contents(database)).toEqual(await contents('unsorted'));
  } finally {
    await inDatabase('mysql', (session) => session.run('SET GLOBAL innodb_tmpdir = DEFAULT'));
  }
});

describe('A load in which nothing moves', () => {
  // The client follows the server's mode, in which a backslash is a letter and which we do not know; for us the text ends elsewhere.
  const misread = body(
    filledTable,
    '/*!50003 SET sql_mode = @@GLOBAL.sql_mode */ ;\nDELIMITER ;;\n',
    "/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`%`*/ /*!50003 TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET @a = 'a\\'' */;;\n",
    'DELIMITER ;\n/*!50003 SET sql_mode = @saved_sql_mode */ ;\n',
    table('orders'),
    'INSERT INTO `orders` VALUES (1,1);\n',
  );

  it('is ended, and says where it stood, when the client waits for input that does not come', async () => {
    const setMode = (mode: string): Promise<void> =>
      inDatabase('mysql', (session) => session.run('SET GLOBAL sql_mode = ?', [mode]));
    await using _ = { [Symbol.asyncDispose]: () => setMode('') };
    await setMode('NO_BACKSLASH_ESCAPES');
    await expect(load(misread, { stallMs: 2_000 })).rejects.toMatchObject({
      code: 'RESTORE_FAILED',
      message: expect.stringMatching(
        /stood still for 2 s at the table "orders": the server waits for a statement\. \d+(\.\d)? k?B of the dump had been read/,
      ) as unknown,
    });
  });

  it('is ended when its sessions wait for a lock that somebody holds', async () => {
    await make('held_open', 'CREATE TABLE a (id INT)');
    await withSession(server.connection('held_open'), {}, async (session) => {
      await session.run('LOCK TABLES a WRITE');
      const driver = new MysqlDriver({ runtimeDir, stallMs: 2_000, loadingSessions: 0 });
      const connection = server.connection('held_open');
      const plan = await driver.prepareLoad({
        connection,
        format: 'plain',
        tools: {},
        skipOwnership: false,
        staged: true,
      });
      const hooks = { signal: new AbortController().signal, beforeCommit: () => Promise.resolve() };
      await expect(driver.load(plan, body('INSERT INTO `a` VALUES (1);\n'), hooks)).rejects.toMatchObject({
        message: expect.stringMatching(
          /stood still .*: the server's sessions wait: "Waiting for table metadata lock"/,
        ) as unknown,
      });
    });
  });

  it('is left alone while the server works on a statement', async () => {
    const { database } = await load(body('DO SLEEP(5);\n', filledTable), { stallMs: 1_000 });
    expect(await contents(database)).toHaveProperty('a');
  });
});

describe('A parallel load that fails', () => {
  const secret = "(7,7,'top secret row')";
  const failing: [string, DumpSource, RegExp][] = [
    [
      'at rows',
      body(table('a'), 'INSERT INTO `a` VALUES\n(1,1);\nINSERT INTO `a` VALUES\n(2,2),\n(1,1);\n'),
      /at line 15 of the dump: Duplicate entry '1' for key 'PRIMARY' \(1062\)/,
    ],
    [
      'at rows, in their text',
      body(table('a'), `INSERT INTO \`a\` VALUES (1,1);\nINSERT INTO \`a\` VALUES ${secret};\n`),
      /at line 14 of the dump: Column count doesn't match value count at row 1 \(1136\)/,
    ],
    [
      'at keys',
      body(table('a', 'KEY `k` (`nothing`)'), 'INSERT INTO `a` VALUES (1,1);\n'),
      /at line 8 of the dump: Key column 'nothing' doesn't exist in table \(1072\)/,
    ],
    [
      'at the client, behind the worker sessions',
      body(table('a'), 'INSERT INTO `a` VALUES (1,1);\n', table('b'), 'INSERT INTO `b` VALUES (1,1);\n', 'SELEKT 1;\n'),
      /at line 20 of the dump: You have an error in your SQL syntax/,
    ],
    [
      'at a foreign key',
      body(
        table('p'),
        'INSERT INTO `p` VALUES (1,1);\n',
        table('a', 'KEY `k` (`k`)', 'CONSTRAINT `f` FOREIGN KEY (`k`) REFERENCES `p` (`none`)'),
        'INSERT INTO `a` VALUES (1,1);\n',
      ),
      /at line 14 of the dump: .*\(1072|1005|1822/,
    ],
  ];

  it.each(failing)(
    '%s tells the line and the words of the server, and no content of rows',
    async (_, source, message) => {
      const failure: unknown = await load(source).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'RESTORE_FAILED', message: expect.stringMatching(message) as unknown });
      for (let error = failure; error instanceof Error; error = error.cause) {
        expect(JSON.stringify([String(error), Object.entries(error)])).not.toContain('top secret');
      }
    },
  );

  /** The first half of a dump at once, the rest when it is let go on. */
  async function halted(): Promise<{ source: DumpSource; goOn: () => void }> {
    const columns = 'id INT PRIMARY KEY, k INT, t VARCHAR(200), KEY (k), KEY (t)';
    await make('wide', `CREATE TABLE w (${columns})`, rows('w', 20_000, `seq, seq, REPEAT(MD5(seq), 5)`));
    const whole = Buffer.concat((await (await dump('wide', '--net-buffer-length=16384')).open().toArray()) as Buffer[]);
    const half = Math.floor(whole.length / 2);
    const input = new PassThrough();
    input.write(whole.subarray(0, half));
    return { source: { format: 'plain', own: true, open: () => input }, goOn: () => input.end(whole.subarray(half)) };
  }

  it('leaves neither process, session nor secret, when it is cancelled', async () => {
    const { source } = await halted();
    const abort = new AbortController();
    const pending = load(source, { signal: abort.signal });
    await rowsAreIn(`copy_${number}`);
    expect(await sessions((ids) => ids.length > 0)).toHaveLength(4);
    abort.abort();
    await expect(pending).rejects.toMatchObject({ code: 'CANCELLED' });
    await sessions((ids) => ids.length === 0);
  });

  it('ends when the server ends one of its sessions, for which the dump is not to blame', async () => {
    const { source, goOn } = await halted();
    const pending = load(source).catch((error: unknown) => error);
    await rowsAreIn(`copy_${number}`);
    const ids = await sessions((found) => found.length === 4);
    await inDatabase('mysql', (session) => session.run(`KILL ${ids.at(-1)}`));
    goOn();
    const failure = await pending;
    expect(failure).toMatchObject({
      code: 'RESTORE_FAILED',
      message: expect.stringMatching(/at line \d+ of the dump: .* \((2013|1927|1317)\)/) as unknown,
      hint: expect.stringContaining('log of the server') as unknown,
    });
    expect(missingPrerequisite(failure)).toBeDefined();
    await sessions((found) => found.length === 0);
  });

  async function rowsAreIn(database: string): Promise<void> {
    await inDatabase('mysql', async (session) => {
      for (;;) {
        const count = session.row<{ count: number }>(`SELECT COUNT(*) AS count FROM ${database}.w`);
        if ((await count.catch(() => ({ count: 0 }))).count > 0) return;
        await sleep(20);
      }
    });
  }

  /** The sessions in staging databases, oldest first, when they are as wanted: first the client, then the worker sessions. */
  async function sessions(wanted: (ids: readonly number[]) => boolean): Promise<readonly number[]> {
    return inDatabase('mysql', async (session) => {
      for (;;) {
        const found = await session.rows<{ id: number }>(
          `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE DB LIKE 'copy%' ORDER BY ID`,
        );
        const ids = found.map(({ id }) => id);
        if (wanted(ids)) return ids;
        await sleep(20);
      }
    });
  }
});
