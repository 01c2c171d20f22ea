import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { runProcess } from '@app/process';
import { startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import type { DumpSource, LoadHooks, LoadResult } from '../../../db-driver.js';
import { PostgresSession } from '../../login/postgres-session.js';
import { PostgresDriver } from '../../postgres-driver.js';

jest.setTimeout(120_000);

let server: SandboxServer;
let folder: string;
let driver: PostgresDriver;
let script: string;

/** Enough tables that each session has some, and of each kind of command that stands behind the rows. */
const SCHEMA = `
  -- The leader takes what comes first, so that it has to wait for whoever takes the second.
  CREATE TABLE aaa AS SELECT 1 AS i;
  CREATE TABLE aab (i int CHECK (pg_sleep(0.002) IS NOT NULL));
  INSERT INTO aab SELECT i FROM generate_series(1, 300) i;
  CREATE MATERIALIZED VIEW of_slow AS SELECT count(*) AS n FROM aab;
  CREATE TABLE big AS SELECT i, repeat(md5(i::text), 3) AS body FROM generate_series(1, 60000) i;
  ALTER TABLE big ADD PRIMARY KEY (i);
  CREATE INDEX ON big (body);
  CREATE INDEX big_expression ON big ((i % 7), (left(body, 4))) WHERE i > 10;
  COMMENT ON INDEX big_expression IS 'said of an index';
  CREATE TABLE child (id int PRIMARY KEY, big int REFERENCES big, seq serial UNIQUE);
  INSERT INTO child SELECT i, i FROM generate_series(1, 3000) i;
  CREATE TABLE period (during int4range, EXCLUDE USING gist (during WITH &&));
  INSERT INTO period SELECT int4range(i * 10, i * 10 + 5) FROM generate_series(1, 200) i;
  CREATE TABLE parted (at int NOT NULL, word text) PARTITION BY RANGE (at);
  CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (100);
  CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (100) TO (200);
  ALTER TABLE parted ADD PRIMARY KEY (at);
  CREATE INDEX ON parted (word);
  INSERT INTO parted SELECT i, 'w' || i FROM generate_series(0, 199) i;
  CREATE MATERIALIZED VIEW summary AS SELECT big % 10 AS d, count(*) AS n FROM child GROUP BY 1;
  CREATE UNIQUE INDEX ON summary (d);
  CREATE VIEW keyed AS SELECT b.i, b.body FROM big b GROUP BY b.i;
  CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.big = NEW.big; RETURN NEW; END';
  CREATE TRIGGER noted BEFORE INSERT ON child FOR EACH ROW EXECUTE FUNCTION noted();
  CREATE STATISTICS of_big ON i, body FROM big;
  CREATE SCHEMA "odd ""schema";
  CREATE TABLE "odd ""schema"."t ""x" (a int UNIQUE);
  INSERT INTO "odd ""schema"."t ""x" VALUES (1), (NULL);
  CLUSTER big USING big_pkey;
  ALTER TABLE child REPLICA IDENTITY USING INDEX child_seq_key;
  SELECT lo_from_bytea(0, 'large');
  ${Array.from({ length: 20 }, (_, n) => `CREATE TABLE small_${n} AS SELECT ${n} AS n; CREATE INDEX ON small_${n} (n);`).join('\n')}
`;

/** The method is made late: after much that takes the leader its time, and before a table of the usual method, one of its own and a view of it. */
const ACCESS_METHODS = `
  ${['hstore', 'citext', 'btree_gist', 'pg_trgm', 'ltree', 'cube'].map((name) => `CREATE EXTENSION ${name};`).join(' ')}
  ${Array.from({ length: 1_000 }, (_, n) => `CREATE FUNCTION f_${n}() RETURNS int LANGUAGE sql AS 'SELECT ${n}';`).join('\n')}
  CREATE ACCESS METHOD heap_too TYPE TABLE HANDLER heap_tableam_handler;
  CREATE TABLE of_heap AS SELECT i FROM generate_series(1, 10) i;
  CREATE TABLE of_ours USING heap_too AS SELECT i FROM generate_series(1, 2000) i;
  CREATE INDEX ON of_ours (i);
  CREATE MATERIALIZED VIEW view_of_ours USING heap_too AS SELECT max(i) FROM of_ours;
  CREATE TABLE zzz AS SELECT 1 AS i;
`;

beforeAll(async () => {
  server = await startPostgres();
  folder = await mkdtemp(join(tmpdir(), 'side-by-side-'));
  driver = new PostgresDriver({ runtimeDir: join(folder, 'runtime') });
  await sql('postgres', 'CREATE DATABASE source');
  await sql('source', SCHEMA);
  script = await dumpOf('source');
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => anew());

async function anew(): Promise<void> {
  await sql('postgres', 'DROP DATABASE IF EXISTS copy WITH (FORCE)');
  await sql('postgres', 'CREATE DATABASE copy TEMPLATE template0');
}

async function sql(database: string, text: string): Promise<Record<string, unknown>[]> {
  await using session = await PostgresSession.open(server.connection(database));
  await session.query('RESET search_path');
  return await session.query(text);
}

async function dumpOf(database: string): Promise<string> {
  const { host, port, username: user, password } = server.connection(database);
  const login = ['-h', host, '-p', String(port), '-U', user, database];
  const { stdout } = await runProcess({
    command: 'pg_dump',
    args: login,
    env: { PGPASSWORD: password },
    timeoutMs: 60_000,
    maxOutputBytes: 64 * 1024 * 1024,
  });
  // A secret of each dump of its own.
  return stdout.replaceAll(/^\\(un)?restrict .*$/gm, '\\$1restrict x');
}

const source = (text: string, own = true): DumpSource => ({
  ...{ format: 'plain', own },
  open: () => Readable.from(chunksOf(Buffer.from(text))),
});

function* chunksOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000);
}

async function load(
  dump: DumpSource,
  over: Partial<LoadHooks> = {},
  connection = server.connection('copy'),
): Promise<LoadResult> {
  const plan = await driver.prepareLoad({ connection, format: 'plain', tools: {}, skipOwnership: false, staged: true });
  return driver.load(plan, dump, {
    signal: new AbortController().signal,
    beforeCommit: () => Promise.resolve(),
    ...over,
  });
}

const sessions = async (): Promise<unknown[]> =>
  sql('postgres', `SELECT pid, query FROM pg_stat_activity WHERE datname = 'copy' AND backend_type = 'client backend'`);

it('loads what another dump says again word for word, the order of rows included', async () => {
  const { rows } = await load(source(script));
  expect(await dumpOf('copy')).toBe(script);
  expect(await sql('copy', 'SELECT n::int FROM of_slow')).toEqual([{ n: 300 }]);
  expect(rows).toEqual((await driver.census(server.connection('source'))).rows);
  expect(rows).toMatchObject({ 'public.big': 60_000, '"odd ""schema"."t ""x"': 2, 'public.small_7': 1 });
});

it('62: loads tables whose access method the dump itself makes', async () => {
  await sql('postgres', 'DROP DATABASE IF EXISTS methods WITH (FORCE)');
  await sql('postgres', 'CREATE DATABASE methods');
  await sql('methods', ACCESS_METHODS);
  const dump = await dumpOf('methods');
  expect(dump).toContain('SET default_table_access_method = heap_too;');
  const { rows, warnings } = await load(source(dump));
  expect(rows).toMatchObject({ 'public.of_ours': 2000, 'public.of_heap': 10 });
  expect(warnings).toEqual([]);
  expect(await dumpOf('copy')).toBe(dump);
});

it('gives every table, partition and view the statistics that ANALYZE would', async () => {
  await load(source(script));
  const known = `SELECT schemaname || '.' || tablename || '.' || attname AS of, inherited FROM pg_stats
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2`;
  const made = await sql('copy', known);
  await sql('source', 'ANALYZE');
  expect(made).toEqual(await sql('source', known));
  expect(made).toContainEqual({ of: 'public.parted.word', inherited: true });
});

it('says of each table how many rows the server took, not how many were meant', async () => {
  const cut = script.replace(/^(COPY public\.period [^\n]*\n)[^\n]*\n/m, '$1');
  expect((await load(source(cut))).rows).toMatchObject({ 'public.period': 199, 'public.child': 3000 });
});

it.each([
  [
    'a row that its table does not take',
    (text: string) => text.replace(/^(COPY public\.small_13 [^\n]*\n)/m, '$1no number\n'),
    /small_13|no number|integer/,
  ],
  [
    'an index that its rows do not allow',
    (text: string) => text.replace(/^(COPY public\.child [^\n]*\n)/m, '$17\t7\t7\n'),
    /child_|unique/,
  ],
  [
    'a command that the server does not know',
    (text: string) => text.replace('CREATE STATISTICS', 'CREATE NONSENSE'),
    /NONSENSE/,
  ],
])('FAILURES 47: fails by %s, names the line, and leaves no session behind', async (_title, spoil, words) => {
  const spoiled = spoil(script);
  expect(spoiled).not.toBe(script);
  await expect(load(source(spoiled))).rejects.toMatchObject({
    code: 'RESTORE_FAILED',
    message: expect.stringMatching(words) as unknown,
  });
  await expect(load(source(spoiled))).rejects.toMatchObject({ message: expect.stringMatching(/line \d+/) as unknown });
  expect(await sessions()).toEqual([]);
});

it('FAILURES 4: takes no script for whole that stops before its end mark, wherever it stops', async () => {
  for (const end of [script.indexOf('CREATE INDEX'), script.indexOf('\n\\.\n') - 1_000, script.length - 200]) {
    await anew();
    await expect(load(source(script.slice(0, end)))).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  }
  expect(await sessions()).toEqual([]);
});

it('FAILURES 31: runs nothing on this machine, whichever session comes to it', async () => {
  for (const place of [/^COPY public\.small_3 /m, /^CREATE INDEX /m, /^CREATE TABLE /m]) {
    await anew();
    const hostile = script.replace(place, (found) => `\\! touch ${folder}/touched\n${found}`);
    await expect(load(source(hostile))).rejects.toMatchObject({ code: 'BACKUP_UNSAFE' });
    expect(existsSync(join(folder, 'touched'))).toBe(false);
  }
});

it('ends all its sessions when it is cancelled, whatever they are at', async () => {
  for (const place of [/^ALTER TABLE ONLY public\.big\n/m, /^COPY public\.small_3 /m]) {
    const giveUp = new AbortController();
    const slow = script.replace(place, (found) => `SELECT pg_catalog.pg_sleep(60);\n\n${found}`);
    const loading = load(source(slow), { signal: giveUp.signal });
    while (
      (await sql('postgres', `SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND datname = 'copy'`))
        .length === 0
    );
    giveUp.abort();
    await expect(loading).rejects.toMatchObject({ code: 'CANCELLED' });
    while ((await sessions()).length > 0);
    await anew();
  }
});

it('FAILURES 13: leaves it open to nobody else: a server that loses a session fails the load', async () => {
  const slow = script.replace(
    /^ALTER TABLE ONLY public\.big\n/m,
    (found) => `SELECT pg_catalog.pg_sleep(60);\n\n${found}`,
  );
  const loading = load(source(slow)).then(
    () => 'loaded',
    (error: { code: string }) => error.code,
  );
  const sleeping = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND datname = 'copy'`;
  while ((await sql('postgres', sleeping)).length === 0);
  expect(await loading).not.toBe('loaded');
  while ((await sessions()).length > 0);
});

it.each([1, 2, 3])('loads with the sessions it gets where the server gives no more than %d', async (limit) => {
  const role = `few_${limit}`;
  await sql('postgres', `CREATE ROLE ${role} LOGIN PASSWORD 'few' CONNECTION LIMIT ${limit}`);
  await sql('postgres', `ALTER DATABASE copy OWNER TO ${role}`);
  const withoutOwners = script.replaceAll(/^ALTER .* OWNER TO .*;$/gm, '');
  await load(source(withoutOwners), {}, { ...server.connection('copy'), username: role, password: 'few' });
  expect((await dumpOf('copy')).replaceAll(role, server.connection('copy').username)).toBe(script);
});
