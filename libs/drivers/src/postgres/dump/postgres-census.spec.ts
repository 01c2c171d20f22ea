import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { DomainError } from '@app/domain';
import type { BackupFormat, ConnectionParams, DumpFormat, RowCounts } from '@app/domain';
import { runProcess } from '@app/process';
import { startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import type { Census, DumpPlan, DumpSource, LoadedRows } from '../../db-driver.js';
import { PostgresDriver } from '../postgres-driver.js';
import { PostgresSession } from '../login/postgres-session.js';

jest.setTimeout(120_000);

const runtimeDir = join(tmpdir(), `backup-census-${randomUUID()}`);
const driver = new PostgresDriver({ runtimeDir, lockTimeoutMs: 1_000 });
const never = new AbortController().signal;
const EVERYTHING = join(__dirname, '../../../../../test/fixtures/postgres-everything.sql');
let server: SandboxServer;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => {
  await server.stop();
  await rm(runtimeDir, { recursive: true, force: true });
});

const at = (database: string): ConnectionParams => server.connection(database);

async function sql(database: string, text: string): Promise<void> {
  await using session = await PostgresSession.open(at(database));
  await session.query('RESET search_path');
  await session.query(text);
}

async function made(database: string, content: string): Promise<string> {
  await driver.createDatabase(at('postgres'), database, {});
  await sql(database, content);
  return database;
}

const source = (bytes: Buffer, format: DumpFormat): DumpSource => ({
  format,
  own: true,
  open: () => Readable.from(pieces(bytes)),
});

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let from = 0; from < bytes.length; from += 60_000) yield bytes.subarray(from, from + 60_000);
}

const plan = (database: string, format: BackupFormat = 'plain'): Promise<DumpPlan> =>
  driver.prepareDump({ connection: at(database), format, tools: {}, census: 'content' });

async function dumped(database: string, format: BackupFormat = 'plain'): Promise<{ bytes: Buffer; census: Census }> {
  const running = await driver.startDump(await plan(database, format), never);
  const bytes = await buffer(running.output);
  await running.completed;
  if (running.census === undefined) throw new Error('The dump was not counted.');
  return { bytes, census: await running.census };
}

async function restored(bytes: Buffer, format: DumpFormat, database: string): Promise<Census> {
  await driver.createDatabase(at('postgres'), database, {});
  const request = { connection: at(database), format, tools: {}, skipOwnership: false };
  await driver.load(await driver.prepareLoad(request), source(bytes, format), {
    signal: never,
    beforeCommit: async () => undefined,
  });
  const census = await driver.census(at(database), never, 'content');
  await driver.dropDatabase(at('postgres'), database);
  return census;
}

const counted = (bytes: Buffer, format: DumpFormat): Promise<RowCounts> =>
  driver.dumpedRows(source(bytes, format), {}, never);

describe('The census of a database with everything in it', () => {
  let census: Census;
  beforeAll(async () => {
    await made('everything', await readFile(EVERYTHING, 'utf8'));
    census = await driver.census(at('everything'), never, 'content');
  });

  it('holds its objects and its rows', async () => {
    expect(census.objects).toEqual(await driver.countObjects(at('everything')));
    expect(Object.values(census.rows).some((rows) => rows > 100)).toBe(true);
    expect(Object.keys(census.rows)).toHaveLength(census.objects['tables'] ?? -1);
  });

  it.each(['plain', 'custom'] as const)(
    'is that of a %s dump, of what it holds, and of what it restores',
    async (format) => {
      const dump = await dumped('everything', format);
      expect(dump.census).toEqual(census);
      expect(await counted(dump.bytes, format)).toEqual(census.rows);
      expect(await restored(dump.bytes, format, `everything_${format}`)).toEqual(census);
    },
  );

  it.each<[DumpFormat, string[]]>([
    ['tar', ['--format=tar']],
    ['plain', ['--inserts', '--rows-per-insert=7']],
    ['plain', ['--column-inserts', '--on-conflict-do-nothing']],
    ['custom', ['--format=custom', '--inserts']],
  ])('is that of a %s dump which somebody else made with %j', async (format, args) => {
    const file = join(tmpdir(), randomUUID());
    const { path } = (await plan('everything')).tool;
    const { host, port, username, password } = at('everything');
    const passwords = join(tmpdir(), randomUUID());
    try {
      await writeFile(passwords, `*:*:*:*:${password}`, { mode: 0o600 });
      const login = [`--host=${host}`, `--port=${port}`, `--username=${username}`, `--file=${file}`, 'everything'];
      await runProcess({ command: path, args: [...args, ...login], env: { PGPASSFILE: passwords }, timeoutMs: 60_000 });
      const rows = await counted(await readFile(file), format);
      // What has no rows has no INSERT.
      expect({ ...Object.fromEntries(Object.keys(census.rows).map((table) => [table, 0])), ...rows }).toEqual(
        census.rows,
      );
    } finally {
      await rm(file, { force: true });
      await rm(passwords, { force: true });
    }
  });

  it('cannot be had of a dump that is cut off', async () => {
    const { bytes } = await dumped('everything');
    await expect(counted(bytes.subarray(0, bytes.length - 60), 'plain')).rejects.toMatchObject({
      code: 'BACKUP_DAMAGED',
    });
    const archive = await dumped('everything', 'custom');
    const half = archive.bytes.subarray(0, archive.bytes.length - 5_000);
    await expect(counted(half, 'custom')).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  });
});

describe('The checksums of what rows hold', () => {
  const sums = async (database: string): Promise<Census> => driver.census(at(database), never, 'content');

  const CONTENT = `
    CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE TYPE pair AS (a int, b text); CREATE TYPE span AS RANGE (subtype = float8);
    CREATE EXTENSION hstore; CREATE EXTENSION citext;
    CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    CREATE TABLE t (id int PRIMARY KEY, n numeric, f float8, g float4, j json, jb jsonb, m money, r int4range, s span, p pair, a text[],
      e mood, b bit(3), vb varbit, x xml, h hstore, c citext, by bytea, tz timestamptz, ts timestamp, d date, i interval,
      o oid, rel regclass, typ regtype, rels regclass[], pt point, ip inet, tv tsvector, l text COLLATE loose, ch "char",
      twice int GENERATED ALWAYS AS (id * 2) STORED);
    INSERT INTO t VALUES (1, 1.0, '-0', 0.1, '{"b":1, "a":2}', '{"b":1, "a":2}', 12.5, '[1,5)', '[0.1,2]', '(1,"x,y")', '{a,NULL,"NULL","b\\"c"}',
      'glad', B'101', B'1', '<a>1</a>', 'k=>v,n=>NULL', 'CiTe', '\\x00ff', '2026-03-29 02:30:00+01', '2026-03-29 02:30:00', '2026-03-04', '1 mon -3 days',
      4711, 't', 'pair', '{t,pg_class}', '(1.5,2)', '10.0.0.0/8', 'fat:2 cat:1A', 'Abc', 'q');
    INSERT INTO t (id) VALUES (2);
    SELECT lo_from_bytea(4711, '\\x0102'), lo_from_bytea(4712, '')`;

  beforeAll(() => made('content', CONTENT));

  it.each(['plain', 'custom'] as const)(
    '10: are those of what a %s dump of all kinds of types restores',
    async (format) => {
      const { bytes, census } = await dumped('content', format);
      expect(census.checksums).toMatchObject({ large_objects: expect.stringMatching(/^-?\d+$/) as string });
      expect(census.checksums?.uncovered).toBeUndefined();
      expect(await restored(bytes, format, `content_${format}`)).toEqual(census);
    },
  );

  it('10: do not depend on settings of the database', async () => {
    const before = await sums('content');
    await sql(
      'content',
      `ALTER DATABASE content SET DateStyle = 'German'; ALTER DATABASE content SET TimeZone = 'Asia/Tokyo'; ALTER DATABASE content SET IntervalStyle = 'iso_8601';
       ALTER DATABASE content SET extra_float_digits = -5; ALTER DATABASE content SET bytea_output = 'escape'; ALTER DATABASE content SET xmlbinary = 'hex';
       ALTER DATABASE content SET array_nulls = off; ALTER DATABASE content SET quote_all_identifiers = on; ALTER DATABASE content SET search_path = nowhere`,
    );
    expect((await sums('content')).checksums).toEqual(before.checksums);
    await sql('content', 'ALTER DATABASE content RESET ALL');
  });

  it.each([
    ['the scale of a number', 'UPDATE t SET n = 1.00 WHERE id = 1'],
    ['the sign of zero', `UPDATE t SET f = '0' WHERE id = 1`],
    ['the last digit of a float', `UPDATE t SET f = 0.1 + 0.2 WHERE id = 1; UPDATE t SET f = 0.3 WHERE id = 1`],
    ['the order of keys in json', `UPDATE t SET j = '{"a":2, "b":1}' WHERE id = 1`],
    ['the case of text under a collation that ignores it', `UPDATE t SET l = 'abc' WHERE id = 1`],
    ['the case of citext', `UPDATE t SET c = 'cite' WHERE id = 1`],
    ['an empty text where there was none', `UPDATE t SET l = '' WHERE id = 2`],
    ['a text NULL in an array (array_nulls)', `UPDATE t SET a = ARRAY['a', 'NULL', 'NULL', 'b"c'] WHERE id = 1`],
    ['a date with month and day swapped (DateStyle)', `UPDATE t SET d = '2026-04-03' WHERE id = 1`],
    ['an instant of another time zone', `UPDATE t SET tz = '2026-03-29 02:30:00+02' WHERE id = 1`],
    ['a sum of money', 'UPDATE t SET m = 1250 WHERE id = 1'],
    ['what a regclass refers to', `UPDATE t SET rel = 'pg_class' WHERE id = 1`],
    ['a generated column', 'ALTER TABLE t ALTER COLUMN twice DROP EXPRESSION; UPDATE t SET twice = NULL WHERE id = 1'],
    ['values swapped between rows', 'UPDATE t SET l = CASE id WHEN 2 THEN (SELECT l FROM t WHERE id = 1) END'],
  ])('10: tell %s', async (_what, change) => {
    await sql('postgres', 'DROP DATABASE IF EXISTS changed');
    await sql('postgres', 'CREATE DATABASE changed TEMPLATE content');
    const before = await sums('changed');
    await sql('changed', change);
    const after = await sums('changed');
    expect(after.rows).toEqual(before.rows);
    expect(after.checksums?.tables).not.toEqual(before.checksums?.tables);
    expect(after.checksums?.large_objects).toEqual(before.checksums?.large_objects);
  });

  it('10: tell equal rows from none, and the content of large objects', async () => {
    await made('equal', `CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1), (2); SELECT lo_from_bytea(1, 'x')`);
    const before = await sums('equal');
    await sql('equal', `UPDATE t SET a = 3 WHERE a = 1; SELECT lo_put(1, 0, 'y')`);
    const after = await sums('equal');
    expect(after.objects).toEqual(before.objects);
    expect(after.checksums?.tables).not.toEqual(before.checksums?.tables);
    expect(after.checksums?.large_objects).not.toEqual(before.checksums?.large_objects);
  });

  it('10: do not depend on the order of rows and columns', async () => {
    await made(
      'ordered',
      `CREATE TABLE t (a int, b text, gone int); INSERT INTO t VALUES (1, 'x', 1), (2, 'y', 1); ALTER TABLE t DROP gone`,
    );
    await made('reordered', `CREATE TABLE t (b text, a int); INSERT INTO t VALUES ('y', 2), ('x', 1)`);
    expect((await sums('reordered')).checksums).toEqual((await sums('ordered')).checksums);
  });

  it('10: leave out, by name, a table whose content cannot be read as text, and count it all the same', async () => {
    await made(
      'unreadable',
      `CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE TABLE odd (m mood); CREATE TABLE even (a int);
       INSERT INTO odd VALUES ('sad'); INSERT INTO even VALUES (1), (2); DELETE FROM pg_enum WHERE enumlabel = 'sad'`,
    );
    const { rows, checksums } = await sums('unreadable');
    expect(rows).toEqual({ 'public.odd': 1, 'public.even': 2 });
    expect(Object.keys(checksums?.tables ?? {})).toEqual(['public.even']);
    expect(checksums?.uncovered).toEqual({ 'public.odd': expect.stringContaining('enum') as string });
  });
});

describe('A load that is shown before it is committed', () => {
  let dump: { bytes: Buffer; census: Census };
  const differing = (found: LoadedRows): string[] =>
    Object.entries(dump.census.checksums?.tables ?? {})
      .filter(([table, sum]) => found.checksums?.tables[table] !== undefined && found.checksums.tables[table] !== sum)
      .map(([table]) => table);
  const judge = (found: LoadedRows): void => {
    const tables = differing(found);
    if (tables.length > 0) throw new DomainError('RESTORE_FAILED', `Other values: ${tables.join(', ')}.`);
  };
  const hooks = { signal: never, beforeCommit: async () => undefined, check: { depth: 'content' as const, judge } };
  const planOf = (database: string) =>
    driver.prepareLoad({ connection: at(database), format: 'plain', tools: {}, skipOwnership: false });
  /** As a loader would that does it wrong. */
  const wrong = (from: string, to: string): DumpSource => {
    const text = dump.bytes.toString('utf8');
    expect(text).toContain(from);
    return source(Buffer.from(text.replace(from, to)), 'plain');
  };
  const GENERATED = [
    'GENERATED ALWAYS AS (public.rate_of(i)) STORED',
    'GENERATED ALWAYS AS (NULL::integer) STORED',
  ] as const;
  const ARRAY = ['\t{a,NULL}', '\t{a,"NULL"}'] as const;

  beforeAll(async () => {
    await made(
      'shown',
      `CREATE TABLE a_rate (id int PRIMARY KEY, rate int);
       INSERT INTO a_rate VALUES (1, 10), (2, 20);
       CREATE FUNCTION rate_of(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT rate FROM public.a_rate WHERE id = $1';
       CREATE TABLE b_item (i int PRIMARY KEY, rate int GENERATED ALWAYS AS (rate_of(i)) STORED, seen timestamptz DEFAULT now(), price money DEFAULT 1.5);
       INSERT INTO b_item (i) VALUES (1), (2);
       CREATE TABLE tags (id int, t text[], of regclass);
       INSERT INTO tags VALUES (1, ARRAY['a', NULL], 'a_rate')`,
    );
    dump = await dumped('shown');
  });

  it('71: is taken into the target when it is right, with the checksums of the source', async () => {
    await made('shown_right', 'CREATE TABLE old (a int)');
    await sql('postgres', `ALTER DATABASE shown_right SET TimeZone = 'Asia/Tokyo'`);
    const shown: LoadedRows[] = [];
    await driver.load(await planOf('shown_right'), source(dump.bytes, 'plain'), {
      ...hooks,
      check: { depth: 'content', judge: (found) => shown.push(found) },
    });
    expect(shown).toEqual([expect.objectContaining({ rows: dump.census.rows, checksums: dump.census.checksums })]);
  });

  it.each([
    ['58: a generated value that came out otherwise', GENERATED, 'public.b_item'],
    ['59: a NULL in an array that became a word', ARRAY, 'public.tags'],
  ])('%s undoes it', async (_title, [from, to], table) => {
    const name = `shown_${table.slice(7)}`;
    await made(name, 'CREATE TABLE old (a int)');
    await expect(driver.load(await planOf(name), wrong(from, to), hooks)).rejects.toMatchObject({
      code: 'RESTORE_FAILED',
      message: `Other values: ${table}.`,
    });
    expect(Object.keys((await driver.census(at(name))).rows)).toEqual(['public.old']);
  });

  it('71: single tables are shown, too, by the names that the dump has for them', async () => {
    await made(
      'shown_some',
      `CREATE TABLE a_rate (); CREATE TABLE tags (id int, t text[]); INSERT INTO tags VALUES (7, NULL)`,
    );
    const order = { plan: await planOf('shown_some'), tables: ['tags'], into: 'staging' as const };
    const incoming = (id: string): string => driver.tables.copyName('shown_some', 'restore', id);
    await expect(
      driver.tables.load({ ...order, incoming: incoming('00000001') }, wrong(...ARRAY), hooks),
    ).rejects.toMatchObject({ message: 'Other values: public.tags.' });
    const shown: LoadedRows[] = [];
    const check = { depth: 'content' as const, judge: (found: LoadedRows) => shown.push(found) };
    await driver.tables.load({ ...order, incoming: incoming('00000002') }, source(dump.bytes, 'plain'), {
      ...hooks,
      check,
    });
    expect(shown[0]?.checksums?.tables).toEqual({ 'public.tags': dump.census.checksums?.tables['public.tags'] });
    await driver.tables.dropCopy(at('shown_some'), incoming('00000002'));
  });
});

describe('A database whose partitions are chosen by the hash of an enum', () => {
  const HASHED = `
    CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad', 'mad', 'odd');
    CREATE TABLE moods (id int, m mood, twice int GENERATED ALWAYS AS (id * 2) STORED) PARTITION BY HASH (m);
    CREATE TABLE moods_0 PARTITION OF moods FOR VALUES WITH (MODULUS 2, REMAINDER 0);
    CREATE TABLE moods_1 PARTITION OF moods FOR VALUES WITH (MODULUS 2, REMAINDER 1) PARTITION BY RANGE (id);
    CREATE TABLE moods_1_low PARTITION OF moods_1 FOR VALUES FROM (MINVALUE) TO (100);
    CREATE TABLE moods_1_high PARTITION OF moods_1 DEFAULT;
    CREATE TABLE days (d date, m mood) PARTITION BY RANGE (d);
    CREATE TABLE days_1 PARTITION OF days DEFAULT;
    INSERT INTO moods SELECT g, (enum_range(NULL::mood))[1 + g % 5] FROM generate_series(1, 500) g;
    INSERT INTO days VALUES ('2026-01-01', 'sad')`;

  it.each(['plain', 'custom'] as const)(
    '61: is counted and compared by the table that a %s dump holds the rows under',
    async (format) => {
      const name = `hashed_${format}`;
      await made(name, HASHED);
      const { bytes, census } = await dumped(name, format);
      expect(census.rows).toEqual({ 'public.moods': 500, 'public.days_1': 1 });
      expect(await counted(bytes, format)).toEqual(census.rows);
      expect(census.partOf).toEqual({
        'public.moods_0': 'public.moods',
        'public.moods_1_low': 'public.moods',
        'public.moods_1_high': 'public.moods',
      });
      // Other objects come before these here, so that the enum's values hash otherwise.
      expect(await restored(bytes, format, `${name}_copy`)).toEqual(census);
    },
  );
});

describe('A census', () => {
  it('counts of an extension only the rows that are the user’s', async () => {
    await made('extended', `CREATE TABLE mine (a int); INSERT INTO mine VALUES (1), (2)`);
    // No extension of Debian's has configuration tables: one that becomes a member afterwards is none the less.
    await sql(
      'extended',
      `CREATE EXTENSION hstore; CREATE TABLE settings (name text, own bool); INSERT INTO settings VALUES ('a', true), ('b', false);
       CREATE TABLE internal (a int); INSERT INTO internal VALUES (1);
       ALTER EXTENSION hstore ADD TABLE settings; ALTER EXTENSION hstore ADD TABLE internal;
       UPDATE pg_extension SET extconfig = ARRAY['settings'::regclass::oid], extcondition = ARRAY['WHERE own'] WHERE extname = 'hstore'`,
    );
    const { bytes, census } = await dumped('extended');
    expect(census.rows).toEqual({ 'public.mine': 2, 'public.settings': 1 });
    expect(await counted(bytes, 'plain')).toEqual(census.rows);
  });

  it('does not count indexes that a failed CREATE INDEX CONCURRENTLY left behind, as no dump holds them', async () => {
    await made('invalid', 'CREATE TABLE t (a int PRIMARY KEY, b int); INSERT INTO t VALUES (1, 1), (2, 1)');
    await sql('invalid', 'CREATE UNIQUE INDEX CONCURRENTLY broken ON t (b)').catch(() => undefined);
    const { bytes, census } = await dumped('invalid');
    expect(census.objects).toMatchObject({ indexes: 1 });
    expect(await restored(bytes, 'plain', 'invalid_copy')).toEqual(census);
  });

  it('counts thousands of tables in a few questions', async () => {
    await made(
      'many',
      `DO $$ BEGIN FOR i IN 1..1500 LOOP EXECUTE format('CREATE TABLE t%s AS SELECT 1', i); END LOOP; END $$`,
    );
    const { rows } = await driver.census(at('many'));
    expect(Object.keys(rows)).toHaveLength(1500);
    expect(new Set(Object.values(rows))).toEqual(new Set([1]));
  });

  it('can be aborted', async () => {
    await made('long', 'CREATE TABLE t AS SELECT FROM generate_series(1, 3000000)');
    const controller = new AbortController();
    const counting = driver.census(at('long'), controller.signal);
    setTimeout(() => controller.abort(), 60);
    await expect(counting).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('refuses to count the rows that row-level security leaves (FAILURES 17)', async () => {
    await made(
      'guarded',
      `CREATE TABLE t (a int); ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE ROLE guest LOGIN PASSWORD 'x'; GRANT SELECT ON t TO guest`,
    );
    await expect(driver.census({ ...at('guarded'), username: 'guest', password: 'x' })).rejects.toMatchObject({
      code: 'MISSING_PRIVILEGE',
    });
  });
});

describe('While others write and change the schema', () => {
  const STATEMENTS: readonly string[] = [
    `INSERT INTO a SELECT g, repeat('x', g % 50) FROM generate_series(1, 300) g`,
    `DELETE FROM a WHERE n % 3 = 0`,
    `BEGIN; INSERT INTO a VALUES (1, 'x'); INSERT INTO b VALUES (1); COMMIT`,
    `TRUNCATE b`,
    `BEGIN; CREATE TABLE fresh (n int); INSERT INTO fresh VALUES (1), (2); DROP TABLE c; ALTER TABLE fresh RENAME TO c; COMMIT`,
    `ALTER TABLE b ADD COLUMN IF NOT EXISTS more int DEFAULT 1`,
    `ALTER TABLE b DROP COLUMN IF EXISTS more`,
    `ALTER TABLE d ALTER COLUMN n TYPE bigint; ALTER TABLE d ALTER COLUMN n TYPE int`,
    `CREATE INDEX IF NOT EXISTS i ON a (n)`,
    `DROP INDEX IF EXISTS i`,
    `CREATE OR REPLACE VIEW v AS SELECT n FROM a`,
    `DROP VIEW IF EXISTS v`,
  ];

  it('what is counted is what the dump restores, every time (FAILURES 11)', async () => {
    await made(
      'busy',
      `CREATE TABLE a (n int, t text); CREATE TABLE b (n int); CREATE TABLE c (n int); CREATE TABLE d AS SELECT g AS n FROM generate_series(1, 2000) g;
       INSERT INTO a SELECT g, repeat('y', 200) FROM generate_series(1, 5000) g; INSERT INTO b VALUES (1), (2), (3)`,
    );
    let going = true;
    const writers = [0, 1, 2].map(async (number) => {
      await using session = await PostgresSession.open(at('busy'));
      await session.query(`RESET search_path; SET lock_timeout = '100ms'`);
      for (let step = number * 5; going; step += 1) {
        await session.query(STATEMENTS[step % STATEMENTS.length] ?? '').catch(() => session.query('ROLLBACK'));
      }
    });
    const results: { census: Census; copy: Census; dump: RowCounts }[] = [];
    let refused = 0;
    while (results.length < 4) {
      try {
        const format = results.length % 2 === 0 ? 'plain' : 'custom';
        const { bytes, census } = await dumped('busy', format);
        const copy = await restored(bytes, format, `busy_${results.length}`);
        results.push({ census, copy, dump: await counted(bytes, format) });
      } catch (error) {
        // What pg_dump cannot do in such a storm must fail, and not be taken for done.
        expect(error).toMatchObject({ code: expect.stringMatching(/DUMP_FAILED|SCHEMA_CHANGED|BUSY/) });
        refused += 1;
        expect(refused).toBeLessThan(200);
      }
    }
    going = false;
    await Promise.all(writers);
    for (const { census, copy, dump } of results) {
      expect(copy).toEqual(census);
      expect(dump).toEqual(census.rows);
      // Neither emptied nor rewritten behind the snapshot's back.
      expect(census.rows).toMatchObject({ 'public.c': expect.any(Number), 'public.d': 2000 });
    }
    expect(new Set(results.map(({ census }) => census.rows['public.a'])).size).toBeGreaterThan(1);
  });

  it('11: examines the database again where something was dropped while the server described it', async () => {
    await made('vanishing', 'CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t');
    await using session = await PostgresSession.open(at('vanishing'));
    // To the server this is a table that is dropped after the view has been found.
    await session.query(
      `CREATE TEMPORARY TABLE kept AS SELECT * FROM pg_class WHERE relname = 't'; DELETE FROM pg_class WHERE relname = 't'`,
    );
    await expect(plan('vanishing')).rejects.toMatchObject({
      code: 'SCHEMA_CHANGED',
      message: expect.stringMatching(/could not be examined: could not open relation with OID \d+\.$/) as string,
    });
    const ready = plan('vanishing');
    const failed = `SELECT FROM pg_stat_activity WHERE datname = 'vanishing' AND state = 'idle' AND query LIKE '%pg_get_viewdef%' AND pid <> pg_backend_pid()`;
    while ((await session.query(failed)).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await session.query('INSERT INTO pg_class SELECT * FROM kept');
    expect(await ready).toMatchObject({ objects: { tables: 1, views: 1 } });
  });

  it('79: a dump whose rows cannot be counted fails, at once, and says why', async () => {
    // Of an extension's table the server counts and dumps what the extension's condition lets through: here, at leisure.
    await made(
      'slow',
      `CREATE EXTENSION hstore; CREATE TABLE t AS SELECT g AS a FROM generate_series(1, 1000) g; ALTER EXTENSION hstore ADD TABLE t;
       UPDATE pg_extension SET extconfig = ARRAY['t'::regclass::oid], extcondition = ARRAY['WHERE pg_sleep(0.1) IS NOT NULL'] WHERE extname = 'hstore'`,
    );
    // As whoever stores it does when it breaks off: that is not the reason (FAILURES 79).
    const given = new AbortController();
    const running = await driver.startDump(await plan('slow'), given.signal);
    running.output.on('error', () => undefined);
    running.output.once('close', () => given.abort());
    await using session = await PostgresSession.open(at('postgres'));
    const kill = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'slow' AND query LIKE 'SELECT 0 AS at%'`;
    for (let ended = await session.query(kill); ended.length === 0; ended = await session.query(kill)) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await expect(running.census).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    await expect(running.completed).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  });

  it('a cancelled dump leaves no session behind', async () => {
    await made('wide', `CREATE TABLE t AS SELECT repeat('x', 500) FROM generate_series(1, 30000)`);
    const controller = new AbortController();
    const running = await driver.startDump(await plan('wide'), controller.signal);
    running.output.on('error', () => undefined);
    await once(running.output, 'readable');
    controller.abort();
    await expect(running.completed).rejects.toMatchObject({ code: 'CANCELLED' });
    await using session = await PostgresSession.open(at('postgres'));
    const left = `SELECT pid FROM pg_stat_activity WHERE datname = 'wide'`;
    // pg_dump's own session ends when the server notices that nobody listens any more.
    for (let rest = await session.query(left); rest.length > 0; rest = await session.query(left)) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });

  it('a locked table is BUSY, and its holder named (FAILURES 13)', async () => {
    await made('held', 'CREATE TABLE t (a int)');
    const ready = await plan('held');
    await using blocker = await PostgresSession.open(at('held'));
    await blocker.query(`SET application_name = 'the blocker'; BEGIN; LOCK TABLE public.t`);
    await expect(driver.startDump(ready, never)).rejects.toMatchObject({
      code: 'BUSY',
      hint: expect.stringMatching(/application the blocker/),
    });
    await expect(driver.census(at('held'))).rejects.toMatchObject({ code: 'BUSY' });
  });
});
