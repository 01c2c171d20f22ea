import { PostgresSession } from '../login/postgres-session.js';
import { PostgresFixture } from '../testing/postgres-fixture.js';
import { missingPrerequisite } from './missing-prerequisite.js';

jest.setTimeout(120_000);

let fixture: PostgresFixture;
beforeAll(async () => {
  fixture = await PostgresFixture.start({ allow_in_place_tablespaces: 'on' });
});
afterAll(() => fixture[Symbol.asyncDispose]());

const FORMATS = ['plain', 'custom', 'tar'] as const;
const schemasOf = async (database: string): Promise<string[]> => {
  const rows = await fixture.sql(
    database,
    `SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_|^information' ORDER BY 1`,
  );
  return rows.map(({ nspname }) => String(nspname));
};

describe('A database without what every new one has', () => {
  const content =
    'DROP SCHEMA public; DROP EXTENSION plpgsql; CREATE SCHEMA app; CREATE TABLE app.t (a int); INSERT INTO app.t VALUES (1)';
  beforeAll(() => fixture.make('bare', content));

  it.each(FORMATS)(
    '61: comes back without it from a %s dump, in a staging database and in place, and counts the same',
    async (format) => {
      const dump = await fixture.dump('bare', format);
      expect(dump.plan.absent).toEqual(['schema public', 'extension plpgsql']);
      const source = { ...dump, absent: dump.plan.absent ?? [] };
      const [copy, place] = [`bare_copy_${format}`, `bare_place_${format}`];
      await fixture.make(copy, '');
      await fixture.make(place, 'CREATE TABLE old (a int)');
      expect((await fixture.load(copy, source)).warnings).toEqual([]);
      expect((await fixture.load(place, source, { staged: false })).warnings).toEqual([]);
      for (const database of [copy, place]) {
        expect(await schemasOf(database)).toEqual(['app']);
        expect(await fixture.sql(database, 'SELECT extname FROM pg_extension')).toEqual([]);
        expect(await fixture.driver.census(fixture.at(database))).toEqual(dump.census);
      }
    },
  );

  it('61: keeps it, with a warning, where the dump has put something into it', async () => {
    const dump = await fixture.dump('bare', 'plain');
    await fixture.make('bare_used', 'CREATE TABLE public.ours (a int)');
    const { warnings } = await fixture.load('bare_used', { ...dump, absent: ['schema public'] });
    expect(warnings).toEqual([expect.stringMatching(/^The source had no schema public, .* and it stays: /)]);
  });

  it('61: is told from one that has changed it', async () => {
    await fixture.make(
      'changed_public',
      `CREATE ROLE keeper; ALTER SCHEMA public OWNER TO keeper; REVOKE ALL ON SCHEMA public FROM PUBLIC; COMMENT ON SCHEMA public IS 'ours'; CREATE TABLE t (a int)`,
    );
    const dump = await fixture.dump('changed_public', 'plain');
    expect(dump.plan.absent).toBeUndefined();
    await fixture.make('changed_copy', '');
    await fixture.load('changed_copy', dump);
    const state = `SELECT nspowner::regrole::text AS owner, nspacl::text AS acl, obj_description(oid, 'pg_namespace') AS words FROM pg_namespace WHERE nspname = 'public'`;
    expect(await fixture.sql('changed_copy', state)).toEqual(await fixture.sql('changed_public', state));
    expect(await fixture.driver.census(fixture.at('changed_copy'))).toEqual(dump.census);
  });
});

describe('A table that is partitioned by the hash of an enum', () => {
  const load = async (table: string, into: 'staging' | 'target') => {
    const database = into === 'staging' ? 'hashed' : 'hashed_target';
    const connection = fixture.at(database);
    const request = { connection, format: 'plain', tools: {}, skipOwnership: false } as const;
    const incoming = fixture.driver.tables.copyName(database, 'restore', 'a1');
    const hooks = { signal: new AbortController().signal, beforeCommit: () => Promise.resolve() };
    try {
      const order = { plan: await fixture.driver.prepareLoad(request), tables: [table], into, incoming };
      return await fixture.driver.tables.load(order, await fixture.dump('hashed', 'plain'), hooks);
    } finally {
      await fixture.driver.tables.dropCopy(connection, incoming);
    }
  };

  it('61: is restored alone with all its rows, whichever partitions they come to lie in, and a partition of it is not', async () => {
    await fixture.make(
      'hashed',
      `CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad', 'mad'); CREATE TABLE moods (id int, m mood) PARTITION BY HASH (m);
       CREATE TABLE moods_0 PARTITION OF moods FOR VALUES WITH (MODULUS 2, REMAINDER 0);
       CREATE TABLE moods_1 PARTITION OF moods FOR VALUES WITH (MODULUS 2, REMAINDER 1);
       INSERT INTO moods SELECT g, (enum_range(NULL::mood))[1 + g % 4] FROM generate_series(1, 500) g`,
    );
    await fixture.make('hashed_target', '');
    for (const into of ['staging', 'target'] as const) {
      expect((await load('moods', into)).rows).toMatchObject({ 'public.moods': 500 });
      await expect(load('moods_0', into)).rejects.toThrow('moods_0 is a partition of public.moods');
    }
  });
});

it.each(['plain', 'custom'] as const)(
  '61: partitions by the hash of what holds an enum, or of a collation that is not deterministic, are restored from a %s dump',
  async (format) => {
    const partitioned = (name: string, key: string) =>
      `CREATE TABLE ${name} (id int, m mood, a mood[], r moods_range, c pair, x text COLLATE loose) PARTITION BY HASH (${key});
       CREATE TABLE ${name}_0 PARTITION OF ${name} FOR VALUES WITH (MODULUS 2, REMAINDER 0) PARTITION BY LIST (id);
       CREATE TABLE ${name}_0_a PARTITION OF ${name}_0 DEFAULT;
       CREATE TABLE ${name}_1 PARTITION OF ${name} FOR VALUES WITH (MODULUS 2, REMAINDER 1);
       INSERT INTO ${name} SELECT g, v, ARRAY[v], moods_range('sad', v, '[]'), ROW(v, 1)::pair, v::text FROM (SELECT g, (enum_range(NULL::mood))[1 + g % 4] AS v FROM generate_series(1, 200) g) s`;
    await fixture.make(
      `holding_${format}`,
      `CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad', 'mad'); CREATE TYPE moods_range AS RANGE (SUBTYPE = mood); CREATE TYPE pair AS (m mood, n int);
       CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
       ${['a', 'r', 'c', 'x', '(ARRAY[m])'].map((key, index) => partitioned(`by_${index}`, key)).join(';')};
       CREATE TABLE free (i int) PARTITION BY RANGE (i); CREATE TABLE free_1 PARTITION OF free DEFAULT; INSERT INTO free VALUES (1)`,
    );
    const dump = await fixture.dump(`holding_${format}`, format);
    await fixture.make(`holding_copy_${format}`, '');
    await fixture.load(`holding_copy_${format}`, dump);
    const found = await fixture.driver.census(fixture.at(`holding_copy_${format}`));
    expect(found.rows).toEqual(dump.census?.rows);
    expect(found.rows).toMatchObject({ 'public.by_0': 200, 'public.by_4': 200, 'public.free': 1 });
  },
);

describe('A database with tablespaces that the target’s server lacks', () => {
  it.each(FORMATS)(
    '62: is loaded from a %s dump into the target’s own when that is asked for, and refused by name else',
    async (format) => {
      await fixture.sql('postgres', `CREATE TABLESPACE "Fast one" LOCATION ''`);
      await fixture.make(
        `spaced_${format}`,
        `CREATE TABLE t (a int PRIMARY KEY USING INDEX TABLESPACE "Fast one") TABLESPACE "Fast one"; INSERT INTO t VALUES (1);
       CREATE INDEX i ON t (a) TABLESPACE "Fast one"; CREATE MATERIALIZED VIEW v TABLESPACE "Fast one" AS SELECT * FROM t;
       CREATE TABLE p (a int) PARTITION BY RANGE (a) TABLESPACE "Fast one"; CREATE TABLE p1 PARTITION OF p DEFAULT`,
      );
      const dump = await fixture.dump(`spaced_${format}`, format);
      await fixture.sql('postgres', `DROP DATABASE spaced_${format}`);
      await fixture.sql('postgres', 'DROP TABLESPACE "Fast one"');
      const target = `unspaced_${format}`;
      await fixture.make(target, '');
      const failure: unknown = await fixture.load(target, dump).catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: 'RESTORE_FAILED',
        message: expect.stringContaining('Fast one') as string,
        hint: expect.stringContaining('no_tablespaces') as string,
      });
      expect(missingPrerequisite(failure)).toBeDefined();
      await fixture.sql('postgres', `DROP DATABASE ${target}`);
      for (const staged of [true, false]) {
        await fixture.make(`${target}_${staged}`, '');
        await fixture.load(`${target}_${staged}`, dump, { skipTablespaces: true, staged });
        expect(await fixture.driver.census(fixture.at(`${target}_${staged}`))).toEqual(dump.census);
      }
    },
  );
});

describe('An extension that is bound to the name of its database', () => {
  it('62: is a blocker of the swap, which is then done in place', async () => {
    // As pg_cron, which no test can install: what counts is its name.
    await fixture.make(
      'jobs',
      `CREATE EXTENSION hstore; UPDATE pg_extension SET extname = 'pg_cron' WHERE extname = 'hstore'`,
    );
    const plan = await fixture.driver.prepareLoad({
      ...{ connection: fixture.at('jobs'), format: 'plain', tools: {}, skipOwnership: false },
    });
    const { blockers } = await fixture.driver.swap.examine(plan);
    expect(blockers).toEqual([expect.stringMatching(/^pg_cron works in one database alone, by its name/)]);
  });

  it('62: is a missing prerequisite of the server, and the error names what to do, where it refuses another database', async () => {
    await fixture.make('elsewhere', '');
    // The words, the detail and the SQLSTATE of its script.
    const refusal = `DO $$ BEGIN RAISE EXCEPTION 'can only create extension in database postgres'
      USING DETAIL = 'Jobs must be scheduled from the database configured in cron.database_name'; END $$;`;
    const failure: unknown = await fixture.load('elsewhere', fixture.foreign(refusal)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'RESTORE_FAILED', hint: expect.stringContaining('transaction') as string });
    expect(missingPrerequisite(failure)).toMatchObject({
      message: expect.stringContaining('can only create extension') as string,
    });
    await using session = await PostgresSession.open(fixture.at('elsewhere'));
    expect(await session.query('SELECT 1 AS alive')).toHaveLength(1);
  });
});
