import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { ConnectionParams } from '@app/domain';
import { programFolder } from '../../../../process/src/testing/program-folder.js';
import { startMariadb } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import type { DumpPlan, RunningDump } from '../../db-driver.js';
import { completenessCheck, recogniseDump } from './mysql-dump.js';
import { MysqlDriver } from '../mysql-driver.js';
import { withSession } from '../login/mysql-session.js';

jest.setTimeout(60_000);

let server: SandboxServer;
let runtimeDir: string;
let driver: MysqlDriver;

beforeAll(async () => {
  server = await startMariadb();
  runtimeDir = await mkdtemp(join(tmpdir(), 'mysql-dump-'));
  driver = new MysqlDriver({ runtimeDir });
  await sql('mysql', 'CREATE DATABASE shop_eu', 'CREATE DATABASE shopxeu', `CREATE USER backup@'%' IDENTIFIED BY 'pw'`);
  await sql(
    'shop_eu',
    'CREATE TABLE t (id INT PRIMARY KEY) ENGINE=InnoDB',
    'CREATE VIEW v AS SELECT id FROM t',
    'CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET @a = 1',
    'CREATE FUNCTION f() RETURNS INT RETURN 1',
    'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1',
  );
});
afterAll(async () => {
  await server?.stop();
  await rm(runtimeDir, { recursive: true, force: true });
});

const root = (database: string): ConnectionParams => server.connection(database);
const backup = (database = 'shop_eu'): ConnectionParams => ({ ...root(database), username: 'backup', password: 'pw' });

async function sql(database: string, ...statements: string[]): Promise<void> {
  await withSession(root(database), {}, async (session) => {
    for (const statement of statements) await session.run(statement);
  });
}

const prepare = (connection: ConnectionParams): Promise<DumpPlan> =>
  driver.prepareDump({ connection, format: 'plain', tools: {} });

async function dumped(connection: ConnectionParams): Promise<string> {
  const plan = await prepare(connection);
  const running = await driver.startDump(plan, new AbortController().signal);
  const bytes = await buffer(running.output);
  await running.completed;
  return bytes.toString('utf8');
}

describe('Before a dump', () => {
  it('each privilege without which something would be left out is named, with the statement that grants it (FAILURES 16)', async () => {
    await sql('mysql', `GRANT SELECT ON \`shop\\_eu\`.* TO backup@'%'`);
    const failure: unknown = await prepare(backup()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'MISSING_PRIVILEGE' });
    const { message, hint } = failure as { message: string; hint: string };
    expect(message).toContain('SHOW VIEW, TRIGGER, EVENT, SELECT');
    expect(hint).toContain("GRANT SHOW VIEW, TRIGGER, EVENT ON `shop\\_eu`.* TO 'backup'@'%';");
    expect(hint).toContain("GRANT SELECT ON mysql.proc TO 'backup'@'%';");

    // The hint is a promise: what it says suffices.
    const statements = hint.slice(hint.indexOf('GRANT')).split('; ');
    await sql('mysql', ...statements.map((statement) => statement.replace(/;$/, '')));
    await expect(prepare(backup())).resolves.toMatchObject({
      objects: { tables: 1, views: 1, triggers: 1, procedures: 0, functions: 1, events: 1 },
    });
    const text = await dumped(backup());
    for (const part of ['VIEW `v`', 'TRIGGER tr', 'FUNCTION `f`', 'EVENT `e`']) expect(text).toContain(part);
  });

  it('grants on another database, wildcards notwithstanding, are none on this one', async () => {
    await expect(prepare(backup('shopxeu'))).rejects.toMatchObject({
      code: expect.stringMatching(/PRIVILEGE/) as unknown,
    });
    await sql('mysql', `GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON \`shop_eu\`.* TO backup@'%'`);
    await expect(prepare(backup('shopxeu'))).resolves.toBeDefined();
    await sql('mysql', `REVOKE ALL PRIVILEGES ON \`shop_eu\`.* FROM backup@'%'`);
  });

  it('privileges count that a role or PUBLIC gives', async () => {
    await sql(
      'mysql',
      `CREATE ROLE dumper`,
      `GRANT SELECT, SHOW VIEW, TRIGGER ON \`shop\\_eu\`.* TO dumper`,
      `GRANT SELECT ON mysql.* TO dumper`,
      `GRANT EVENT ON \`shop\\_eu\`.* TO PUBLIC`,
      `CREATE USER member@'%' IDENTIFIED BY 'pw'`,
      `GRANT dumper TO member@'%'`,
      `SET DEFAULT ROLE dumper FOR member@'%'`,
    );
    const member = { ...backup(), username: 'member' };
    await expect(prepare(member)).resolves.toBeDefined();
  });

  it('an account that owns everything in its database needs no more', async () => {
    await sql(
      'mysql',
      'CREATE DATABASE own',
      `CREATE USER owner@'%' IDENTIFIED BY 'pw'`,
      `GRANT ALL PRIVILEGES ON own.* TO owner@'%'`,
    );
    const owner = { ...backup('own'), username: 'owner' };
    await expect(prepare(owner)).resolves.toMatchObject({ warnings: [] });
    await withSession(owner, {}, (session) => session.run('CREATE PROCEDURE mine() SELECT 1'));
    await expect(prepare(owner)).resolves.toMatchObject({ objects: { procedures: 1 } });
    await sql('own', 'CREATE PROCEDURE not_mine() SELECT 1');
    await expect(prepare(owner)).rejects.toMatchObject({ code: 'MISSING_PRIVILEGE' });
  });

  it('every broken view is named, with the reason (FAILURES 23)', async () => {
    await sql(
      'mysql',
      'CREATE DATABASE broken',
      'USE broken',
      'CREATE TABLE gone (a INT)',
      'CREATE VIEW one AS SELECT a FROM gone',
      'CREATE VIEW `two``;` AS SELECT a FROM one',
      'CREATE VIEW fine AS SELECT 1',
      'DROP TABLE gone',
    );
    await expect(prepare(root('broken'))).rejects.toMatchObject({
      code: 'BROKEN_OBJECT',
      message: expect.stringMatching(/2 views.*one \(.*references invalid.*two`; \(/) as unknown,
    });
  });

  it('what a dump cannot hold exactly is said by name (FAILURES 12, 19)', async () => {
    await sql(
      'mysql',
      'CREATE DATABASE odd',
      'USE odd',
      'CREATE TABLE slow (a INT) ENGINE=MyISAM',
      'CREATE TABLE crash_safe (a INT) ENGINE=Aria',
      'CREATE TABLE volatile (a INT) ENGINE=MEMORY',
      'CREATE TABLE merged (a INT) ENGINE=MRG_MyISAM UNION=(slow)',
      'CREATE TABLE fast (a FLOAT, b DOUBLE) ENGINE=InnoDB',
      `CREATE TABLE precise (a INT, s BIGINT UNSIGNED GENERATED ALWAYS AS ROW START, e BIGINT UNSIGNED GENERATED ALWAYS AS ROW END,
        PERIOD FOR SYSTEM_TIME (s, e)) WITH SYSTEM VERSIONING ENGINE=InnoDB`,
    );
    const { warnings } = await prepare(root('odd'));
    expect(warnings.join('\n')).toMatch(
      /history.*transaction id \(precise\).*: precise\.\n.*elsewhere: merged \(MRG_MyISAM\)\.\n.*instant.*: crash_safe \(Aria\), slow \(MyISAM\), volatile \(MEMORY\)\.\n.*FLOAT.*: fast\.a\./,
    );
    expect(await dumped(root('odd'))).toMatch(/-- Dump completed/);
  });

  it('a missing database or client is named', async () => {
    await expect(prepare(root('absent'))).rejects.toMatchObject({ code: 'DATABASE_NOT_FOUND' });
    const request = { connection: root('shop_eu'), format: 'plain' as const };
    await expect(
      driver.prepareDump({ ...request, tools: { mysqldump_path: '/nowhere/mysqldump' } }),
    ).rejects.toMatchObject({ code: 'TOOL_UNUSABLE' });
    await expect(driver.prepareDump({ ...request, format: 'custom', tools: {} })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
  });
});

describe('A dump', () => {
  const names = ['-dash', '--help', 'a b`c', 'ünï;--', `q'uote`, '$(x)'];
  it.each(names)('of the database %j holds it, and neither CREATE DATABASE nor USE', async (name) => {
    const quoted = `\`${name.replaceAll('`', '``')}\``;
    await sql(
      'mysql',
      `CREATE DATABASE ${quoted}`,
      `CREATE TABLE ${quoted}.x (a INT)`,
      `INSERT INTO ${quoted}.x VALUES (4711)`,
    );
    const text = await dumped(root(name));
    expect(text).toContain('(4711)');
    expect(text).not.toMatch(/^(USE|CREATE DATABASE|\/\*!\d+ (CREATE|DROP) DATABASE)/m);
    expect(recogniseDump(Buffer.from(text))).toBe('plain');
  });

  async function ended(running: RunningDump): Promise<unknown> {
    running.output.resume();
    running.output.on('error', () => undefined);
    return running.completed.catch((error: unknown) => error);
  }

  it('that loses its database midway fails with the words of the tool (FAILURES 2)', async () => {
    await sql('mysql', 'CREATE DATABASE doomed');
    const plan = await prepare(root('doomed'));
    await sql('mysql', 'DROP DATABASE doomed');
    const failure = await ended(await driver.startDump(plan, new AbortController().signal));
    expect(failure).toMatchObject({
      code: 'DUMP_FAILED',
      message: expect.stringContaining("Unknown database 'doomed'") as unknown,
    });
    expect(await readdir(runtimeDir)).toEqual([]);
  });

  it('that is killed on the server fails (FAILURES 2)', async () => {
    await sql(
      'mysql',
      'CREATE DATABASE big',
      'CREATE TABLE big.t AS SELECT seq, REPEAT(MD5(seq), 60) AS x FROM seq_1_to_30000',
    );
    const plan = await prepare(root('big'));
    const running = await driver.startDump(plan, new AbortController().signal);
    // Unread: the tool waits on a full pipe in the middle of the table.
    await new Promise((resolve) => running.output.once('readable', resolve));
    await withSession(root('mysql'), {}, async (session) => {
      const others = await session.rows<{ id: number }>(
        'SELECT ID AS id FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND USER = ?',
        ['root'],
      );
      for (const { id } of others) await session.run(`KILL ${id}`);
    });
    expect(await ended(running)).toMatchObject({ code: 'DUMP_FAILED' });
  });

  it('in which nothing moves any more is ended, and says where it stood', async () => {
    const tools = await programFolder('standing-tool-');
    const path = join(tools, 'mariadb-dump');
    await writeFile(path, "#!/bin/sh\nprintf -- '-- MariaDB dump 10\\nCREATE TABLE `t` (\\n'\nexec sleep 600\n", {
      mode: 0o700,
    });
    const plan = await prepare(root('big'));
    const standing = new MysqlDriver({ runtimeDir, stallMs: 1_000 });
    const running = await standing.startDump({ ...plan, tool: { ...plan.tool, path } }, new AbortController().signal);
    expect(await ended(running)).toMatchObject({
      code: 'DUMP_FAILED',
      message: expect.stringMatching(
        /stood still for 1 s at the table "t": the server has no session for it any more\. \d+ B had been written/,
      ) as unknown,
    });
    await rm(tools, { recursive: true });
    expect(await readdir(runtimeDir)).toEqual([]);
  });

  it('is left alone while its reader takes its time', async () => {
    const unhurried = new MysqlDriver({ runtimeDir, stallMs: 1_000 });
    const running = await unhurried.startDump(await prepare(root('big')), new AbortController().signal);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await ended(running)).not.toBeInstanceOf(Error);
  });

  it('that is cancelled says so, and leaves neither process nor secret', async () => {
    const abort = new AbortController();
    const running = await driver.startDump(await prepare(root('big')), abort.signal);
    await new Promise((resolve) => running.output.once('readable', resolve));
    expect(await readdir(runtimeDir)).toHaveLength(1);
    abort.abort();
    expect(await ended(running)).toMatchObject({ code: 'CANCELLED' });
    expect(await readdir(runtimeDir)).toEqual([]);
  });
});

describe('A dump is complete', () => {
  const isComplete = (...chunks: string[]): boolean => {
    const check = completenessCheck();
    chunks.forEach((chunk) => check.update(Buffer.from(chunk)));
    try {
      check.finish();
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: 'DUMP_INCOMPLETE' });
      return false;
    }
  };

  it.each([
    [['INSERT;\n\n-- Dump completed on 2026-11-22 20:35:36\n']],
    [['INSERT;\n-- Dump completed\n']],
    [['INSERT;\r\n-- Dump completed on 2026-11-22\r\n']],
    [['x'.repeat(1000), '\n-- Du', 'mp comp', 'leted\n']],
  ])('when it ends with its marker (FAILURES 5)', (chunks) => {
    expect(isComplete(...chunks)).toBe(true);
  });

  it.each([
    [['']],
    [['INSERT;\n']],
    [['-- Dump completed\n', 'INSERT;\n']],
    [["INSERT INTO t VALUES ('-- Dump completed');\n"]],
    [['-- Dump completed\n', 'x'.repeat(300)]],
    [['INSERT;\n-- Dump compl']],
  ])('and not otherwise (FAILURES 5): %j', (chunks) => {
    expect(isComplete(...chunks)).toBe(false);
  });
});

describe('The first bytes', () => {
  const mysql = '-- MySQL dump 10.13  Distrib 5.7.44, for Linux (x86_64)\n';
  const mariadb = '-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)\n';
  it.each([
    mysql,
    mariadb,
    `/*M!999999\\- enable the sandbox mode */ \n${mariadb}`,
    `/*!999999\\- enable the sandbox mode */\n${mariadb}`,
    `\ufeff${mysql}`,
    `\n${mysql}`,
  ])('%j are those of a dump', (head) => {
    expect(recogniseDump(Buffer.from(head))).toBe('plain');
  });

  it.each([
    '--\n-- PostgreSQL database dump\n--\n',
    'PGDMP',
    'SELECT 1;',
    '',
    "INSERT INTO t VALUES ('-- MySQL dump 10');",
  ])('%j are not', (head) => {
    expect(recogniseDump(Buffer.from(head))).toBeUndefined();
  });
});
