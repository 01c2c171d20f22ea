import pg from 'pg';
import type { ConnectionParams, DumpFormat } from '@app/domain';
import { PostgresFixture } from '../testing/postgres-fixture.js';
import { PostgresSession } from './postgres-session.js';
import { loadSettings, SESSION_SETTINGS } from './session-settings.js';

jest.setTimeout(120_000);

let fixture: PostgresFixture;
const app = { username: 'app', password: 'secret' };

/** Whatever can be set for a role or a database that changes values, ends work or takes rights. */
const HOSTILE: Readonly<Record<string, string>> = {
  array_nulls: 'off',
  DateStyle: `'German, DMY'`,
  IntervalStyle: 'sql_standard',
  TimeZone: `'Asia/Kathmandu'`,
  lc_monetary: `'de_DE.utf8'`,
  extra_float_digits: '-15',
  bytea_output: 'escape',
  xmloption: 'document',
  standard_conforming_strings: 'off',
  backslash_quote: 'off',
  quote_all_identifiers: 'on',
  transform_null_equals: 'on',
  default_transaction_read_only: 'on',
  default_transaction_isolation: 'serializable',
  default_transaction_deferrable: 'on',
  client_encoding: `'LATIN1'`,
  statement_timeout: `'1ms'`,
  lock_timeout: `'1ms'`,
  idle_in_transaction_session_timeout: `'1ms'`,
  idle_session_timeout: `'1s'`,
  session_replication_role: 'replica',
  default_table_access_method: 'nothing',
  synchronous_commit: 'off',
  search_path: 'nowhere',
  row_security: 'on',
  exit_on_error: 'on',
};

/** What each session of ours has in their place. */
const OURS: Readonly<Record<string, string>> = {
  array_nulls: 'on',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  lc_monetary: 'C',
  extra_float_digits: '3',
  bytea_output: 'hex',
  xmloption: 'content',
  standard_conforming_strings: 'on',
  backslash_quote: 'safe_encoding',
  quote_all_identifiers: 'off',
  transform_null_equals: 'off',
  default_transaction_read_only: 'off',
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  client_encoding: 'UTF8',
  statement_timeout: '0',
  lock_timeout: '10s',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
  session_replication_role: 'origin',
  default_table_access_method: 'heap',
  synchronous_commit: 'local',
  search_path: '"$user", public',
  row_security: 'off',
  exit_on_error: 'off',
};

const CONTENT = `
  CREATE TABLE v (id int PRIMARY KEY, a text[], m money, i interval, d date, t timestamptz, f float8, b bytea, w text);
  INSERT INTO v VALUES (1, '{NULL,"NULL",x}', '1234.56', '-1 day -02:03:04', '2026-02-01', '2026-02-01 10:00+03', 0.1::float8 + 0.2, '\\x00ff5c', 'größe € \\ '' 漢'),
    (2, '{}', '-0.05', '1 year -2 days', '0044-03-15 BC', 'infinity', 1e-300, '', NULL);
  CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.w = ''touched''; RETURN NEW; END';
  CREATE TRIGGER touched BEFORE INSERT ON v FOR EACH ROW EXECUTE FUNCTION touched();
  CREATE VIEW few AS SELECT id FROM v WHERE w = 'a\\b'`;
const VALUES = `SELECT md5(string_agg(v::text, '|' ORDER BY id)) AS sum, count(*)::int AS n FROM public.v`;

const settle = async (what: string): Promise<void> => {
  for (const [name, value] of Object.entries(HOSTILE)) {
    // A server may lack a locale, or a setting that came later.
    await fixture.sql('postgres', `ALTER ${what} SET ${name} = ${value}`).catch(() => undefined);
  }
};

beforeAll(async () => {
  fixture = await PostgresFixture.start();
  await fixture.sql('postgres', `CREATE ROLE other; CREATE ROLE app SUPERUSER LOGIN PASSWORD 'secret' IN ROLE other`);
  await fixture.make('source', CONTENT);
  await settle('DATABASE source');
  await settle('ROLE app');
  await fixture.sql('postgres', 'ALTER ROLE app SET role = other');
});
afterAll(() => fixture?.[Symbol.asyncDispose]());

const shown = async (connection: ConnectionParams, names: readonly string[]): Promise<Record<string, string>> => {
  await using session = await PostgresSession.open(connection);
  await session.query('RESET search_path');
  const found: Record<string, string> = {};
  for (const name of names) {
    const [row] = await session.query<Record<string, string>>(`SHOW ${name}`);
    found[name] = Object.values(row ?? {})[0] ?? '';
  }
  return found;
};

it('59: starts each session with our settings, whatever the database and the role have set', async () => {
  expect(await shown(fixture.at('source', app), Object.keys(SESSION_SETTINGS))).toEqual(SESSION_SETTINGS);
  // Else the server would not obey the setting that names it.
  await fixture.sql('source', 'CREATE ACCESS METHOD nothing TYPE TABLE HANDLER heap_tableam_handler');
  try {
    expect(await shown(fixture.at('source', app), Object.keys(HOSTILE))).toEqual(OURS);
  } finally {
    await fixture.sql('source', 'DROP ACCESS METHOD nothing');
  }
});

it('59: leaves to a plain role what only a superuser may set, and works all the same', async () => {
  await fixture.sql('postgres', `CREATE ROLE plain LOGIN PASSWORD 'secret'`);
  await settle('ROLE plain');
  const plain = fixture.at('postgres', { username: 'plain', password: 'secret' });
  expect(await shown(plain, ['statement_timeout', 'session_replication_role'])).toEqual({
    statement_timeout: '0',
    session_replication_role: 'replica',
  });
});

it.each<[DumpFormat, string, boolean]>([
  ['plain', 'a staging database', true],
  ['custom', 'a staging database', true],
  ['tar', 'a staging database', true],
  ['plain', 'the target itself', false],
  ['custom', 'the target itself', false],
])('59: keeps every value of a %s dump that is loaded into %s', async (format, _where, staged) => {
  const wanted = await fixture.sql('source', VALUES);
  const dump = await fixture.dump('source', format, app);
  await fixture.driver.createDatabase(fixture.at('source', app), 'copy', dump.plan.settings);
  try {
    await settle('DATABASE copy');
    await fixture.load('copy', dump, { staged }, app);
    expect(await fixture.sql('copy', VALUES)).toEqual(wanted);
    expect((await fixture.driver.census(fixture.at('copy', app))).rows).toEqual(dump.census?.rows);
  } finally {
    await fixture.driver.dropDatabase(fixture.at('source', app), 'copy');
  }
});

it('59: makes and swaps a staging database where transactions are read-only by default', async () => {
  await fixture.make('target', CONTENT);
  await settle('DATABASE target');
  const connection = fixture.at('target', app);
  const plan = await fixture.driver.prepareLoad({ connection, format: 'plain', tools: {}, skipOwnership: false });
  expect((await fixture.driver.swap.examine(plan)).blockers).toEqual([]);
  const incoming = fixture.driver.swap.copyName('target', 'restore', 'x1');
  await fixture.driver.swap.createStaging(connection, incoming);
  await fixture.driver.swap.dropCopy(connection, incoming);
  await fixture.driver.users.create(connection, { username: 'made', password: 'x', privileges: [] });
  await fixture.driver.users.remove(connection, { username: 'made' });
});

it('59: loads a script of somebody else into the schema public, with the time zone and the money of the server', async () => {
  await fixture.make('foreign_copy', '');
  await settle('DATABASE foreign_copy');
  await fixture.load('foreign_copy', fixture.foreign('CREATE TABLE made (i int);'), {}, app);
  expect(await fixture.sql('foreign_copy', `SELECT 'public.made'::regclass::text AS name`)).toEqual([{ name: 'made' }]);
  expect(Object.keys(loadSettings(false))).not.toContain('TimeZone');
  expect(Object.keys(loadSettings(false))).not.toContain('lc_monetary');
});

/** Functions that are declared IMMUTABLE, and are not: what they give depends on how the session began. */
const DEPENDING = `
  CREATE FUNCTION day_of(timestamptz) RETURNS date IMMUTABLE LANGUAGE sql AS 'SELECT $1::date';
  CREATE FUNCTION date_in(text) RETURNS date IMMUTABLE LANGUAGE sql AS 'SELECT $1::date';
  CREATE FUNCTION words_of(text) RETURNS tsvector IMMUTABLE LANGUAGE sql AS 'SELECT to_tsvector($1)';
  CREATE FUNCTION is_ours(text) RETURNS bool STABLE LANGUAGE plpgsql AS 'BEGIN RETURN $1 = current_setting(''app.tenant''); END';
  CREATE FUNCTION picked(i int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'DECLARE n int; BEGIN SELECT i + 1 INTO n FROM (SELECT 41 AS i) x; RETURN n; END';
  CREATE TABLE depending (at timestamptz, given text, tenant text CHECK (is_ours(tenant)), i int, d date GENERATED ALWAYS AS (day_of(at)) STORED,
    e date GENERATED ALWAYS AS (date_in(given)) STORED, w tsvector GENERATED ALWAYS AS (words_of(given || ' cats running')) STORED,
    n int GENERATED ALWAYS AS (picked(i)) STORED);
  INSERT INTO depending SELECT timestamptz '2026-01-01 20:00+00' + n * interval '1 hour', '31/12/2025', 'acme', n FROM generate_series(1, 48) n`;

describe('what functions depend on', () => {
  const content = `SELECT md5(string_agg(t::text, '|' ORDER BY at)) AS sum, min(n) AS n FROM public.depending t`;
  const settings = [
    `TimeZone = 'Asia/Tokyo'`,
    `DateStyle = 'SQL, DMY'`,
    `default_text_search_config = 'pg_catalog.simple'`,
    `app.tenant = 'acme'`,
    `plpgsql.variable_conflict = 'use_column'`,
  ];

  beforeAll(async () => {
    await fixture.make('depending', '');
    for (const setting of settings) await fixture.sql('postgres', `ALTER DATABASE depending SET ${setting}`);
    // As an application does, with its own settings.
    const { host, port, username: user, password } = fixture.at('depending');
    const client = new pg.Client({ host, port, user, password, database: 'depending' });
    await client.connect();
    await client.query(DEPENDING);
    await client.end();
  });

  it.each<[DumpFormat, string, boolean]>([
    ['plain', 'a staging database', true],
    ['custom', 'a staging database', true],
    ['tar', 'a staging database', true],
    ['plain', 'the target itself', false],
  ])('59: is as the source had it while a %s dump is loaded into %s', async (format, _where, staged) => {
    const dump = await fixture.dump('depending', format);
    await fixture.make('copy', '');
    try {
      const others = { 'app.tenant': 'acme', 'plpgsql.variable_conflict': 'use_column', 'plperl.on_init': 'die' };
      const sessionSettings = { ...dump.plan.sessionSettings, ...others, 'nothing.known': 'x' };
      await fixture.load('copy', { ...dump, sessionSettings }, { staged });
      expect(await fixture.sql('copy', content)).toEqual(await fixture.sql('depending', content));
      const set = await fixture.sql(
        'postgres',
        `SELECT setconfig::text AS set FROM pg_db_role_setting d WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = 'copy')`,
      );
      expect(JSON.stringify(set)).not.toContain('plperl');
    } finally {
      await fixture.driver.dropDatabase(fixture.at('postgres'), 'copy');
    }
  });
});
