import { appendFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { startApi } from './support/api-harness.js';
import type { RunningApi } from './support/api-harness.js';
import { runSql } from './support/run-sql.js';

interface Backup {
  id: string;
  path: string;
}

describe('what a dump of PostgreSQL does not carry', () => {
  let server: SandboxServer;
  let api: RunningApi;
  let backup: Backup;

  const inServer = (...commands: string[]) => runSql(server.connection('postgres'), commands);
  const post = (path: string, body: unknown = {}) => api.call('POST', path, body);
  const folder = () => join(api.workingDirectory, 'backups');
  const newDatabase = (name: string, more: object = {}) =>
    post('/api/restore', { backup_file_path: backup.path, target_database: name, ...more });

  beforeAll(async () => {
    [server, api] = await Promise.all([startPostgres(), startApi()]);
    await inServer(
      `create role readers`,
      `create role app login connection limit 7 in role readers`,
      'create database shop owner app',
      `alter database shop set search_path to app, public`,
      `alter database shop set app.jwt_secret to 'hush'`,
      `comment on database shop is 'the only copy'`,
    );
    await runSql(server.connection('shop'), ['create table items (i int)', 'alter table items owner to app']);
    const { host, port, username, password } = server;
    const login = { db_type: 'PostgreSQL', host, port: String(port), database: 'shop', username, password };
    expect(await post('/api/connect', login)).toMatchObject({ status: 200 });
    backup = (await post('/api/backup')).body['backup'] as Backup;
  }, 60_000);
  afterAll(async () => {
    await api.close();
    await server.stop();
  });

  it('64: stands in the manifest, and roles next to the artifact; values that may be secrets are not shown', async () => {
    const { body } = await api.call('GET', `/api/backups/${backup.id}`);
    expect(body['manifest']).toMatchObject({
      properties: {
        owner: 'app',
        settings: ['search_path=app, public', 'app.jwt_secret=********'],
        comment: 'the only copy',
      },
      roles: expect.arrayContaining([expect.objectContaining({ name: 'app', connection_limit: 7 })]),
      globals: { file: expect.stringMatching(/\.sql\.globals\.sql$/), passwords: false },
    });
    const files = (await readdir(folder())).filter((name) => !name.startsWith('.'));
    expect(files.filter((name) => name.endsWith('.globals.sql'))).toHaveLength(1);
    const list = (await api.call('GET', '/api/backups')).body['backups'] as unknown[];
    expect(list).toHaveLength(1);
    expect(await post('/api/restore', { backup_file_path: `${backup.path}.globals.sql` })).toMatchObject({
      status: 422,
      body: { code: 'NOT_A_BACKUP' },
    });
  });

  it('20, 64: comes back on a server that lost the roles: they first, then the database with its properties', async () => {
    await inServer('drop database shop', 'drop role app', 'drop role readers');
    const plan = (await newDatabase('shop', { dry_run: true })).body['plan'];
    expect(plan).toMatchObject({
      warnings: [expect.stringContaining(`lacks: app, readers. Create them first (POST /api/backups/${backup.id}`)],
    });
    const refused = await newDatabase('shop');
    expect(refused).toMatchObject({ status: 502, body: { code: 'RESTORE_FAILED' } });

    // The active connection's own database is gone, too.
    const path = `/api/backups/${backup.id}/globals/restore`;
    expect(await post(path, { dry_run: true })).toMatchObject({
      status: 200,
      body: { message: '2 roles would be made.', dry_run: true },
    });
    expect(await inServer(`select from pg_roles where rolname = 'app'`)).toEqual([]);
    expect(await post(path)).toMatchObject({
      status: 200,
      body: {
        message: '2 roles were made.',
        roles: expect.arrayContaining([
          {
            name: 'app',
            action: 'create',
            commands: ['CREATE ROLE "app" WITH LOGIN CONNECTION LIMIT 7', expect.stringMatching(/^GRANT "readers" TO/)],
          },
        ]),
        warnings: ['The backup holds no passwords of these roles, so set them: app.'],
      },
    });

    expect(await newDatabase('shop')).toMatchObject({ status: 200, body: { restore: { warnings: [] } } });
    const [database] = await inServer(
      `select pg_get_userbyid(datdba) as owner, shobj_description(oid, 'pg_database') as comment,
         (select setconfig from pg_db_role_setting where setdatabase = d.oid) as settings from pg_database d where datname = 'shop'`,
    );
    expect(database).toEqual({
      owner: 'app',
      comment: 'the only copy',
      settings: ['search_path=app, public', 'app.jwt_secret=hush'],
    });
  });

  it('20: refuses unknown roles, an altered script and a backup without one, and makes nothing', async () => {
    const path = `/api/backups/${backup.id}/globals/restore`;
    expect(await post(path, { roles: ['nobody'] })).toMatchObject({
      status: 400,
      body: { code: 'INVALID_INPUT', errors: expect.anything() as unknown },
    });
    await appendFile(join(folder(), `${backup.path.split('/').at(-1)}.globals.sql`), 'CREATE ROLE evil SUPERUSER;\n');
    expect(await post(path)).toMatchObject({ status: 422, body: { code: 'BACKUP_DAMAGED' } });
    expect(await inServer(`select from pg_roles where rolname = 'evil'`)).toEqual([]);
  });

  it('20: is deleted together with its backup', async () => {
    expect(await api.call('DELETE', `/api/backups/${backup.id}`)).toMatchObject({ status: 200 });
    expect((await readdir(folder())).filter((name) => !name.startsWith('.'))).toEqual([]);
    expect(await post(`/api/backups/${backup.id}/globals/restore`)).toMatchObject({
      status: 404,
      body: { code: 'BACKUP_NOT_FOUND' },
    });
    expect(await readFile(join(api.workingDirectory, 'config.ini'), 'utf8')).not.toContain('hush');
  });
});
