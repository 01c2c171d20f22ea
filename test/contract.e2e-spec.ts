import { access, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionParams } from '@app/domain';
import { startMariadb, startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { startApi } from './support/api-harness.js';
import type { ApiAnswer, RunningApi } from './support/api-harness.js';
import { sidesOnCatalog } from './support/catalog-server.js';
import { runSql } from './support/run-sql.js';

jest.setTimeout(60_000);

/** A clock that runs, from the day of the specification's examples on: 20 December 2023, a Wednesday. */
const started = Date.now();
const clock = { now: () => new Date(Date.UTC(2023, 11, 20, 12) + Date.now() - started) };

const text = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const number: unknown = expect.any(Number);
const STAMP = '\\d{8}_\\d{6}(_\\d+)?';
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const sides = [
  {
    dbType: 'PostgreSQL',
    spelling: 'postgresql',
    flavour: 'PostgreSQL',
    start: () => startPostgres(),
    maintenance: 'postgres',
    formats: ['plain', 'custom'],
    foreignDump:
      '-- MySQL dump 10.13  Distrib 8.0.36\n\nCREATE TABLE `t` (`i` int);\n-- Dump completed on 2023-12-20\n',
    foreignEngine: 'MySQL',
    userPrivileges: ['LOGIN', 'CREATEDB'],
    userFields: { login: true, inherit: true, create_role: false, connection_limit: -1, valid_until: null },
    userFlags: { superuser: false, create_db: true, replication: false, bypass_rls: false },
  },
  {
    dbType: 'MySQL',
    spelling: 'MariaDB',
    flavour: 'MariaDB',
    start: () => startMariadb(),
    maintenance: 'mysql',
    formats: ['plain'],
    foreignDump:
      '--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\n--\n-- PostgreSQL database dump complete\n--\n',
    foreignEngine: 'PostgreSQL',
    userPrivileges: ['CREATE'],
    userFields: { host: '%', locked: false, plugin: 'mysql_native_password', database_privileges: expect.any(Array) },
    userFlags: { superuser: false, replication: false, bypass_rls: false },
  },
] as const;

const onCatalog = sidesOnCatalog(sides, ({ dbType }) => dbType === 'PostgreSQL');

describe.each(onCatalog)('the API, as the specification has it, on $flavour', (side) => {
  let server: SandboxServer;
  let api: RunningApi;
  let mydb: ConnectionParams;
  let details: Record<string, unknown>;

  const get = (path: string): Promise<ApiAnswer> => api.call('GET', path);
  const post = (path: string, body?: unknown): Promise<ApiAnswer> => api.call('POST', path, body);
  const ok = (body: Record<string, unknown>): ApiAnswer => ({ status: 200, body: { success: true, ...body } });
  const items = async (): Promise<unknown[]> =>
    (await runSql(mydb, ['select i, label from items order by i'])).map((r) => ({ ...r }));

  function entry(name: string, more: Record<string, unknown> = {}): Record<string, unknown> {
    const { format = 'plain', compression = 'none' } = more;
    const extension = (format === 'plain' ? '\\.sql' : '\\.dump') + (compression === 'zstd' ? '\\.zst' : '');
    return {
      filename: text(new RegExp(`^${name}_${STAMP}${extension}$`)),
      path: text(new RegExp(`^\\./backups/${name}_${STAMP}${extension}$`)),
      size: number,
      created: number,
      created_at: text(ISO_TIME),
      started_at: text(ISO_TIME),
      completed_at: text(ISO_TIME),
      id: text(/^[0-9a-f-]{36}$/),
      database: 'mydb',
      db_type: side.dbType,
      format,
      compression,
      status: 'complete',
      kind: 'manual',
      sha256: text(/^[0-9a-f]{64}$/),
      duration_ms: number,
      warnings: [],
      verification: { level: 'stored', at: text(ISO_TIME), failed: null, details: null, untried: null },
      ...more,
    };
  }

  async function connect(): Promise<void> {
    expect(await post('/api/connect', details)).toEqual(ok({ message: 'Connection successful.' }));
  }

  beforeAll(async () => {
    [server, api] = await Promise.all([side.start(), startApi({ clock })]);
    await runSql(server.connection(side.maintenance), ['create database mydb']);
    mydb = server.connection('mydb');
    await runSql(mydb, [
      'create table items (i int primary key, label varchar(50))',
      "insert into items values (1, 'one'), (2, 'two'), (3, 'drei ü')",
    ]);
    details = {
      db_type: side.dbType,
      host: server.host,
      port: String(server.port),
      database: 'mydb',
      username: server.username,
      password: server.password,
    };
  }, 120_000);

  afterAll(async () => {
    await api.close();
    await server.stop();
  });

  describe('before a connection', () => {
    it('has a status with every field', async () => {
      expect(await get('/api/status')).toEqual(
        ok({
          connected: false,
          db_type: null,
          database: null,
          scheduler_running: false,
          next_backup: null,
          next_backup_at: null,
          timezone: 'UTC',
          host: null,
          port: null,
          username: null,
          flavour: null,
          server_version: null,
          last_error: null,
        }),
      );
      expect(await get('/api/backups')).toEqual(ok({ backups: [] }));
    });

    it.each([
      ['POST', '/api/backup', undefined],
      ['POST', '/api/backup/force', undefined],
      ['POST', '/api/restore', { backup_file_path: './backups/x.sql' }],
      ['POST', '/api/scheduler/start', undefined],
      ['GET', '/api/users', undefined],
      ['POST', '/api/users', { operation: 'Delete Users', username: 'x' }],
    ])('answers 409 to %s %s', async (method, path, body) => {
      expect(await api.call(method, path, body)).toEqual({
        status: 409,
        body: {
          success: false,
          message: 'No database is connected.',
          code: 'NOT_CONNECTED',
          hint: 'Connect with POST /api/connect.',
        },
      });
    });
  });

  describe('POST /api/connect', () => {
    it('names every missing field at once', async () => {
      expect(await post('/api/connect', {})).toEqual({
        status: 400,
        body: {
          success: false,
          message:
            'db_type is required; host is required; port is required; database is required; username is required; password is required.',
          code: 'INVALID_INPUT',
          hint: 'Correct these fields and send them again.',
          errors: ['db_type', 'host', 'port', 'database', 'username', 'password'].map((field) => ({
            field,
            message: 'is required',
          })),
        },
      });
    });

    it.each([
      [{ db_type: 'Oracle' }, 'db_type must be "PostgreSQL" or "MySQL".'],
      [{ port: 'http' }, 'port must be a number from 1 to 65535.'],
      [{ port: 65536 }, 'port must be a number from 1 to 65535.'],
      [{ host: '--help' }, 'host must be a host name or an IP address, without scheme and port.'],
      [{ host: 'a,b' }, 'host must be a host name or an IP address, without scheme and port.'],
      [{ host: 'http://localhost' }, 'host must be a host name or an IP address, without scheme and port.'],
      [{ database: 'my\0db' }, 'database contains a NUL character.'],
      [{ username: 'u'.repeat(256) }, 'username is 256 characters long; at most 255 are allowed.'],
      [{ password: 5 }, 'password must be text.'],
      [{ ssl_mode: 'maybe' }, 'ssl_mode must be "disable" or "prefer" or "require" or "verify-full".'],
      [{ schema: 'public' }, 'schema is not a known field.'],
    ])('refuses %j', async (change, message) => {
      const answer = await post('/api/connect', { ...details, ...change });
      expect(answer).toMatchObject({ status: 400, body: { success: false, message, code: 'INVALID_INPUT' } });
    });

    it('tells apart what went wrong', async () => {
      const failures: [Record<string, unknown>, number, string, RegExp][] = [
        [{ password: 'wrong' }, 422, 'WRONG_CREDENTIALS', /refused the login/],
        [{ username: 'nobody' }, 422, 'WRONG_CREDENTIALS', /refused the login/],
        [{ database: 'no such' }, 422, 'DATABASE_NOT_FOUND', /There is no database "no such"/],
        [{ port: 1 }, 502, 'HOST_UNREACHABLE', /127\.0\.0\.1:1/],
        [{ host: 'no-such-host.invalid' }, 502, 'HOST_UNREACHABLE', /no-such-host\.invalid/],
        [{ ssl_mode: 'require' }, 422, 'TLS_FAILED', /does not offer TLS/],
        [{ db_type: side.foreignEngine }, 422, 'WRONG_ENGINE', /What answers at/],
      ];
      for (const [change, status, code, message] of failures) {
        const answer = await post('/api/connect', { ...details, ...change });
        expect(answer).toEqual({
          status,
          body: { success: false, message: text(message), code, hint: text(/\S/) },
        });
        expect(JSON.stringify(answer.body)).not.toContain(server.password);
      }
    });

    it('connects, whatever the case of the type and the kind of the port, and shows it', async () => {
      await connect();
      const again = await post('/api/connect', { ...details, db_type: side.spelling, port: server.port });
      expect(again).toEqual(ok({ message: 'Connection successful.' }));
      expect(await get('/api/status')).toEqual(
        ok({
          connected: true,
          db_type: side.dbType,
          database: 'mydb',
          scheduler_running: true,
          next_backup: '2023-12-23 00:00:00',
          next_backup_at: '2023-12-23T00:00:00.000Z',
          timezone: 'UTC',
          host: server.host,
          port: server.port,
          username: server.username,
          flavour: side.flavour,
          server_version: text(/^\d+\.\d+/),
          last_error: null,
        }),
      );
    });

    it('leaves the connection as it is when another one fails', async () => {
      await connect();
      const before = await get('/api/status');
      await post('/api/connect', { ...details, database: 'no such' });
      await post('/api/connect', { ...details, port: 1 });
      expect(await get('/api/status')).toEqual(before);
      expect((await get('/api/config')).body).toMatchObject({ config: { database: 'mydb' } });
    });

    it('never mixes two that come at once', async () => {
      await runSql(server.connection(side.maintenance), ['create database other']);
      await Promise.all([post('/api/connect', details), post('/api/connect', { ...details, database: 'other' })]);
      const { database } = (await get('/api/status')).body;
      expect((await get('/api/config')).body).toMatchObject({ config: { database } });
      await connect();
    });
  });

  describe('backups', () => {
    beforeAll(connect);

    it('are made with the name and location of the request, and listed', async () => {
      const made = await post('/api/backup', { backup_name: 'manual_backup', backup_location: './backups' });
      const { backup } = made.body as { backup: { path: string } };
      expect(made).toEqual(
        ok({ message: `Backup created successfully at ${backup.path}`, backup: entry('manual_backup') }),
      );
      expect(await get('/api/backups?backup_location=./backups')).toEqual(ok({ backups: [backup] }));
      expect(await get('/api/backups')).toEqual(ok({ backups: [backup] }));
    });

    it('are named after the database without a name, also with empty and null fields', async () => {
      for (const body of [undefined, {}, { backup_name: '', backup_location: null }]) {
        expect((await post('/api/backup', body)).body).toMatchObject({ backup: entry('mydb') });
      }
    });

    it('come in every format and compression', async () => {
      for (const format of side.formats) {
        for (const compression of ['none', 'zstd']) {
          const answer = await post('/api/backup', { format, compression: compression.toUpperCase() });
          expect(answer).toMatchObject({ status: 200, body: { backup: entry('mydb', { format, compression }) } });
        }
      }
    });

    it.each([
      [{ format: 'tar' }, 'format must be "plain" or "custom".'],
      [{ compression: 'gzip' }, 'compression must be "none" or "zstd".'],
      [{ name: 'x' }, 'name is not a known field.'],
      [{ backup_name: 7 }, 'backup_name must be text.'],
    ])('refuse %j', async (body, message) => {
      expect(await post('/api/backup', body)).toMatchObject({ status: 400, body: { message, code: 'INVALID_INPUT' } });
    });

    it('are kept three at a time, newest first', async () => {
      const made: string[] = [];
      for (let i = 0; i < 4; i += 1) {
        made.unshift(((await post('/api/backup')).body['backup'] as { path: string }).path);
        // Times are recorded to the millisecond, listed to the second.
      }
      const listed = (await get('/api/backups')).body['backups'] as { path: string; created: number }[];
      expect(listed.map(({ path }) => path).toSorted()).toEqual(made.slice(0, 3).toSorted());
      expect(listed.map(({ created }) => created)).toEqual(
        listed.map(({ created }) => created).toSorted((a, b) => b - a),
      );
    });

    it('of the schedule can be forced', async () => {
      expect(await post('/api/backup/force')).toEqual(
        ok({ message: 'Forced backup completed', backup: entry('mydb', { kind: 'scheduled' }) }),
      );
      expect((await get('/api/scheduler/status')).body['last_run']).toEqual({
        at: text(/^2023-12-20 12:\d\d:\d\d$/),
        started_at: text(/^2023-12-20T12:.*Z$/),
        success: true,
        message: text(/^Backup created successfully at \.\/backups\/mydb_/),
      });
    });

    it('list dumps from elsewhere as such, and other files never', async () => {
      const folder = join(api.workingDirectory, 'backups');
      await writeFile(join(folder, 'elsewhere.sql'), side.foreignDump);
      await writeFile(join(folder, 'notes.txt'), 'x');
      const listed = (await get('/api/backups')).body['backups'] as { filename: string }[];
      expect(listed.find(({ filename }) => filename === 'elsewhere.sql')).toEqual({
        filename: 'elsewhere.sql',
        path: './backups/elsewhere.sql',
        size: side.foreignDump.length,
        created: number,
        created_at: text(/^\d{4}-.*Z$/),
        started_at: null,
        completed_at: null,
        id: text(/\S/),
        database: null,
        db_type: side.foreignEngine,
        format: 'plain',
        compression: 'none',
        status: 'foreign',
        kind: null,
        sha256: null,
        duration_ms: null,
        warnings: [],
        verification: null,
      });
      expect(listed.map(({ filename }) => filename)).not.toContain('notes.txt');
      expect(listed.filter(({ filename }) => /manifest|partial/.test(filename))).toEqual([]);
    });
  });

  describe('POST /api/restore', () => {
    let path: string;

    beforeAll(async () => {
      await connect();
      path = ((await post('/api/backup')).body['backup'] as { path: string }).path;
    });

    it('brings the data back', async () => {
      const before = await items();
      await runSql(mydb, [
        "update items set label = 'spoilt'",
        'delete from items where i = 2',
        'create table extra (i int)',
      ]);
      const answer = await post('/api/restore', { backup_file_path: path });
      expect(answer).toEqual(
        ok({
          message: `Restore successful from ${path}`,
          restore: {
            id: text(/^[0-9a-f-]{36}$/),
            strategy: 'swap',
            lockout_ms: number,
            sessions_ended: number,
            tables: null,
            undo: {
              ...{ available: true, state: 'available', until: text(/^\d{4}-\d\d-\d\dT/), bytes: number },
              copy: text(/^mydb__before_[0-9a-f]{8}$/),
            },
            database: 'mydb',
            database_created: false,
            duration_ms: number,
            safety_backup: null,
            warnings: [],
          },
        }),
      );
      expect(await items()).toEqual(before);
    });

    it('makes another database for it when asked', async () => {
      const answer = await post('/api/restore', {
        backup_file_path: path,
        target_database: 'copy "1"',
        no_owner: true,
      });
      expect(answer.body).toMatchObject({
        restore: { database: 'copy "1"', database_created: true, safety_backup: null },
      });
      expect(await runSql(server.connection('copy "1"'), ['select count(*) as n from items'])).toMatchObject([
        { n: expect.anything() as unknown },
      ]);
    });

    it('refuses what it cannot restore, and changes nothing', async () => {
      const before = await items();
      const folder = join(api.workingDirectory, 'backups');
      await writeFile(join(folder, 'elsewhere.sql'), side.foreignDump);
      await writeFile(join(folder, 'text.sql'), 'hello\n');
      await writeFile(join(folder, 'empty.sql'), '');
      const failures: [string, number, string][] = [
        ['./backups/elsewhere.sql', 422, 'WRONG_ENGINE'],
        ['./backups/text.sql', 422, 'NOT_A_BACKUP'],
        ['./backups/empty.sql', 422, 'NOT_A_BACKUP'],
        ['./backups/missing.sql', 404, 'BACKUP_NOT_FOUND'],
        ['./backups', 400, 'INVALID_PATH'],
      ];
      for (const [file, status, code] of failures) {
        expect(await post('/api/restore', { backup_file_path: file })).toEqual({
          status,
          body: {
            success: false,
            message: text(/\S/),
            code,
            hint: text(/\S/),
            ...(status === 400 ? { errors: [expect.anything()] } : {}),
          },
        });
      }
      expect(await items()).toEqual(before);
    });

    it.each([
      [{}, 'backup_file_path is required.'],
      [{ backup_file_path: '' }, 'backup_file_path is empty.'],
      [{ backup_file_path: 'x', no_owner: 'yes' }, 'no_owner must be true or false.'],
      [{ backup_file_path: 'x', target_database: 'a\0b' }, 'target_database contains a NUL character.'],
    ])('refuses %j', async (body, message) => {
      expect(await post('/api/restore', body)).toMatchObject({ status: 400, body: { message, code: 'INVALID_INPUT' } });
    });
  });

  describe('the scheduler', () => {
    beforeAll(connect);

    it('stops and starts, as often as one likes, and tells its next run', async () => {
      const status = (running: boolean): ApiAnswer =>
        ok({
          running,
          next_backup: running ? '2023-12-23 00:00:00' : null,
          next_backup_at: running ? '2023-12-23T00:00:00.000Z' : null,
          schedule: '0 0 * * 6',
          timezone: 'UTC',
          last_run: expect.anything() as unknown,
          ...(running ? {} : { warnings: [text(/the scheduler is stopped/)] }),
        });
      await post('/api/backup/force');
      for (let i = 0; i < 2; i += 1) {
        expect(await post('/api/scheduler/stop')).toEqual(ok({ message: 'Backup scheduler stopped successfully' }));
        expect(await get('/api/scheduler/status')).toEqual(status(false));
      }
      expect((await get('/api/status')).body).toMatchObject({
        connected: true,
        scheduler_running: false,
        next_backup: null,
      });
      for (let i = 0; i < 2; i += 1) {
        expect(await post('/api/scheduler/start')).toEqual(ok({ message: 'Backup scheduler started successfully' }));
        expect(await get('/api/scheduler/status')).toEqual(status(true));
      }
    });
  });

  describe('users', () => {
    beforeAll(connect);

    const find = async (username: string): Promise<unknown> => {
      const answer = await get('/api/users');
      expect(answer).toEqual(ok({ message: 'Users listed successfully.', users: expect.any(Array) as unknown }));
      return (answer.body['users'] as { username: string }[]).find((user) => user.username === username);
    };
    const done = (operation: string, username: string): ApiAnswer =>
      ok({ message: `User operation '${operation}' for '${username}' successful.` });

    it('are created, modified and deleted', async () => {
      const created = await post('/api/users', {
        operation: 'Create User',
        username: 'new_user',
        password: 'password',
        privileges: side.userPrivileges,
      });
      expect(created).toEqual(done('Create User', 'new_user'));
      expect(await find('new_user')).toMatchObject({ username: 'new_user', ...side.userFlags, ...side.userFields });
      const asUser = { ...details, username: 'new_user' };
      const modified = await post('/api/users', {
        operation: 'modify users',
        username: 'new_user',
        password: "new'pass",
      });
      expect(modified).toEqual(done('Modify Users', 'new_user'));
      const login = side.dbType === 'MySQL' ? { ...mydb, database: 'information_schema' } : mydb;
      const rows = await runSql({ ...login, username: 'new_user', password: "new'pass" }, ['select 1 as one']);
      expect(rows).toMatchObject([{ one: 1 }]);
      expect((await post('/api/connect', { ...asUser, password: 'password' })).status).toBe(422);
      expect(await post('/api/users', { operation: 'DELETE USERS', username: 'new_user' })).toEqual(
        done('Delete Users', 'new_user'),
      );
      expect(await find('new_user')).toBeUndefined();
    });

    it.each([`Robert'); DROP TABLE items;--`, 'back`tick', 'double"quote', 'ünïcödé', '$1', 'a\\b', '%s', ' -- x'])(
      'may be called %j: a name is just a name',
      async (username) => {
        const change = { username, password: 'p' };
        expect(await post('/api/users', { operation: 'Create User', ...change })).toEqual(
          done('Create User', username),
        );
        expect(await find(username)).toMatchObject({ username });
        expect(await post('/api/users', { operation: 'Modify Users', ...change })).toEqual(
          done('Modify Users', username),
        );
        expect(await post('/api/users', { operation: 'Delete Users', username })).toEqual(
          done('Delete Users', username),
        );
        expect(await find(username)).toBeUndefined();
        expect(await items()).toHaveLength(3);
      },
    );

    it('tell what cannot be done', async () => {
      await post('/api/users', { operation: 'Create User', username: 'taken', password: 'p' });
      const failures: [Record<string, unknown>, number, string][] = [
        [{ operation: 'Create User', username: 'taken', password: 'p' }, 409, 'USER_EXISTS'],
        [{ operation: 'Modify Users', username: 'nobody', password: 'p' }, 404, 'USER_NOT_FOUND'],
        [{ operation: 'Delete Users', username: 'nobody' }, 404, 'USER_NOT_FOUND'],
        [{ operation: 'Modify Users', username: 'taken', privileges: ['FLY'] }, 422, 'UNKNOWN_PRIVILEGE'],
        [{ operation: 'Modify Users', username: 'taken' }, 400, 'INVALID_INPUT'],
        [{ operation: 'Rename', username: 'taken' }, 400, 'INVALID_INPUT'],
        [{ operation: 'Create User', username: '' }, 400, 'INVALID_INPUT'],
        [{ operation: 'Create User', username: 'x', privileges: 'LOGIN' }, 400, 'INVALID_INPUT'],
        [
          {
            operation: 'Delete Users',
            username: server.username,
            ...(side.dbType === 'MySQL' ? { host: '127.0.0.1' } : {}),
          },
          409,
          'USER_IN_USE',
        ],
      ];
      for (const [body, status, code] of failures) {
        expect(await post('/api/users', body)).toMatchObject({ status, body: { success: false, code } });
      }
      await post('/api/users', { operation: 'Delete Users', username: 'taken' });
    });
  });

  describe('configuration', () => {
    beforeAll(connect);
    afterAll(async () => {
      await post('/api/config', { pg_dump_path: '', pg_restore_path: '', mysqldump_path: '', mysql_path: '' });
    });

    const config = (change: Record<string, unknown> = {}): ApiAnswer =>
      ok({
        config: {
          host: server.host,
          port: String(server.port),
          database: 'mydb',
          username: server.username,
          db_type: side.dbType,
          pg_dump_path: '',
          pg_restore_path: '',
          mysqldump_path: '',
          mysql_path: '',
          ssl_mode: 'prefer',
          password_set: true,
          ...change,
        },
      });

    it('shows the last connection, and never its password', async () => {
      const answer = await get('/api/config');
      expect(answer).toEqual(config());
      expect(JSON.stringify(answer)).not.toContain(server.password);
    });

    it('is saved as the specification sends it, and the active connection stays', async () => {
      const saved = await post('/api/config', { ...details, password: 'another' });
      expect(saved).toEqual(
        ok({
          message: 'Configuration saved successfully',
          note: 'The active connection stays as it is until the next connect or restart.',
        }),
      );
      expect((await post('/api/backup')).status).toBe(200);
      expect(await post('/api/config', details)).toEqual(ok({ message: 'Configuration saved successfully' }));
      expect(await post('/api/config')).toEqual(ok({ message: 'Configuration saved successfully' }));
      expect(await get('/api/config')).toEqual(config());
    });

    it('forgets the password when it would go elsewhere', async () => {
      for (const [change, seen] of [
        [{ host: 'elsewhere' }, { host: 'elsewhere' }],
        [{ port: 1234 }, { port: '1234' }],
        [{ username: 'another' }, { username: 'another' }],
      ]) {
        expect((await post('/api/config', change)).status).toBe(200);
        expect(await get('/api/config')).toEqual(config({ ...seen, password_set: false }));
        await post('/api/config', details);
      }
      await post('/api/config', { database: 'other', host: server.host });
      expect(await get('/api/config')).toEqual(config({ database: 'other' }));
      await post('/api/config', details);
    });

    it('finds the tools, and accepts only paths of the right tools', async () => {
      const found = await post('/api/tools/detect');
      const key = side.dbType === 'MySQL' ? 'mysqldump_path' : 'pg_dump_path';
      const path = (found.body['tools'] as Record<string, string>)[key] ?? '';
      expect(found).toEqual(
        ok({
          tools: {
            pg_dump_path: text(/^(\/.*pg_dump)?$/),
            pg_restore_path: text(/^(\/.*pg_restore)?$/),
            mysqldump_path: text(/^(\/.*dump)?$/),
            mysql_path: text(/^(\/.*(mysql|mariadb))?$/),
          },
          details: ['pg_dump_path', 'pg_restore_path', 'mysqldump_path', 'mysql_path'].map((name) => ({
            key: name,
            version: text(/^\d+\.\d+/),
            flavour: text(/^(PostgreSQL|MariaDB|MySQL)$/),
            all: expect.any(Array) as unknown,
          })),
        }),
      );
      expect(path).toMatch(/^\//);
      expect(await post('/api/config', { [key]: path })).toEqual(ok({ message: 'Configuration saved successfully' }));
      expect(await get('/api/config')).toEqual(config({ [key]: path }));
      expect((await post('/api/backup')).status).toBe(200);
      expect(await post('/api/config', { [key]: '/bin/ls', mysql_path: '/no/such/tool' })).toEqual({
        status: 422,
        body: {
          success: false,
          message: text(/\/bin\/ls.*\/no\/such\/tool|\/no\/such\/tool.*\/bin\/ls/),
          code: 'TOOL_UNUSABLE',
          hint: text(/Nothing was saved/),
          errors: expect.arrayContaining([
            { field: key, message: text(/\/bin\/ls/) },
            { field: 'mysql_path', message: text(/\/no\/such\/tool/) },
          ]) as unknown,
        },
      });
      expect(await get('/api/config')).toEqual(config({ [key]: path }));
      expect(await post('/api/config', { [key]: '' })).toMatchObject({ status: 200 });
      expect(await get('/api/config')).toEqual(config());
    });

    it('FAILURES 35: refuses a tool that another account of the machine, or a caller, could have written', async () => {
      const script = '#!/bin/sh\necho "pg_dump (PostgreSQL) 99.1"\ntouch "$0.ran"\n';
      for (const [where, words] of [
        [join(tmpdir(), 'pg_dump'), /other accounts \(mode 1777\)\. Install the tool elsewhere\./],
        [join(api.workingDirectory, 'backups', 'pg_dump'), /other accounts|where the service keeps backups/],
      ] as const) {
        await writeFile(where, script, { mode: 0o755 });
        try {
          expect(await post('/api/config', { pg_dump_path: where })).toMatchObject({
            status: 422,
            body: { code: 'TOOL_UNUSABLE', errors: [{ field: 'pg_dump_path', message: text(words) }] },
          });
          await expect(access(`${where}.ran`)).rejects.toThrow('ENOENT');
        } finally {
          await rm(where);
        }
      }
      expect(await get('/api/config')).toEqual(config());
    });

    it.each([
      [{ port: 'x' }, 'port must be a number from 1 to 65535.'],
      [{ db_type: 'Oracle' }, 'db_type must be "PostgreSQL" or "MySQL".'],
      [{ host: '-h' }, 'host must be a host name or an IP address, without scheme and port.'],
      [{ backup_dir: '/' }, 'backup_dir is not a known field.'],
    ])('refuses %j', async (body, message) => {
      expect(await post('/api/config', body)).toMatchObject({ status: 400, body: { message, code: 'INVALID_INPUT' } });
    });
  });

  describe('POST /api/disconnect', () => {
    it('ends the connection and the scheduler, keeps the details, and can be repeated', async () => {
      await connect();
      for (let i = 0; i < 2; i += 1) {
        expect(await post('/api/disconnect')).toEqual(ok({ message: 'Logged out successfully.' }));
        expect((await get('/api/status')).body).toMatchObject({
          connected: false,
          db_type: null,
          database: null,
          scheduler_running: false,
          next_backup: null,
          next_backup_at: null,
          timezone: 'UTC',
        });
      }
      expect((await post('/api/backup')).status).toBe(409);
      expect((await get('/api/config')).body).toMatchObject({ config: { database: 'mydb', password_set: true } });
    });
  });

  it('reports a server that went away, keeps the connection, and works again when it is back', async () => {
    await connect();
    const own = await side.start();
    await runSql(own.connection(side.maintenance), ['create database mydb']);
    const there = own.connection('mydb');
    await post('/api/connect', { ...details, port: there.port, password: there.password });
    await own.stop();
    expect(await post('/api/backup')).toMatchObject({ status: 502, body: { code: 'HOST_UNREACHABLE' } });
    expect(await post('/api/backup/force')).toMatchObject({ status: 502, body: { code: 'HOST_UNREACHABLE' } });
    expect((await get('/api/scheduler/status')).body).toMatchObject({ running: true, last_run: { success: false } });
    expect(await get('/api/users')).toMatchObject({ status: 502, body: { code: 'HOST_UNREACHABLE' } });
    await connect();
    expect((await post('/api/backup')).status).toBe(200);
  });

  it('is ready while the backup folder can be written, and says so when not', async () => {
    expect(await get('/api/health/live')).toEqual(ok({ status: 'alive' }));
    const checks = { backup_folder: 'ok', data_folder: 'ok' };
    expect(await get('/api/health/ready')).toEqual(ok({ status: 'ready', checks }));
    await rm(join(api.workingDirectory, 'backups'), { recursive: true, force: true });
    expect(await get('/api/health/ready')).toEqual({
      status: 503,
      body: { success: false, status: 'not ready', checks: { ...checks, backup_folder: 'is missing' } },
    });
  });
});
