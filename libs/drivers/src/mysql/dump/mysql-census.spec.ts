import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { CompareDepth, ConnectionParams } from '@app/domain';
import { runProcess } from '@app/process';
import { startMariadb } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import type { Census, DumpPlan, DumpSource } from '../../db-driver.js';
import { writeClientFiles } from '../login/mysql-client-files.js';
import { MysqlSession, withSession } from '../login/mysql-session.js';
import { MysqlDriver } from '../mysql-driver.js';
import { STORED_OBJECTS_TABLE } from '../stored-objects/stored-objects-table-name.js';

jest.setTimeout(60_000);

const never = new AbortController().signal;
const EVERYTHING = join(__dirname, '../../../../../test/fixtures/mariadb-everything.sql');
let server: SandboxServer;
let runtimeDir: string;
let driver: MysqlDriver;

beforeAll(async () => {
  server = await startMariadb();
  runtimeDir = await mkdtemp(join(tmpdir(), 'mysql-census-'));
  driver = new MysqlDriver({ runtimeDir, lockTimeoutMs: 1_000 });
});
afterAll(async () => {
  await server?.stop();
  await rm(runtimeDir, { recursive: true, force: true });
});

const at = (database: string): ConnectionParams => server.connection(database);

async function sql(database: string, ...statements: string[]): Promise<void> {
  await withSession(at(database), {}, async (session) => {
    for (const statement of statements) await session.run(statement);
  });
}

async function made(database: string, ...statements: string[]): Promise<void> {
  await driver.createDatabase(at('mysql'), database, {});
  await sql(database, ...statements);
}

const source = (bytes: Buffer): DumpSource => ({
  format: 'plain',
  own: true,
  open: () =>
    Readable.from(
      (function* () {
        for (let from = 0; from < bytes.length; from += 60_000) yield bytes.subarray(from, from + 60_000);
      })(),
    ),
});

const plan = (database: string, census: CompareDepth = 'counts'): Promise<DumpPlan> =>
  driver.prepareDump({ connection: at(database), format: 'plain', tools: {}, census });

async function dumped(database: string, depth?: CompareDepth): Promise<{ bytes: Buffer; census: Census }> {
  const running = await driver.startDump(await plan(database, depth), never);
  const bytes = await buffer(running.output);
  await running.completed;
  if (running.census === undefined) throw new Error('The dump was not counted.');
  return { bytes, census: await running.census };
}

async function restored(bytes: Buffer, database: string): Promise<Census> {
  await driver.createDatabase(at('mysql'), database, {});
  const request = { connection: at(database), format: 'plain', tools: {}, skipOwnership: false } as const;
  const hooks = { signal: never, beforeCommit: async () => undefined };
  await driver.load(await driver.prepareLoad(request), source(bytes), hooks);
  return driver.census(at(database));
}

const counted = (bytes: Buffer): Promise<unknown> => driver.dumpedRows(source(bytes), {}, never);

describe('The census of a database with everything in it', () => {
  let census: Census;
  beforeAll(async () => {
    await driver.createDatabase(at('mysql'), 'everything', {});
    const { best } = (await driver.tools.detect({})).find(({ key }) => key === 'mysql_path') ?? {};
    if (best === undefined) throw new Error('No client is installed.');
    const files = await writeClientFiles(runtimeDir, at('everything'), best);
    const script = (await readFile(EVERYTHING)).toString('utf8');
    await runProcess({
      command: best.path,
      args: [
        `--defaults-file=${files.optionFile}`,
        '--default-character-set=utf8mb4',
        'everything',
        `--execute=source ${EVERYTHING}`,
      ],
      timeoutMs: 60_000,
    });
    expect(script).not.toBe('');
    await files.remove();
    census = await driver.census(at('everything'));
  });

  it('holds its objects and its rows', async () => {
    expect(census.objects).toEqual(await driver.countObjects(at('everything')));
    expect(Object.keys(census.rows)).toHaveLength(census.objects['tables'] ?? -1);
    expect(Object.values(census.rows).some((rows) => rows > 100)).toBe(true);
  });

  it('is that of its dump, of what the dump holds, and of what it restores', async () => {
    const dump = await dumped('everything');
    expect(dump.census).toEqual(census);
    expect(await counted(dump.bytes)).toEqual(census.rows);
    expect(await restored(dump.bytes, 'everything_copy')).toEqual(census);
  });

  it('71: holds the same content in a restored copy, in every table', async () => {
    const { bytes, census: source } = await dumped('everything', 'content');
    await restored(bytes, 'everything_again');
    const copy = await driver.census(at('everything_again'), never, 'content');
    expect(Object.keys(source.checksums?.uncovered ?? {})).toEqual([]);
    expect(copy).toEqual(source);
  });

  it.each([
    ['--skip-extended-insert'],
    ['--complete-insert'],
    ['--insert-ignore', '--add-locks'],
    ['--skip-hex-blob', '--skip-opt'],
  ])('is that of a dump which somebody else made with %s', async (...args) => {
    const { tool } = await plan('everything');
    const files = await writeClientFiles(runtimeDir, at('everything'), tool);
    const file = join(runtimeDir, 'dump.sql');
    await runProcess({
      command: tool.path,
      args: [
        `--defaults-file=${files.optionFile}`,
        '--single-transaction',
        '--dump-history',
        ...args,
        `--result-file=${file}`,
        'everything',
      ],
      timeoutMs: 60_000,
    });
    await files.remove();
    expect(await counted(await readFile(file))).toEqual(census.rows);
    await rm(file);
  });

  it('cannot be had of a dump that is cut off', async () => {
    const { bytes } = await dumped('everything');
    const cut = bytes.subarray(0, bytes.length / 2);
    await expect(counted(cut)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  });
});

describe('A census', () => {
  it('counts what a dump holds: the past of versioned tables, nothing of what is kept elsewhere, and not what is ours', async () => {
    await made(
      'odd',
      'CREATE TABLE versioned (a INT) WITH SYSTEM VERSIONING',
      'INSERT INTO versioned VALUES (1), (2)',
      'DELETE FROM versioned WHERE a = 1',
      'CREATE TABLE slow (a INT) ENGINE=MyISAM',
      'INSERT INTO slow VALUES (1), (2), (3)',
      'CREATE TABLE merged (a INT) ENGINE=MRG_MyISAM UNION=(slow)',
      'CREATE SEQUENCE seq',
      'CREATE VIEW v AS SELECT * FROM slow',
    );
    const { bytes, census } = await dumped('odd');
    expect(census.rows).toEqual({ versioned: 2, slow: 3, merged: 0 });
    expect(await counted(bytes)).toEqual(census.rows);
    await sql('odd', `CREATE TABLE ${STORED_OBJECTS_TABLE} (a INT)`);
    expect(await driver.census(at('odd'))).toEqual(census);
    await sql('odd', `DROP TABLE ${STORED_OBJECTS_TABLE}`);
    expect(await restored(bytes, 'odd_copy')).toEqual(census);
  });

  it('can be aborted', async () => {
    await made('long', 'CREATE TABLE t AS SELECT a.seq FROM seq_1_to_2000 a, seq_1_to_1000 b');
    const controller = new AbortController();
    const counting = driver.census(at('long'), controller.signal);
    setTimeout(() => controller.abort(), 60);
    await expect(counting).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('is BUSY where somebody holds a table, and names him', async () => {
    await made('held', 'CREATE TABLE t (a INT)');
    await withSession(at('held'), {}, async (blocker) => {
      await blocker.run('LOCK TABLES t WRITE');
      await expect(driver.census(at('held'))).rejects.toMatchObject({
        code: 'BUSY',
        hint: expect.stringMatching(/connection \d+, user root/),
      });
    });
  });
});

describe('While others write', () => {
  it('what is counted is what the dump restores, every time', async () => {
    await made(
      'busy',
      'CREATE TABLE a (n INT, t TEXT)',
      'CREATE TABLE b (n INT)',
      `INSERT INTO a SELECT seq, REPEAT('x', 100) FROM seq_1_to_5000`,
    );
    const stop = new AbortController();
    const writers = [0, 1].map((number) =>
      withSession(at('busy'), {}, async (session) => {
        for (let step = number; !stop.signal.aborted; step += 1) {
          await session.run(`INSERT INTO a SELECT seq, REPEAT('(', seq % 50) FROM seq_1_to_300`).catch(() => undefined);
          await session.run('INSERT INTO b VALUES (1), (2)');
          if (step % 3 === 0) await session.run('DELETE FROM a WHERE n % 3 = 0 LIMIT 200').catch(() => undefined);
        }
      }),
    );
    const seen = new Set<number | undefined>();
    for (let round = 0; round < 4; round += 1) {
      const { bytes, census } = await dumped('busy');
      expect(await counted(bytes)).toEqual(census.rows);
      expect(await restored(bytes, `busy_${round}`)).toEqual(census);
      seen.add(census.rows['b']);
    }
    stop.abort();
    await Promise.all(writers);
    expect(seen.size).toBeGreaterThan(1);
  });
});

describe('While somebody changes the schema', () => {
  /** A dump whose tool stands still in the middle of `a_big`, since nobody reads what it writes. */
  async function held(database: string): Promise<{ end: () => Promise<unknown> }> {
    await made(
      database,
      'CREATE TABLE a_big AS SELECT seq, REPEAT(MD5(seq), 60) AS x FROM seq_1_to_4000',
      'CREATE TABLE small (a INT)',
      'INSERT INTO small VALUES (1)',
      'CREATE TABLE other (a INT)',
    );
    const running = await driver.startDump(await plan(database), never);
    running.output.on('error', () => undefined);
    await once(running.output, 'readable');
    return {
      end: async () => {
        running.output.resume();
        return running.completed.catch((error: unknown) => error);
      },
    };
  }

  it.each<[string, string[], RegExp]>([
    [
      'an instant ALTER',
      ['ALTER TABLE small ADD COLUMN b INT DEFAULT 7, ALGORITHM=INSTANT'],
      /: table small \(altered\)\./,
    ],
    [
      'an ALTER that is taken back',
      ['ALTER TABLE small ADD COLUMN b INT, ALGORITHM=INSTANT', 'ALTER TABLE small DROP COLUMN b'],
      /: table small \(altered\)\./,
    ],
    [
      'a CREATE',
      ['CREATE TABLE unheard_of (a INT)', 'CREATE VIEW v AS SELECT 1'],
      /: table unheard_of \(created\), view v \(created\)\./,
    ],
    ['a RENAME', ['RENAME TABLE small TO tiny'], /: table small \(dropped\), table tiny \(created\)\./],
    ['a DROP', ['DROP TABLE small'], /: table small \(dropped\)\./],
    ['an index', ['CREATE INDEX i ON small (a)'], /: table small \(altered\)\./],
    ['a trigger', ['CREATE TRIGGER tr BEFORE INSERT ON other FOR EACH ROW SET @a = 1'], /: trigger tr \(created\)\./],
    [
      'a procedure',
      ['CREATE PROCEDURE p() SELECT 1', 'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1'],
      /: event e \(created\), procedure p \(created\)\./,
    ],
  ])('no dump is taken for whole: %s (FAILURES 11)', async (title, statements, names) => {
    const database = `ddl ${title}`;
    const dump = await held(database);
    // CREATE_TIME, which tells of what was taken back, counts in seconds.
    if (title.includes('taken back')) await new Promise((resolve) => setTimeout(resolve, 1_100));
    await sql(database, ...statements);
    expect(await dump.end()).toMatchObject({
      code: 'SCHEMA_CHANGED',
      message: expect.stringMatching(names),
      hint: 'Back up again when no migration runs.',
    });
  });

  it('no dump is taken for whole: a TRUNCATE (FAILURES 11)', async () => {
    const dump = await held('truncated');
    await sql('truncated', 'TRUNCATE small');
    expect(await dump.end()).toMatchObject({
      code: 'SCHEMA_CHANGED',
      message: expect.stringMatching(/definition has changed.*`small`/),
      hint: 'Back up again when no migration runs.',
    });
  });

  it('writes, grants and statistics are no change of it', async () => {
    const dump = await held('calm');
    await sql(
      'calm',
      'INSERT INTO other SELECT seq FROM seq_1_to_1000',
      `CREATE USER guest@'%' IDENTIFIED BY 'x'`,
      'GRANT SELECT (a), UPDATE (a) ON small TO guest@`%`',
      'ANALYZE TABLE other',
    );
    expect(await dump.end()).toEqual({ warnings: [] });
  });
});

describe('A table that somebody has locked', () => {
  it.each<[string, string[]]>([
    ['LOCK TABLES', ['LOCK TABLES t WRITE']],
    ['a pending ALTER', ['BEGIN', 'SELECT * FROM t']],
  ])(
    'ends the dump as BUSY in time, with the name of who is in the way: %s (FAILURES 13)',
    async (kind, statements) => {
      const database = `locked ${kind}`;
      await made(database, 'CREATE TABLE t (a INT)', 'INSERT INTO t VALUES (1)');
      const ready = await plan(database);
      await withSession(at(database), {}, async (blocker) => {
        for (const statement of statements) await blocker.run(statement);
        const altering = await MysqlSession.open(at(database));
        const altered =
          kind === 'LOCK TABLES' ? undefined : altering.run('ALTER TABLE t ADD b INT').catch(() => undefined);
        const started = performance.now();
        const running = await driver.startDump(ready, never);
        running.output.on('error', () => undefined).resume();
        await expect(running.completed).rejects.toMatchObject({
          code: 'BUSY',
          hint: expect.stringMatching(/connection \d+, user root.* for \d+ s/),
        });
        expect(performance.now() - started).toBeLessThan(30_000);
        await blocker.run(kind === 'LOCK TABLES' ? 'UNLOCK TABLES' : 'ROLLBACK');
        await altered;
        await altering.close();
      });
    },
  );
});
