import type { DumpFormat } from '@app/domain';
import { PostgresFixture } from '../testing/postgres-fixture.js';
import { unqualifiedNames } from '../dump/search-path-needs.js';

jest.setTimeout(120_000);

let fixture: PostgresFixture;
const never = new AbortController().signal;

beforeAll(async () => {
  fixture = await PostgresFixture.start();
  await fixture.sql('postgres', 'CREATE ROLE app');
  await fixture.make('source', SCHEMA);
  await fixture.sql('postgres', 'ALTER DATABASE source SET search_path = app, public');
  await fixture.make('stuck', STUCK);
});
afterAll(() => fixture?.[Symbol.asyncDispose]());

const SCHEMA = `
  CREATE SCHEMA app; CREATE EXTENSION hstore SCHEMA public; SET search_path = app, public;
  CREATE TABLE a_rates (id int PRIMARY KEY, rate int); INSERT INTO a_rates SELECT i, i % 5 FROM generate_series(1, 50) i;
  CREATE FUNCTION rate_of(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT rate FROM a_rates WHERE id = $1); END';
  CREATE FUNCTION again(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT rate_of($1)';
  CREATE FUNCTION named(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT app.rate_of($1)';
  CREATE FUNCTION fixed(int) RETURNS int IMMUTABLE LANGUAGE sql SET search_path = app AS 'SELECT rate_of($1)';
  CREATE FUNCTION pure(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 + 1';
  CREATE TABLE b_items (i int CHECK (again(i) IS NOT NULL), r int GENERATED ALWAYS AS (rate_of(i)) STORED, h hstore);
  INSERT INTO b_items (i, h) SELECT i, hstore('a', i::text) FROM generate_series(1, 50) i;
  CREATE INDEX by_rate ON b_items (rate_of(i)); CREATE INDEX by_fixed ON b_items (fixed(i)); CREATE INDEX by_pure ON b_items (pure(i));
  CREATE INDEX by_named ON b_items (named(i));
  CREATE MATERIALIZED VIEW rated AS SELECT again(i) AS r, count(*) AS n FROM b_items GROUP BY 1;
  CREATE UNIQUE INDEX ON rated (r);
  CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
  CREATE TRIGGER changed BEFORE UPDATE ON b_items FOR EACH ROW WHEN (OLD.h IS DISTINCT FROM NEW.h) EXECUTE FUNCTION noted();`;
const CONTENT = `SELECT (SELECT md5(string_agg(t::text, '|' ORDER BY i)) FROM app.b_items t) AS items,
  (SELECT md5(string_agg(t::text, '|' ORDER BY r)) FROM app.rated t) AS rated,
  (SELECT count(*)::int FROM pg_trigger WHERE tgname = 'changed') AS triggers,
  (SELECT count(*)::int FROM pg_indexes WHERE schemaname = 'app') AS indexes`;

/** A materialized view of what is not there any more, with another one on it. */
const STUCK = `
  CREATE TABLE parts (i int); INSERT INTO parts VALUES (1);
  CREATE FUNCTION broken() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1 / (SELECT i FROM public.parts); END';
  CREATE MATERIALIZED VIEW good AS SELECT i FROM parts;
  CREATE MATERIALIZED VIEW bad AS SELECT broken() AS i;
  CREATE MATERIALIZED VIEW worse AS SELECT i FROM bad;
  CREATE UNIQUE INDEX ON bad (i);
  UPDATE parts SET i = 0`;

/** A dump refreshes them by their names, and each reads the next. */
const READING = `
  CREATE TABLE parts (i int); INSERT INTO parts SELECT generate_series(1, 7);
  CREATE FUNCTION third() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT n FROM public.c_third); END';
  CREATE FUNCTION second() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT n FROM public.b_second); END';
  CREATE MATERIALIZED VIEW c_third AS SELECT count(*)::int AS n FROM parts;
  CREATE MATERIALIZED VIEW b_second AS SELECT third() AS n;
  CREATE MATERIALIZED VIEW a_first AS SELECT second() * 2 AS n`;

/** Nothing but a materialized view needs the search path. */
const VIEWED = `
  CREATE SCHEMA app; SET search_path = app;
  CREATE TABLE parts (i int); INSERT INTO parts SELECT generate_series(1, 7);
  CREATE FUNCTION counted() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM parts); END';
  CREATE MATERIALIZED VIEW viewed AS SELECT counted() AS n`;

/** A SQL function that an index or statistics call is resolved whenever a query of their table is planned. */
const INLINED = `
  CREATE SCHEMA app; SET search_path = app;
  CREATE FUNCTION lowered(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT lower($1)';
  CREATE FUNCTION known(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT lowered($1)';
  CREATE TABLE names (name text, of regclass DEFAULT 'names');
  INSERT INTO names SELECT 'N' || i FROM generate_series(1, 30) i;
  CREATE INDEX by_known ON names (known(name));
  CREATE STATISTICS of_known ON (known(name)) FROM names`;

async function loaded(name: string, format: DumpFormat, staged: boolean): Promise<readonly string[]> {
  const dump = await fixture.dump(name, format);
  await fixture.make('copy', '');
  const { warnings } = await fixture.load('copy', { ...dump, searchPaths: dump.plan.searchPaths ?? [] }, { staged });
  expect((await fixture.driver.census(fixture.at('copy'))).rows).toEqual(dump.census?.rows);
  return warnings;
}
afterEach(async () => {
  await fixture.sql('postgres', 'DROP DATABASE IF EXISTS copy');
});

describe('62: a database that needs a search_path', () => {
  it('is warned about by name before it is dumped', async () => {
    const connection = fixture.at('source');
    const { warnings, searchPaths } = await fixture.driver.prepareDump({ connection, format: 'plain', tools: {} });
    expect(searchPaths?.[0]).toBe('app, public');
    const text = warnings.join('\n');
    for (const named of [
      'index app.by_rate (function ',
      'index app.by_named (function ',
      'constraint b_items_i_check of app.b_items',
      'column app.b_items.r',
      'materialized view app.rated',
    ]) {
      expect(text).toContain(named);
    }
    expect(text).toContain('trigger changed of app.b_items');
    expect(text).not.toMatch(/by_fixed|by_pure/);
  });

  it.each<[DumpFormat, string, boolean]>([
    ['plain', 'a staging database', true],
    ['custom', 'a staging database', true],
    ['tar', 'a staging database', true],
    ['plain', 'the target itself', false],
  ])(
    'is restored from a %s dump into %s with the search path of the source, which is said',
    async (format, _where, staged) => {
      const warnings = await loaded('source', format, staged);
      expect(warnings).toEqual([expect.stringContaining('it was loaded with that of the source: app, public.')]);
      expect(await fixture.sql('copy', CONTENT)).toEqual(await fixture.sql('source', CONTENT));
    },
  );

  it.each([
    ['that a database has', 'app, public'],
    ['that nobody has set', undefined],
  ])(
    'is counted, and its content compared, where an index calls a SQL function that needs a search path %s',
    async (_whose, path) => {
      await fixture.make('inlined', INLINED);
      try {
        if (path !== undefined) await fixture.sql('postgres', `ALTER DATABASE inlined SET search_path = ${path}`);
        const { checksums, rows } = await fixture.driver.census(fixture.at('inlined'), never, 'content');
        expect({ rows, uncovered: checksums?.uncovered }).toEqual({ rows: { 'app.names': 30 }, uncovered: undefined });
        const dump = await fixture.dump('inlined', 'plain');
        for (const staged of [true, false]) {
          await fixture.make('copy', '');
          await fixture.load('copy', { ...dump, searchPaths: ['app, public'] }, { staged });
          expect((await fixture.driver.census(fixture.at('copy'), never, 'content')).checksums).toEqual(checksums);
          await fixture.sql('postgres', 'DROP DATABASE copy');
        }
      } finally {
        await fixture.sql('postgres', 'DROP DATABASE inlined');
      }
    },
  );

  it('is not called damaged where no search path does', async () => {
    const dump = await fixture.dump('source', 'plain');
    await fixture.make('copy', '');
    const failure: unknown = await fixture
      .load('copy', { ...dump, searchPaths: ['nowhere'] })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'RESTORE_FAILED', hint: expect.stringContaining('SET search_path') });
    expect(fixture.driver.missingPrerequisite(failure)).toMatchObject({
      message: expect.stringContaining('does not exist'),
    });
  });
});

it.each<[DumpFormat, boolean]>([
  ['plain', true],
  ['custom', true],
  ['plain', false],
])(
  '62: leaves a materialized view empty that cannot be refreshed, and says so (%s, staging database: %s)',
  async (format, staged) => {
    const warnings = await loaded('stuck', format, staged);
    expect(warnings).toEqual([
      expect.stringMatching(/^Materialized view public.bad could not be refreshed and is empty: division by zero/),
      expect.stringMatching(/^Materialized view public.worse could not be refreshed and is empty: /),
    ]);
    expect(await fixture.sql('copy', 'SELECT matviewname, ispopulated FROM pg_matviews ORDER BY 1')).toEqual([
      { matviewname: 'bad', ispopulated: false },
      { matviewname: 'good', ispopulated: true },
      { matviewname: 'worse', ispopulated: false },
    ]);
  },
);

it.each<[DumpFormat, boolean]>([
  ['plain', true],
  ['custom', true],
  ['plain', false],
])(
  '62: refreshes a materialized view with the search path of the source, where the rest needs none (%s, staging database: %s)',
  async (format, staged) => {
    await fixture.make('viewed', VIEWED);
    await fixture.sql('postgres', 'ALTER DATABASE viewed SET search_path = app');
    try {
      expect(await loaded('viewed', format, staged)).toEqual([
        expect.stringMatching(
          /(^Materialized view app\.viewed could not|could not be loaded) .* that of the source: app\./,
        ),
      ]);
      expect(await fixture.sql('copy', 'SELECT n FROM app.viewed')).toEqual([{ n: 7 }]);
    } finally {
      await fixture.sql('postgres', 'DROP DATABASE viewed');
    }
  },
);

it.each<[DumpFormat, boolean]>([
  ['plain', true],
  ['custom', true],
  ['plain', false],
])(
  '62: refreshes again what another materialized view was read by too early, as only a function knows of it (%s, staging database: %s)',
  async (format, staged) => {
    await fixture.make('reading', READING);
    try {
      expect(await loaded('reading', format, staged)).toEqual([]);
      expect(await fixture.sql('copy', 'SELECT (SELECT n FROM a_first) AS a, (SELECT n FROM b_second) AS b')).toEqual([
        { a: 14, b: 7 },
      ]);
    } finally {
      await fixture.sql('postgres', 'DROP DATABASE reading');
    }
  },
);

it.each([
  ['SELECT rate FROM rates', ['rates']],
  ['SELECT rate FROM app.rates r JOIN "app"."rates" ON true', []],
  ['SELECT rate FROM app . rates', []],
  [`SELECT 'rates', rates.rate FROM "rates" -- rates`, ['rates']],
  ['SELECT $1 + 1 /* rates */', []],
])('62: sees which names a function leaves to the search path: %s', (source, names) => {
  expect(unqualifiedNames(source, new Set(['rates']))).toEqual(names);
});
