import { chmod, copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionParams } from '@app/domain';
import type { SandboxServer } from '@app/sandbox';
import { startApi } from './support/api-harness.js';
import type { ApiAnswer, RunningApi } from './support/api-harness.js';
import { startTestServer } from './support/given-engine.js';
import { runSql } from './support/run-sql.js';

/** Backups of MySQL and MariaDB whose own server would refuse them, by its limits or settings, through the API. */

jest.setTimeout(300_000);

const text = (pattern: RegExp): unknown => expect.stringMatching(pattern);
let server: SandboxServer;
let api: RunningApi;
/** A folder of the operator, next to the data folder of the server. */
let directory: string;

const at = (database: string): ConnectionParams => server.connection(database);
const post = (path: string, body?: unknown): Promise<ApiAnswer> => api.call('POST', path, body);
const connect = async (database: string): Promise<void> => {
  const { host, port, username, password } = server;
  const login = { db_type: 'MySQL', host, port: String(port), database, username, password };
  expect(await post('/api/connect', login)).toMatchObject({ status: 200 });
};
const backup = async (options: object = {}): Promise<{ id: string; path: string; warnings: string[] }> => {
  const answer = await post('/api/backup', { compression: 'none', ...options });
  expect(answer).toMatchObject({ status: 200 });
  return answer.body['backup'] as { id: string; path: string; warnings: string[] };
};

/** With the words of a failure. */
const succeeded = ({ status, body }: ApiAnswer): void =>
  expect(`${status} ${JSON.stringify(body['message'])}`).toMatch(/^200 /);

const isMysql = async (): Promise<boolean> => {
  const [found] = await runSql(at('mysql'), ['SELECT VERSION() AS version']);
  return !String(found?.['version']).includes('MariaDB');
};
const left = async (stem: string): Promise<string[]> => {
  const found = await runSql(at('mysql'), [
    `SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE '${stem}%'`,
  ]);
  return found.map(({ name }) => String(name));
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mysql-limits-'));
  await chmod(directory, 0o777);
  // The default of MariaDB; MySQL 9.7 has 64 MB.
  const settings = { 'max-allowed-packet': '16M', 'symbolic-links': '1', 'loose-innodb-directories': directory };
  [server, api] = await Promise.all([startTestServer('MySQL', { settings }), startApi()]);
});
afterAll(async () => {
  await api?.close();
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

describe('16: rows that the dump writes longer than max_allowed_packet', () => {
  const TABLES = ['files', 'loose', 'texts', 'documents'];
  const content = async (database: string): Promise<unknown[]> => {
    const found: unknown[] = [];
    const sums = {
      files: 'id, name, LENGTH(body) AS l, SHA2(body, 256) AS h',
      loose: 'SHA2(a, 256) AS a, SHA2(b, 256) AS b, n',
      texts: 'LENGTH(body) AS l, SHA2(body, 256) AS h, SHA2(legacy, 256) AS g',
      documents: `CHAR_LENGTH(JSON_UNQUOTE(JSON_EXTRACT(doc, '$.a'))) AS l`,
    };
    for (const [table, list] of Object.entries(sums)) {
      found.push(await runSql(at(database), [`SELECT ${list} FROM ${table}`]));
    }
    return found;
  };
  let path: string;
  let before: unknown[];

  beforeAll(async () => {
    await runSql(at('mysql'), ['CREATE DATABASE media CHARACTER SET utf8mb4']);
    const bytes = `UNHEX(CONCAT('00271a5c0aff22', SHA2('x', 256), SHA2('y', 512)))`;
    await runSql(at('media'), [
      'CREATE TABLE files (id int PRIMARY KEY, name varchar(20), body longblob, KEY (name))',
      `INSERT INTO files VALUES (1, 'small', x'00'), (2, 'twelve', REPEAT(${bytes}, 120000)), (3, '', NULL)`,
      'CREATE TABLE loose (a longblob, b mediumblob, n int)',
      `INSERT INTO loose VALUES (REPEAT(${bytes}, 45000), REPEAT(${bytes}, 46000), 1)`,
      'CREATE TABLE texts (body longtext, legacy longtext CHARACTER SET latin1)',
      `INSERT INTO texts VALUES (REPEAT('''"\\\\ä', 1000000), REPEAT('é\\n', 3000000))`,
      'CREATE TABLE documents (doc json)',
      `INSERT INTO documents VALUES (JSON_OBJECT('a', REPEAT('"\\\\', 400000)))`,
    ]);
    await connect('media');
    before = await content('media');
    ({ path } = await backup({ verification: 'restored' }));
  });

  it.each<[string, { target_database?: string; [more: string]: unknown }]>([
    ['by a swap', { strategy: 'swap' }],
    ['in place', { strategy: 'safety_backup' }],
    ['into a new database', { target_database: 'media_again' }],
    ['as single tables', { tables: TABLES }],
  ])('come back %s', async (_how, order) => {
    const { target_database: database = 'media' } = order;
    if (database === 'media') await runSql(at('media'), ['UPDATE files SET body = NULL', 'DELETE FROM loose']);
    succeeded(await post('/api/restore', { backup_file_path: path, ...order }));
    expect(await content(database)).toEqual(before);
  });
});

describe('16: values that a server with a smaller max_allowed_packet does not take', () => {
  const keep = (bytes: number): Promise<unknown> => runSql(at('mysql'), [`SET GLOBAL max_allowed_packet = ${bytes}`]);
  let path: string;

  beforeAll(async () => {
    await runSql(at('mysql'), ['CREATE DATABASE large CHARACTER SET utf8mb4']);
    await runSql(at('large'), [
      'CREATE TABLE small (body longblob)',
      `INSERT INTO small VALUES (REPEAT('a', 1100000))`,
      'CREATE TABLE files (body longblob)',
      `INSERT INTO files VALUES (REPEAT('ab', 2500000))`,
    ]);
    await connect('large');
    ({ path } = await backup());
    await keep(4 * 1024 * 1024);
  });
  afterAll(() => keep(16 * 1024 * 1024));

  it('are named with the setting before anything is replaced', async () => {
    for (const order of [
      {},
      { strategy: 'safety_backup' },
      { target_database: 'large_again' },
      { tables: ['files'] },
    ]) {
      for (const dry of [true, false]) {
        const answer = await post('/api/restore', { backup_file_path: path, ...order, dry_run: dry });
        expect(answer).toMatchObject({
          status: 422,
          body: {
            code: 'UNSUPPORTED',
            message: text(/table "files" a value of .*max_allowed_packet = 4194304/),
            hint: text(/SET GLOBAL max_allowed_packet = 16777216/),
          },
        });
      }
    }
    expect(await left('large_again')).toEqual([]);
    succeeded(await post('/api/restore', { backup_file_path: path, tables: ['small'] }));
  });

  it('are named at the backup where the server itself would not take them in again', async () => {
    const { warnings } = await backup();
    expect(warnings).toContainEqual(
      text(
        /values of its own tables.*max_allowed_packet \(4194304\): files \(.*\)\. .*SET GLOBAL max_allowed_packet = 16777216/,
      ),
    );
    expect(JSON.stringify(warnings)).not.toContain('small');
  });

  it('are named by the load where the dump is somebody else’s', async () => {
    const foreign = path.replace(/[^/]+$/, 'foreign.sql');
    await copyFile(join(api.workingDirectory, path), join(api.workingDirectory, foreign));
    for (const order of [{}, { strategy: 'safety_backup' }, { target_database: 'large_again' }]) {
      const answer = await post('/api/restore', { backup_file_path: foreign, ...order });
      expect(answer).toMatchObject({
        status: 502,
        body: { code: 'RESTORE_FAILED', message: text(/table "files" has a value of .*max_allowed_packet = 4194304/) },
      });
      expect(JSON.stringify(answer.body)).not.toContain('__restore_');
    }
    expect(await left('large_again')).toEqual([]);
    await keep(8 * 1024 * 1024);
    succeeded(await post('/api/restore', { backup_file_path: foreign, target_database: 'large_again' }));
    const sum = 'SELECT SHA2(body, 256) AS h FROM files';
    expect(await runSql(at('large_again'), [sum])).toEqual(await runSql(at('large'), [sum]));
  });
});

describe('26: a dry run', () => {
  it('into a new database of a server that takes no writes says so', async () => {
    await connect('large');
    const { path } = await backup();
    const settings = ['read_only', ...((await isMysql()) ? ['super_read_only'] : [])];
    await runSql(at('mysql'), [
      `CREATE USER reader@'%' IDENTIFIED BY 'Read-1234'`,
      `GRANT ALL ON \`large%\`.* TO reader@'%'`,
    ]);
    const { host, port } = server;
    const login = { db_type: 'MySQL', host, port: String(port), database: 'large' };
    const answer = await post('/api/connect', { ...login, username: 'reader', password: 'Read-1234' });
    expect(answer).toMatchObject({ status: 200 });
    for (const setting of settings) {
      await runSql(at('mysql'), [`SET GLOBAL ${setting} = 1`]);
      try {
        for (const dry of [true, false]) {
          const order = { backup_file_path: path, target_database: 'large_new', dry_run: dry };
          expect(await post('/api/restore', order)).toMatchObject({
            status: 422,
            body: { code: 'UNSUPPORTED', message: `The server takes no writes: ${setting} is set, as on a replica.` },
          });
        }
      } finally {
        await runSql(at('mysql'), [`SET GLOBAL ${setting} = 0`]);
      }
    }
    await runSql(at('mysql'), ['SET GLOBAL read_only = 0']);
    expect(await left('large_new')).toEqual([]);
  });

  it('says whether a restore in place is loaded into a staging database first, and the restore says that it was not', async () => {
    await connect('large');
    const { path } = await backup();
    const order = { backup_file_path: path, strategy: 'safety_backup' };
    expect(await post('/api/restore', { ...order, dry_run: true })).toMatchObject({
      status: 200,
      body: { plan: { strategy: 'safety_backup', staged: true, warnings: [] } },
    });
    expect(await post('/api/restore', { ...order, strategy: 'swap', dry_run: true })).toMatchObject({
      body: { plan: { strategy: 'swap', staged: null } },
    });
    await runSql(at('mysql'), [
      `CREATE USER only@'%' IDENTIFIED BY 'Only-1234'`,
      `GRANT ALL ON large.* TO only@'%'`,
      ...((await isMysql())
        ? [`GRANT SHOW_ROUTINE, PROCESS ON *.* TO only@'%'`]
        : [`GRANT PROCESS ON *.* TO only@'%'`]),
    ]);
    const { host, port } = server;
    const login = { db_type: 'MySQL', host, port: String(port), database: 'large' };
    const answer = await post('/api/connect', { ...login, username: 'only', password: 'Only-1234' });
    expect(answer).toMatchObject({ status: 200 });
    expect(await post('/api/restore', { ...order, dry_run: true })).toMatchObject({
      status: 200,
      body: {
        plan: {
          staged: false,
          warnings: expect.arrayContaining([
            text(/^The backup would be loaded right into "large", as "only" may not make a staging database/),
          ]),
        },
      },
    });
    const done = await post('/api/restore', order);
    succeeded(done);
    expect(done.body).toMatchObject({
      restore: {
        warnings: expect.arrayContaining([
          text(/^Loaded right into "large", as "only" may not make a staging database\.$/),
        ]),
      },
    });
  });
});

describe('16: definers that the account may not name', () => {
  const SETTING = { 'gone@%': 'ALLOW_NONEXISTENT_DEFINER', 'mighty@%': 'SYSTEM_USER' };

  beforeAll(async () => {
    const mysql = await isMysql();
    const setting = mysql ? 'SET_ANY_DEFINER' : 'SET USER';
    await runSql(at('mysql'), [
      'SET GLOBAL log_bin_trust_function_creators = 1',
      'CREATE DATABASE owned CHARACTER SET utf8mb4',
      `CREATE USER keeper@'%' IDENTIFIED BY 'Keep-1234'`,
      `CREATE USER mighty@'%' IDENTIFIED BY 'Mighty-1234'`,
      `GRANT ALL ON *.* TO mighty@'%'`,
      ...['owned', 'owned\\_%', 'again%', 'backups'].map((name) => `GRANT ALL ON \`${name}\`.* TO keeper@'%'`),
      `GRANT ${setting}, PROCESS ON *.* TO keeper@'%'`,
      ...(mysql ? [`GRANT SHOW_ROUTINE ON *.* TO keeper@'%'`] : [`GRANT SELECT ON mysql.proc TO keeper@'%'`]),
    ]);
    await runSql(at('owned'), ['CREATE TABLE t (id int PRIMARY KEY)', 'INSERT INTO t VALUES (1)']);
  });
  const connectAsKeeper = async (): Promise<void> => {
    const { host, port } = server;
    const login = { db_type: 'MySQL', host, port: String(port), database: 'owned' };
    const answer = await post('/api/connect', { ...login, username: 'keeper', password: 'Keep-1234' });
    expect(answer).toMatchObject({ status: 200 });
  };
  const tables = async (database: string): Promise<unknown> =>
    runSql(at('mysql'), [`SELECT TABLE_NAME AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${database}'`]);

  it.each(Object.entries(SETTING))('are named before anything is replaced: %s needs %s', async (definer, privilege) => {
    const [user, host] = definer.split('@');
    await runSql(at('owned'), [
      'DROP PROCEDURE IF EXISTS p',
      `CREATE DEFINER=\`${user}\`@\`${host}\` PROCEDURE p() SELECT id FROM t`,
    ]);
    await connectAsKeeper();
    const { path } = await backup();
    const orders = [{ strategy: 'swap' }, { strategy: 'safety_backup' }, {}, { target_database: 'again' }];
    for (const order of orders) {
      for (const dry of [true, false]) {
        const answer = await post('/api/restore', { backup_file_path: path, ...order, dry_run: dry });
        if (!(await isMysql())) {
          succeeded(answer);
          continue;
        }
        expect(answer).toMatchObject({
          status: 422,
          body: {
            code: 'MISSING_PRIVILEGE',
            message: text(new RegExp(`in the name of ${definer} \\(${privilege}\\)`)),
            hint: text(new RegExp(`Nothing was changed.*GRANT ${privilege} ON .*"definer": "current_user"`)),
          },
        });
      }
    }
    if (!(await isMysql())) return;
    expect(await tables('again')).toEqual([]);
    // What is in the target now would have to be made anew by an undo.
    const own = { backup_file_path: path, definer: 'current_user' };
    for (const order of [{ strategy: 'swap' }, { strategy: 'safety_backup' }]) {
      const answer = await post('/api/restore', { ...own, ...order });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.body['message']).toMatch(
        new RegExp(`procedure p, of ${definer} \\(${privilege}\\).*GRANT ${privilege} ON`),
      );
    }
    succeeded(await post('/api/restore', { ...own, target_database: 'again' }));
    await runSql(at('mysql'), [`GRANT ${privilege} ON *.* TO keeper@'%'`, 'DROP DATABASE again']);
    for (const order of orders) succeeded(await post('/api/restore', { backup_file_path: path, ...order }));
    await runSql(at('mysql'), ['DROP DATABASE again']);
  });
});

describe('16: tables with directories of their own', () => {
  const files = async (): Promise<string[]> =>
    (await readdir(directory, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .toSorted();
  const rows = (database: string): Promise<unknown> =>
    runSql(at(database), ['SELECT a FROM i UNION ALL SELECT a FROM p UNION ALL SELECT a FROM m ORDER BY a']);
  let path: string;
  let before: string[];

  beforeAll(async () => {
    await runSql(at('mysql'), ['CREATE DATABASE placed CHARACTER SET utf8mb4']);
    await runSql(at('placed'), [
      `CREATE TABLE i (a int PRIMARY KEY) ENGINE=InnoDB DATA DIRECTORY='${directory}'`,
      `CREATE TABLE m (a int PRIMARY KEY) ENGINE=MyISAM DATA DIRECTORY='${directory}' INDEX DIRECTORY='${directory}'`,
      `CREATE TABLE p (a int PRIMARY KEY) ENGINE=InnoDB PARTITION BY RANGE (a)
         (PARTITION p0 VALUES LESS THAN (10) DATA DIRECTORY='${directory}', PARTITION p1 VALUES LESS THAN MAXVALUE)`,
      'INSERT INTO i VALUES (1)',
      'INSERT INTO m VALUES (2)',
      'INSERT INTO p VALUES (3), (30)',
    ]);
    before = await files();
    await connect('placed');
    ({ path } = await backup({ verification: 'restored' }));
  });

  it('are verified elsewhere: nothing is written where the source keeps its data', async () => {
    expect(before.length).toBeGreaterThan(3);
    expect(await files()).toEqual(before);
  });

  it('come back in the data folder of the server, which is said, and hinder nothing after that', async () => {
    const order = { backup_file_path: path };
    const plan = await post('/api/restore', { ...order, dry_run: true });
    const mariadb = !(await isMysql());
    expect(plan.body['plan']).toMatchObject({
      strategy: mariadb ? 'safety_backup' : 'swap',
      staged: mariadb ? true : null,
      obstacles: mariadb ? [text(/DATA DIRECTORY.*: i, p\.$/)] : [],
    });
    for (const more of [{ target_database: 'placed_again' }, {}, {}, { strategy: 'swap' }]) {
      const answer = await post('/api/restore', { ...order, ...more });
      succeeded(answer);
      expect(answer.body).toMatchObject({
        restore: {
          warnings: expect.arrayContaining([text(/directories of their own.*: i \(.*\), m \(.*\), p \(.*\)\.$/)]),
        },
      });
      const { target_database: database = 'placed' } = more as { target_database?: string };
      expect(await rows(database)).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }, { a: 30 }]);
    }
    await backup();
    for (const database of await left('placed')) await runSql(at('mysql'), [`DROP DATABASE \`${database}\``]);
    expect(await files()).toEqual([]);
  });
});
