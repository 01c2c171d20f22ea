import { randomUUID } from 'node:crypto';
import { access, readFile, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ConnectionParams, DumpFormat } from '@app/domain';
import { PostgresDriver } from '@app/drivers';
import type { DumpSource, LoadHooks } from '@app/drivers';
import { runProcess, writeSecretFile } from '@app/process';
import { startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { postgresQuery, postgresSnapshot } from './support/postgres-snapshot.js';
import type { PostgresSnapshot } from './support/postgres-snapshot.js';

const runtimeDir = join(tmpdir(), `backup-restore-${randomUUID()}`);
const driver = new PostgresDriver({ runtimeDir, lockTimeoutMs: 500 });
let server: SandboxServer;
/** Everything of the fixture; only ever read. */
let everything: ConnectionParams;
let everythingThere: PostgresSnapshot;
/** What failed loads must leave as it is. */
let target: ConnectionParams;
let before: PostgresSnapshot;

const HEAD = `--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\nSET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;\nSELECT pg_catalog.set_config('search_path', '', false);\n\n`;
const END = '\n--\n-- PostgreSQL database dump complete\n--\n\n';

beforeAll(async () => {
  server = await startPostgres({ settings: { max_locks_per_transaction: '256' } });
  const postgres = server.connection('postgres');
  await postgresQuery(postgres, 'CREATE DATABASE everything TEMPLATE template0');
  await postgresQuery(postgres, 'CREATE DATABASE target TEMPLATE template0');
  everything = server.connection('everything');
  target = server.connection('target');
  await postgresQuery(everything, await readFile(join(__dirname, 'fixtures/postgres-everything.sql'), 'utf8'));
  everythingThere = await postgresSnapshot(everything);
  await postgresQuery(
    target,
    `CREATE SCHEMA kept; CREATE TABLE kept.t (a int PRIMARY KEY, b text);
     INSERT INTO kept.t SELECT n, md5(n::text) FROM generate_series(1, 1000) n;
     CREATE VIEW kept.v AS SELECT * FROM kept.t; SELECT lo_from_bytea(77, 'kept'); CREATE EXTENSION citext;`,
  );
  before = await postgresSnapshot(target);
}, 120_000);

afterAll(async () => {
  await server.stop();
  await rm(runtimeDir, { recursive: true, force: true });
});

/** `pg_dump` as anybody else would run it. */
async function pgDump(connection: ConnectionParams, ...args: string[]): Promise<Buffer> {
  const [tool] = await driver.tools.detect({});
  await using passwordFile = await writeSecretFile(runtimeDir, `*:*:*:*:${connection.password}\n`);
  const { host, port, username, database } = connection;
  const file = join(runtimeDir, randomUUID());
  await runProcess({
    command: tool?.best?.path ?? '',
    args: ['-w', `-h${host}`, `-p${port}`, `-U${username}`, `-f${file}`, ...args, database],
    env: { PGPASSFILE: passwordFile.path },
    timeoutMs: 60_000,
  });
  const bytes = await readFile(file);
  await rm(file);
  return bytes;
}

function sourceOf(dump: string | Buffer, format: DumpFormat = 'plain'): DumpSource {
  const bytes = Buffer.from(dump as string);
  return { format, own: false, open: () => Readable.from(pieces(bytes)) };
}

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let from = 0; from < bytes.length; from += 10_007) yield bytes.subarray(from, from + 10_007);
}

async function load(
  connection: ConnectionParams,
  source: DumpSource,
  hooks: Partial<LoadHooks> = {},
  skipOwnership = false,
): Promise<readonly string[]> {
  const plan = await driver.prepareLoad({ connection, format: source.format, tools: {}, skipOwnership });
  const all = { signal: new AbortController().signal, beforeCommit: () => Promise.resolve(), ...hooks };
  return (await driver.load(plan, source, all)).warnings;
}

async function expectUntouched(): Promise<void> {
  expect(await postgresSnapshot(target)).toEqual(before);
}

describe('clearing the target', () => {
  it('FAILURES 38: leaves what a fresh database has, whatever was in it', async () => {
    const postgres = server.connection('postgres');
    await postgresQuery(postgres, 'CREATE DATABASE fresh TEMPLATE template0');
    await postgresQuery(postgres, 'CREATE DATABASE mess TEMPLATE everything');
    const fresh = await postgresSnapshot(server.connection('fresh'));
    const mess = server.connection('mess');
    await postgresQuery(
      mess,
      `CREATE LANGUAGE own_language HANDLER plpgsql_call_handler;
       CREATE TRANSFORM FOR int LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal));
       CREATE ACCESS METHOD own_method TYPE TABLE HANDLER heap_tableam_handler;
       CREATE CAST (int AS point) WITH INOUT;
       CREATE SUBSCRIPTION far CONNECTION 'host=nowhere.invalid' PUBLICATION p WITH (connect = false, slot_name = 'far_slot');
       ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM postgres;
       ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO fixture_reader WITH GRANT OPTION;
       REVOKE ALL ON pg_catalog.pg_class FROM PUBLIC;
       DROP SCHEMA public CASCADE;`,
    );
    const plan = await driver.prepareLoad({ connection: mess, format: 'plain', tools: {}, skipOwnership: false });
    expect(plan.targetIsEmpty).toBe(false);
    expect(await load(mess, sourceOf(HEAD + END))).toEqual([
      expect.stringContaining('far_slot'),
      'Not published any more, as the backup does not say so: publication everything, publication some_rows.',
    ]);
    expect(await postgresSnapshot(mess)).toEqual(fresh);
    const after = await driver.prepareLoad({ connection: mess, format: 'plain', tools: {}, skipOwnership: false });
    expect(after).toMatchObject({ targetIsEmpty: true });
    // Nothing that pg_dump would not show either.
    const acl = `SELECT relname, relacl::text FROM pg_class WHERE oid < 16384 ORDER BY 1`;
    expect(await postgresQuery(mess, acl)).toEqual(await postgresQuery(server.connection('fresh'), acl));
  }, 60_000);
});

describe('dumps that others made', () => {
  test.each<[string, DumpFormat, string[]]>([
    ['plain', 'plain', []],
    ['tar', 'tar', ['-Ft']],
    ['custom, compressed', 'custom', ['-Fc', '-Z6']],
    ['INSERT commands', 'plain', ['--inserts', '--rows-per-insert=3', '--disable-dollar-quoting']],
    ['quoted names', 'plain', ['--quote-all-identifiers']],
    ['DROP commands first', 'plain', ['--clean', '--if-exists']],
  ])(
    'load as they were: %s',
    async (_title, format, args) => {
      const copy = `copy ${randomUUID()}`;
      const dump = await pgDump(everything, ...args);
      expect(driver.recognise(dump.subarray(0, 4096))).toBe(format);
      await driver.createDatabase(everything, copy, {});
      await driver.checkArchive(sourceOf(dump, format), {}, new AbortController().signal);
      await load(server.connection(copy), sourceOf(dump, format));
      const copied = await postgresSnapshot(server.connection(copy));
      // pg_dump itself loses the sign of a negative zero in INSERT commands.
      const lossy = args.includes('--inserts') ? { 'shop.item': everythingThere.rows['shop.item'] ?? '' } : {};
      expect({ ...copied, rows: { ...copied.rows, ...lossy } }).toEqual(everythingThere);
      await driver.dropDatabase(everything, copy);
    },
    60_000,
  );

  test.each([
    ['LATIN1', `chr(228) || 'x'`],
    ['SQL_ASCII', `convert_from('\\xe4ff', 'SQL_ASCII')`],
    ['EUC_JP', `'日本'`],
  ])('keep every byte in a database of encoding %s', async (encoding, text) => {
    const [from, to] = [`from ${encoding}`, `to ${encoding}`];
    const settings = { encoding, lc_collate: 'C', lc_ctype: 'C' };
    await driver.createDatabase(target, from, settings);
    await postgresQuery(server.connection(from), `CREATE TABLE t (a text); INSERT INTO t SELECT ${text}`);
    const plan = await driver.prepareDump({ connection: server.connection(from), format: 'plain', tools: {} });
    expect(plan.settings).toMatchObject(settings);
    await driver.createDatabase(target, to, plan.settings);
    for (const args of [[], ['--inserts']]) {
      await load(server.connection(to), sourceOf(await pgDump(server.connection(from), ...args)));
      const read = `SELECT encode(a::bytea, 'hex') AS bytes, pg_encoding_to_char(encoding) AS encoding FROM t, pg_database WHERE datname = current_database()`;
      const bytes = `SELECT encode(convert_to(a, '${encoding}'), 'hex') AS bytes FROM t`;
      const query = encoding === 'SQL_ASCII' ? read : bytes;
      expect(await postgresQuery(server.connection(to), query)).toEqual(
        await postgresQuery(server.connection(from), query),
      );
    }
  });

  it('load without owners and grants on a server that lacks the roles', async () => {
    const dump = (await pgDump(everything, '-t', 'owned.thing', '-t', 'shop.hen', '-t', 'shop.egg'))
      .toString('utf8')
      .replaceAll('"Fixture ""Owner"""', 'no_such_role')
      .replaceAll('fixture_reader', 'no_such_role')
      .replace('SET statement_timeout', 'CREATE SCHEMA owned; CREATE SCHEMA shop;\nSET statement_timeout');
    const bad = load(target, sourceOf(dump));
    await expect(bad).rejects.toMatchObject({ code: 'RESTORE_FAILED', hint: expect.stringContaining('no_owner') });
    await expectUntouched();
    await driver.createDatabase(target, 'unowned', {});
    await load(
      server.connection('unowned'),
      sourceOf(dump.replace(/CREATE TRIGGER.*?;/s, '').replace(/CREATE CONSTRAINT TRIGGER.*?;/s, '')),
      {},
      true,
    );
    expect(await postgresQuery(server.connection('unowned'), 'SELECT a, b FROM owned.thing')).toEqual([
      { a: 1, b: 'mine' },
    ]);
  });

  it('may set what this server does not know', async () => {
    await driver.createDatabase(target, 'newer', {});
    const dump = `${HEAD}SET transaction_timeout = 0;\nSET of_the_future = on;\nCREATE TABLE public.t (a int);\n${END}`;
    await load(server.connection('newer'), sourceOf(dump));
    expect(await postgresQuery(server.connection('newer'), 'SELECT * FROM t')).toEqual([]);
  });
});

describe('a load that fails', () => {
  const touched = (): Promise<boolean> =>
    access('/tmp/never').then(
      () => true,
      () => false,
    );

  it('FAILURES 4: changes nothing wherever the dump is cut off', async () => {
    const dump = await pgDump(everything);
    for (let part = 1; part < 10; part += 1) {
      const cut = dump.subarray(0, Math.floor((dump.length * part) / 10));
      await expect(load(target, sourceOf(cut))).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    }
    // At the end of a line, in the middle of table data.
    const text = dump.toString('latin1');
    const line = text.indexOf('\n', text.indexOf('COPY shop.wide_rows') + 20_000) + 1;
    await expect(load(target, sourceOf(dump.subarray(0, line)))).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    await expectUntouched();
  }, 120_000);

  test.each(['custom', 'tar'] as const)(
    'FAILURES 7: changes nothing when a %s archive is cut off',
    async (format) => {
      const dump = await pgDump(everything, `-F${format.charAt(0)}`);
      for (const part of [0.2, 0.5, 0.9]) {
        const cut = sourceOf(dump.subarray(0, Math.floor(dump.length * part)), format);
        await expect(driver.checkArchive(cut, {}, new AbortController().signal)).rejects.toMatchObject({
          code: 'BACKUP_DAMAGED',
        });
        await expect(load(target, cut)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
      }
      await expectUntouched();
    },
    60_000,
  );

  it('FAILURES 37: leaves no large object behind, though the dump commits them itself', async () => {
    const dump = (await pgDump(everything)).toString('latin1').replace(END, `\nSELECT 1/0;\n${END}`);
    expect(dump).toMatch(/\nBEGIN;\n[^]*SELECT pg_catalog\.lowrite[^]*\nCOMMIT;\n/);
    await expect(load(target, sourceOf(Buffer.from(dump, 'latin1')))).rejects.toMatchObject({
      code: 'RESTORE_FAILED',
      message: expect.stringMatching(
        /at line \d+ in "SELECT 1\/0": division by zero \(SQLSTATE 22012\)\. Nothing was changed/,
      ),
    });
    await expectUntouched();
  });

  it('FAILURES 47: says where, in which words, and nothing of the data', async () => {
    const rows = `COPY public.t (a, b) FROM stdin;\n1\tpublic\n2\tpublic\nsecret-word\tprivate-word\n\\.\n`;
    const failure = load(target, sourceOf(`${HEAD}CREATE TABLE public.t (a int, b text);\n${rows}${END}`));
    await expect(failure).rejects.toMatchObject({
      code: 'RESTORE_FAILED',
      message: expect.stringMatching(/at line 11 in "COPY public\.t .*22P02; COPY t, line 3, column a\)/),
    });
    await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining('private-word') });
    await expectUntouched();
  });

  test.each([
    ['a shell command', '\\! touch /tmp/never\n'],
    ['a shell command in a comment of a name', '-- Name: x\n\\! touch /tmp/never\n; Type: TABLE\n'],
    ['another connection', '\\connect postgres\nDROP TABLE kept.t;\n'],
    ['a copy to a program', "\\copy kept.t to program 'cat > /tmp/never'\n"],
    ['an end of the guard', '\\unrestrict x\n\\! touch /tmp/never\n'],
    ['a command at the end of a query', 'SELECT 1 \\gexec\n'],
    ['a command after the guard', '\\restrict x \\! touch /tmp/never\n'],
    ['the end of rows without rows', '\\.\n'],
    ['a server program', `COPY kept.t TO PROGRAM 'touch /tmp/never';\n`],
    ['a server file', `COPY kept.t FROM '/etc/passwd';\n`],
    ['a rollback', 'ROLLBACK;\nDROP SCHEMA kept CASCADE;\n'],
    ['a chained commit', 'COMMIT AND CHAIN;\n'],
    ['a prepared transaction', `PREPARE TRANSACTION 'x';\n`],
    ['a savepoint', 'SAVEPOINT x;\n'],
    ['another database', 'DROP DATABASE everything;\n'],
    ['a role', 'CREATE ROLE evil SUPERUSER;\n'],
    ['a server setting', `ALTER SYSTEM SET archive_command = 'touch /tmp/never';\n`],
  ])('FAILURES 31: is refused for %s', async (_title, evil) => {
    const failure = load(target, sourceOf(`${HEAD}CREATE TABLE public.t (a int);\n${evil}${END}`));
    await expect(failure).rejects.toMatchObject({
      code: 'BACKUP_UNSAFE',
      message: expect.stringMatching(/, at line 1\d\./),
    });
    expect(await touched()).toBe(false);
    await expectUntouched();
  });

  test.each([
    ['in a block', 'DO $$ BEGIN COMMIT; END $$;'],
    ['in a procedure', 'CREATE PROCEDURE public.p() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$; CALL public.p();'],
    [
      'behind a string that the server reads otherwise',
      `SET standard_conforming_strings = off;\nSELECT set_config('standard_conforming' || '_strings', 'on', false);\nSELECT 'a\\'; COMMIT; --';`,
    ],
    ['in rows', 'COPY public.t FROM stdin; COMMIT;\n1\n\\.'],
    ['at the end', 'COMMIT;\nSELECT 1/0;'],
    [
      'deferred until the commit',
      'CREATE TABLE public.p (a int PRIMARY KEY); CREATE TABLE public.c (a int REFERENCES public.p DEFERRABLE INITIALLY DEFERRED); INSERT INTO public.c VALUES (1);',
    ],
  ])('cannot commit half of itself: %s', async (_title, evil) => {
    const failure = load(target, sourceOf(`${HEAD}CREATE TABLE public.t (a int);\n${evil}\n${END}`));
    await expect(failure).rejects.toMatchObject({ code: expect.stringMatching(/^(RESTORE_FAILED|BACKUP_DAMAGED)$/) });
    await expectUntouched();
  });

  it('undoes all when the caller does not want to commit', async () => {
    const reason = new Error('counts differ');
    const beforeCommit = (): Promise<void> => Promise.reject(reason);
    await expect(load(target, sourceOf(HEAD + END), { beforeCommit })).rejects.toBe(reason);
    await expectUntouched();
  });

  it('undoes all when the connection is lost before the commit', async () => {
    const kill = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND datname = 'target'`;
    const beforeCommit = async (): Promise<void> => void (await postgresQuery(server.connection('postgres'), kill));
    await expect(load(target, sourceOf(HEAD + END), { beforeCommit })).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
    });
    await expectUntouched();
  });

  it('succeeds when only the answer to the commit is lost', async () => {
    const sockets: Socket[] = [];
    const proxy = createServer((client) => {
      const upstream = connect(server.port, '127.0.0.1');
      sockets.push(client, upstream);
      for (const socket of [client, upstream]) socket.on('error', () => undefined);
      client.on('close', () => upstream.end());
      upstream.on('data', (data: Buffer) => client.write(data));
      client.on('data', (data: Buffer) => {
        upstream.write(data);
        if (data.includes('COMMIT\0')) client.destroy();
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    await driver.createDatabase(target, 'answered', {});
    const through = { ...server.connection('answered'), port };
    const warnings = await load(through, sourceOf(`${HEAD}CREATE TABLE public.t (a int);\n${END}`));
    expect(warnings).toEqual([expect.stringContaining('ANALYZE')]);
    expect(await postgresQuery(server.connection('answered'), 'SELECT * FROM t')).toEqual([]);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => proxy.close(resolve));
  });

  test.each([
    ['the server works', `SELECT pg_sleep(600);\n${END}`],
    ['the server waits for rows', `CREATE TABLE public.t (a int);\nCOPY public.t FROM stdin;\n${'1\n'.repeat(50_000)}`],
  ])('can be cancelled while %s, and undoes all', async (_title, rest) => {
    const controller = new AbortController();
    const bytes = Buffer.from(HEAD + rest);
    const open = (): Readable =>
      new Readable({
        read() {
          // What it has is given out; the end never comes, until somebody waits for it.
          this.push(bytes);
          this._read = () => setImmediate(() => controller.abort());
        },
      });
    await expect(
      load(target, { format: 'plain', own: true, open }, { signal: controller.signal }),
    ).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    await expectUntouched();
  });

  it('FAILURES 13: names the sessions that keep it from its objects', async () => {
    const beforeLoad = `BEGIN; LOCK TABLE kept.t IN ACCESS SHARE MODE; SELECT pg_sleep(600)`;
    const blocker = postgresQuery({ ...target }, `SET application_name = 'the blocker'; ${beforeLoad}`).catch(
      () => undefined,
    );
    const postgres = server.connection('postgres');
    const waiting = `SELECT pid FROM pg_locks WHERE relation IS NOT NULL AND mode = 'AccessShareLock' AND pid IN (SELECT pid FROM pg_stat_activity WHERE application_name = 'the blocker' AND wait_event = 'PgSleep')`;
    for (let tries = 0; tries < 200 && (await postgresQuery(postgres, waiting)).length === 0; tries += 1);
    try {
      await expect(load(target, sourceOf(HEAD + END))).rejects.toMatchObject({
        code: 'BUSY',
        hint: expect.stringMatching(/pid \d+, user postgres, application the blocker, active/),
      });
    } finally {
      await postgresQuery(
        postgres,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'the blocker'`,
      );
      await blocker;
    }
    await expectUntouched();
  });
});

describe('prepareLoad', () => {
  const prepare = (connection: ConnectionParams): Promise<unknown> =>
    driver.prepareLoad({ connection, format: 'plain', tools: {}, skipOwnership: false });

  it('refuses what cannot work, and changes nothing', async () => {
    await postgresQuery(target, `CREATE ROLE plain LOGIN PASSWORD 'x'; CREATE ROLE keeper LOGIN PASSWORD 'x'`);
    const as = (username: string, database = 'target'): ConnectionParams => ({
      ...server.connection(database),
      username,
      password: 'x',
    });
    await expect(prepare(server.connection('template1'))).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    await expect(prepare(server.connection('nowhere'))).rejects.toMatchObject({ code: 'DATABASE_NOT_FOUND' });
    await expect(prepare(as('plain'))).rejects.toMatchObject({
      code: 'MISSING_PRIVILEGE',
      message: expect.stringContaining('does not own'),
    });
    await postgresQuery(target, 'CREATE DATABASE kept_by OWNER keeper');
    await postgresQuery(server.connection('kept_by'), 'CREATE SCHEMA of_another');
    await expect(prepare(as('keeper', 'kept_by'))).rejects.toMatchObject({
      code: 'MISSING_PRIVILEGE',
      message: expect.stringContaining('schema of_another'),
    });
    await expectUntouched();
  });

  it('lets the owner of a database restore into it without being superuser', async () => {
    await postgresQuery(target, `CREATE ROLE simple LOGIN PASSWORD 'x'`);
    await postgresQuery(target, 'CREATE DATABASE simple OWNER simple');
    const simple = { ...server.connection('simple'), username: 'simple', password: 'x' };
    await postgresQuery(
      simple,
      `CREATE TABLE t (a int); CREATE SCHEMA s CREATE TABLE u (b text); INSERT INTO t VALUES (1); CREATE EXTENSION citext; SELECT lo_create(5)`,
    );
    const there = await postgresSnapshot(simple);
    const dump = await pgDump(simple);
    await postgresQuery(simple, 'INSERT INTO t VALUES (2); DROP TABLE s.u; SELECT lo_unlink(5)');
    await load(simple, sourceOf(dump));
    expect(await postgresSnapshot(simple)).toEqual(there);
  });
});
