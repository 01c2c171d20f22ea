import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionParams } from '@app/domain';
import { startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import type { DumpPlan } from '../../db-driver.js';
import { PostgresDriver } from '../postgres-driver.js';
import { dumpArguments } from './postgres-dump.js';
import { PostgresSession } from '../login/postgres-session.js';

const runtimeDir = join(tmpdir(), `backup-dump-${randomUUID()}`);
const driver = new PostgresDriver({ runtimeDir, lockTimeoutMs: 500 });
const never = new AbortController().signal;
let server: SandboxServer;
let admin: ConnectionParams;
let reader: ConnectionParams;

beforeAll(async () => {
  server = await startPostgres();
  admin = server.connection('postgres');
  reader = { ...admin, username: 'reader', password: 'x' };
  await sql(`CREATE ROLE reader LOGIN PASSWORD 'x'`);
}, 60_000);

afterAll(async () => {
  await server.stop();
  await rm(runtimeDir, { recursive: true, force: true });
});

async function sql(text: string, connection: ConnectionParams = admin): Promise<void> {
  await using session = await PostgresSession.open(connection);
  await session.query('RESET search_path');
  await session.query(text);
}

async function database(name: string, content: string): Promise<ConnectionParams> {
  await sql(`CREATE DATABASE "${name}" TEMPLATE template0`);
  await sql(content, { ...admin, database: name });
  return { ...reader, database: name };
}

const prepare = (connection: ConnectionParams): Promise<DumpPlan> =>
  driver.prepareDump({ connection, format: 'plain', tools: {} });

async function dump(plan: DumpPlan, signal = never): Promise<string> {
  const { output, completed } = await driver.startDump(plan, signal);
  const chunks: Buffer[] = [];
  output.on('data', (chunk: Buffer) => chunks.push(chunk));
  output.on('error', () => undefined);
  await completed;
  return Buffer.concat(chunks).toString('utf8');
}

describe('warnings of pg_dump', () => {
  it('79: keeps what pg_dump warned of although it exited with 0', async () => {
    // pg_dump cannot put a domain, its default, the function and its table into an order, says so, and goes on.
    const connection = await database(
      'looped',
      `CREATE DOMAIN d AS int; CREATE TABLE t (x d);
       CREATE FUNCTION g() RETURNS int LANGUAGE sql STABLE BEGIN ATOMIC SELECT x::int FROM t LIMIT 1; END;
       ALTER DOMAIN d SET DEFAULT g();`,
    );
    const plan = await prepare({ ...connection, username: admin.username, password: admin.password });
    const { output, completed } = await driver.startDump(plan, never);
    output.resume();
    const { warnings } = await completed;
    expect(warnings).toEqual([expect.stringMatching(/^could not resolve dependency loop among these items: .*\bd\b/)]);
  });
});

describe('prepareDump', () => {
  it('FAILURES 16: names what the user may not read', async () => {
    const connection = await database(
      'unreadable',
      `CREATE TABLE a1 (x int); CREATE TABLE a2 (x serial); GRANT SELECT ON a2 TO reader;
       CREATE TABLE parts (x int) PARTITION BY LIST (x); CREATE SCHEMA hidden CREATE TABLE h (x int);
       GRANT SELECT ON hidden.h TO reader; CREATE VIEW v AS SELECT * FROM a1; SELECT lo_create(123);`,
    );
    await expect(prepare(connection)).rejects.toMatchObject({
      code: 'MISSING_PRIVILEGE',
      message: `"reader" may not read all of "unreadable": sequence public.a2_x_seq, table hidden.h, table public.a1, table public.parts, large object 123.`,
      hint: expect.stringContaining('pg_read_all_data'),
    });
    await sql(
      `GRANT USAGE ON SCHEMA hidden TO reader; GRANT SELECT ON a1, parts, a2_x_seq TO reader; GRANT SELECT ON LARGE OBJECT 123 TO PUBLIC`,
      { ...admin, database: 'unreadable' },
    );
    const plan = await prepare(connection);
    expect(plan.warnings).toEqual([]);
    expect(await dump(plan)).toContain('COPY hidden.h');
  });

  it('names a few of many, and how many more there are', async () => {
    const tables = Array.from({ length: 30 }, (_, index) => `CREATE TABLE t${index} ();`).join('');
    await expect(prepare(await database('many', tables))).rejects.toMatchObject({
      message: expect.stringMatching(/public\.t12 and 25 more/),
    });
  });

  it('is content with pg_read_all_data', async () => {
    const connection = await database('all_data', 'CREATE TABLE t (a serial); GRANT pg_read_all_data TO reader');
    await expect(prepare(connection)).resolves.toMatchObject({ warnings: [] });
    await sql('REVOKE pg_read_all_data FROM reader');
  });

  it('FAILURES 17: never dumps the part of a table that row-level security leaves', async () => {
    const connection = await database(
      'rows_hidden',
      `CREATE TABLE secret (a int); ALTER TABLE secret ENABLE ROW LEVEL SECURITY; GRANT SELECT ON secret TO reader;
       CREATE TABLE forced (a int); ALTER TABLE forced ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY, OWNER TO reader;
       CREATE TABLE own (a int); ALTER TABLE own ENABLE ROW LEVEL SECURITY, OWNER TO reader;`,
    );
    await expect(prepare(connection)).rejects.toMatchObject({
      code: 'MISSING_PRIVILEGE',
      message: 'Row-level security hides rows from "reader" in public.forced, public.secret.',
      hint: expect.stringContaining('BYPASSRLS'),
    });
    await sql('ALTER ROLE reader BYPASSRLS');
    await expect(prepare(connection)).resolves.toMatchObject({ warnings: [] });
    await sql('ALTER ROLE reader NOBYPASSRLS');
    expect(dumpArguments('plain', 1).join(' ')).not.toContain('row-security');
  });

  it('warns of what pg_dump leaves out without a word', async () => {
    const connection = await database(
      'omitted',
      `CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1); GRANT SELECT ON t TO reader;
       CREATE SUBSCRIPTION far CONNECTION 'host=nowhere.invalid' PUBLICATION p WITH (connect = false, slot_name = NONE, enabled = false);
       CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;
       CREATE USER MAPPING FOR postgres SERVER s OPTIONS (password 'x')`,
    );
    await sql('CREATE UNIQUE INDEX CONCURRENTLY broken ON t (a)', { ...admin, database: 'omitted' }).catch(
      () => undefined,
    );
    const { warnings } = await prepare(connection);
    expect(warnings).toEqual([
      expect.stringContaining('public.broken'),
      expect.stringContaining('subscriptions; not in the backup: far'),
      expect.stringContaining('s for postgres'),
    ]);
    expect((await prepare({ ...admin, database: 'omitted' })).warnings).toEqual([
      expect.stringContaining('public.broken'),
    ]);
  });

  it('counts objects and tells the settings', async () => {
    await database(
      'counted',
      `CREATE TABLE t (a serial PRIMARY KEY); CREATE VIEW v AS SELECT 1; CREATE EXTENSION hstore; SELECT lo_create(1)`,
    );
    const plan = await prepare({ ...admin, database: 'counted' });
    expect(plan.objects).toMatchObject({
      schemas: 1,
      tables: 1,
      views: 1,
      sequences: 1,
      indexes: 1,
      constraints: 1,
      functions: 0,
      types: 0,
      extensions: 1,
      large_objects: 1,
    });
    expect(plan.settings).toMatchObject({ encoding: 'UTF8', lc_collate: 'C.UTF-8', locale_provider: 'libc' });
    expect(plan.estimatedBytes).toBeGreaterThanOrEqual(0);
  });

  it('needs a client that is new enough', async () => {
    await expect(
      driver.prepareDump({ connection: admin, format: 'plain', tools: { pg_dump_path: '/nowhere/pg_dump' } }),
    ).rejects.toMatchObject({ code: 'TOOL_UNUSABLE' });
  });
});

describe('startDump', () => {
  it('FAILURES 2: fails when the connection is lost in the middle', async () => {
    await database('lost', `CREATE TABLE t AS SELECT repeat('x', 1000) AS a FROM generate_series(1, 50000)`);
    const plan = await prepare({ ...admin, database: 'lost' });
    const { output, completed } = await driver.startDump(plan, never);
    output.once('readable', () => {
      void sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'lost'`).then(() =>
        output.resume(),
      );
    });
    await expect(completed).rejects.toMatchObject({
      code: 'DUMP_FAILED',
      message: expect.stringMatching(/pg_dump: .*(terminating connection|closed the connection)/s),
    });
  });

  it('fails with the words of pg_dump, without the password', async () => {
    const plan = await prepare(admin);
    const gone = { ...plan, connection: { ...plan.connection, database: 'gone' } };
    const failure = dump(gone);
    await expect(failure).rejects.toMatchObject({
      code: 'DUMP_FAILED',
      message: expect.stringContaining('database "gone" does not exist'),
    });
    await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining(admin.password) });
  });

  it('can be cancelled', async () => {
    const plan = await prepare({ ...admin, database: 'lost' });
    const controller = new AbortController();
    const { output, completed } = await driver.startDump(plan, controller.signal);
    output.once('readable', () => controller.abort());
    output.on('error', () => undefined);
    await expect(completed).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('FAILURES 13: names the session that keeps a table locked', async () => {
    const connection = await database('locked', 'CREATE TABLE t (a int)');
    await using blocker = await PostgresSession.open({ ...connection, ...admin, database: 'locked' });
    const plan = await prepare({ ...admin, database: 'locked' });
    await blocker.query(`SET application_name = 'the blocker'`);
    await blocker.query('BEGIN');
    await blocker.query('LOCK TABLE public.t');
    await expect(dump(plan)).rejects.toMatchObject({
      code: 'BUSY',
      hint: expect.stringMatching(/pid \d+, user postgres, application the blocker, idle in transaction/),
    });
  });

  test.each([`host=127.0.0.2 dbname=x`, `postgres://nobody@nowhere/x`, `it's "\\" ; $(touch x)`, '-Fc', 'größe 🐘'])(
    'takes %p for just a name of a database',
    async (name) => {
      await driver.createDatabase(admin, name, {});
      await sql('CREATE TABLE inside (a int)', { ...admin, database: name });
      expect(await dump(await prepare({ ...admin, database: name }))).toContain('CREATE TABLE public.inside');
      expect(await driver.databaseExists(admin, name)).toBe(true);
      await driver.dropDatabase({ ...admin, database: name }, name);
      expect(await driver.databaseExists(admin, name)).toBe(false);
    },
  );

  it.each([`a:b\\c'd"e $(x) `, 'pä🐘'])('logs in with the password %p', async (password) => {
    await driver.users.create(admin, { username: 'odd', password });
    const plan = await prepare({ ...admin, database: 'template1', username: 'odd', password });
    expect(await dump(plan)).toContain('PostgreSQL database dump complete');
    await driver.users.remove(admin, { username: 'odd' });
  });

  it('FAILURES 35: leaves no file with a password behind', async () => {
    expect(await readdir(runtimeDir)).toEqual([]);
  });
});

describe('createDatabase', () => {
  it('takes over encoding and locale where the server has them', async () => {
    const settings = { encoding: 'LATIN1', lc_collate: 'C', lc_ctype: 'C' };
    await driver.createDatabase(admin, 'like_that', settings);
    expect((await prepare({ ...admin, database: 'like_that' })).settings).toMatchObject(settings);
  });

  it('65: refuses a locale that the server does not have, and makes nothing', async () => {
    const settings = { encoding: 'LATIN1', lc_collate: 'xx_YY.LATIN1', lc_ctype: 'xx_YY.LATIN1' };
    await expect(driver.createDatabase(admin, 'refused', settings)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/^Database "refused" cannot be made here with .*'xx_YY.LATIN1'.*invalid/),
      hint: expect.stringContaining('locale_fallback'),
    });
    expect(await driver.databaseExists(admin, 'refused')).toBe(false);
  });

  it('65: keeps at least the encoding where another locale is accepted, and says so', async () => {
    const settings = { encoding: 'LATIN1', lc_collate: 'xx_YY.LATIN1', lc_ctype: 'xx_YY.LATIN1' };
    expect(await driver.createDatabase(admin, 'elsewhere', settings, { orNearest: true })).toEqual([
      expect.stringMatching(/^Database "elsewhere" was made with ENCODING 'LATIN1'.*, not with .*'xx_YY.LATIN1'/),
    ]);
    expect((await prepare({ ...admin, database: 'elsewhere' })).settings).toMatchObject({ encoding: 'LATIN1' });
  });

  it('says why not', async () => {
    await expect(driver.createDatabase(admin, 'postgres', {})).rejects.toMatchObject({ code: 'DATABASE_ERROR' });
    await expect(driver.createDatabase(reader, 'mine', {})).rejects.toMatchObject({ code: 'MISSING_PRIVILEGE' });
    await expect(driver.createDatabase(admin, 'x'.repeat(64), {})).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(driver.dropDatabase(admin, 'not_there')).rejects.toMatchObject({ code: 'DATABASE_NOT_FOUND' });
    await expect(driver.dropDatabase(admin, 'postgres')).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('52: drops a database that code of its dump has made a template', async () => {
    await driver.createDatabase(admin, 'marked', {});
    await using session = await PostgresSession.open(admin);
    await session.query('ALTER DATABASE marked IS_TEMPLATE true');
    await driver.dropDatabase(admin, 'marked');
    expect(await driver.databaseExists(admin, 'marked')).toBe(false);
  });

  it('drops nothing that is in use', async () => {
    await driver.createDatabase(admin, 'used', {});
    await using session = await PostgresSession.open({ ...admin, database: 'used' });
    await expect(driver.dropDatabase(admin, 'used')).rejects.toMatchObject({ code: 'BUSY' });
    expect(await session.query('SELECT 1')).toHaveLength(1);
  }, 20_000);
});
