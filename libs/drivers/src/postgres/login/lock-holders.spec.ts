import { PostgresBench } from '../testing/postgres-bench.js';
import { PostgresSession } from './postgres-session.js';

jest.setTimeout(120_000);

let bench: PostgresBench;

beforeAll(async () => {
  bench = await PostgresBench.start();
  await bench.make('shop', `CREATE TABLE orders (i int, t text); INSERT INTO orders VALUES (1, 'a secret')`);
});
afterAll(() => bench?.[Symbol.asyncDispose]());

it('30: examines a target in which an idle transaction has locked a table, and names the session where the lock is needed', async () => {
  const dump = await bench.dump('shop', 'plain');
  const connection = bench.at('shop');
  await using blocker = await PostgresSession.open(connection);
  await blocker.query(`SET application_name = 'the blocker'; BEGIN; LOCK TABLE public.orders`);
  await blocker.query(`UPDATE public.orders SET t = 'a secret'`);
  const request = { connection, format: 'plain', tools: {}, skipOwnership: false } as const;
  const plan = await bench.driver.prepareLoad(request);
  expect(plan).toMatchObject({ targetIsEmpty: false });
  expect(plan.targetBytes).toBeGreaterThan(0);
  expect(await bench.driver.swap.examine(plan)).toMatchObject({ obstacles: [], sessions: 1 });
  expect((await bench.driver.prepareDump({ connection, format: 'plain', tools: {} })).estimatedBytes).toBeGreaterThan(
    0,
  );
  const named = {
    code: 'BUSY',
    hint: expect.stringMatching(
      /pid \d+, user postgres, application the blocker, idle in transaction since \d{4}-\d\d-\d\d [\d:]+ UTC, with a lock on public\.orders, last query: UPDATE public\.orders SET t = '…'/,
    ),
  };
  await expect(bench.load('shop', dump, { aside: false })).rejects.toMatchObject(named);
  await expect(bench.dump('shop', 'plain')).rejects.toMatchObject(named);
  await expect(bench.driver.census(connection)).rejects.toMatchObject(named);
});

it('30: names the session that has locked a catalog, in place of waiting for it without limit', async () => {
  await bench.make('catalogs', `CREATE TABLE orders (i int); SELECT lo_from_bytea(0, 'abc')`);
  const dump = await bench.dump('catalogs', 'plain');
  const connection = bench.at('catalogs');
  const named = { code: 'BUSY', hint: expect.stringContaining('application the blocker, idle in transaction since') };
  await using blocker = await PostgresSession.open(connection);
  await blocker.query(`SET application_name = 'the blocker'`);
  await blocker.query('BEGIN; LOCK TABLE pg_catalog.pg_largeobject');
  await expect(bench.load('catalogs', dump, { aside: false })).rejects.toMatchObject(named);
  await expect(bench.dump('catalogs', 'plain')).rejects.toMatchObject(named);
  await blocker.query('ROLLBACK');
  await blocker.query('BEGIN; LOCK TABLE pg_catalog.pg_trigger');
  await expect(bench.driver.census(connection)).rejects.toMatchObject(named);
});
