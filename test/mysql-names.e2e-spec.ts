import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConnectionParams } from '@app/domain';
import type { SandboxServer } from '@app/sandbox';
import { startApi } from './support/api-harness.js';
import type { ApiAnswer, RunningApi } from './support/api-harness.js';
import { startTestServer } from './support/given-engine.js';
import { runSql } from './support/run-sql.js';

/** A server that makes all names lower case (lower_case_table_names=1), through the API, by connections that spell them otherwise. */

jest.setTimeout(300_000);

let server: SandboxServer;
let api: RunningApi;
let isMariadb: boolean;
let backup: { id: string; path: string };

const at = (database: string): ConnectionParams => server.connection(database);
const post = (path: string, body?: unknown): Promise<ApiAnswer> => api.call('POST', path, body);
const connect = async (database: string, login: { username: string; password: string } = server): Promise<void> => {
  const { host, port } = server;
  const { username, password } = login;
  const connection = { db_type: 'MySQL', host, port: String(port), database, username, password };
  expect(await post('/api/connect', connection)).toMatchObject({ status: 200 });
};
const restore = (options: object): Promise<ApiAnswer> =>
  post('/api/restore', { backup_file_path: backup.path, ...options });
const valueOf = async (database: string, question: string): Promise<unknown> =>
  Object.values((await runSql(at(database), [question]))[0] ?? {})[0];
const databases = async (): Promise<string[]> =>
  (await runSql(at('mysql'), ['SHOW DATABASES'])).map((row) => String(Object.values(row)[0]));
const foreignFile = async (name: string, lines: readonly string[]): Promise<string> => {
  const folder = join(api.workingDirectory, 'backups');
  await mkdir(folder, { recursive: true });
  const path = join(folder, name);
  const text = [
    '-- MySQL dump 10.13  Distrib 8.0.36',
    '-- Host: h    Database: Shop',
    ...lines,
    '-- Dump completed',
    '',
  ];
  await writeFile(path, text.join('\n'));
  return path;
};

beforeAll(async () => {
  [server, api] = await Promise.all([
    startTestServer('MySQL', { settings: { 'lower-case-table-names': '1', 'event-scheduler': 'OFF' } }),
    startApi(),
  ]);
  isMariadb = String(await valueOf('mysql', 'SELECT VERSION()')).includes('MariaDB');
  await runSql(at('mysql'), [
    'SET GLOBAL log_bin_trust_function_creators = 1',
    'CREATE DATABASE Other',
    'CREATE TABLE Other.Names (id int PRIMARY KEY, name varchar(9))',
    `INSERT INTO Other.Names VALUES (1, 'one'), (2, 'two')`,
    'CREATE DATABASE Shop CHARACTER SET utf8mb4',
  ]);
  await runSql(at('Shop'), [
    'CREATE TABLE Items (Id int PRIMARY KEY, Note varchar(9))',
    'CREATE TRIGGER Trg BEFORE INSERT ON Items FOR EACH ROW SET NEW.Note = UPPER(NEW.Note)',
    `INSERT INTO Items VALUES (1, 'a')`,
    'CREATE TABLE Child (Id int PRIMARY KEY, Item int, CONSTRAINT Of_Item FOREIGN KEY (Item) REFERENCES Items (Id))',
    'INSERT INTO Child VALUES (1, 1)',
    'CREATE VIEW Joined AS SELECT i.Id, i.Note, n.name FROM Items i JOIN Other.Names n ON n.id = i.Id',
    'CREATE PROCEDURE Add_Item() INSERT INTO Items VALUES (9, NULL)',
    'CREATE EVENT Nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM Items',
    ...(isMariadb
      ? [
          'CREATE SEQUENCE Seq',
          'CREATE TABLE Drawn (Id int PRIMARY KEY DEFAULT (NEXTVAL(Seq)), n int)',
          'INSERT INTO Drawn (n) VALUES (1), (2)',
        ]
      : []),
  ]);
  await connect('Shop');
});
afterAll(async () => {
  await api?.close();
  await server?.stop();
});

describe('A connection that spells its database otherwise than the server', () => {
  beforeAll(async () => {
    const answer = await post('/api/backup', { compression: 'none', verification: 'restored' });
    expect(answer).toMatchObject({ status: 200 });
    backup = answer.body['backup'] as typeof backup;
  });

  it('13: has a backup that is verified by restoring it, with tables and triggers of mixed case', async () => {
    const answer = await api.call('GET', `/api/backups/${backup.id}`);
    expect(answer.body).toMatchObject({ backup: { verification: { level: 'restored' } } });
  });

  it('13: is restored under another name without reading the rows of the original or drawing from its sequence', async () => {
    expect(await restore({ target_database: 'Copied' })).toMatchObject({ status: 200 });
    await runSql(at('shop'), [`INSERT INTO items VALUES (2, 'b')`]);
    expect(await valueOf('copied', 'SELECT COUNT(*) FROM joined')).toBe(1);
    await runSql(at('copied'), [`INSERT INTO items VALUES (3, 'c')`]);
    expect(await valueOf('copied', 'SELECT note FROM items WHERE id = 3')).toBe('C');
    if (!isMariadb) return;
    const next = 'SELECT next_not_cached_value FROM seq';
    const before = await valueOf('shop', next);
    await runSql(at('copied'), ['INSERT INTO drawn (n) VALUES (3)']);
    expect(await valueOf('shop', next)).toBe(before);
    expect(await valueOf('copied', 'SHOW CREATE VIEW joined').then(String)).not.toContain('shop');
    expect(JSON.stringify(await runSql(at('copied'), ['SHOW CREATE TABLE drawn']))).toContain('`copied`.`seq`');
  });

  it('13: is replaced, undone, and shown to be undone, and nothing reads from a staging or previous database', async () => {
    await runSql(at('shop'), [`REPLACE INTO items VALUES (2, 'b')`]);
    const swapped = await restore({ target_database: 'SHOP' });
    expect(swapped).toMatchObject({ status: 200, body: { restore: { strategy: 'swap' } } });
    expect(await valueOf('shop', 'SELECT COUNT(*) FROM items')).toBe(1);
    expect(await valueOf('shop', 'SELECT COUNT(*) FROM joined')).toBe(1);
    if (isMariadb)
      expect(JSON.stringify(await runSql(at('shop'), ['SHOW CREATE TABLE drawn']))).toContain('`shop`.`seq`');
    expect(JSON.stringify(await runSql(at('shop'), ['SHOW CREATE VIEW joined']))).not.toMatch(/__(restore|before)_/);
    const { id, undo } = (swapped.body['restore'] ?? {}) as { id: string; undo: { copy: string } };
    expect(await api.call('GET', `/api/restores/${id}`)).toMatchObject({
      body: { restore: { undo: { available: true } } },
    });
    const kept = await restore({ target_database: undo.copy.toUpperCase() });
    expect(kept).toMatchObject({
      status: 400,
      body: { message: expect.stringMatching(/keeps, so that it can be undone/) },
    });
    expect(await post(`/api/restores/${id}/undo`)).toMatchObject({ status: 200 });
    expect(await valueOf('shop', 'SELECT COUNT(*) FROM items')).toBe(2);
    if (isMariadb)
      expect(JSON.stringify(await runSql(at('shop'), ['SHOW CREATE TABLE drawn']))).toContain('`shop`.`seq`');
  });

  it('13: is restored in place, and nothing reads from the staging database', async () => {
    expect(await restore({ strategy: 'safety_backup' })).toMatchObject({ status: 200 });
    expect(await valueOf('shop', 'SELECT COUNT(*) FROM joined')).toBe(1);
    if (isMariadb)
      expect(JSON.stringify(await runSql(at('shop'), ['SHOW CREATE TABLE drawn']))).toContain('`shop`.`seq`');
    expect((await databases()).filter((name) => name.includes('__restore_'))).toEqual([]);
  });

  it('13: has tables that are restored alone with the foreign keys between them', async () => {
    await runSql(at('shop'), ['DELETE FROM child']);
    expect(await restore({ tables: ['items', 'child'] })).toMatchObject({ status: 200 });
    expect(await valueOf('shop', 'SELECT COUNT(*) FROM child')).toBe(1);
  });

  it('13: is backed up and restored by an account with grants on the name as the server spells it', async () => {
    const who = `'ann'@'127.0.0.1'`;
    await runSql(at('mysql'), [
      `CREATE USER ${who} IDENTIFIED BY 'Secret-1-word'`,
      `GRANT ALL ON Shop.* TO ${who}`,
      `GRANT ALL ON \`shop\\_\\_%\`.* TO ${who}`,
      `GRANT SELECT ON other.* TO ${who}`,
      `GRANT ${isMariadb ? 'SET USER, SUPER' : 'SET_ANY_DEFINER, SHOW_ROUTINE, SYSTEM_USER'}, PROCESS ON *.* TO ${who}`,
      ...(isMariadb ? [`GRANT SELECT ON mysql.proc TO ${who}`] : []),
    ]);
    await connect('Shop', { username: 'ann', password: 'Secret-1-word' });
    const answers = [await post('/api/backup', { compression: 'none' }), await restore({})];
    await connect('Shop');
    expect(answers).toMatchObject([{ status: 200 }, { status: 200, body: { restore: { strategy: 'swap' } } }]);
  });
});

describe('A foreign dump on a server that makes all names lower case', () => {
  const both = [
    'CREATE TABLE `Items` (id int PRIMARY KEY);',
    'INSERT INTO `Items` VALUES (1),(2);',
    'DROP TABLE IF EXISTS `items`;',
    'CREATE TABLE `items` (id int PRIMARY KEY);',
    'INSERT INTO `items` VALUES (1);',
  ];

  it('13: is refused by name, before anything is loaded, where two of its tables have names that differ by case only', async () => {
    const path = await foreignFile('both.sql', both);
    const refused = {
      status: 422,
      body: { code: 'UNSUPPORTED', message: expect.stringMatching(/"Items" and "items"/) },
    };
    expect(await restore({ backup_file_path: path, target_database: 'fresh' })).toMatchObject(refused);
    expect(await restore({ backup_file_path: path })).toMatchObject(refused);
    expect(await restore({ backup_file_path: path, dry_run: true })).toMatchObject(refused);
    expect(await restore({ backup_file_path: path, target_database: 'fresh', dry_run: true })).toMatchObject(refused);
    expect(await databases()).not.toContain('fresh');
    expect(await valueOf('shop', 'SELECT COUNT(*) FROM items')).toBe(1);
  });

  it('13: is restored where its names are of mixed case, and names its database in another case', async () => {
    const path = await foreignFile('mixed.sql', [
      'CREATE TABLE `Orders` (id int PRIMARY KEY);',
      'INSERT INTO `Orders` VALUES (1),(2);',
      'DELIMITER ;;',
      '/*!50003 CREATE*/ /*!50003 TRIGGER shop.Tr BEFORE INSERT ON SHOP.Orders FOR EACH ROW SET NEW.id = NEW.id */;;',
      'DELIMITER ;',
    ]);
    const answer = await restore({ backup_file_path: path, target_database: 'Foreign' });
    expect(answer).toMatchObject({ status: 200 });
    expect(await valueOf('foreign', 'SELECT COUNT(*) FROM orders')).toBe(2);
    expect(await runSql(at('foreign'), ['SHOW TRIGGERS'])).toHaveLength(1);
  });
});
