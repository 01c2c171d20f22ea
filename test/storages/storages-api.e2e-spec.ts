import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { startApi } from '../support/api-harness.js';
import type { ApiAnswer, RunningApi } from '../support/api-harness.js';
import { runSql } from '../support/run-sql.js';
import { S3Server } from './s3-server.js';

interface Storage {
  id: string;
  name: string;
  backups: number;
}
interface Backup {
  id: string;
  path: string;
  filename: string;
  status: string;
}

describe('/api/storages', () => {
  let server: SandboxServer;
  let s3: S3Server;
  let api: RunningApi;
  let settings: Record<string, string>;
  const answers: string[] = [];

  const call = async (method: string, path: string, body?: unknown): Promise<ApiAnswer> => {
    const answer = await api.call(method, path, body);
    answers.push(JSON.stringify(answer.body));
    return answer;
  };
  const add = async (name = 'offsite', more: object = {}): Promise<Storage> => {
    const { body, status } = await call('POST', '/api/storages', { name, kind: 's3', settings, ...more });
    expect([status, body['message']]).toEqual([200, 'Storage added.']);
    return body['storage'] as Storage;
  };
  const storages = async () => (await call('GET', '/api/storages')).body['storages'] as Storage[];
  const backups = async (location: string) =>
    (await call('GET', `/api/backups?backup_location=${encodeURIComponent(location)}`)).body['backups'] as Backup[];
  const backUp = async (location: string): Promise<Backup> => {
    const { body } = await call('POST', '/api/backup', { backup_location: location });
    expect(body).toMatchObject({ success: true });
    return body['backup'] as Backup;
  };
  const becomes = async (expected: () => Promise<boolean>): Promise<void> => {
    while (!(await expected())) await new Promise((resolve) => setTimeout(resolve, 20));
  };

  beforeAll(async () => {
    [server, s3] = await Promise.all([startPostgres(), S3Server.start('fauxqs')]);
    await runSql(server.connection('postgres'), ['create database shop']);
    await runSql(server.connection('shop'), ['create table items as select n from generate_series(1, 1000) n']);
  }, 120_000);
  afterAll(async () => {
    await server.stop();
    await s3.stop();
  });

  beforeEach(async () => {
    settings = Object.fromEntries(
      Object.entries(await s3.bucket()).filter((each): each is [string, string] => each[1] !== undefined),
    );
    api = await startApi({ environment: { BACKUP_VERIFICATION: 'stored' } });
    const { host, port, username, password } = server;
    const login = { db_type: 'PostgreSQL', host, port, database: 'shop', username, password };
    expect((await api.call('POST', '/api/connect', login)).status).toBe(200);
  });
  afterEach(async () => {
    await api.close();
    expect(answers.filter((answer) => answer.includes(s3.secret))).toEqual([]);
  });

  it('back up, list, verify, download, restore and delete at the address of a storage', async () => {
    const storage = await add();
    const backup = await backUp('offsite:shop');
    expect(backup).toMatchObject({ path: `offsite:shop/${backup.filename}`, status: 'complete' });
    expect(backup).toMatchObject({ verification: { level: 'stored' } });
    expect((await backups('offsite:shop')).map(({ path }) => path)).toEqual([backup.path]);
    expect(await readdir(join(api.workingDirectory, 'backups')).catch(() => [])).not.toContain(backup.filename);
    expect((await call('POST', `/api/backups/${backup.id}/verify`, { level: 'restored' })).body).toMatchObject({
      backup: { verification: { level: 'restored' } },
    });
    const download = await fetch(`${api.url}/api/backups/${backup.id}/download`, { headers: { connection: 'close' } });
    expect(await download.text()).toContain('CREATE TABLE public.items');
    await runSql(server.connection('shop'), ['delete from items']);
    expect((await call('POST', '/api/restore', { backup_file_path: backup.path })).body).toMatchObject({
      success: true,
    });
    expect(await runSql(server.connection('shop'), ['select count(*)::int as n from items'])).toEqual([{ n: 1000 }]);
    expect((await storages()).find(({ id }) => id === storage.id)).toMatchObject({ backups: 1, state: 'fine' });
    expect((await call('DELETE', `/api/backups/${backup.id}`)).status).toBe(200);
    expect(await backups('offsite:shop')).toEqual([]);
  });

  it('tells what each storage is, and never a secret', async () => {
    const added = await add('offsite', { settings: { ...settings, prefix: 'here' } });
    const [local, offsite, ...others] = await storages();
    expect(others).toEqual([]);
    expect(local).toMatchObject({ id: 'local', kind: 'local', from_environment: true, secrets: [], backups: 0 });
    expect(offsite).toMatchObject({
      ...{ id: added.id, name: 'offsite', kind: 's3', from_environment: false, secrets: ['secret_access_key'] },
      ...{ settings: { bucket: settings['bucket'], prefix: 'here' }, state: 'fine', blocker: null, free_bytes: null },
    });
    expect((await call('GET', `/api/storages/${added.id}`)).body['storage']).toEqual(offsite);
    expect((await call('GET', '/api/storages')).body['kinds']).toEqual(['s3']);
    for (const id of [added.id, 'local']) {
      expect((await call('POST', `/api/storages/${id}/test`)).body).toMatchObject({
        message: 'The storage works.',
        steps: ['reach', 'write', 'read', 'list', 'delete'],
      });
    }
  });

  it('saves nothing that does not work, unless it is told to', async () => {
    const wrong = { ...settings, bucket: 'no-such-bucket' };
    const refused = await call('POST', '/api/storages', { name: 'offsite', kind: 's3', settings: wrong });
    expect([refused.status, refused.body['code']]).toEqual([503, 'STORAGE_MISSING']);
    expect(refused.body['message']).toContain('The storage cannot be reached: ');
    expect(await storages()).toHaveLength(1);
    const { id } = await add('offsite', { settings: wrong, test: false });
    expect((await storages())[1]).toMatchObject({ state: 'missing', blocker: expect.any(String) as string });
    expect((await call('GET', '/api/catalog/backups?folders=all')).status).toBe(200);
    expect((await call('POST', '/api/backup', { backup_location: 'offsite:' })).body).toMatchObject({ success: false });
    const failed = await call('PATCH', `/api/storages/${id}`, { settings: { prefix: 'x' } });
    expect(failed.body['code']).toBe('STORAGE_MISSING');
    const mended = await call('PATCH', `/api/storages/${id}`, { settings: { bucket: settings['bucket'] } });
    expect(mended.body).toMatchObject({ message: 'Storage changed.', storage: { state: 'fine' } });
  });

  it.each<[object, string]>([
    [{ name: 'Off site' }, 'name'],
    [{ name: 'local' }, 'name'],
    [{ kind: 'tape' }, 'kind'],
    [{ settings: {} }, 'bucket'],
    [{ settings: { bucket: 7 } }, 'settings'],
    [{ settings: 'bucket' }, 'settings'],
    [{ buckets: 'x' }, 'buckets'],
  ])('refuses %j, and names the field', async (wrong, field) => {
    const { status, body } = await call('POST', '/api/storages', { name: 'offsite', kind: 's3', settings, ...wrong });
    expect([status, body['code']]).toEqual([400, 'INVALID_INPUT']);
    expect((body['errors'] as { field: string }[]).map((fault) => fault.field)).toContain(field);
    expect(await storages()).toHaveLength(1);
  });

  it('does not send a stored secret to another server', async () => {
    const { id } = await add();
    const { status, body } = await call('PATCH', `/api/storages/${id}`, {
      settings: { endpoint: 'http://127.0.0.1:9' },
    });
    expect([status, body['code']]).toEqual([400, 'INVALID_INPUT']);
    expect(body['errors']).toMatchObject([{ field: 'settings.secret_access_key' }]);
  });

  it('takes a storage from the list only on purpose, and finds its backups when it is added again', async () => {
    const { id } = await add();
    const backup = await backUp('offsite:');
    const refused = await call('DELETE', `/api/storages/${id}`);
    expect([refused.status, refused.body['code'], refused.body['message']]).toEqual([
      ...[409, 'STORAGE_IN_USE', '"offsite" holds 1 backup.'],
    ]);
    expect((await call('DELETE', `/api/storages/${id}`, { confirm: 'offsite' })).status).toBe(200);
    expect((await call('GET', `/api/backups/${backup.id}`)).status).toBe(404);
    expect((await call('DELETE', `/api/storages/${id}`)).body['code']).toBe('STORAGE_NOT_FOUND');
    await add('again');
    await becomes(async () => (await storages())[1]?.backups === 1);
    expect(await backups('again:')).toMatchObject([{ id: backup.id, path: `again:${backup.filename}` }]);
  });

  it('keeps a storage that a schedule names, and one of the environment', async () => {
    const { id } = await add();
    const connection = ((await call('GET', '/api/connections')).body['connections'] as { id: string }[])[0]?.id;
    const schedule = {
      name: 'nightly',
      connection_id: connection,
      cron: '0 3 * * *',
      options: { location: 'offsite:nightly' },
    };
    expect((await call('POST', '/api/schedules', schedule)).status).toBe(200);
    expect((await call('DELETE', `/api/storages/${id}`)).body).toMatchObject({ code: 'STORAGE_IN_USE' });
    expect((await call('PATCH', `/api/storages/${id}`, { name: 'far' })).body).toMatchObject({
      code: 'STORAGE_IN_USE',
    });
    expect((await call('DELETE', '/api/storages/local')).body).toMatchObject({ code: 'STORAGE_IN_USE' });
    expect((await call('PATCH', '/api/storages/local', { name: 'far' })).status).toBe(409);
  });

  it('are there after a restart, and cannot have one name', async () => {
    await add();
    const taken = await call('POST', '/api/storages', { name: 'offsite', kind: 's3', settings });
    expect([taken.status, taken.body['code']]).toEqual([409, 'STORAGE_EXISTS']);
    const backup = await backUp('offsite:');
    const { workingDirectory } = api;
    await api.app.close();
    const restarted = await startApi({ workingDirectory, environment: { BACKUP_VERIFICATION: 'stored' } });
    try {
      const verified = await restarted.call('POST', `/api/backups/${backup.id}/verify`, { level: 'stored' });
      expect(verified.body).toMatchObject({ success: true, backup: { verification: { level: 'stored' } } });
    } finally {
      await restarted.close();
    }
  });
});
