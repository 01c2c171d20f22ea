import { judge } from './statement-policy.js';
import { judgeForeign } from './foreign-policy.js';
import { textOf, tokensOf } from '../script/statement-tokens.js';

const knownSettings = new Set([
  'search_path',
  'session_replication_role',
  'client_encoding',
  'standard_conforming_strings',
]);
const judged = (
  sql: string,
  rights = { confined: false, strict: true, superuser: false },
  skipOwnership = false,
): string => {
  const verdict = judge(Buffer.from(sql), { skipOwnership, knownSettings, foreign: rights });
  return verdict.do;
};
const CONFINED = { confined: true, strict: true, superuser: false };
const SUPERUSER = { confined: false, strict: true, superuser: true };
const LONG = `/*${'x'.repeat(5_000)}*/`;

describe('53: a foreign dump', () => {
  test.each([
    'GRANT pg_read_all_data TO eve',
    'GRANT "x ON y" TO eve',
    `grant ${LONG} pg_monitor to eve`,
    'REVOKE CONNECT ON DATABASE other FROM PUBLIC',
    'GRANT SET ON PARAMETER work_mem TO eve',
    'GRANT CREATE ON TABLESPACE fast TO eve',
    `GRANT ALL ON ${LONG} DATABASE other TO eve`,
    "COMMENT ON ROLE postgres IS 'x'",
    "COMMENT ON TABLESPACE pg_default IS 'x'",
    'REASSIGN OWNED BY app TO eve',
    'DROP OWNED BY app CASCADE',
    'ALTER TABLE t SET TABLESPACE fast',
    'ALTER TABLE ALL IN TABLESPACE a SET TABLESPACE b',
    "ALTER DATABASE other SET work_mem = '1MB'",
    'ALTER DATABASE other RENAME TO another',
    "SECURITY LABEL FOR x ON ROLE postgres IS 'y'",
    "SECURITY LABEL ON DATABASE other IS 'y'",
    `CREATE ${LONG} ROLE eve SUPERUSER`,
    `ALTER${LONG}SYSTEM SET log_min_messages = 'panic'`,
    'ALTER USER postgres NOLOGIN',
    'CREATE /* /* nested */ */ ROLE eve',
    'COPY (SELECT a FROM stdin) TO PROGRAM $$id > /tmp/pwned$$',
    "COPY t (a) TO PROGRAM 'id'",
    "COPY t FROM PROGRAM 'id' WITH (DELIMITER 'FROM STDIN')",
    'COPY stdin TO STDOUT',
    "SET session_replication_role = 'replica'",
    "SET client_encoding = 'SJIS'",
    'DROP TABLESPACE fast',
    'ALTER TABLE t ADD COLUMN c int DEFAULT evil(), OWNER TO eve',
    'ALTER TABLE public."t,u" ALTER COLUMN i TYPE int USING evil(), OWNER TO eve',
    'ALTER MATERIALIZED VIEW t SET (fillfactor = 50), OWNER TO eve',
    String.raw`GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA U&"pg\005fcatalog" TO eve`,
    String.raw`GRANT EXECUTE ON FUNCTION U&"lo_e\0078port"(oid, text) TO eve`,
    String.raw`ALTER FUNCTION f() OWNER TO U&"postgr\0065s"`,
    String.raw`SET client_encoding = U&'SJ\0049S'`,
    "SET client_encoding = 'SJ'\n'IS'",
  ])('may not do what reaches beyond its database: %.70s', (sql) => {
    expect(judged(sql)).toBe('refuse');
    expect(judged(sql, CONFINED)).toBe('refuse');
  });

  test.each([
    "DO $$ begin execute 'copy (select 1) to program ''id'''; end $$",
    "SELECT dblink_exec('dbname=other', 'drop table t')",
    'SELECT public.f()',
    'WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x',
    'SELECT * FROM t',
    "CREATE FOREIGN TABLE p (a text) SERVER files OPTIONS (program 'id')",
    "CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'x'",
    `CREATE FUNCTION f() RETURNS int LANGUAGE "plpython3u" AS 'x'`,
    "CREATE FUNCTION f(text) RETURNS text LANGUAGE internal AS 'pg_read_file'",
    "CREATE TABLE t (a text DEFAULT pg_read_file('/etc/passwd'))",
    'CREATE TABLE t (a oid CHECK (lo_export(a, $$/tmp/x$$) = 1))',
    `CREATE VIEW v AS SELECT "query_to_xml"('select 1', true, true, '')`,
    'INSERT INTO pg_catalog.pg_authid VALUES (1)',
    "INSERT INTO t VALUES (dblink_exec('x', 'y'))",
    'INSERT INTO t SELECT * FROM secret',
    'COPY pg_catalog.pg_auth_members FROM stdin',
    'UPDATE pg_catalog.pg_authid SET rolsuper = true',
    'CALL p()',
    'IMPORT FOREIGN SCHEMA x FROM SERVER s INTO y',
    'CREATE FOREIGN DATA WRAPPER w HANDLER h',
    'ALTER EXTENSION hstore ADD TABLE t',
    String.raw`COPY U&"pg\005fcatalog".pg_auth_members FROM stdin`,
    String.raw`INSERT INTO U&"\0070g_auth_members" VALUES (1)`,
    "COPY t (a) FROM stdin WHERE lo_export(a, '/tmp/x') > 0",
    "SELECT pg_catalog.set_config('session_replication_role', 'replica', false)",
    "SELECT set_config(/*'search_path'*/'session_replication_role', '', false)",
    "SELECT pg_catalog.set_config('standard_conforming_strings', 'off', false)",
    'SET standard_conforming_strings = f',
    'SET "standard_conforming_strings" = off',
    'SET standard_conforming_strings = $$off$$',
    `SET standard_conforming_strings = off ${LONG}`,
    'SET LOCAL standard_conforming_strings = off',
    'RESET standard_conforming_strings',
    'LOCK TABLE pg_catalog.pg_authid IN ACCESS EXCLUSIVE MODE',
    "CREATE TABLE t (a int DEFAULT pg_stat_reset_shared('wal'))",
  ])('is judged by whole statements where no account could be made for it: %.70s', (sql) => {
    expect(judged(sql)).toBe('refuse');
  });

  test.each([
    ['CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION f()', 'note'],
    ['ALTER EVENT TRIGGER e ENABLE ALWAYS', 'note'],
    ["CREATE SUBSCRIPTION s CONNECTION 'host=x' PUBLICATION p", 'note'],
    ['ALTER DEFAULT PRIVILEGES FOR ROLE postgres GRANT SELECT ON TABLES TO eve', 'note'],
    ['GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_file(text) TO eve', 'note'],
    ['GRANT EXECUTE ON FUNCTION pg_read_file(text) TO eve', 'note'],
    ["COMMENT ON DATABASE other IS 'x'", 'note'],
    ['CREATE PUBLICATION p FOR ALL TABLES', 'note'],
  ])('leaves out, and says so: %s', (sql, expected) => {
    expect(judged(sql)).toBe(expected);
    expect(judged(sql, CONFINED)).toBe(expected);
  });

  test.each([
    'CREATE TABLE public.t (a integer NOT NULL, b numeric(10,2) DEFAULT 0.0, CONSTRAINT "c" CHECK ((a > 0)))',
    'CREATE UNIQUE INDEX i ON public.t USING btree (lower(b))',
    'CREATE OR REPLACE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS $_$ begin execute $$ grant a to b $$; end $_$',
    'CREATE PROCEDURE p() LANGUAGE sql BEGIN ATOMIC SELECT 1; END',
    'CREATE UNLOGGED TABLE u (a int)',
    'CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA public',
    "COMMENT ON EXTENSION hstore IS 'data type'",
    'CREATE TRIGGER t BEFORE INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION public.f()',
    'ALTER TABLE ONLY public.t ADD CONSTRAINT k PRIMARY KEY (a)',
    'ALTER SEQUENCE s OWNED BY public.t.a',
    "SELECT pg_catalog.set_config('search_path', '', false)",
    "SELECT pg_catalog.setval('public.s', 12, true)",
    "SELECT pg_catalog.lowrite(0, '\\x00')",
    "SELECT pg_catalog.lo_open('12', 131072)",
    'SELECT 1/0',
    `INSERT INTO public.t (a, "b") VALUES (1, E'it\\'s; GRANT a TO b'), (2, 'x'::varchar(10))`,
    'SET search_path = public, pg_catalog',
    'REFRESH MATERIALIZED VIEW m.v',
    'TRUNCATE t',
    "CREATE POLICY p ON t USING (tenant = current_setting('app.tenant'))",
    'DROP TABLE IF EXISTS public.t',
    'ALTER TABLE public.t ENABLE ROW LEVEL SECURITY',
    'CREATE MATERIALIZED VIEW m.v AS SELECT m.f() AS f WITH NO DATA',
    'CREATE TEXT SEARCH DICTIONARY public.d (TEMPLATE = pg_catalog.simple)',
    'CREATE RULE r AS ON INSERT TO v DO INSTEAD INSERT INTO t VALUES (new.a)',
    'SET standard_conforming_strings = on',
    "SET SESSION standard_conforming_strings TO 'off'",
    "SET client_encoding = 'UTF8'",
    'SET NAMES utf8',
    "SELECT pg_catalog.set_config('search_path', 'a, \"b\"', true)",
  ])('may hold what pg_dump writes: %.70s', (sql) => {
    expect(judged(sql)).toBe('run');
    expect(judged(sql, CONFINED)).toBe('run');
  });

  it('may hold no function, and read no passwords, where it is loaded in place by a superuser', () => {
    expect(judged("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1'", SUPERUSER)).toBe('refuse');
    expect(judged('CREATE EXTENSION hstore', SUPERUSER)).toBe('refuse');
    expect(judged('CREATE TABLE t (a int)', SUPERUSER)).toBe('run');
    expect(judged('CREATE VIEW v AS SELECT usename, passwd FROM pg_shadow', SUPERUSER)).toBe('refuse');
    expect(judged('CREATE TABLE t AS SELECT rolpassword FROM pg_catalog."pg_authid"', SUPERUSER)).toBe('refuse');
    expect(judged('CREATE VIEW v AS SELECT relname FROM pg_class', SUPERUSER)).toBe('run');
    const verdict = judge(Buffer.from('CREATE EXTENSION hstore'), {
      skipOwnership: false,
      knownSettings,
      foreign: SUPERUSER,
    });
    expect(verdict).toMatchObject({
      why: expect.stringMatching(/^holds an extension, /) as string,
      instead: expect.stringContaining('"strategy": "swap"') as string,
    });
  });

  test.each([
    'ALTER TABLE public.t OWNER TO app',
    'ALTER TABLE IF EXISTS ONLY "a, b"."t (u)" OWNER TO "a b"',
    'ALTER MATERIALIZED VIEW public.t OWNER TO app',
    'ALTER FUNCTION public.f(integer, numeric(3, 1)) OWNER TO app',
    'GRANT SELECT ON TABLE t TO app',
    'REVOKE ALL ON SCHEMA public FROM PUBLIC',
    'SET SESSION AUTHORIZATION app',
  ])('has its owners and grants given by somebody else than the account that loads: %s', (sql) => {
    expect(judged(sql, CONFINED)).toBe('defer');
    expect(judged(sql, CONFINED, true)).toBe('skip');
    expect(judged(sql)).toBe('run');
  });
});

describe('tokensOf', () => {
  const text = (sql: string, standard = true): string => textOf(tokensOf(Buffer.from(sql), standard));

  test.each([
    ["select 'a' \n 'b' -- c", "SELECT ''"],
    ["select E'a\\'' \n '\\'x'", "SELECT ''"],
    ["select 'a\\' , x, 'b'", "SELECT '' , X , ''"],
    ['select U&"d\\0061t" , $a$ $b$ $a$ , b$$c', 'SELECT "" , \'\' , B$$C'],
    ['/* a /* b */ c */ grant', 'GRANT'],
    [`a"b"'c'1.5e3`, `A "" '' 0`],
  ])('reads %s', (sql, expected) => {
    expect(text(sql)).toBe(expected);
  });

  it('knows strings in which a backslash counts', () => {
    expect(text("select 'a\\' , x, 'b'", false)).toBe("SELECT '' ''");
  });

  it('judges the statement as the server would read it', () => {
    const tokens = tokensOf(Buffer.from("COMMENT ON TABLE t IS 'x' \n ' GRANT a TO b'"), true);
    expect(judgeForeign(tokens, Buffer.alloc(0), CONFINED).do).toBe('run');
  });
});
