import { access, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ConnectionParams } from '@app/domain';
import { startMariadb } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import type { DumpSource, LoadHooks } from '../../db-driver.js';
import { MysqlDriver } from '../mysql-driver.js';
import { withSession } from '../login/mysql-session.js';

jest.setTimeout(60_000);

let server: SandboxServer;
let folder: string;
let runtimeDir: string;
let driver: MysqlDriver;

beforeAll(async () => {
  // With a binary log, as most servers have one.
  server = await startMariadb({ settings: { 'log-bin': 'binlog', 'server-id': '1' } });
  folder = await mkdtemp(join(tmpdir(), 'mysql-loader-'));
  runtimeDir = join(folder, 'runtime');
  driver = new MysqlDriver({ runtimeDir });
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await sql(
    'mysql',
    'DROP DATABASE IF EXISTS target',
    'CREATE DATABASE target CHARACTER SET utf8mb4',
    'CREATE TABLE target.kept (id INT PRIMARY KEY)',
    'INSERT INTO target.kept VALUES (1), (2)',
  );
});

const root = (database: string): ConnectionParams => server.connection(database);

async function sql(database: string, ...statements: string[]): Promise<unknown[]> {
  return withSession(root(database), {}, async (session) => {
    let rows: unknown[] = [];
    for (const statement of statements) rows = await session.rows(statement);
    return rows;
  });
}

const HEADER =
  '-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)\n--\n-- Host: h    Database: source\n';
const script = (body: string, own = false): DumpSource => ({
  ...{ format: 'plain', own },
  open: () => Readable.from([Buffer.from(`${HEADER}${body}\n-- Dump completed\n`)]),
});
const hooks = (over: Partial<LoadHooks> = {}): LoadHooks => ({
  signal: new AbortController().signal,
  beforeCommit: () => Promise.resolve(),
  ...over,
});

async function load(source: DumpSource, over: Partial<LoadHooks> = {}, connection = root('target')): Promise<void> {
  const plan = await driver.prepareLoad({ connection, format: 'plain', tools: {}, skipOwnership: false });
  await driver.load(plan, source, hooks(over));
  expect(await readdir(runtimeDir)).toEqual([]);
}

const kept = async (): Promise<boolean> =>
  (await sql('target', 'SHOW TABLES')).length === 1 && (await sql('target', 'SELECT * FROM kept')).length === 2;

describe('A hostile dump', () => {
  const file = (): string => join(folder, 'touched');
  const attacks = [
    '\\! touch FILE',
    'SELECT 1 \\! touch FILE\n;',
    'system touch FILE',
    'tee FILE\nSELECT 1;',
    'pager cat > FILE\nSELECT 1;',
    '\\P cat > FILE\nSELECT 1;',
    'edit',
    'source FILE',
    '\\. FILE',
    'DELIMITER ;;\nSELECT 1;;\nsystem touch FILE\n;;',
    'DELIMITER $$\nSELECT 1;\n\\! touch FILE\n$$',
    '/*M!999999\\- enable the sandbox mode */\n\\! touch FILE',
    'SELECT 1 INTO @a;\n/*! \\! touch FILE */;',
  ];

  it.each(attacks)('with %j is refused before anything is touched (FAILURES 34)', async (attack) => {
    await expect(load(script(attack.replaceAll('FILE', file())))).rejects.toMatchObject({
      code: expect.stringMatching(/BACKUP_UNSAFE|RESTORE_FAILED/) as unknown,
    });
    await expect(access(file())).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.each(attacks)('with %j runs nothing even where the guard does not look (FAILURES 34)', async (attack) => {
    const outcome: unknown = await load(script(attack.replaceAll('FILE', file()), true)).catch(
      (error: unknown) => error,
    );
    expect([undefined, 'RESTORE_FAILED']).toContain((outcome as { code?: string } | undefined)?.code);
    await expect(access(file())).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('cannot read a file of this machine', async () => {
    const body = "CREATE TABLE t (a TEXT);\nLOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t;";
    await expect(load(script(body))).rejects.toMatchObject({ code: 'BACKUP_UNSAFE' });
    expect(await kept()).toBe(true);
    await expect(load(script(body, true))).rejects.toMatchObject({ code: 'RESTORE_FAILED' });
  });

  it.each(['USE mysql;', 'CREATE DATABASE other;\nUSE other;', 'DROP TABLE IF EXISTS `mysql`.`user`;'])(
    'or a careless one with %j does not get at another database',
    async (statement) => {
      await expect(load(script(`${statement}\nCREATE TABLE x (a INT);`))).rejects.toMatchObject({
        code: 'BACKUP_UNSAFE',
        message: expect.stringContaining('line 4') as unknown,
      });
      expect(await kept()).toBe(true);
    },
  );
});

describe('A load', () => {
  it('replaces everything, and what mysqldump writes about collations goes to the target', async () => {
    const body = [
      'CREATE TABLE `new` (`a` int);',
      "INSERT INTO `new` VALUES (1),(2);\n/*!50003 SET sql_mode = '' */ ;",
      'ALTER DATABASE `source` CHARACTER SET latin1 COLLATE latin1_swedish_ci ;',
    ].join('\n');
    await load(script(body));
    expect(await sql('target', 'SHOW TABLES')).toEqual([{ Tables_in_target: 'new' }]);
    const [row] = await sql(
      'mysql',
      `SELECT DEFAULT_CHARACTER_SET_NAME AS c FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'target'`,
    );
    expect(row).toEqual({ c: 'latin1' });
  });

  it('that fails tells the line and the words of the server, and no content of rows', async () => {
    const failure: unknown = await load(
      script("CREATE TABLE x (a INT PRIMARY KEY);\nINSERT INTO x VALUES (1),(1) -- 'top secret row'\n;\nSELECT 1;"),
    ).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'RESTORE_FAILED',
      message: expect.stringMatching(
        /at line 5 of the dump: Duplicate entry '1' for key 'PRIMARY' \(1062\)/,
      ) as unknown,
    });
    expect(String(failure)).not.toContain('top secret');
  });

  it.each<[string, string, RegExp | undefined]>([
    [
      '8.0.36',
      'CREATE TABLE x (a INT) COLLATE utf8mb4_unheard_of;',
      /^The dump comes from MySQL 8\.0\.36, and .* other/,
    ],
    ['8.0.36', 'CREATE TABLE x (a INT) UNHEARD_OF;', /^The dump comes from MySQL 8\.0\.36, and this server is MariaDB/],
    [
      '99.2.1-MariaDB',
      'SET SESSION unheard_of = 1;',
      /^The dump comes from MariaDB 99\.2\.1, .*MariaDB 99\.2 or newer/,
    ],
    ['5.5.68-MariaDB', 'SET SESSION unheard_of = 1;', undefined],
    ['8.0.36', 'CREATE TABLE x (a INT PRIMARY KEY);\nINSERT INTO x VALUES (1),(1);', undefined],
  ])(
    '37: says that the dump comes from another server, where that is the trouble: %s %s',
    async (version, body, hint) => {
      const failure: unknown = await load(script(`-- Server version\t${version}\n\n${body}`)).catch(
        (error: unknown) => error,
      );
      expect(failure).toMatchObject({
        code: 'RESTORE_FAILED',
        message: expect.stringMatching(/unheard_of|106[24]/i) as string,
      });
      const told = (failure as { hint?: string }).hint ?? '';
      if (hint === undefined) expect(told).not.toContain('comes from');
      else expect(told).toMatch(hint);
    },
  );

  it('that fails long before the end of the dump still tells why', async () => {
    const rest = `INSERT INTO x VALUES (${'1),('.repeat(50_000)}1);\n`;
    async function* parts(): AsyncGenerator<Buffer> {
      yield Buffer.from(`${HEADER}CREATE TABLE x (a INT);\nSELEKT 1;\n`);
      for (let part = 0; part < 200; part += 1) yield Buffer.from(rest);
    }
    const source: DumpSource = { format: 'plain', own: true, open: () => Readable.from(parts()) };
    await expect(load(source)).rejects.toMatchObject({
      code: 'RESTORE_FAILED',
      message: expect.stringContaining('at line 5 of the dump: You have an error in your SQL syntax') as unknown,
    });
  });

  it('stops at the first error (FAILURES 47)', async () => {
    await expect(
      load(script('CREATE TABLE x (a INT);\nSELEKT 1;\nCREATE TABLE y (a INT);', true)),
    ).rejects.toMatchObject({
      code: 'RESTORE_FAILED',
    });
    expect(await sql('target', 'SHOW TABLES')).toEqual([{ Tables_in_target: 'x' }]);
  });

  it('is undone by a hook that throws, in the words of the hook', async () => {
    const beforeCommit = (): Promise<void> => Promise.reject(new Error('changed on disk'));
    await expect(load(script('CREATE TABLE x (a INT);'), { beforeCommit })).rejects.toThrow('changed on disk');
  });

  it('whose source breaks off fails, and does not take the rest for the end', async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.from(`${HEADER}CREATE TABLE x (a INT);\n`);
      throw new Error('bad block');
    }
    const source: DumpSource = { format: 'plain', own: true, open: () => Readable.from(broken()) };
    await expect(load(source)).rejects.toMatchObject({
      code: 'BACKUP_DAMAGED',
      message: expect.stringContaining('bad block') as unknown,
    });
  });

  it('ends when it is cancelled, and leaves neither process nor secret', async () => {
    const abort = new AbortController();
    const pending = load(script('SELECT SLEEP(60);', true), { signal: abort.signal });
    setTimeout(() => abort.abort(), 500);
    await expect(pending).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await readdir(runtimeDir)).toEqual([]);
  });

  it('keeps the comments in routines, and a NUL and a line end in data as they are', async () => {
    const body = [
      "CREATE TABLE x (a VARBINARY(10));\nINSERT INTO x VALUES ('a\r\nb\\0c\x00');",
      'DELIMITER ;;\nCREATE PROCEDURE p()\nBEGIN\n  -- why; this\n  SELECT 1; /* and */\nEND ;;\nDELIMITER ;',
    ].join('\n');
    await load(script(body));
    const [row] = await sql(
      'target',
      `SELECT HEX(a) AS a, ROUTINE_DEFINITION AS body FROM x JOIN information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'target'`,
    );
    expect(row).toEqual({
      a: '610D0A62006300',
      body: expect.stringContaining('-- why; this\n  SELECT 1; /* and */') as unknown,
    });
  });

  it('takes a row of 20 MB', async () => {
    const body = `CREATE TABLE x (a LONGTEXT);\nINSERT INTO x VALUES ('${'y'.repeat(20e6)}');`;
    await load(script(body));
    expect(await sql('target', 'SELECT LENGTH(a) AS n FROM x')).toEqual([{ n: 20e6 }]);
  });
});

describe('Before a load', () => {
  it('says what the target holds', async () => {
    const request = { connection: root('target'), format: 'plain' as const, tools: {}, skipOwnership: false };
    const plan = await driver.prepareLoad(request);
    expect(plan.targetIsEmpty).toBe(false);
    expect(plan.targetBytes).toBeGreaterThan(0);
    await sql('target', 'DROP TABLE kept');
    expect(await driver.prepareLoad(request)).toMatchObject({ targetIsEmpty: true, targetBytes: 0 });
  });

  it.each(['mysql', 'information_schema', 'performance_schema', 'sys'])(
    'the database %s is no target',
    async (name) => {
      const request = { connection: root(name), format: 'plain' as const, tools: {}, skipOwnership: false };
      await expect(driver.prepareLoad(request)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    },
  );

  it('missing privileges are named, and the hint suffices (FAILURES 36)', async () => {
    await sql(
      'mysql',
      `CREATE OR REPLACE USER loader@'%' IDENTIFIED BY 'pw'`,
      `GRANT SELECT, INSERT ON target.* TO loader@'%'`,
    );
    const loader = { ...root('target'), username: 'loader', password: 'pw' };
    const body = 'CREATE TABLE x (a INT);\nCREATE VIEW v AS SELECT 1;';
    const failure = (await load(script(body), {}, loader).catch((error: unknown) => error)) as { hint: string };
    expect(failure).toMatchObject({
      code: 'MISSING_PRIVILEGE',
      message: expect.stringContaining('CREATE ROUTINE') as unknown,
    });
    await sql('mysql', failure.hint.slice(failure.hint.indexOf('GRANT')).replace(/;$/, ''));
    await load(script(body), {}, loader);
  });

  it('accounts that the server lacks are named with what runs with their rights, but not in a verification', async () => {
    await sql('mysql', `CREATE USER here@'%'`);
    const routine = (name: string, definer: string, security = 'DEFINER'): string =>
      `CREATE DEFINER=${definer} PROCEDURE ${name}() SQL SECURITY ${security} SELECT 1;\n`;
    const body = [
      `/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=\`gone\`@\`%\` SQL SECURITY DEFINER */\n/*!50001 VIEW \`v\` AS select 1 */;\n`,
      ...[1, 2, 3, 4, 5].map((n) => routine(`p${n}`, '`gone`@`%`')),
      routine('mine', '`here`@`%`') + routine('invoked', '`gone`@`%`', 'INVOKER'),
    ].join('');
    const request = { connection: root('target'), format: 'plain', tools: {}, skipOwnership: false } as const;
    const loading = async (more: object): Promise<readonly string[]> =>
      (await driver.load(await driver.prepareLoad({ ...request, ...more }), script(body, true), hooks())).warnings;
    expect(await loading({})).toEqual([
      expect.stringMatching(
        /^The server has no account gone@% \(procedure p1, procedure p2, .* and 1 more\): .* told error 1449\./,
      ),
    ]);
    expect(await loading({ forVerification: true })).toEqual([]);
    await sql('mysql', `DROP USER here@'%'`);
  });

  it('definers and logged routines that the account may not make are refused with the target untouched (FAILURES 36)', async () => {
    await sql(
      'mysql',
      `CREATE OR REPLACE USER loader@'%' IDENTIFIED BY 'pw'`,
      `GRANT ALL PRIVILEGES ON target.* TO loader@'%'`,
    );
    const loader = { ...root('target'), username: 'loader', password: 'pw' };
    const view = (definer: string): DumpSource =>
      script(
        `/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=${definer} SQL SECURITY DEFINER */\n/*!50001 VIEW \`v\` AS select 1 */;`,
        true,
      );

    await expect(load(view('`boss`@`%`'), {}, loader)).rejects.toMatchObject({
      code: 'MISSING_PRIVILEGE',
      message: expect.stringMatching(/boss@%.*SET USER/) as unknown,
    });
    const trigger = script(
      'CREATE TABLE x (a INT);\nCREATE TRIGGER tr BEFORE INSERT ON x FOR EACH ROW SET @a = 1;',
      true,
    );
    await expect(load(trigger, {}, loader)).rejects.toMatchObject({
      code: 'MISSING_PRIVILEGE',
      hint: expect.stringContaining('log_bin_trust_function_creators') as unknown,
    });
    expect(await kept()).toBe(true);

    await load(view('`loader`@`%`'), {}, loader);
    await sql('mysql', 'SET GLOBAL log_bin_trust_function_creators = 1', `GRANT SET USER ON *.* TO loader@'%'`);
    await load(trigger, {}, loader);
    await load(view('`boss`@`%`'), {}, loader);
    await sql('mysql', 'SET GLOBAL log_bin_trust_function_creators = 0');
  });
});

describe('The account of a load', () => {
  const ours = `SELECT User AS user FROM mysql.user WHERE User LIKE 'dbs\\_load\\_%'`;
  const maker = (): ConnectionParams => ({ ...root('target'), username: 'maker', password: 'pw' });
  beforeEach(async () => {
    await sql(
      'mysql',
      `CREATE OR REPLACE USER maker@'%' IDENTIFIED BY 'pw'`,
      `GRANT ALL PRIVILEGES ON target.* TO maker@'%' WITH GRANT OPTION`,
      `GRANT SELECT ON mysql.* TO maker@'%'`,
      `GRANT CREATE USER ON *.* TO maker@'%'`,
    );
  });
  const forbid = async (): Promise<void> => {
    await sql('mysql', `REVOKE CREATE USER ON *.* FROM maker@'%'`);
  };

  it('that cannot be dropped is told also when the load fails', async () => {
    const beforeCommit = async (): Promise<void> => {
      await forbid();
      throw new Error('changed on disk');
    };
    await expect(load(script('CREATE TABLE x (a INT);'), { beforeCommit }, maker())).rejects.toMatchObject({
      message: expect.stringContaining('changed on disk') as unknown,
      hint: expect.stringMatching(
        /account '?dbs_load_\w+.*could not be dropped: .*CREATE USER.* Drop it yourself/,
      ) as unknown,
    });
    expect(await sql('mysql', ours)).toHaveLength(1);
  });

  it('that an earlier one has left does not keep a backup of ours from being loaded', async () => {
    const beforeCommit = async (): Promise<void> => {
      await forbid();
      throw new Error('changed on disk');
    };
    await load(script('CREATE TABLE x (a INT);'), { beforeCommit }, maker()).catch(() => undefined);
    const request = { connection: maker(), format: 'plain' as const, tools: {}, skipOwnership: false };
    const { warnings } = await driver.load(
      await driver.prepareLoad(request),
      script('CREATE TABLE again (a INT);', true),
      hooks(),
    );
    expect(warnings).toEqual([expect.stringMatching(/earlier restore into "target" could not be dropped/)]);
    expect(await sql('target', 'SHOW TABLES')).toEqual([{ Tables_in_target: 'again' }]);
    await load(script('CREATE TABLE x (a INT);', true));
    expect(await sql('mysql', ours)).toEqual([]);
  });
});

it('Two databases whose names differ in case only are two', async () => {
  await sql('mysql', 'CREATE DATABASE Target', 'CREATE TABLE Target.other (a INT)');
  await load(script('CREATE TABLE x (a INT);'));
  expect(await sql('Target', 'SHOW TABLES')).toEqual([{ Tables_in_Target: 'other' }]);
  const plan = await driver.prepareDump({ connection: root('target'), format: 'plain', tools: {} });
  expect(plan.objects).toMatchObject({ tables: 1 });
  const running = await driver.startDump(plan, new AbortController().signal);
  expect((await buffer(running.output)).toString()).not.toContain('`other`');
  await running.completed;
});
