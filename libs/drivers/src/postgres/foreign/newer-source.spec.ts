import { headOf } from '../../dump-head.js';
import { PostgresFixture } from '../testing/postgres-fixture.js';
import { originOf } from './newer-source.js';

jest.setTimeout(120_000);

let fixture: PostgresFixture;
beforeAll(async () => {
  fixture = await PostgresFixture.start();
  await fixture.make('source', 'CREATE TABLE t (a int)');
  await fixture.make('target', '');
});
afterAll(() => fixture[Symbol.asyncDispose]());

const from = (version: string, by: string, body: string) =>
  fixture.foreign(`\n-- Dumped from database version ${version}\n-- Dumped by pg_dump version ${by}\n\n${body}`);

describe('where a dump comes from', () => {
  it.each(['plain', 'custom', 'tar'] as const)('37: is read from the head of a %s dump', async (format) => {
    const { version } = await fixture.driver.probe(fixture.at('source'));
    const dump = await fixture.dump('source', format);
    expect(originOf(await headOf(dump), format)).toMatchObject({ from: version });
  });

  it('37: is not guessed', () => {
    expect(originOf(Buffer.from('--\n-- PostgreSQL database dump\n'), 'plain')).toBeUndefined();
    expect(originOf(Buffer.from('PGDMP\x01\x10\x00\x04\x08\x01'), 'custom')).toBeUndefined();
    expect(originOf(Buffer.alloc(20), 'tar')).toBeUndefined();
  });

  it.each([true, false])('37: is told when the server does not know a statement of it (staged: %s)', async (staged) => {
    const bodies = [
      'CREATE TABLE n (a int, b int GENERATED ALWAYS AS (a + 1) UNHEARD_OF);',
      'CREATE TABLE n (a int) WITH (unheard_of=1);',
      'CREATE TABLE n (a text COLLATE pg_catalog.unheard_of);',
    ];
    for (const body of staged ? bodies : bodies.slice(0, 1)) {
      await expect(fixture.load('target', from('99.2', '99.2', body), { staged })).rejects.toMatchObject({
        message: expect.stringMatching(/unheard_of/i) as string,
        hint: expect.stringMatching(
          /^The dump comes from PostgreSQL 99\.2, and this server is \d+\.\d+, .* of version 99 or newer/,
        ) as string,
      });
    }
    await expect(fixture.load('target', from('9.6.1', '99.2', 'SELECT FROM FROM;'), { staged })).rejects.toMatchObject({
      hint: expect.stringMatching(/^The dump comes from PostgreSQL 9\.6\.1, made by pg_dump 99\.2,/) as string,
    });
  });

  it('37: is told for single tables, too', async () => {
    const { driver } = fixture;
    const plan = await driver.prepareLoad({
      ...{ connection: fixture.at('target'), format: 'plain', tools: {}, skipOwnership: false },
    });
    const order = { plan, tables: ['n'], incoming: driver.tables.copyName('target', 'restore', '00000001') };
    const dump = from('99.2', '99.2', 'CREATE TABLE public.n (a int); ALTER TABLE public.n UNHEARD_OF;');
    const hooks = { signal: new AbortController().signal, beforeCommit: () => Promise.resolve() };
    await expect(driver.tables.load({ ...order, into: 'staging' }, dump, hooks)).rejects.toMatchObject({
      hint: expect.stringMatching(/^The dump comes from PostgreSQL 99\.2, .* of version 99 or newer/) as string,
    });
  });

  it('37: is not told where the dump is older, or something else is wrong', async () => {
    for (const dump of [
      from('9.6.1', '12.3', 'SELECT FROM FROM;'),
      from('99.2', '99.2', 'CREATE TABLE n (a int); INSERT INTO n VALUES (1); ALTER TABLE n ADD CHECK (a > 1);'),
    ]) {
      const failure: unknown = await fixture.load('target', dump).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'RESTORE_FAILED' });
      expect(failure).not.toMatchObject({ hint: expect.stringContaining('comes from') as string });
      await fixture.sql('target', 'DROP TABLE IF EXISTS n');
    }
  });
});

describe('a dump of parts of a database', () => {
  const PARTS = expect.stringMatching(/seems to hold single tables or schemas only/) as string;

  it.each([
    'CREATE TABLE public.p (a int); ALTER TABLE ONLY public.p ADD FOREIGN KEY (a) REFERENCES public.missing(a);',
    `CREATE TABLE public.p (a int DEFAULT nextval('public.missing'::regclass));`,
    'CREATE TABLE missing.p (a int);',
    'CREATE TABLE public.p (a public.missing);',
    'CREATE TABLE public.p (a int); CREATE TRIGGER t AFTER INSERT ON public.p EXECUTE FUNCTION public.missing();',
  ])('37: is named where it refers to what it does not make: %s', async (body) => {
    await expect(fixture.load('target', fixture.foreign(body))).rejects.toMatchObject({ hint: PARTS });
    await fixture.sql('target', 'DROP TABLE IF EXISTS public.p');
  });

  it('37: is not suspected where a function looks for something, nor where a role is missing', async () => {
    for (const body of [
      'CREATE TABLE p (a int); ALTER TABLE p OWNER TO missing;',
      `CREATE FUNCTION f(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN (SELECT count(*) FROM missing); END $$;
       CREATE TABLE p (a int); INSERT INTO p VALUES (1); CREATE INDEX ON p (f(a));`,
    ]) {
      const failure: unknown = await fixture.load('target', fixture.foreign(body)).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'RESTORE_FAILED' });
      expect(failure).not.toMatchObject({ hint: PARTS });
      await fixture.sql('target', 'DROP TABLE IF EXISTS p; DROP FUNCTION IF EXISTS f(int)');
    }
  });
});
