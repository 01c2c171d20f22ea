import type { DumpFormat } from '@app/domain';
import { PostgresFixture } from '../../testing/postgres-fixture.js';
import { PostgresSession } from '../../login/postgres-session.js';
import { buildsIndex } from './index-builders.js';
import { orderedTables } from './ordered-tables.js';

jest.setTimeout(120_000);

let fixture: PostgresFixture;

beforeAll(async () => {
  fixture = await PostgresFixture.start();
});
afterAll(() => fixture?.[Symbol.asyncDispose]());

/** So many tables around that each session has one, and the first is slow: whoever does not wait for it reads nothing. */
const SLOW = `
  CREATE TABLE a_rate (id int PRIMARY KEY, rate int CHECK (pg_sleep(0.001) IS NOT NULL));
  INSERT INTO a_rate SELECT i, i % 7 FROM generate_series(1, 400) i;
  CREATE FUNCTION rate_of(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT rate FROM public.a_rate WHERE id = $1); END';
  CREATE FUNCTION indirect(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT public.rate_of($1)';
  CREATE VIEW seen AS SELECT * FROM a_rate;
  CREATE FUNCTION by_view(int) RETURNS boolean LANGUAGE sql AS 'SELECT EXISTS (SELECT FROM public.seen WHERE id = $1)';
  CREATE OPERATOR @# (FUNCTION = indirect, RIGHTARG = int);
  CREATE DOMAIN known AS int CHECK (by_view(VALUE));
  CREATE TYPE pair AS (a known, b known[]);
  CREATE FUNCTION as_rate(text) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT public.rate_of($1::int)';
  CREATE TYPE word AS (w text);
  CREATE FUNCTION of_word(word) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT public.rate_of($1.w::int)';
  CREATE CAST (word AS int) WITH FUNCTION of_word(word);`;

const TABLES = `
  CREATE TABLE b_generated (i int, rate int GENERATED ALWAYS AS (rate_of(i)) STORED);
  CREATE TABLE c_check (i int CHECK (by_view(i)));
  CREATE TABLE d_domain (i known);
  CREATE TABLE e_nested (p pair[]);
  CREATE TABLE f_operator (i int, rate int GENERATED ALWAYS AS (@# i) STORED);
  CREATE TABLE g_cast (w word, rate int GENERATED ALWAYS AS (w::int) STORED);
  CREATE TABLE h_parted (i int) PARTITION BY LIST (rate_of(i));
  CREATE TABLE h_parted_1 PARTITION OF h_parted FOR VALUES IN (0, 1, 2, 3, 4, 5, 6);
  CREATE TABLE j_child (j int) INHERITS (c_check);
  CREATE TABLE x_free (i int DEFAULT rate_of(1), t text CHECK (length(t) < 100), n numeric GENERATED ALWAYS AS (i * 2) STORED);
  CREATE TABLE y_free AS SELECT i FROM generate_series(1, 100) i`;

const ROWS = `
  INSERT INTO b_generated SELECT generate_series(1, 400);
  INSERT INTO c_check SELECT generate_series(1, 400);
  INSERT INTO d_domain SELECT generate_series(1, 400);
  INSERT INTO e_nested VALUES (ARRAY[ROW(1, ARRAY[2, 3])::pair]);
  INSERT INTO f_operator SELECT generate_series(1, 400);
  INSERT INTO g_cast SELECT ROW(i::text)::word FROM generate_series(1, 400) i;
  INSERT INTO h_parted SELECT generate_series(1, 400);
  INSERT INTO j_child SELECT i, i FROM generate_series(1, 400) i;
  INSERT INTO x_free VALUES (1, 'a');
  CREATE INDEX ON b_generated (rate_of(i));
  CREATE INDEX ON y_free (indirect(i)) WHERE rate_of(i) > 2`;

const NAMES = 'a_rate b_generated c_check d_domain e_nested f_operator g_cast h_parted j_child x_free y_free'.split(
  ' ',
);
const CONTENT = NAMES.map(
  (name) =>
    `SELECT '${name}' AS name, count(*)::int AS n, md5(string_agg(t::text, '|' ORDER BY t::text)) AS sum FROM ${name} t`,
).join(' UNION ALL ');

describe('58: rows for which functions are called that read other tables', () => {
  beforeAll(async () => {
    await fixture.make('source', SLOW);
    await fixture.sql('source', TABLES);
    await fixture.sql('source', ROWS);
  });

  it.each<[DumpFormat, string, boolean]>([
    ['plain', 'a staging database', true],
    ['custom', 'a staging database', true],
    ['tar', 'a staging database', true],
    ['plain', 'the target itself', false],
  ])('come out of a %s dump as they were, loaded into %s', async (format, _where, staged) => {
    const dump = await fixture.dump('source', format);
    await fixture.make('copy', '');
    try {
      await fixture.load('copy', dump, { staged });
      expect(await fixture.sql('copy', CONTENT)).toEqual(await fixture.sql('source', CONTENT));
      expect((await fixture.driver.census(fixture.at('copy'))).rows).toEqual(dump.census?.rows);
    } finally {
      await fixture.driver.dropDatabase(fixture.at('postgres'), 'copy');
    }
  });

  it('come out of a custom archive that cannot be read by several sessions', async () => {
    const { file: _file, ...dump } = await fixture.dump('source', 'custom');
    await fixture.make('copy', '');
    await fixture.load('copy', dump);
    expect(await fixture.sql('copy', CONTENT)).toEqual(await fixture.sql('source', CONTENT));
    await fixture.driver.dropDatabase(fixture.at('postgres'), 'copy');
  });

  it('are told from rows that may come in any order', async () => {
    await using session = await PostgresSession.open(fixture.at('source'));
    expect([...(await orderedTables(session))].toSorted()).toEqual(
      [
        'b_generated',
        'c_check',
        'd_domain',
        'e_nested',
        'f_operator',
        'g_cast',
        'h_parted',
        'h_parted_1',
        'j_child',
      ].map((name) => `public.${name}`),
    );
  });
});

/** `a` is loaded before `z`, as psql does it, too. */
it.each<DumpFormat>(['plain', 'custom'])(
  '58: says of a CHECK that no dump can be loaded with how the source can have it (%s)',
  async (format) => {
    await fixture.make(
      'backward',
      `CREATE TABLE z (k int); INSERT INTO z VALUES (1);
       CREATE FUNCTION known(int) RETURNS boolean LANGUAGE sql AS 'SELECT EXISTS (SELECT FROM public.z WHERE k = $1)';
       CREATE TABLE a (k int CHECK (known(k))); INSERT INTO a VALUES (1)`,
    );
    try {
      const load = async (): Promise<unknown> => {
        const dump = await fixture.dump('backward', format);
        await fixture.sql('postgres', 'DROP DATABASE IF EXISTS forward');
        await fixture.make('forward', '');
        return await fixture.load('forward', dump).catch((error: unknown) => error);
      };
      expect(await load()).toMatchObject({ code: 'RESTORE_FAILED', hint: expect.stringContaining('NOT VALID') });
      await fixture.sql(
        'backward',
        'ALTER TABLE a DROP CONSTRAINT a_k_check; ALTER TABLE a ADD CHECK (known(k)) NOT VALID',
      );
      expect(await load()).not.toBeInstanceOf(Error);
    } finally {
      await fixture.sql('postgres', 'DROP DATABASE backward');
      await fixture.sql('postgres', 'DROP DATABASE IF EXISTS forward');
    }
  },
);

it('58: counts triggers that are on, queries as text, and operator classes of partition keys; not what an extension brings', async () => {
  await fixture.make(
    'others',
    `CREATE EXTENSION citext; CREATE EXTENSION hstore;
     CREATE TABLE free (c citext CHECK (c <> 'x'), h hstore CHECK (h ? 'a'));
     CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
     CREATE TABLE triggered (i int); CREATE TRIGGER t BEFORE INSERT ON triggered FOR EACH ROW EXECUTE FUNCTION f();
     CREATE TABLE off (i int); CREATE TRIGGER t BEFORE INSERT ON off FOR EACH ROW EXECUTE FUNCTION f(); ALTER TABLE off DISABLE TRIGGER t;
     CREATE TABLE xml (i int CHECK (query_to_xml('SELECT 1', true, true, '') IS NOT NULL));
     CREATE FUNCTION hashed(int, int8) RETURNS int8 IMMUTABLE LANGUAGE sql AS 'SELECT $2';
     CREATE OPERATOR CLASS mine FOR TYPE int USING hash AS OPERATOR 1 =, FUNCTION 2 hashed(int, int8);
     CREATE TABLE parted (i int) PARTITION BY HASH (i mine);
     CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 1, REMAINDER 0)`,
  );
  await using session = await PostgresSession.open(fixture.at('others'));
  expect([...(await orderedTables(session))].toSorted()).toEqual(
    ['parted', 'parted_1', 'triggered', 'xml'].map((name) => `public.${name}`),
  );
});

it.each([
  ['CREATE INDEX i ON public.t USING btree (a, lower(b)) WHERE (a > 1)', true],
  ['CREATE UNIQUE INDEX i ON public.t USING gin (a public.gin_trgm_ops)', true],
  ['ALTER TABLE ONLY public.t ADD CONSTRAINT c PRIMARY KEY (a)', true],
  ['CREATE INDEX i ON public.t USING btree (public.f(a))', false],
  ['CREATE INDEX i ON public.t USING btree (a) WHERE "My schema"."f"(a)', false],
  ['CREATE INDEX i ON public.t USING btree ((a OPERATOR(public.@#) 1))', false],
  ['CREATE INDEX i ON public.t USING btree (((a)::public.known))', false],
  ['ALTER TABLE ONLY public.t ADD CONSTRAINT c EXCLUDE USING gist (public.f(a) WITH &&)', false],
])(
  '58: builds an index in parallel with others only where its expression calls no function of a user: %s',
  (command, parallel) => {
    expect(buildsIndex(Buffer.from(command))).toBe(parallel);
  },
);
