import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConnectionParams } from '@app/domain';
import type { SandboxServer } from '@app/sandbox';
import { startApi } from './support/api-harness.js';
import type { ApiAnswer, RunningApi } from './support/api-harness.js';
import { startTestServer } from './support/given-engine.js';
import { runSql } from './support/run-sql.js';

/** Backups of MySQL and MariaDB on servers that lack what their database refers to, through the API. */

jest.setTimeout(300_000);

const text = (pattern: RegExp): unknown => expect.stringMatching(pattern);
let server: SandboxServer;
let api: RunningApi;

const at = (database: string): ConnectionParams => server.connection(database);
const post = (path: string, body?: unknown): Promise<ApiAnswer> => api.call('POST', path, body);
const connect = async (database: string): Promise<void> => {
  const { host, port, username, password } = server;
  const login = { db_type: 'MySQL', host, port: String(port), database, username, password };
  expect(await post('/api/connect', login)).toMatchObject({ status: 200 });
};
const backup = async (options: object = {}): Promise<{ id: string; path: string }> => {
  const answer = await post('/api/backup', { compression: 'none', ...options });
  expect(answer).toMatchObject({ status: 200 });
  return answer.body['backup'] as { id: string; path: string };
};

beforeAll(async () => {
  [server, api] = await Promise.all([startTestServer('MySQL'), startApi()]);
  await runSql(at('mysql'), [
    'SET GLOBAL log_bin_trust_function_creators = 1',
    'CREATE DATABASE other',
    'CREATE DATABASE shop CHARACTER SET utf8mb4',
  ]);
  await runSql(at('other'), [
    'CREATE TABLE parent (id int PRIMARY KEY, name varchar(9))',
    `INSERT INTO parent VALUES (1, 'x')`,
  ]);
});
afterAll(async () => {
  await api?.close();
  await server?.stop();
});

describe('A database that refers to another one', () => {
  beforeAll(async () => {
    await runSql(at('shop'), [
      'CREATE TABLE t (id int PRIMARY KEY, parent int, CONSTRAINT to_parent FOREIGN KEY (parent) REFERENCES other.parent (id))',
      'INSERT INTO t VALUES (1, 1)',
      'CREATE VIEW joined AS SELECT t.id, p.name FROM t JOIN other.parent p ON p.id = t.parent',
      'CREATE VIEW plain AS SELECT 1 AS one FROM other.parent',
      'CREATE VIEW above AS SELECT id, name FROM joined',
      'CREATE VIEW own AS SELECT id FROM t',
      `CREATE VIEW parts AS SELECT EXTRACT(YEAR FROM t.id) AS y, TRIM(BOTH ' ' FROM t.id) AS b, TRIM(LEADING '0' FROM t.id) AS l, SUBSTRING(t.id FROM t.parent FOR 1) AS s FROM t`,
    ]);
    await connect('shop');
  });

  it('62: is verified, except what refers to it, which is named', async () => {
    const { id } = await backup({ verification: 'restored' });
    const answer = await api.call('GET', `/api/backups/${id}`);
    expect(answer.body['backup']).toMatchObject({
      verification: {
        level: 'restored',
        details: {
          notes: expect.arrayContaining([
            text(
              /^Verified except what refers to other databases, which are not there: .*foreign key to_parent, which refers to other\.parent; view joined, which reads other; view plain, which reads other\.$/,
            ),
          ]),
        },
      },
    });
  });

  it('62: is restored into a new database, right into it, which is said', async () => {
    const { path } = await backup();
    const order = { backup_file_path: path, target_database: 'shop_again' };
    expect(await post('/api/restore', { ...order, dry_run: true })).toMatchObject({ status: 200 });
    const answer = await post('/api/restore', order);
    expect(answer).toMatchObject({ status: 200, body: { restore: { strategy: 'new' } } });
    expect(JSON.stringify(answer.body)).toMatch(/right into the new database/);
    expect(await runSql(at('shop_again'), ['SELECT id, name FROM above'])).toEqual([{ id: 1, name: 'x' }]);
    await expect(runSql(at('shop_again'), ['INSERT INTO t VALUES (2, 9)'])).rejects.toThrow(/foreign key/i);
  });

  it('75: a refusal names the database, and not the staging database in which it was loaded', async () => {
    const { path } = await backup();
    const order = { backup_file_path: path, target_database: 'shop_swapped', strategy: 'swap' };
    const answer = await post('/api/restore', order);
    expect(answer).toMatchObject({
      status: 422,
      body: {
        code: 'UNSUPPORTED',
        message: text(/^Foreign keys of "shop_swapped" refer .*: shop_swapped\.t\.to_parent\./),
      },
    });
    expect(JSON.stringify(answer.body)).not.toContain('__restore_');
  });
});

// Kinds that Oracle's MySQL 9 alone has.
if (globalThis.ENGINE?.startsWith('mysql-9') === true) {
  describe('A database whose routines and documents are made of those of another one', () => {
    beforeAll(async () => {
      const one = 'AS $$ export const one = 1 $$';
      await runSql(at('mysql'), ['CREATE DATABASE docs']);
      await runSql(at('other'), [`CREATE LIBRARY theirs LANGUAGE JAVASCRIPT ${one}`]);
      await runSql(at('docs'), [
        'CREATE TABLE t (id int PRIMARY KEY)',
        `CREATE LIBRARY ours LANGUAGE JAVASCRIPT ${one}`,
        'CREATE FUNCTION mixed() RETURNS int DETERMINISTIC LANGUAGE JAVASCRIPT USING (ours, other.theirs AS x) AS $$ return 1 $$',
        'CREATE PROCEDURE outer_only() LANGUAGE JAVASCRIPT USING (other.theirs) AS $$ return 1 $$',
        `CREATE JSON DUALITY VIEW theirs AS SELECT JSON_DUALITY_OBJECT('_id': id, 'name': name) FROM other.parent`,
        `CREATE JSON DUALITY VIEW ours AS SELECT JSON_DUALITY_OBJECT('_id': id) FROM t`,
      ]);
      await connect('docs');
    });
    const uses = async (database: string): Promise<unknown[]> => {
      const rows = await runSql(at(database), [
        `SELECT CONCAT(ROUTINE_NAME, ' ', LIBRARY_SCHEMA, '.', LIBRARY_NAME) AS x FROM information_schema.ROUTINE_LIBRARIES
          WHERE ROUTINE_SCHEMA = DATABASE() ORDER BY x`,
      ]);
      return rows.map(({ x }) => x);
    };

    const libraries = async (): Promise<unknown[]> => {
      const rows = await runSql(at('docs'), [
        `SELECT LIBRARY_NAME AS x FROM information_schema.LIBRARIES WHERE LIBRARY_SCHEMA = DATABASE() ORDER BY x`,
      ]);
      return rows.map(({ x }) => x);
    };

    it('62: is verified, except these, which are named', async () => {
      const { id } = await backup({ verification: 'restored' });
      const answer = await api.call('GET', `/api/backups/${id}`);
      const [note] = (
        answer.body['backup'] as { verification: { details: { notes: string[] } } }
      ).verification.details.notes.filter((each) => each.startsWith('Verified except'));
      expect(note).toMatch(/: a routine that uses the library other\.theirs; view theirs, which reads other\.$/);
      expect(note).not.toContain('ours');
    });

    it('74: uses its own libraries wherever it is restored, and those of others where they are', async () => {
      const { path } = await backup();
      const there = await uses('docs');
      expect(there).toEqual(['mixed docs.ours', 'mixed other.theirs', 'outer_only other.theirs']);
      expect(await post('/api/restore', { backup_file_path: path, strategy: 'swap' })).toMatchObject({ status: 200 });
      expect(await uses('docs')).toEqual(there);
      await runSql(at('docs'), ['DROP LIBRARY ours', 'CREATE LIBRARY later LANGUAGE JAVASCRIPT AS $$ 1 $$']);
      expect(await post('/api/restore', { backup_file_path: path, strategy: 'swap' })).toMatchObject({ status: 200 });
      expect(await uses('docs')).toEqual(there);
      expect(await libraries()).toEqual(['ours']);
      const order = { backup_file_path: path, target_database: 'docs_again' };
      expect(await post('/api/restore', order)).toMatchObject({ status: 200 });
      expect(await uses('docs_again')).toEqual([
        'mixed docs_again.ours',
        'mixed other.theirs',
        'outer_only other.theirs',
      ]);
      expect(await runSql(at('docs_again'), ['SELECT COUNT(*) AS n FROM theirs'])).toEqual([{ n: 1 }]);
    });

    it('74: is restored from a dump without a manifest, with its own libraries', async () => {
      await runSql(at('docs'), [
        'DROP PROCEDURE outer_only',
        'DROP FUNCTION mixed',
        'DROP VIEW theirs',
        'CREATE FUNCTION own() RETURNS int DETERMINISTIC LANGUAGE JAVASCRIPT USING (ours) AS $$ return 1 $$',
      ]);
      const { path } = await backup();
      const file = 'backups/foreign.sql';
      await copyFile(join(api.workingDirectory, path), join(api.workingDirectory, file));
      const order = { backup_file_path: file, target_database: 'docs_foreign' };
      expect(await post('/api/restore', order)).toMatchObject({ status: 200, body: { success: true } });
      expect(await uses('docs_foreign')).toEqual(['own docs_foreign.ours']);
    });

    it('names the routine whose library is gone, and what to do', async () => {
      await runSql(at('docs'), ['DROP LIBRARY ours']);
      expect(await post('/api/backup', {})).toMatchObject({
        status: 502,
        body: {
          code: 'DUMP_FAILED',
          message: text(/Routine docs\.own is missing one or more of its imported libraries/),
          hint: text(/^Make the library anew that the routine uses, or drop the routine/),
        },
      });
    });
  });
}

describe('A database whose objects belong to an account that the server lacks', () => {
  let path: string;
  beforeAll(async () => {
    await runSql(at('mysql'), [
      'CREATE DATABASE owned CHARACTER SET utf8mb4',
      `CREATE USER boss@'%' IDENTIFIED BY 'Boss-1234'`,
      'GRANT ALL ON owned.* TO boss@`%`',
    ]);
    await runSql(at('owned'), [
      'CREATE TABLE t (id int PRIMARY KEY)',
      'INSERT INTO t VALUES (1)',
      'CREATE DEFINER=boss@`%` VIEW v AS SELECT id FROM t',
      'CREATE DEFINER=boss@`%` SQL SECURITY INVOKER VIEW i AS SELECT id FROM t',
      'CREATE VIEW own AS SELECT id FROM t',
      'CREATE DEFINER=boss@`%` FUNCTION f() RETURNS int DETERMINISTIC READS SQL DATA RETURN (SELECT COUNT(*) FROM t)',
      'CREATE DEFINER=boss@`%` PROCEDURE p() SELECT id FROM t',
      'CREATE DEFINER=boss@`%` TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET @g = 1',
      'CREATE DEFINER=boss@`%` EVENT e ON SCHEDULE EVERY 1 DAY DO SET @a = 1',
    ]);
    await connect('owned');
    ({ path } = await backup());
    await runSql(at('mysql'), ['DROP USER boss@`%`']);
  });

  const definers = async (database: string): Promise<unknown[]> => {
    const rows = await runSql(at(database), [
      `SELECT CONCAT(ROUTINE_NAME, ' ', DEFINER) AS x FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()
       UNION ALL SELECT CONCAT(TABLE_NAME, ' ', DEFINER) FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()
       UNION ALL SELECT CONCAT(TRIGGER_NAME, ' ', DEFINER) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()
       UNION ALL SELECT CONCAT(EVENT_NAME, ' ', DEFINER) FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE() ORDER BY x`,
    ]);
    return rows.map(({ x }) => x);
  };
  const restored = async (target: string, options: object): Promise<string> => {
    const answer = await post('/api/restore', { backup_file_path: path, target_database: target, ...options });
    expect(answer).toMatchObject({ status: 200 });
    return JSON.stringify(answer.body);
  };
  const BOSS = 'boss@%';
  const ALL = ['e', 'f', 'g', 'i', 'own', 'p', 'v'];

  // In place it is not: views without an account keep the server from dumping them, for the safety backup.
  it.each(['new', 'swap'])('75: is restored with their names, and a warning: %s', async (strategy) => {
    const target = strategy === 'new' ? 'owned_kept' : 'owned';
    const told = await restored(target, strategy === 'new' ? {} : { strategy });
    expect(told).toMatch(/no account boss@% \(.*\): whoever uses these is told error 1449/);
    expect(await definers(target)).toEqual(
      ALL.map((name) => (name === 'own' ? text(/^own root@/) : `${name} ${BOSS}`)),
    );
  });

  it.each(['new', 'swap', 'safety_backup'])(
    '75: is restored as the account of the connection: %s',
    async (strategy) => {
      const target = strategy === 'new' ? 'owned_mine' : 'owned';
      const told = await restored(target, { definer: 'current_user', ...(strategy === 'new' ? {} : { strategy }) });
      expect(told).not.toMatch(/1449/);
      expect(await definers(target)).toEqual(ALL.map((name) => text(new RegExp(`^${name} root@`))));
      const rows = await runSql(at(target), [
        'DELETE FROM t WHERE id = 2',
        'INSERT INTO t VALUES (2)',
        'SELECT f() AS n, (SELECT COUNT(*) FROM v) AS m',
      ]);
      expect(rows).toEqual([{ n: 2, m: 2 }]);
    },
  );

  it.each(['new', 'swap', 'safety_backup'])('75: is restored without what belongs to them: %s', async (strategy) => {
    const target = strategy === 'new' ? 'owned_less' : 'owned';
    const told = await restored(target, { definer: 'skip', ...(strategy === 'new' ? {} : { strategy }) });
    expect(told).toMatch(/Left out, as the server has no account for them: boss@% \(/);
    // An INVOKER's view needs nobody.
    expect(await definers(target)).toEqual([`i ${BOSS}`, text(/^own root@/)]);
  });

  it('75: another choice is refused', async () => {
    const answer = await post('/api/restore', { backup_file_path: path, definer: 'root' });
    expect(answer).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'definer', message: expect.any(String) }] },
    });
  });
});
