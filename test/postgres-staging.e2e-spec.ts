import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BackupFormat, ConnectionParams } from '@app/domain';
import { DomainError } from '@app/domain';
import { PostgresDriver } from '@app/drivers';
import type { DumpSource, LoadHooks } from '@app/drivers';
import { startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { postgresQuery, postgresSnapshot } from './support/postgres-snapshot.js';
import type { PostgresSnapshot } from './support/postgres-snapshot.js';

const runtimeDir = join(tmpdir(), `backup-aside-${randomUUID()}`);
const driver = new PostgresDriver({ runtimeDir, lockTimeoutMs: 2_000 });
const never = new AbortController().signal;
const HEAD = `--\n-- PostgreSQL database dump\n--\n\nSET client_encoding = 'UTF8';\n\n`;
const END = '\n--\n-- PostgreSQL database dump complete\n--\n\n';
let server: SandboxServer;
let postgres: ConnectionParams;
let everythingThere: PostgresSnapshot;
/** A dump of everything in each format, as a file. */
const files = {} as Record<BackupFormat, string>;
let made = 0;

beforeAll(async () => {
  server = await startPostgres({
    settings: { log_connections: 'on', max_connections: '20', max_locks_per_transaction: '40' },
  });
  postgres = server.connection('postgres');
  await postgresQuery(postgres, 'CREATE DATABASE everything TEMPLATE template0');
  const everything = server.connection('everything');
  await postgresQuery(everything, await readFile(join(__dirname, 'fixtures/postgres-everything.sql'), 'utf8'));
  everythingThere = await postgresSnapshot(everything);
  for (const format of ['plain', 'custom'] as const) files[format] = await dumpOf('everything', format);
}, 120_000);

afterAll(async () => {
  await server.stop();
  await rm(runtimeDir, { recursive: true, force: true });
});

async function dumpOf(database: string, format: BackupFormat): Promise<string> {
  const plan = await driver.prepareDump({ connection: server.connection(database), format, tools: {} });
  const running = await driver.startDump(plan, never);
  const bytes = await buffer(running.output);
  await running.completed;
  const file = join(runtimeDir, `${randomUUID()}.dump`);
  await writeFile(file, bytes);
  return file;
}

/** As the service hands over a backup of its own that is not compressed. */
const own = (file: string, format: BackupFormat): DumpSource => ({
  format,
  own: true,
  open: () => createReadStream(file),
  file,
});
const foreign = (file: string, format: BackupFormat): DumpSource => ({
  format,
  own: false,
  open: () => createReadStream(file),
});

async function target(): Promise<ConnectionParams> {
  made += 1;
  await postgresQuery(postgres, `CREATE DATABASE target${made} TEMPLATE template0`);
  return server.connection(`target${made}`);
}

interface Staged {
  connection: ConnectionParams;
  copy: ConnectionParams;
  incoming: string;
  outgoing: string;
}

async function staged(connection: ConnectionParams): Promise<Staged> {
  const id = randomUUID().slice(0, 8);
  const incoming = driver.swap.copyName(connection.database, 'restore', id);
  await driver.swap.createStaging(connection, incoming);
  const copy = server.connection(incoming);
  return { connection, copy, incoming, outgoing: driver.swap.copyName(connection.database, 'before', id) };
}

async function load(
  { connection, copy }: Staged,
  source: DumpSource,
  hooks: Partial<LoadHooks> = {},
  skipOwnership = false,
): Promise<readonly string[]> {
  const plan = await driver.prepareLoad({ connection, format: source.format, tools: {}, skipOwnership });
  const all = { signal: never, beforeCommit: () => Promise.resolve(), ...hooks };
  return (await driver.load({ ...plan, connection: copy, staged: true }, source, all)).warnings;
}

const swap = ({ connection, incoming, outgoing }: Staged): Promise<unknown> =>
  driver.swap.swap({ connection, incoming, outgoing, signal: never, journal: () => Promise.resolve() });

const connectionsTo = async (database: string): Promise<number> =>
  (await server.logTail())
    .split('\n')
    .filter((line) => line.includes('connection authorized') && line.includes(`database=${database} `)).length;

describe('a load into a copy', () => {
  it.each([
    ['a plain dump', (): DumpSource => own(files.plain, 'plain')],
    ['an archive of our own, side by side', (): DumpSource => own(files.custom, 'custom')],
    ['an archive of somebody else', (): DumpSource => foreign(files.custom, 'custom')],
  ])('brings everything of %s: large objects, row security, programs, rows', async (_, source) => {
    const parts = await staged(await target());
    const lastHook = jest.fn(() => Promise.resolve());
    expect(await load(parts, source(), { beforeCommit: lastHook })).toEqual([]);
    expect(lastHook).toHaveBeenCalledTimes(1);
    expect(await postgresSnapshot(parts.copy)).toEqual(everythingThere);
    const [analyzed] = await postgresQuery<{ some: boolean }>(
      parts.copy,
      'SELECT count(*) > 0 AS some FROM pg_stats WHERE schemaname !~ $$^pg_$$',
    );
    expect(analyzed).toEqual({ some: true });
    await swap(parts);
    expect(await postgresSnapshot(parts.connection)).toEqual(everythingThere);
  });

  it('reads an archive of our own with several connections', async () => {
    const parts = await staged(await target());
    await load(parts, own(files.custom, 'custom'));
    expect(await connectionsTo(parts.incoming)).toBeGreaterThanOrEqual(4);
  });

  it.each(['plain', 'custom'] as const)('leaves out owners and grants on request (%s)', async (format) => {
    const parts = await staged(await target());
    await load(parts, own(files[format], format), {}, true);
    const [others] = await postgresQuery<{ owners: number; grants: number }>(
      parts.copy,
      `SELECT count(DISTINCT relowner)::int AS owners, count(relacl)::int AS grants FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
        WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'`,
    );
    expect(others).toEqual({ owners: 1, grants: 0 });
  });

  it('has no limit of objects, as no transaction is round it', async () => {
    const tables = Array.from({ length: 2_500 }, (_, n) => `CREATE TABLE public.t${n} (a integer);\n`);
    const file = join(runtimeDir, 'many.sql');
    await writeFile(file, `${HEAD}${tables.join('')}${END}`);
    const parts = await staged(await target());
    await load(parts, foreign(file, 'plain'));
    expect(await driver.countObjects(parts.copy)).toMatchObject({ tables: 2_500 });
    // As opposed to a load in place, for which this server has not got the memory.
    const { connection } = parts;
    const plan = await driver.prepareLoad({ connection, format: 'plain', tools: {}, skipOwnership: false });
    const inPlace = driver.load(plan, foreign(file, 'plain'), { signal: never, beforeCommit: () => Promise.resolve() });
    await expect(inPlace).rejects.toMatchObject({ hint: expect.stringContaining('max_locks_per_transaction') });
  });

  it.each([
    ['plain', 'The dump could not be loaded at line'],
    ['custom', 'The archive could not be loaded: '],
  ] as const)(
    'FAILURES 47: fails at the first error, in the words of the server, and the target knows nothing of it (%s)',
    async (format, words) => {
      const source = await target();
      await postgresQuery(
        source,
        `CREATE TABLE a (n int); INSERT INTO a VALUES (1), (1); CREATE FUNCTION nope() RETURNS int IMMUTABLE LANGUAGE plpgsql AS
         $$ BEGIN IF current_setting('app.allowed', true) IS NULL THEN RAISE 'not in this database'; END IF; RETURN 1; END $$;
       SET app.allowed = 'yes'; CREATE INDEX broken ON a ((n + nope())); INSERT INTO a VALUES (2);`,
      );
      const file = await dumpOf(source.database, format);
      const connection = await target();
      await postgresQuery(connection, `CREATE TABLE mine (n int); INSERT INTO mine VALUES (1)`);
      const parts = await staged(connection);
      const before = await postgresSnapshot(connection);
      const lastHook = jest.fn(() => Promise.resolve());
      const error = await load(parts, own(file, format), { beforeCommit: lastHook }).catch(
        (failure: unknown) => failure,
      );
      expect(error).toMatchObject({ code: 'RESTORE_FAILED' });
      expect((error as DomainError).message).toContain(words);
      expect((error as DomainError).message).toContain('not in this database');
      expect((error as DomainError).message).toMatch(/Nothing was changed\.$/);
      expect(lastHook).not.toHaveBeenCalled();
      expect(await postgresSnapshot(connection)).toEqual(before);
      await driver.swap.dropCopy(connection, parts.incoming);
    },
  );

  it.each(['plain', 'custom'] as const)('says what to do where a role is missing (%s)', async (format) => {
    await postgresQuery(postgres, `CREATE ROLE leaver`);
    const source = await target();
    await postgresQuery(source, `CREATE TABLE a (n int); ALTER TABLE a OWNER TO leaver`);
    const file = await dumpOf(source.database, format);
    await postgresQuery(source, `DROP TABLE a`);
    await postgresQuery(postgres, `DROP ROLE leaver`);
    await expect(load(await staged(source), own(file, format))).rejects.toMatchObject({
      code: 'RESTORE_FAILED',
      message: expect.stringContaining('role "leaver" does not exist'),
      hint: expect.stringContaining('no_owner'),
    });
  });

  it.each(['plain', 'custom'] as const)('FAILURES 4: does not take a cut file for a whole one (%s)', async (format) => {
    const bytes = await readFile(files[format]);
    const file = join(runtimeDir, `cut-${format}`);
    await writeFile(file, bytes.subarray(0, Math.floor(bytes.length * 0.8)));
    const parts = await staged(await target());
    await expect(load(parts, own(file, format))).rejects.toBeInstanceOf(DomainError);
  });

  it.each(['plain', 'custom'] as const)('passes on what the caller says at its end (%s)', async (format) => {
    const parts = await staged(await target());
    const beforeCommit = (): Promise<void> => Promise.reject(new DomainError('BACKUP_DAMAGED', 'altered meanwhile'));
    await expect(load(parts, own(files[format], format), { beforeCommit })).rejects.toMatchObject({
      message: 'altered meanwhile',
    });
  });

  it.each(['plain', 'custom'] as const)(
    'can be cancelled while the server works, and what is left of it can be dropped (%s)',
    async (format) => {
      const source = await target();
      await postgresQuery(
        source,
        `CREATE FUNCTION slow() RETURNS int IMMUTABLE LANGUAGE plpgsql AS
         $$ BEGIN IF current_setting('app.quick', true) IS NULL THEN PERFORM pg_sleep(600); END IF; RETURN 1; END $$;
       SET app.quick = 'yes'; CREATE TABLE a (n int); INSERT INTO a VALUES (1); CREATE INDEX slow_index ON a ((n + slow()))`,
      );
      const file = await dumpOf(source.database, format);
      const parts = await staged(source);
      const giveUp = new AbortController();
      const loading = load(parts, own(file, format), { signal: giveUp.signal }).catch((error: unknown) => error);
      const atWork = `SELECT FROM pg_stat_activity WHERE datname = '${parts.incoming}' AND wait_event = 'PgSleep'`;
      while ((await postgresQuery(postgres, atWork)).length === 0) await sleep(20);
      giveUp.abort();
      expect(await loading).toMatchObject({ code: 'CANCELLED' });
      await driver.swap.dropCopy(source, parts.incoming);
      expect(await driver.databaseExists(source, parts.incoming)).toBe(false);
    },
  );
});
