import { randomUUID } from 'node:crypto';
import type { ConnectionParams } from '@app/domain';
import type { DumpSource } from '../../db-driver.js';
import { PostgresFixture } from '../testing/postgres-fixture.js';

jest.setTimeout(120_000);

const never = new AbortController().signal;
let fixture: PostgresFixture;
let number = 0;

beforeAll(async () => {
  fixture = await PostgresFixture.start({ wal_level: 'logical' });
});
afterAll(() => fixture?.[Symbol.asyncDispose]());

const SHOP = `
  CREATE TABLE orders (id int PRIMARY KEY, code text NOT NULL, secret text);
  CREATE UNIQUE INDEX "by code" ON orders (code);
  INSERT INTO orders SELECT n, 'row ' || n, 'x' FROM generate_series(1, 5) n;
  CREATE TABLE parts (id int, note text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
  CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (100);
  INSERT INTO parts VALUES (1, 'a')`;

async function shop(text = ''): Promise<string> {
  const name = `shop_${(number += 1)}`;
  await fixture.make(name, SHOP + (text === '' ? '' : `;${text}`));
  return name;
}

async function load(database: string, source: DumpSource, tables: string[], into: 'staging' | 'target' = 'staging') {
  const connection = fixture.at(database);
  const id = randomUUID().slice(0, 8);
  const incoming = fixture.driver.tables.copyName(database, 'restore', id);
  const outgoing = fixture.driver.tables.copyName(database, 'before', id);
  const request = { connection, format: source.format, tools: {}, skipOwnership: false } as const;
  const plan = await fixture.driver.prepareLoad(request);
  const hooks = { signal: never, beforeCommit: () => Promise.resolve() };
  const { warnings } = await fixture.driver.tables.load({ plan, tables, into, incoming }, source, hooks);
  return { incoming, outgoing, warnings };
}

async function swap(
  database: string,
  incoming: string,
  outgoing: string,
  account: Partial<ConnectionParams> = {},
): Promise<readonly string[]> {
  const connection = fixture.at(database, account);
  const { warnings } = await fixture.driver.tables.swap({
    ...{ connection, incoming, outgoing, signal: never, journal: () => Promise.resolve() },
  });
  return warnings;
}

async function restore(database: string, source: DumpSource, tables: string[]) {
  const { incoming, outgoing } = await load(database, source, tables);
  return { outgoing, warnings: await swap(database, incoming, outgoing) };
}

const undo = async (database: string, kept: string) => {
  const outgoing = fixture.driver.tables.copyName(database, 'before', randomUUID().slice(0, 8));
  return { outgoing, warnings: await swap(database, kept, outgoing) };
};

const published = (database: string) =>
  fixture.sql(
    database,
    `SELECT p.pubname, r.prrelid::regclass::text AS on, pg_get_expr(r.prqual, r.prrelid) AS rows,
            ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = r.prrelid AND attnum = ANY (r.prattrs::int2[]) ORDER BY 1) AS columns
       FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid ORDER BY 1, 2`,
  );

const identity = (database: string) =>
  fixture.sql(
    database,
    `SELECT relreplident AS kind, (SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = c.oid AND indisreplident) AS index
       FROM pg_class c WHERE oid = 'orders'::regclass`,
  );

/** Warns of what subscribers of this database get from now on. */
async function listen(database: string, publication: string): Promise<() => Promise<string>> {
  const slot = `slot_${(number += 1)}`;
  await fixture.sql(database, `SELECT pg_create_logical_replication_slot('${slot}', 'pgoutput')`);
  return async () => {
    const rows = await fixture.sql(
      database,
      `SELECT encode(data, 'escape') AS data FROM pg_logical_slot_get_binary_changes('${slot}', NULL, NULL, 'proto_version', '1', 'publication_names', '${publication}')`,
    );
    return rows.map(({ data }) => data).join('\n');
  };
}

describe('28: tables that are published', () => {
  it('stay so through a restore and its undo, with columns, rows and replica identity', async () => {
    const name = await shop(`
      ALTER TABLE orders REPLICA IDENTITY USING INDEX "by code";
      CREATE PUBLICATION "Some ""rows" FOR TABLE ONLY orders (id, code) WHERE (code > 'row 1' AND lower(code) <> 'b');
      CREATE PUBLICATION tree FOR TABLE parts, orders WITH (publish_via_partition_root)`);
    const [before, identified] = [await published(name), await identity(name)];
    const source = await fixture.dump(name, 'custom');
    const changes = await listen(name, 'tree');
    const { outgoing, warnings } = await restore(name, source, ['orders', 'parts']);
    expect(warnings).toEqual([
      'Subscribers still hold the rows from before in public.orders (publication "Some ""rows", tree), public.parts (publication tree), public.parts_1 (publication tree). On each, empty these tables and have them copied again: the restore itself is not replicated.',
    ]);
    expect([await published(name), await identity(name)]).toEqual([before, identified]);
    expect(await changes()).not.toMatch(/orders|parts/);
    await fixture.sql(name, `INSERT INTO orders VALUES (50, 'new', 'x'); UPDATE orders SET secret = 'y' WHERE id = 1`);
    expect(await changes()).toMatch(/orders[^]*new[^]*row 1/);
    await undo(name, outgoing);
    expect([await published(name), await identity(name)]).toEqual([before, identified]);
    await fixture.sql(name, `INSERT INTO parts VALUES (50, 'newer')`);
    expect(await changes()).toMatch(/parts[^]*newer/);
  });

  it('keep what was said about them after the backup', async () => {
    const name = await shop();
    const source = await fixture.dump(name, 'plain');
    await fixture.sql(name, 'ALTER TABLE orders REPLICA IDENTITY FULL; CREATE PUBLICATION p FOR TABLE orders');
    const state = [await published(name), await identity(name)];
    const { outgoing } = await restore(name, source, ['orders']);
    expect([await published(name), await identity(name)]).toEqual(state);
    await fixture.sql(name, 'ALTER PUBLICATION p DROP TABLE orders');
    await undo(name, outgoing);
    expect(await published(name)).toEqual([]);
  });

  it.each(['plain', 'custom'] as const)('are published again when they had been dropped (%s)', async (format) => {
    const name = await shop(`CREATE PUBLICATION p FOR TABLE orders (id) WHERE (id > 2), parts WITH (publish = 'insert');
      CREATE PUBLICATION gone FOR TABLE orders; CREATE PUBLICATION everything FOR ALL TABLES`);
    const before = (await published(name)).filter(({ pubname }) => pubname !== 'gone');
    const source = await fixture.dump(name, format);
    await fixture.sql(name, 'DROP TABLE orders, parts; DROP PUBLICATION gone');
    const { outgoing, warnings } = await restore(name, source, ['orders', 'parts']);
    expect(await published(name)).toEqual(before);
    expect(warnings).toContain('public.orders was published by "gone", which is not there any more.');
    const redo = await undo(name, outgoing);
    expect(await published(name)).toEqual([]);
    await undo(name, redo.outgoing);
    expect(await published(name)).toEqual(before);
  });

  it.each([
    ['of all tables', 'FOR ALL TABLES'],
    ['of a schema', 'FOR TABLES IN SCHEMA public'],
  ])('by a publication %s go on, and no subscriber hears of a staging table', async (_what, scope) => {
    const name = await shop(`CREATE PUBLICATION p ${scope}; CREATE UNLOGGED TABLE cache (i int)`);
    const source = await fixture.dump(name, 'plain');
    const changes = await listen(name, 'p');
    const { outgoing } = await restore(name, source, ['orders', 'parts', 'cache']);
    expect(await changes()).not.toMatch(/__|row 1/);
    expect(
      await fixture.sql(name, `SELECT relname FROM pg_class WHERE relpersistence = 'u' AND relkind = 'r'`),
    ).toEqual([{ relname: 'cache' }, { relname: 'cache' }]);
    await fixture.sql(name, `INSERT INTO orders VALUES (50, 'new', 'x')`);
    expect(await changes()).toMatch(/orders[^]*new/);
    await undo(name, outgoing);
    await fixture.sql(name, `INSERT INTO orders VALUES (51, 'newer', 'x')`);
    expect(await changes()).toMatch(/orders[^]*newer/);
  });

  it('are named where they cannot be identified or published as before', async () => {
    const name = await shop('ALTER TABLE orders DROP CONSTRAINT orders_pkey');
    const source = await fixture.dump(name, 'plain');
    await fixture.sql(
      name,
      `CREATE UNIQUE INDEX later ON orders (id); ALTER TABLE orders ALTER id SET NOT NULL, REPLICA IDENTITY USING INDEX later;
       CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (100) TO (200); CREATE PUBLICATION p FOR TABLE orders, parts_1, parts_2`,
    );
    expect((await restore(name, source, ['orders', 'parts'])).warnings).toEqual([
      'public.parts_2 was published by "p" and is not among what came back.',
      expect.stringMatching(/^public\.orders cannot have the replica identity USING INDEX "later" as before: /),
      expect.stringMatching(/^The server refuses UPDATE and DELETE in public\.orders, published without a replica/),
      expect.stringMatching(/^Subscribers still hold the rows/),
    ]);
    await fixture.sql(name, `ALTER TABLE orders ADD extra int; ALTER PUBLICATION p SET TABLE orders (id, extra)`);
    const { incoming, outgoing } = await load(name, source, ['orders']);
    const before = await published(name);
    await expect(swap(name, incoming, outgoing)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('public.orders cannot be published by "p" as before: column "extra"') as string,
      hint: expect.stringContaining('ALTER PUBLICATION "p" DROP TABLE "public"."orders"') as string,
    });
    expect(await published(name)).toEqual(before);
  });

  it('are left alone by a restore into an empty database, which is said', async () => {
    const source = await fixture.dump(await shop('CREATE PUBLICATION p FOR TABLE orders'), 'plain');
    await fixture.make('fresh', '');
    expect((await load('fresh', source, ['orders'], 'target')).warnings).toEqual([
      'public.orders is published by "p" in the backup, and by nothing here.',
    ]);
  });
});

it('28: refuses to replace a table of an extension, or one that only somebody else may publish again', async () => {
  await fixture.sql('postgres', `CREATE ROLE keeper LOGIN CREATEDB PASSWORD 'x'`);
  const name = await shop('CREATE EXTENSION hstore; CREATE PUBLICATION p FOR TABLE orders');
  const source = await fixture.dump(name, 'plain');
  await fixture.sql(name, `ALTER DATABASE ${name} OWNER TO keeper; ALTER TABLE orders OWNER TO keeper`);
  await fixture.sql(name, `ALTER EXTENSION hstore ADD TABLE parts`);
  const examine = async (table: string, account: Partial<ConnectionParams>) => {
    const connection = fixture.at(name, account);
    const plan = { connection } as Parameters<typeof fixture.driver.tables.examineTables>[0];
    return fixture.driver.tables.examineTables(plan, [table], source, never);
  };
  await examine('public.orders', {});
  await expect(examine('public.orders', { username: 'keeper', password: 'x' })).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringContaining(
      'publication p, which only its owner may alter, publishes public.orders',
    ) as string,
  });
  await expect(examine('public.parts', {})).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringContaining('public.parts belongs to extension hstore') as string,
  });
});

it('28: says before a restore in place that subscribers cannot follow, and afterwards what is not published any more', async () => {
  const name = await shop('CREATE PUBLICATION p FOR TABLE orders');
  const source = await fixture.dump(name, 'plain');
  await fixture.sql(name, 'CREATE PUBLICATION later FOR ALL TABLES; ALTER PUBLICATION p ADD TABLE parts');
  const changes = await listen(name, 'p');
  const connection = fixture.at(name);
  const request = { connection, format: 'plain', tools: {}, skipOwnership: false } as const;
  const plan = await fixture.driver.prepareLoad(request);
  expect(plan.inPlaceWarnings).toEqual([
    expect.stringMatching(
      /^Logical replication from "shop_\d+" stops then: .* replication slots slot_\d+ cannot follow/,
    ),
  ]);
  const hooks = { signal: never, beforeCommit: () => Promise.resolve() };
  expect((await fixture.driver.load(plan, source, hooks)).warnings).toEqual([
    'Not published any more, as the backup does not say so: public.parts in publication p, publication later.',
  ]);
  // PostgreSQL 18 skips a publication that is not there, with a warning.
  await expect(changes()).rejects.toThrow('publication "p" does not exist');
});
