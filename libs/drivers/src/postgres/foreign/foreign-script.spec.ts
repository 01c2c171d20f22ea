import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { DumpContents } from '../../db-driver.js';
import { tidyForeignScript } from './foreign-script.js';

const HEAD = "--\n-- PostgreSQL database dump\n--\n\nSET client_encoding = 'UTF8';\n";
const END = '--\n-- PostgreSQL database dump complete\n--\n\n';

/** In pieces of several sizes, which must all give the same. */
async function tidy(script: string, acceptIncomplete = false) {
  const results: { script: string; notes: string[]; ended: boolean; contents: DumpContents }[] = [];
  for (const size of [1, 7, 1_000_000]) {
    const bytes = Buffer.from(script);
    const open = (): Readable => Readable.from(pieces(bytes, size), { objectMode: false });
    const tidied = tidyForeignScript({ format: 'plain', own: false, open }, { acceptIncomplete });
    const result = await text(tidied.open());
    const { notes, ended, contents } = tidied.outcome;
    results.push({ script: result, notes: [...notes], ended, contents });
  }
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
  return results[0] as (typeof results)[number];
}

function* pieces(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const statementsOf = (script: string): string[] =>
  script
    .split(/;\s*\n/)
    .map((part) => part.replaceAll(/--[^\n]*/g, '').trim())
    .filter((part) => part !== '');

describe('tidying a foreign script', () => {
  it('31: names a command of psql that ends a query without a semicolon', async () => {
    await expect(tidy(`${HEAD}SELECT 'touch canary' \\gexec\n${END}`)).rejects.toMatchObject({
      code: 'BACKUP_UNSAFE',
      message: expect.stringContaining('holds a command for psql (\\gexec'),
    });
  });

  it('36: takes out settings of roles in its own database, emptied views, large objects, and commands for the output of psql', async () => {
    const made = await tidy(
      `\\set ON_ERROR_STOP on\n\\encoding LATIN1\n${HEAD}UPDATE pg_catalog.pg_database SET datistemplate = false WHERE datname = 'shop';\n` +
        `DROP DATABASE shop;\nCREATE DATABASE shop;\nALTER ROLE "My app" IN DATABASE shop SET work_mem TO '5MB';\n\\connect shop\n` +
        `CREATE OR REPLACE VIEW public.v AS\nSELECT\n    NULL::integer AS id,\n    NULL::numeric(10,2) AS "n, m";\nDROP VIEW public.v;\n` +
        `SELECT pg_catalog.lo_unlink('16400');\nCREATE TABLE public.a (i int);\nCREATE OR REPLACE VIEW public.w AS\nSELECT\n    NULL::integer AS id;\n${END}ANALYZE;\nVACUUM (ANALYZE);\n\\q\n`,
    );
    expect(statementsOf(made.script)).toEqual([
      "SET client_encoding = 'LATIN1'",
      "SET client_encoding = 'UTF8'",
      'CREATE TABLE public.a (i int)',
      'CREATE OR REPLACE VIEW public.w AS\nSELECT\n    NULL::integer AS id',
      'ANALYZE',
    ]);
    expect(made.ended).toBe(true);
    expect(made.notes).toContain('ALTER ROLE … IN DATABASE');
  });

  it.each([
    'ALTER ROLE app IN DATABASE other SET work_mem = 1',
    'ALTER ROLE app SET work_mem = 1',
    "UPDATE pg_catalog.pg_database SET datistemplate = true WHERE datname = 'shop'",
  ])('keeps what is not about its own database: %s', async (sql) => {
    const made = await tidy(`${HEAD}CREATE DATABASE shop;\n\\connect shop\n${sql};\n${END}`);
    expect(statementsOf(made.script)).toContain(sql);
  });

  it('runs nothing that psql would not, as it stands behind \\q', async () => {
    await expect(tidy(`${HEAD}CREATE TABLE a (i int);\n\\q\nDROP TABLE a;\n${END}`)).rejects.toMatchObject({
      code: 'BACKUP_UNSAFE',
    });
  });

  it('takes out how pg_dump --create --clean makes and enters the database, and what it drops', async () => {
    const made = await tidy(
      `\\restrict abc\n${HEAD}DROP DATABASE IF EXISTS shop;\nCREATE DATABASE shop WITH TEMPLATE = template0;\n` +
        `ALTER DATABASE shop OWNER TO postgres;\n\\connect shop\nCOMMENT ON DATABASE shop IS 'x; y';\n` +
        `GRANT CONNECT ON DATABASE shop TO PUBLIC;\nALTER TABLE ONLY public.a DROP CONSTRAINT k;\nDROP TABLE public.a;\n` +
        `DROP SCHEMA public;\nCREATE SCHEMA public;\nCREATE TABLE public.a (i int);\n${END}\\unrestrict abc\n`,
    );
    expect(statementsOf(made.script)).toEqual([
      "SET client_encoding = 'UTF8'",
      'CREATE SCHEMA IF NOT EXISTS public',
      'CREATE TABLE public.a (i int)',
    ]);
    expect(made).toMatchObject({ ended: true, contents: { only: undefined } });
    expect(made.notes).toEqual([
      'DROP DATABASE',
      'CREATE DATABASE',
      'ALTER DATABASE',
      '\\connect shop',
      'COMMENT ON DATABASE',
      'GRANT … ON DATABASE',
      'DROP commands before anything was made',
    ]);
  });

  it('36: knows its own database by a name that is not ASCII', async () => {
    const made = await tidy(`${HEAD}CREATE DATABASE "größe À";\n\\connect "größe À"\nCREATE TABLE a (i int);\n${END}`);
    expect(statementsOf(made.script)).toEqual(["SET client_encoding = 'UTF8'", 'CREATE TABLE a (i int)']);
    expect(made.notes).toContain('\\connect größe À');
  });

  it('53: takes a query that names stdin for no rows, and leaves it for the policy to refuse', async () => {
    const script = `${HEAD}COPY (SELECT a FROM stdin) TO PROGRAM 'id';\nSELECT 1;\n${END}`;
    const tidied = await tidy(script);
    expect(statementsOf(tidied.script)).toEqual(statementsOf(script));
    expect(tidied.ended).toBe(true);
  });

  it('keeps each line on its line, and rows as they are', async () => {
    const script = `${HEAD}CREATE DATABASE shop\n  WITH TEMPLATE = template0;\nCREATE TABLE t (a text);\nCOPY t (a) FROM stdin;\n\\connect other\nDROP DATABASE shop;\n\\.\nSELECT 1;\n${END}`;
    const made = await tidy(script);
    const lines = made.script.split('\n');
    expect(lines.indexOf('SELECT 1;')).toBe(script.split('\n').indexOf('SELECT 1;'));
    expect(made.script).toContain('FROM stdin;\n\\connect other\nDROP DATABASE shop;\n\\.\n');
  });

  it('leaves what is about another database, another connection or what was made for the policy to refuse', async () => {
    const kept = [
      'ALTER DATABASE other SET x = 1;',
      'CREATE DATABASE shop;\nCREATE DATABASE other;',
      'CREATE DATABASE shop;\nCOMMENT ON DATABASE other IS NULL;',
      'REVOKE CONNECT ON DATABASE other FROM PUBLIC;',
      '\\connect shop\n\\connect other\n',
      '\\! touch /tmp/x\n',
      'CREATE TABLE a (i int);\nDROP TABLE b;',
      'DROP ROLE admin;',
      'DROP OWNED BY admin;',
    ];
    for (const script of kept) {
      const last = script.trim().split('\n').at(-1) as string;
      expect((await tidy(`${HEAD}${script}\n${END}`)).script).toContain(last);
    }
  });

  it('takes out the language that every database has, as pg_dump 8 wrote it', async () => {
    const made = await tidy(
      `${HEAD}CREATE PROCEDURAL LANGUAGE plpgsql;\nALTER PROCEDURAL LANGUAGE plpgsql OWNER TO postgres;\nCREATE PROCEDURAL LANGUAGE plperl;\n${END}`,
    );
    expect(statementsOf(made.script)).toEqual(["SET client_encoding = 'UTF8'", 'CREATE PROCEDURAL LANGUAGE plperl']);
  });

  it('finds the end mark behind which only settings follow, and no other', async () => {
    expect((await tidy(`${HEAD}${END}RESET ALL;\n`)).ended).toBe(true);
    expect((await tidy(`${HEAD}${END}SET search_path = public;\n-- done\n`)).ended).toBe(true);
    expect((await tidy(`${HEAD}${END}DROP TABLE x;\n`)).ended).toBe(false);
    const without = await tidy(`${HEAD}CREATE TABLE t (a int);\n`);
    expect(without.ended).toBe(false);
    expect(without.script).not.toContain('dump complete');
    expect((await tidy(`${HEAD}CREATE TABLE t (a int);\n`, true)).script).toMatch(
      /\n-- PostgreSQL database dump complete\n--\n\n$/,
    );
    await expect(tidy(`${HEAD}CREATE TABLE t (a int)`, true)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  });

  it('knows a dump of rows alone', async () => {
    expect((await tidy(`${HEAD}COPY t (a) FROM stdin;\n1\n\\.\n${END}`)).contents.only).toBe('rows');
    expect((await tidy(`${HEAD}${END}`)).contents.only).toBeUndefined();
  });

  it.each([
    ['SET default_with_oids = true;', ''],
    ["SET default_with_oids TO 'on';", ''],
    ['ALTER TABLE t SET WITH OIDS;', ''],
    ["CREATE TABLE t (a text DEFAULT 'WITH OIDS')\nWITH OIDS;", "CREATE TABLE t (a text DEFAULT 'WITH OIDS')\n;"],
    ['CREATE TABLE t (oids int)\nINHERITS (p)\nWITH (oids=true);', 'CREATE TABLE t (oids int)\nINHERITS (p)\n;'],
    ['CREATE TABLE t (a int) WITH (oids);', 'CREATE TABLE t (a int);'],
    ['CREATE TABLE t () WITH (fillfactor=70, "oids"=true);', 'CREATE TABLE t () WITH (fillfactor=70);'],
    ['CREATE TABLE t () WITH (OIDS = TRUE, fillfactor=70);', 'CREATE TABLE t () WITH ( fillfactor=70);'],
  ])('36: leaves out the OIDs of tables in a dump of a server before 12, and says so: %s', async (given, left) => {
    const { script, notes } = await tidy(`${HEAD}${given}\n${END}`);
    const squeezed = script.replace(HEAD, '').replace(END.repeat(2), '').replaceAll(/[ ]+/g, ' ').replaceAll(' ;', ';');
    expect(squeezed.replaceAll(' )', ')').split('\n--')[0]?.trim()).toBe(left);
    expect(notes).toEqual(['WITH OIDS, as tables have had no OIDs since PostgreSQL 12']);
  });

  it.each([
    'SET default_with_oids = false;',
    'CREATE TABLE t (oids int) WITHOUT OIDS;',
    'CREATE TABLE t (a int) WITH (oids=false);',
    'CREATE TABLE t AS WITH oids AS (SELECT 1) SELECT * FROM oids;',
    'INSERT INTO oids SELECT 1;',
    'ALTER TABLE t ADD COLUMN a int, SET WITH OIDS;',
  ])('36: keeps what asks for no OIDs, or for something else as well: %s', async (kept) => {
    const { script, notes } = await tidy(`${HEAD}${kept}\n${END}`);
    expect(script).toContain(kept);
    expect(notes).toEqual([]);
  });

  it.each(['COPY t (a) WITH OIDS FROM stdin;', 'COPY t (a) FROM stdin WITH OIDS;'])(
    '37: names rows that hold OIDs: %s',
    async (copy) => {
      await expect(tidy(`${HEAD}CREATE TABLE t (a int);\n${copy}\n16400\t1\n\\.\n${END}`)).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringContaining('--oids of pg_dump') as string,
      });
    },
  );
});
