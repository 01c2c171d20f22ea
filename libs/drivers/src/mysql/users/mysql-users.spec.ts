import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionParams } from '@app/domain';
import { startMariadb } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import type { DatabaseUser } from '../../db-driver.js';
import { MysqlDriver } from '../mysql-driver.js';
import { withSession } from '../login/mysql-session.js';

jest.setTimeout(60_000);

let server: SandboxServer;
let runtimeDir: string;
let driver: MysqlDriver;

beforeAll(async () => {
  server = await startMariadb();
  runtimeDir = await mkdtemp(join(tmpdir(), 'mysql-users-'));
  driver = new MysqlDriver({ runtimeDir });
  await sql(
    'CREATE DATABASE shop_eu',
    'CREATE DATABASE shopxeu',
    'CREATE TABLE shop_eu.t (a INT)',
    'CREATE TABLE shopxeu.t (a INT)',
  );
});
afterAll(async () => {
  await server?.stop();
  await rm(runtimeDir, { recursive: true, force: true });
});

const root = (): ConnectionParams => server.connection('shop_eu');
const as = (username: string, password: string, database = 'shop_eu'): ConnectionParams => ({
  ...root(),
  ...{ username, password, database },
});

async function sql(...statements: string[]): Promise<Record<string, unknown>[]> {
  return withSession(root(), { database: null }, async (session) => {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) rows = await session.rows(statement);
    return rows;
  });
}

async function find(username: string, host = '%'): Promise<DatabaseUser | undefined> {
  const users = await driver.users.list(root());
  return users.find((user) => user.username === username && user.details['host'] === host);
}

describe('Creating a user', () => {
  it('makes one that can log in from anywhere and do what was granted, on the active database only', async () => {
    await driver.users.create(root(), { username: 'ann', password: 'pw', privileges: ['select', 'Insert'] });
    expect(await find('ann')).toEqual({
      username: 'ann',
      superuser: false,
      createDb: false,
      replication: false,
      bypassRls: false,
      details: {
        host: '%',
        in_use: false,
        locked: false,
        plugin: 'mysql_native_password',
        privileges: [],
        database_privileges: ['SELECT', 'INSERT'],
      },
    });
    await withSession(as('ann', 'pw'), {}, (session) => session.rows('SELECT * FROM t'));
    // The one that asks knows itself, by name and host.
    const own = (await driver.users.list(root())).filter(({ details }) => details['in_use'] === true);
    expect(own.map(({ username }) => username)).toEqual([root().username]);
    // The underscore in the name of the database is no wildcard.
    await expect(driver.probe(as('ann', 'pw', 'shopxeu'))).rejects.toMatchObject({ code: 'MISSING_PRIVILEGE' });
  });

  it('takes privileges for the whole server, those that exist nowhere else and those that say so', async () => {
    const privileges = ['PROCESS', 'create on *.*', ' replication  slave ', 'SUPER', 'trigger'];
    await driver.users.create(root(), { username: 'admin', password: 'pw', host: '127.0.0.1', privileges });
    expect(await find('admin', '127.0.0.1')).toMatchObject({
      superuser: true,
      createDb: true,
      replication: true,
      details: { host: '127.0.0.1', database_privileges: ['TRIGGER'] },
    });
  });

  it('with ALL PRIVILEGES means the active database, and ON *.* the server', async () => {
    await driver.users.create(root(), { username: 'all_here', password: 'pw', privileges: ['ALL'] });
    expect(await find('all_here')).toMatchObject({
      superuser: false,
      details: { database_privileges: ['ALL PRIVILEGES'] },
    });
    await driver.users.create(root(), {
      username: 'all',
      password: 'pw',
      privileges: ['ALL PRIVILEGES ON *.*', 'GRANT OPTION ON *.*'],
    });
    expect(await find('all')).toMatchObject({
      ...{ superuser: true, createDb: true, replication: true },
      details: { privileges: ['ALL PRIVILEGES', 'GRANT OPTION'] },
    });
  });

  const hostile = [
    "o'brien",
    'a"b',
    'a`b',
    "x'; DROP DATABASE shop_eu; --",
    'ünï 密码 €',
    'back\\slash',
    'what?',
    '%',
    'a@b',
    '??',
    ' lead',
  ];
  it.each(hostile)('takes the name %j for a name and any password for a password', async (username) => {
    const password = `${username}'"\\?`;
    const privileges = ['SELECT', 'PROCESS'];
    await driver.users.create(root(), { username, password, privileges });
    expect(await find(username)).toMatchObject({
      details: { privileges: ['PROCESS'], database_privileges: ['SELECT'] },
    });
    await expect(driver.probe(as(username, password))).resolves.toBeDefined();
    await driver.users.modify(root(), { username, password: `${password}2`, privileges: ['REVOKE SELECT', 'INSERT'] });
    await expect(driver.probe(as(username, `${password}2`))).resolves.toBeDefined();
    expect(await find(username)).toMatchObject({ details: { database_privileges: ['INSERT'] } });
    await driver.users.remove(root(), { username });
    expect(await find(username)).toBeUndefined();
  });

  it.each([
    ['an empty name', { username: ' ', password: 'x' }, 'username'],
    ['a name that the server would shorten', { username: ' -- ', password: 'x' }, 'username'],
    ['a name with NUL', { username: 'a\0b', password: 'x' }, 'username'],
    ['a name that is too long', { username: 'x'.repeat(200), password: 'x' }, 'username'],
    ['a name that the server cannot hold', { username: 'key 🔑', password: 'x' }, 'username'],
    ['no password', { username: 'open' }, 'password'],
    ['an empty password', { username: 'open', password: '' }, 'password'],
    ['a host that is none', { username: 'x', password: 'x', host: 'a@b' }, 'host'],
  ])('refuses %s', async (_what, change, field) => {
    await expect(driver.users.create(root(), change)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ field }],
    });
  });

  it('names every unknown privilege, and makes nothing', async () => {
    const privileges = ['SELECT', 'LOGIN', 'FLY; DROP DATABASE shop_eu', 'PROXY'];
    await expect(driver.users.create(root(), { username: 'none', password: 'pw', privileges })).rejects.toMatchObject({
      code: 'UNKNOWN_PRIVILEGE',
      message: expect.stringContaining('"LOGIN", "FLY; DROP DATABASE shop_eu", "PROXY"') as unknown,
    });
    expect(await find('none')).toBeUndefined();
  });

  it('that exists already is refused; with another host it is another user', async () => {
    await driver.users.create(root(), { username: 'twice', password: 'pw' });
    await expect(driver.users.create(root(), { username: 'twice', password: 'pw' })).rejects.toMatchObject({
      code: 'USER_EXISTS',
    });
    await driver.users.create(root(), { username: 'twice', password: 'pw', host: 'Localhost' });
    await expect(
      driver.users.create(root(), { username: 'twice', password: 'pw', host: 'localhost' }),
    ).rejects.toMatchObject({
      code: 'USER_EXISTS',
    });
  });

  it('leaves no user behind when a grant fails', async () => {
    await sql(
      `CREATE USER clerk@'%' IDENTIFIED BY 'pw'`,
      `GRANT CREATE USER ON *.* TO clerk@'%'`,
      `GRANT SELECT ON mysql.* TO clerk@'%'`,
      `GRANT SELECT ON shop_eu.* TO clerk@'%' WITH GRANT OPTION`,
    );
    const clerk = as('clerk', 'pw');
    await expect(
      driver.users.create(clerk, { username: 'half', password: 'pw', privileges: ['SELECT', 'PROCESS'] }),
    ).rejects.toMatchObject({ code: 'MISSING_PRIVILEGE' });
    expect(await find('half')).toBeUndefined();
    await driver.users.create(clerk, { username: 'half', password: 'pw', privileges: ['SELECT'] });

    // Nor half a change.
    await expect(
      driver.users.modify(clerk, { username: 'half', password: 'new', privileges: ['REVOKE SELECT', 'PROCESS'] }),
    ).rejects.toMatchObject({ code: 'MISSING_PRIVILEGE' });
    expect(await find('half')).toMatchObject({ details: { privileges: [], database_privileges: ['SELECT'] } });
    await expect(driver.probe(as('half', 'pw'))).resolves.toBeDefined();
  });
});

describe('Modifying a user', () => {
  it('that is not there says for which hosts the name exists', async () => {
    await driver.users.create(root(), { username: 'local', password: 'pw', host: '10.0.0.%' });
    await expect(driver.users.modify(root(), { username: 'local', password: 'x' })).rejects.toMatchObject({
      code: 'USER_NOT_FOUND',
      hint: expect.stringContaining('"10.0.0.%"') as unknown,
    });
    await driver.users.modify(root(), { username: 'local', host: '10.0.0.%', password: 'x' });
    await expect(driver.users.modify(root(), { username: 'nobody', password: 'x' })).rejects.toMatchObject({
      code: 'USER_NOT_FOUND',
    });
  });

  it('leaves alone what is not said, and what is so already', async () => {
    await driver.users.create(root(), { username: 'stable', password: 'pw', privileges: ['SELECT'] });
    await driver.users.modify(root(), {
      username: 'stable',
      privileges: ['SELECT', 'REVOKE INSERT', 'REVOKE PROCESS'],
    });
    expect(await find('stable')).toMatchObject({ details: { database_privileges: ['SELECT'], privileges: [] } });
    await expect(driver.probe(as('stable', 'pw'))).resolves.toBeDefined();
  });

  it('takes all away again', async () => {
    await driver.users.create(root(), { username: 'demoted', password: 'pw', privileges: ['ALL', 'SUPER'] });
    await driver.users.modify(root(), { username: 'demoted', privileges: ['REVOKE ALL PRIVILEGES', 'REVOKE SUPER'] });
    expect(await find('demoted')).toMatchObject({
      superuser: false,
      details: { database_privileges: [], privileges: [] },
    });
  });
});

describe('Deleting a user', () => {
  it('that is not there is refused', async () => {
    await expect(driver.users.remove(root(), { username: 'nobody' })).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
  });

  it('that the service is logged in as is refused', async () => {
    await sql(`CREATE USER self@'127.0.0.%' IDENTIFIED BY 'pw'`, `GRANT ALL PRIVILEGES ON *.* TO self@'127.0.0.%'`);
    await expect(driver.users.remove(as('self', 'pw'), { username: 'self', host: '127.0.0.%' })).rejects.toMatchObject({
      code: 'USER_IN_USE',
    });
  });

  it('that objects are defined by is refused, naming them in every database', async () => {
    await sql(
      `CREATE USER maker@'%' IDENTIFIED BY 'pw'`,
      `CREATE DEFINER=maker@'%' VIEW shop_eu.v AS SELECT 1`,
      `CREATE DEFINER=maker@'%' PROCEDURE shopxeu.p() SELECT 1`,
      `CREATE DEFINER=maker@'%' TRIGGER shop_eu.tr BEFORE INSERT ON shop_eu.t FOR EACH ROW SET @a = 1`,
      `CREATE DEFINER=maker@'%' EVENT shop_eu.e ON SCHEDULE EVERY 1 DAY DO SELECT 1`,
    );
    await expect(driver.users.remove(root(), { username: 'maker' })).rejects.toMatchObject({
      code: 'USER_OWNS_OBJECTS',
      message: expect.stringMatching(
        /view shop_eu\.v, routine shopxeu\.p, trigger shop_eu\.tr, event shop_eu\.e/,
      ) as unknown,
    });
    expect(await find('maker')).toBeDefined();
  });
});

describe('Listing users', () => {
  it('tells locked ones, and leaves roles out', async () => {
    await sql(`CREATE USER locked@'%' IDENTIFIED BY 'pw' ACCOUNT LOCK`, 'CREATE ROLE a_role');
    expect(await find('locked')).toMatchObject({ details: { locked: true } });
    const users = await driver.users.list(root());
    expect(users.map(({ username }) => username)).not.toContain('a_role');
    expect(JSON.stringify(users)).not.toMatch(/\*[0-9A-F]{40}/);
  });

  it('without the privilege says what it takes', async () => {
    await sql(`CREATE USER curious@'%' IDENTIFIED BY 'pw'`, `GRANT SELECT ON shop_eu.* TO curious@'%'`);
    const curious = as('curious', 'pw');
    const refusal = { code: 'MISSING_PRIVILEGE', hint: expect.stringContaining('SELECT ON mysql.*') as unknown };
    await expect(driver.users.list(curious)).rejects.toMatchObject(refusal);
    await expect(driver.users.create(curious, { username: 'x', password: 'x' })).rejects.toMatchObject(refusal);
    await expect(driver.users.remove(curious, { username: 'ann' })).rejects.toMatchObject(refusal);
  });
});
