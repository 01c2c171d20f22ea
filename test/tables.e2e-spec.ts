import type { BackupFormat, ConnectionParams } from '@app/domain';
import { startMariadb, startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { startEngine } from './support/core-harness.js';
import type { Engine } from './support/core-harness.js';
import { runSql } from './support/run-sql.js';

jest.setTimeout(120_000);

const SHOP = [
  'CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR(20))',
  'CREATE TABLE orders (id INT PRIMARY KEY, customer INT, CONSTRAINT whose FOREIGN KEY (customer) REFERENCES customers (id))',
  'CREATE TABLE notes (id INT PRIMARY KEY, word VARCHAR(20))',
  `INSERT INTO customers VALUES (1, 'ann')`,
  'INSERT INTO orders VALUES (1, 1), (2, 1)',
  `INSERT INTO notes VALUES (1, 'one'), (2, 'two')`,
];
const MISTAKE = ['DELETE FROM notes', 'DELETE FROM orders', `INSERT INTO customers VALUES (2, 'bob')`];

describe.each<[string, BackupFormat]>([
  ['PostgreSQL', 'plain'],
  ['PostgreSQL', 'custom'],
  ['MariaDB', 'plain'],
])('tables of a compressed backup of %s (%s)', (flavour, format) => {
  const postgres = flavour === 'PostgreSQL';
  let server: SandboxServer;
  let engine: Engine;
  let shop: ConnectionParams;
  let file: string;

  beforeAll(async () => {
    server = await (postgres ? startPostgres() : startMariadb());
    engine = await startEngine();
    shop = server.connection('shop');
    await sql(maintenance(), 'CREATE DATABASE shop');
    await sql(shop, ...SHOP);
    file = (await engine.backup(shop, { format, compression: 'zstd' })).path;
    await sql(shop, ...MISTAKE);
  });
  afterAll(async () => {
    await engine?.stop();
    await server?.stop();
  });

  const maintenance = (): ConnectionParams => server.connection(postgres ? 'postgres' : 'mysql');
  const sql = (connection: ConnectionParams, ...statements: string[]) => runSql(connection, statements);
  const counts = async (name = 'shop'): Promise<Record<string, number>> =>
    (await engine.drivers.get(shop.dbType).census(server.connection(name))).rows;
  const key = (table: string): string => (postgres ? `public.${table}` : table);
  const databases = async (): Promise<string[]> => {
    const driver = engine.drivers.get(shop.dbType);
    const found = [...(await driver.listDatabases(shop)), ...(await driver.swap.copies(shop))];
    return found.map(({ name }) => name).filter((name) => name !== 'postgres');
  };

  it('take the place of the live ones, and nothing else does', async () => {
    expect(await engine.restore(shop, file, { tables: ['notes'] })).toMatchObject({
      strategy: 'swap',
      tables: [key('notes')],
      created: false,
      lockoutMs: expect.any(Number) as number,
      warnings: [],
    });
    expect(await counts()).toEqual({ [key('customers')]: 2, [key('orders')]: 0, [key('notes')]: 2 });
    expect(await databases()).toEqual(['shop']);
    expect(await engine.leftovers()).toEqual([]);
  });

  it('come into a new database, and from there on into an existing one', async () => {
    expect(await engine.restore(shop, file, { tables: ['orders'], targetDatabase: 'other' })).toMatchObject({
      strategy: 'new',
      created: true,
      warnings: [expect.stringMatching(/^Foreign key whose of (public\.)?orders was left out/)],
    });
    expect(await counts('other')).toEqual({ [key('orders')]: 2 });
    expect(await engine.restore(shop, file, { tables: ['notes'], targetDatabase: 'other' })).toMatchObject({
      strategy: 'swap',
      created: false,
    });
    expect(await counts('other')).toEqual({ [key('notes')]: 2, [key('orders')]: 2 });
    expect(await databases()).toEqual(['other', 'shop']);
    await engine.drivers.get(shop.dbType).dropDatabase(shop, 'other');
  });

  it('are refused with nothing changed, nor left, when the backup or the database does not let it', async () => {
    const before = await counts();
    await expect(engine.restore(shop, file, { tables: ['note'], targetDatabase: 'other' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(`there is no "note", but ${key('notes')}`) as string,
    });
    await sql(shop, 'CREATE VIEW words AS SELECT word FROM notes', 'INSERT INTO orders VALUES (9, 2)');
    const names = postgres ? ['notes'] : ['customers'];
    await expect(engine.restore(shop, file, { tables: names })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining(postgres ? 'view public.words' : 'foreign key whose') as string,
    });
    expect(await counts()).toEqual({ ...before, [key('orders')]: 1 });
    expect(await databases()).toEqual(['shop']);
    expect(await engine.leftovers()).toEqual([]);
  });
});
