import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ConnectionParams } from '@app/domain';
import { startMariadb } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import type { DumpSource, LoadPlan } from '../db-driver.js';
import { withSession } from './login/mysql-session.js';
import { MysqlDriver } from './mysql-driver.js';
import { asSpelled } from './server-names.js';
import { changesBetween, readSchema } from './dump/mysql-schema.js';
import { incomingForeignKeys, outgoingForeignKeys } from './swap/tables/foreign-keys.js';

jest.setTimeout(120_000);

const never = new AbortController().signal;
let exact: SandboxServer;
let folding: SandboxServer;
let runtimeDir: string;
let driver: MysqlDriver;

beforeAll(async () => {
  [exact, folding] = await Promise.all([startMariadb(), startMariadb({ settings: { 'lower-case-table-names': '1' } })]);
  runtimeDir = await mkdtemp(join(tmpdir(), 'server-names-'));
  driver = new MysqlDriver({ runtimeDir });
});
afterAll(async () => {
  await exact?.stop();
  await folding?.stop();
  await rm(runtimeDir, { recursive: true, force: true });
});

async function run(connection: ConnectionParams, ...statements: string[]): Promise<void> {
  await withSession(connection, {}, async (session) => {
    for (const statement of statements) await session.run(statement);
  });
}

async function made(server: SandboxServer, database: string, ...statements: string[]): Promise<ConnectionParams> {
  await driver.createDatabase(server.connection('mysql'), database, {});
  await run(server.connection(database), ...statements);
  return server.connection(database);
}

async function dumped(connection: ConnectionParams): Promise<Buffer> {
  const plan = await driver.prepareDump({ connection, format: 'plain', tools: {} });
  const running = await driver.startDump(plan, never);
  const bytes = await buffer(running.output);
  await running.completed;
  return bytes;
}

const source = (bytes: Buffer): DumpSource => ({ format: 'plain', own: true, open: () => Readable.from([bytes]) });
const planFor = (connection: ConnectionParams): Promise<LoadPlan> =>
  driver.prepareLoad({ connection, format: 'plain', tools: {}, skipOwnership: false });
const hooks = { signal: never, beforeCommit: async () => undefined };

describe('Databases whose names differ by case or accents only', () => {
  const objects = [
    'CREATE TABLE t (id int PRIMARY KEY)',
    'CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.id = 1',
    'CREATE PROCEDURE p() SELECT 1',
    'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1',
  ];

  it('13: count no objects of each other, and see no changes of each other', async () => {
    const plain = await made(exact, 'ci', 'CREATE TABLE t (id int PRIMARY KEY)');
    await made(exact, 'CI', ...objects);
    const before = await readSchema(plain, 1_000, never);
    expect(before.objects).toMatchObject({ triggers: 0, procedures: 0, events: 0, foreign_keys: 0 });
    await run(exact.connection('CI'), 'DROP EVENT e', 'DROP PROCEDURE p');
    expect(changesBetween(before, await readSchema(plain, 1_000, never))).toEqual([]);
  });

  it('13: do so no more where the server tells accents apart and not case', async () => {
    const plain = await made(folding, 'cafe', 'CREATE TABLE t (id int PRIMARY KEY)');
    await made(folding, 'Café', ...objects);
    expect((await driver.census(plain)).objects).toMatchObject({ triggers: 0, procedures: 0, events: 0 });
    expect((await driver.census(folding.connection('CAFÉ'))).objects).toMatchObject({ triggers: 1, events: 1 });
  });

  it('13: have foreign keys that lead from one to the other', async () => {
    await made(exact, 'Side', 'CREATE TABLE parent (id int PRIMARY KEY)');
    const key = 'CREATE TABLE child (p int, CONSTRAINT k FOREIGN KEY (p) REFERENCES Side.parent (id))';
    await withSession(await made(exact, 'side', key), {}, async (session) => {
      expect(await outgoingForeignKeys(session, 'side')).toEqual(['side.child.k']);
      expect(await incomingForeignKeys(session, 'Side')).toEqual(['side.child.k']);
      expect(await incomingForeignKeys(session, 'side')).toEqual([]);
    });
  });
});

describe('A server that makes all names lower case', () => {
  it('13: is asked how it spells a database, and one that is not there yet', async () => {
    await made(folding, 'Spelled');
    await withSession(folding.connection('mysql'), {}, async (session) => {
      expect(await asSpelled(session, 'SPELLED')).toBe('spelled');
      expect(await asSpelled(session, 'Not_There')).toBe('not_there');
    });
    await withSession(exact.connection('mysql'), {}, async (session) => {
      expect(await asSpelled(session, 'Not_There')).toBe('Not_There');
    });
  });

  it('13: takes in a dump with names of mixed case, all of it or one of its tables', async () => {
    const bytes = await dumped(
      await made(
        exact,
        'Mixed',
        'CREATE TABLE Items (Id int PRIMARY KEY)',
        'INSERT INTO Items VALUES (1), (2)',
        'CREATE TRIGGER Tr BEFORE INSERT ON Items FOR EACH ROW SET NEW.Id = NEW.Id',
      ),
    );
    const target = await made(folding, 'Taken');
    await driver.load(await planFor(target), source(bytes), hooks);
    expect(await driver.census(target)).toMatchObject({ folds: true, rows: { items: 2 }, objects: { triggers: 1 } });
    await run(target, 'DELETE FROM items');
    const incoming = 'Taken__restore_1';
    const order = { plan: await planFor(target), tables: ['Items'], into: 'staging', incoming } as const;
    await expect(driver.tables.load(order, source(bytes), hooks)).resolves.toMatchObject({ tables: ['Items'] });
    const swapping = { connection: target, incoming, outgoing: 'Taken__before_1', signal: never };
    await driver.tables.swap({ ...swapping, created: false, journal: async () => undefined });
    expect((await driver.census(target)).rows).toEqual({ items: 2 });
  });

  it('13: refuses a dump of which one table would replace another', async () => {
    const both = ['CREATE TABLE Items (id int)', 'CREATE TABLE items (id int)', 'INSERT INTO Items VALUES (1)'];
    const bytes = await dumped(await made(exact, 'both', ...both));
    const refusal = { code: 'UNSUPPORTED', message: expect.stringMatching(/"Items" and "items"/i) };
    const target = await made(folding, 'whole', 'CREATE TABLE kept (id int)');
    await expect(driver.requireDistinct(target, ['Items', 'items'], never)).rejects.toMatchObject(refusal);
    await driver.requireDistinct(exact.connection('both'), ['Items', 'items'], never);
    const staging = { ...hooks, beforeReplacing: async () => undefined };
    await expect(driver.load(await planFor(target), source(bytes), staging)).rejects.toMatchObject(refusal);
    expect((await driver.census(target)).rows).toEqual({ kept: 0 });
  });

  it('13: writes dumps that others take in, with triggers on tables as they were typed', async () => {
    const typed = await made(
      folding,
      'Typed',
      'CREATE TABLE Items (Id int PRIMARY KEY)',
      'CREATE TRIGGER Typed.Tr BEFORE INSERT ON Typed.Items FOR EACH ROW SET NEW.Id = NEW.Id',
    );
    const target = await made(exact, 'elsewhere');
    await driver.load(await planFor(target), source(await dumped(typed)), hooks);
    expect((await driver.census(target)).objects).toMatchObject({ tables: 1, triggers: 1 });
  });
});
