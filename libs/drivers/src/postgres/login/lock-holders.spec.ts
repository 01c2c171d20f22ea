import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { withSchemaDump } from '../selection/schema-dump.js';
import { PostgresFixture } from '../testing/postgres-fixture.js';
import { lockHolders } from './lock-holders.js';
import { LockWatch } from './lock-watch.js';
import { PostgresSession } from './postgres-session.js';

jest.setTimeout(120_000);

let fixture: PostgresFixture;

beforeAll(async () => {
  fixture = await PostgresFixture.start();
  await fixture.make('shop', `CREATE TABLE orders (i int, t text); INSERT INTO orders VALUES (1, 'a secret')`);
});
afterAll(() => fixture?.[Symbol.asyncDispose]());

it('30: examines a target in which an idle transaction has locked a table, and names the session where the lock is needed', async () => {
  const dump = await fixture.dump('shop', 'plain');
  const connection = fixture.at('shop');
  await using blocker = await PostgresSession.open(connection);
  await blocker.query(`SET application_name = 'the blocker'; BEGIN; LOCK TABLE public.orders`);
  await blocker.query(`UPDATE public.orders SET t = 'a secret'`);
  const request = { connection, format: 'plain', tools: {}, skipOwnership: false } as const;
  const plan = await fixture.driver.prepareLoad(request);
  expect(plan).toMatchObject({ targetIsEmpty: false });
  expect(plan.targetBytes).toBeGreaterThan(0);
  expect(await fixture.driver.swap.examine(plan)).toMatchObject({ blockers: [], sessions: 1 });
  expect((await fixture.driver.prepareDump({ connection, format: 'plain', tools: {} })).estimatedBytes).toBeGreaterThan(
    0,
  );
  const named = {
    code: 'BUSY',
    hint: expect.stringMatching(
      /pid \d+, user postgres, application the blocker, idle in transaction since \d{4}-\d\d-\d\d [\d:]+ UTC, with a lock on public\.orders, last query: UPDATE public\.orders SET t = '…'/,
    ),
  };
  await expect(fixture.load('shop', dump, { staged: false })).rejects.toMatchObject(named);
  await expect(fixture.dump('shop', 'plain')).rejects.toMatchObject(named);
  await expect(fixture.driver.census(connection)).rejects.toMatchObject(named);
});

it('30: names nobody who only reads a catalog, as every session does', async () => {
  const connection = fixture.at('shop');
  await using reader = await PostgresSession.open(connection);
  await reader.query(`SET application_name = 'the reader'`);
  await reader.query('BEGIN; LOCK TABLE pg_catalog.pg_class IN ROW EXCLUSIVE MODE');
  await using blocker = await PostgresSession.open(connection);
  await blocker.query(`SET application_name = 'the blocker'`);
  await blocker.query('BEGIN; LOCK TABLE public.orders IN ACCESS SHARE MODE');
  await using session = await PostgresSession.open(connection);
  const holders = await lockHolders(session, false);
  expect(holders).toContain('application the blocker, idle in transaction');
  expect(holders).not.toContain('the reader');
});

it('30: names the session that has locked a catalog, in place of waiting for it without limit', async () => {
  await fixture.make('catalogs', `CREATE TABLE orders (i int); SELECT lo_from_bytea(0, 'abc')`);
  const dump = await fixture.dump('catalogs', 'plain');
  const connection = fixture.at('catalogs');
  const named = { code: 'BUSY', hint: expect.stringContaining('application the blocker, idle in transaction since') };
  await using blocker = await PostgresSession.open(connection);
  await blocker.query(`SET application_name = 'the blocker'`);
  await blocker.query('BEGIN; LOCK TABLE pg_catalog.pg_largeobject');
  await expect(fixture.load('catalogs', dump, { staged: false })).rejects.toMatchObject(named);
  await expect(fixture.dump('catalogs', 'plain')).rejects.toMatchObject(named);
  await blocker.query('ROLLBACK');
  await blocker.query('BEGIN; LOCK TABLE pg_catalog.pg_trigger');
  await expect(fixture.driver.census(connection)).rejects.toMatchObject(named);
  await blocker.query('ROLLBACK');
  await blocker.query('BEGIN; LOCK TABLE pg_catalog.pg_publication');
  const request = { connection, format: 'plain', tools: {}, skipOwnership: false } as const;
  await expect(fixture.driver.prepareLoad(request)).rejects.toMatchObject(named);
});

describe('30: a catalog that somebody locks after the preflight', () => {
  beforeAll(() => fixture.make('later', `CREATE TABLE orders (i int); SELECT lo_from_bytea(0, 'abc')`));
  const named = (table: string) => ({
    code: 'BUSY',
    hint: expect.stringMatching(
      new RegExp(
        `pid \\d+, user postgres, application the blocker, idle in transaction since .*a lock on pg_catalog.${table}`,
      ),
    ) as string,
  });

  it.each([
    ['pg_largeobject', undefined],
    ['pg_largeobject', 'counts'],
    ['pg_trigger', undefined],
  ] as const)('ends the dump that waits for it, and names the session (%s, %s)', async (table, census) => {
    const connection = fixture.at('later');
    const request = { connection, format: 'plain', tools: {}, ...(census === undefined ? {} : { census }) } as const;
    const plan = await fixture.driver.prepareDump(request);
    await using blocker = await PostgresSession.open(connection);
    await blocker.query(`SET application_name = 'the blocker'`);
    await blocker.query(`BEGIN; LOCK TABLE pg_catalog.${table}`);
    const { output, completed } = await fixture.driver.startDump(plan, new AbortController().signal);
    output.on('error', () => undefined).resume();
    await expect(completed).rejects.toMatchObject(named(table));
  });

  it('is seen also where no other session can begin any more', async () => {
    const connection = fixture.at('later');
    const watched = { connection, application: 'a program', lockTimeoutMs: 1_000, sessions: 1, what: 'The program' };
    await using program = await PostgresSession.open(connection);
    await program.query(`SET application_name = 'a program'; SET lock_timeout = 0`);
    await using blocker = await PostgresSession.open(connection);
    await using watch = await LockWatch.open(watched, new AbortController().signal);
    await blocker.query('BEGIN; LOCK TABLE pg_catalog.pg_class, pg_catalog.pg_proc, pg_catalog.pg_type');
    const reading = program.query('SELECT count(*) FROM pg_class');
    expect(await watch.stuck).toMatchObject({
      code: 'BUSY',
      message: 'The program waited for a lock in vain.',
      hint: expect.stringMatching(/: pid \d+\b/) as string,
    });
    await blocker.query('ROLLBACK');
    await reading;
  });

  it('is no wait for another session of the same program', async () => {
    const connection = fixture.at('later');
    const watched = { connection, application: 'a program', lockTimeoutMs: 500, sessions: 2, what: 'The program' };
    await using first = await PostgresSession.open(connection);
    await using second = await PostgresSession.open(connection);
    for (const session of [first, second]) await session.query(`SET application_name = 'a program'`);
    await using watch = await LockWatch.open(watched, new AbortController().signal);
    await first.query('BEGIN; LOCK TABLE public.orders');
    const waiting = second.query('SELECT count(*) FROM public.orders');
    expect(await Promise.race([watch.stuck, sleep(2_000)])).toBeUndefined();
    await first.query('ROLLBACK');
    await waiting;
  });

  it('ends the pg_dump that says what tables are made of, and names the session', async () => {
    const connection = fixture.at('later');
    const { server, tool } = await fixture.driver.prepareDump({ connection, format: 'plain', tools: {} });
    const runtimeDir = await mkdtemp(join(tmpdir(), 'lock-holders-'));
    const what = { section: 'pre-data', schemas: [], encoding: 'UTF8', lockTimeoutMs: 1_000, runtimeDir } as const;
    await using blocker = await PostgresSession.open(connection);
    await blocker.query(`SET application_name = 'the blocker'`);
    await blocker.query('BEGIN; LOCK TABLE pg_catalog.pg_trigger');
    const { signal } = new AbortController();
    const dump = withSchemaDump(
      { connection, server, tool, signal, ...what },
      async (script) => void (await text(script)),
    );
    await expect(dump).rejects.toMatchObject(named('pg_trigger'));
    expect(await readdir(runtimeDir)).toEqual([]);
    await rm(runtimeDir, { recursive: true });
  });

  it('ends pg_restore that waits for it, and names the session', async () => {
    const dump = await fixture.dump('later', 'custom');
    await fixture.make('staged', '');
    const connection = fixture.at('staged');
    const request = { connection, format: 'custom', tools: {}, skipOwnership: false, staged: true } as const;
    const plan = await fixture.driver.prepareLoad(request);
    await using blocker = await PostgresSession.open(connection);
    await blocker.query(`SET application_name = 'the blocker'`);
    await blocker.query('BEGIN; LOCK TABLE pg_catalog.pg_largeobject_metadata');
    const hooks = { signal: new AbortController().signal, beforeCommit: () => Promise.resolve() };
    await expect(fixture.driver.load(plan, dump, hooks)).rejects.toMatchObject(named('pg_largeobject_metadata'));
  });

  it('lets a dump go on that has waited for less, or only works for long', async () => {
    const connection = fixture.at('later');
    const plan = await fixture.driver.prepareDump({ connection, format: 'plain', tools: {} });
    await using blocker = await PostgresSession.open(connection);
    await blocker.query('BEGIN; LOCK TABLE pg_catalog.pg_largeobject');
    const { output, completed } = await fixture.driver.startDump(plan, new AbortController().signal);
    output.resume();
    await sleep(1_000);
    await blocker.query('ROLLBACK');
    await completed;
  });
});
