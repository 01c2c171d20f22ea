import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { startApi } from './support/api-harness.js';
import type { RunningApi } from './support/api-harness.js';
import { runSql } from './support/run-sql.js';

interface Database {
  connection: { id: string; database: string };
  connections: { id: string }[];
  verdict: { colour: string; sentence: string; reasons: { code: string }[] };
  scheduled: boolean;
  expected_by: string | null;
  overdue: boolean;
  storage: string;
  restorable: boolean;
  last_failure: { type: string } | null;
  next_run: { schedule_id: string } | null;
}

interface Overview {
  databases: Database[];
  verdict: { colour: string; sentence: string };
  warnings?: string[];
}

describe('80: what people are told of their protection', () => {
  let server: SandboxServer;
  let api: RunningApi;
  let home: string;
  let now: number;
  const clock = { now: () => new Date(now + performance.now()) };
  const setClock = (time: string): void => void (now = Date.parse(time) - performance.now());

  const post = (path: string, body: object = {}) => api.call('POST', path, body);
  const login = (database: string, more: object = {}) => ({
    ...{ db_type: 'PostgreSQL', host: server.host, port: server.port, database },
    ...{ username: server.username, password: server.password, ...more },
  });
  const connect = async (database: string, more: object = {}) => {
    const { status, body } = await post('/api/connect', login(database, more));
    expect({ status, body }).toMatchObject({ status: 200, body: { message: 'Connection successful.' } });
    return body as { warnings?: string[]; same_database?: string[] };
  };
  const overview = async (): Promise<Overview> => (await api.call('GET', '/api/overview')).body as unknown as Overview;
  const stateOf = async (database: string): Promise<Database> => {
    const found = (await overview()).databases.find(({ connection }) => connection.database === database);
    if (found === undefined) throw new Error(`no ${database} in the overview`);
    return found;
  };
  const codes = ({ verdict }: Database): string[] => verdict.reasons.map(({ code }) => code);
  const backup = async (more: object = {}): Promise<{ path: string }> => {
    const { status, body } = await post('/api/backup', more);
    expect({ status, body }).toMatchObject({ status: 200 });
    return body['backup'] as { path: string };
  };
  const start = async (): Promise<void> => {
    api = await startApi({ workingDirectory: home, clock });
  };
  /** Jobs of the default schedule that have ended. */
  const runs = async () =>
    (
      (await api.call('GET', '/api/jobs?schedule_id=default&state=succeeded,failed')).body as unknown as {
        jobs: { database: string; state: string }[];
      }
    ).jobs;

  beforeAll(async () => {
    server = await startPostgres();
    const admin = server.connection('postgres');
    await runSql(admin, ['create database shop', 'create database crm', 'create database blog']);
    await runSql(admin, [`create role second superuser login password 'second-secret'`]);
    for (const database of ['shop', 'crm', 'blog']) {
      await runSql(server.connection(database), ['create table t as select generate_series(1, 5) as i']);
    }
  }, 60_000);
  afterAll(() => server.stop());
  beforeEach(async () => {
    setClock('2026-11-23T12:00:00Z');
    home = await mkdtemp(join(tmpdir(), 'protection-'));
    await start();
  });
  afterEach(async () => {
    await api.close();
    await rm(home, { recursive: true, force: true });
  });

  it('greets a new user with "No backup yet", and is green once there is one that is scheduled', async () => {
    expect((await overview()).verdict).toMatchObject({ colour: 'amber', sentence: 'No database is backed up yet.' });
    expect(await connect('shop')).toEqual({ success: true, message: 'Connection successful.' });
    expect((await overview()).verdict).toEqual({ colour: 'red', sentence: 'No backup yet.', details: [] });
    await backup();
    expect(await overview()).toMatchObject({
      verdict: { colour: 'green', sentence: 'The database could be restored right now.' },
      databases: [{ scheduled: true, overdue: false, storage: 'fine', expected_by: expect.any(String) as unknown }],
    });
  });

  it('is red after a restore that found the only backup damaged, with the scheduler stopped and nothing scheduled', async () => {
    await connect('crm');
    await connect('shop');
    const { path } = await backup();
    await backup({ connection_id: (await stateOf('crm')).connection.id });
    expect((await overview()).verdict.colour).toBe('green');
    const file = join(home, path);
    const bytes = await readFile(file);
    bytes[500] = (bytes[500] ?? 0) ^ 1;
    await writeFile(file, bytes);
    expect(await post('/api/restore', { backup_file_path: path })).toMatchObject({ body: { code: 'BACKUP_DAMAGED' } });
    expect(await post('/api/scheduler/stop')).toMatchObject({ status: 200 });
    expect((await api.call('GET', '/api/scheduler/status')).body['warnings']).toEqual([
      expect.stringMatching(/^No backup of "crm on .*", "shop on .*" is scheduled: the scheduler is stopped/),
    ]);
    expect(await overview()).toMatchObject({
      verdict: {
        colour: 'red',
        sentence: expect.stringMatching(/^1 of 2 databases is not protected: shop on .*: every/),
        details: [
          expect.stringMatching(/^shop on .*: The scheduler is stopped.* The last restore failed/),
          expect.stringMatching(/^crm on .*: The scheduler is stopped/),
        ],
      },
      warnings: [expect.stringContaining('the scheduler is stopped') as unknown],
    });
    const shop = await stateOf('shop');
    expect(shop).toMatchObject({ restorable: false, scheduled: false, last_failure: { type: 'restore' } });
    expect(codes(shop)).toEqual(['all_damaged', 'not_scheduled', 'job_failed']);
    expect(codes(await stateOf('crm'))).toEqual(['not_scheduled']);
  });

  it('backs up every database that has no schedule of its own, also when one of them fails', async () => {
    await connect('shop');
    const { body } = await post('/api/connections', login('blog'));
    expect(body['warnings']).toBeUndefined();
    await connect('crm');
    const { schedules } = (await api.call('GET', '/api/schedules')).body as unknown as {
      schedules: { connection_ids: string[] }[];
    };
    expect(schedules[0]?.connection_ids).toHaveLength(3);
    expect((await overview()).databases.map(({ scheduled }) => scheduled)).toEqual([true, true, true]);
    const own = await post('/api/schedules', {
      ...{ connection_id: (await stateOf('blog')).connection.id, cron: '0 3 1 * *' },
    });
    expect(own.body['warnings']).toBeUndefined();
    await runSql(server.connection('postgres'), ['alter database crm rename to gone']);
    await api.close();
    setClock('2026-11-28T00:01:00Z');
    await start();
    while ((await runs()).length < 2) await delay(50);
    await runSql(server.connection('postgres'), ['alter database gone rename to crm']);
    expect((await runs()).map(({ database, state }) => `${database} ${state}`).toSorted()).toEqual([
      ...['crm failed', 'shop succeeded'],
    ]);
    // A success of another one does not hide it.
    expect((await api.call('GET', '/api/scheduler/status')).body).toMatchObject({ last_run: { success: false } });
  });

  it('warns when a schedule is paused or deleted, and nothing else backs the database up', async () => {
    await connect('shop');
    const { id } = (await stateOf('shop')).connection;
    await post('/api/disconnect');
    const made = await post('/api/schedules', { connection_id: id, cron: '0 3 * * *' });
    expect(made.body['warnings']).toBeUndefined();
    const { id: schedule } = made.body['schedule'] as { id: string };
    const paused = await api.call('PATCH', `/api/schedules/${schedule}`, { enabled: false });
    expect(paused.body['warnings']).toEqual([expect.stringContaining('is paused')]);
    const removed = await api.call('DELETE', `/api/schedules/${schedule}`);
    expect(removed.body['warnings']).toEqual([expect.stringContaining('the scheduler is stopped')]);
    expect((await api.call('GET', '/api/scheduler/status')).body['warnings']).toHaveLength(1);
  });

  it('is amber when the newest backup is older than 1.5 periods, and red when the folder is missing', async () => {
    await connect('shop');
    await backup();
    setClock('2026-12-03T23:00:00Z');
    expect((await overview()).verdict.colour).toBe('green');
    setClock('2026-12-04T13:00:00Z');
    expect(await stateOf('shop')).toMatchObject({ overdue: true, verdict: { colour: 'amber' } });
    await rename(join(home, 'backups'), join(home, 'elsewhere'));
    expect(await stateOf('shop')).toMatchObject({ storage: 'missing', restorable: false, verdict: { colour: 'red' } });
    await rename(join(home, 'elsewhere'), join(home, 'backups'));
    expect(await stateOf('shop')).toMatchObject({ storage: 'fine', restorable: true });
  });

  it('80: calls a storage missing, and no backup in it damaged, also when only another folder than the default one is away', async () => {
    await api.close();
    api = await startApi({ workingDirectory: home, clock, environment: { BACKUP_ALLOWED_DIRS: './second' } });
    await connect('shop');
    await backup({ backup_location: './second' });
    expect(await stateOf('shop')).toMatchObject({ storage: 'fine', restorable: true });
    await rename(join(home, 'second'), join(home, 'device'));
    await mkdir(join(home, 'second'));
    const state = await stateOf('shop');
    expect(state).toMatchObject({ storage: 'missing', restorable: false, verdict: { colour: 'red' } });
    expect(codes(state)).toEqual(['storage_missing']);
    expect((await api.call('GET', '/api/health/ready')).body).toMatchObject({
      success: true,
      checks: { backup_folder: 'ok', other_folders: expect.stringContaining('1 of 1 is not the storage') as string },
    });
  });

  it('is amber when the password of a database cannot be opened any more, before the next backup fails', async () => {
    await connect('shop');
    await backup();
    await api.close();
    await rm(join(home, 'data', 'secret.key'));
    await start();
    const state = await stateOf('shop');
    expect(state).toMatchObject({ restorable: true, verdict: { colour: 'amber' } });
    expect(state.verdict.sentence).toMatch(/sealed with another key/);
    await connect('shop');
    expect((await stateOf('shop')).verdict.colour).toBe('green');
  });

  it('80: says when the last backup was deleted, or that it is gone, instead of "No backup yet"', async () => {
    await connect('shop');
    const { id } = (await backup()) as unknown as { id: string };
    setClock('2026-11-24T23:30:00Z');
    expect(await api.call('DELETE', `/api/backups/${id}`)).toMatchObject({ status: 200 });
    const deleted = 'No backup any more: the last one was deleted on 2026-11-24 23:30 UTC.';
    // The audit trail is written when the answer is out.
    while ((await stateOf('shop')).verdict.sentence !== deleted) await delay(50);
    const { path } = await backup();
    expect((await stateOf('shop')).verdict.colour).toBe('green');
    for (const file of [path, `${path}.manifest.json`]) await rm(join(home, file));
    expect((await stateOf('shop')).verdict).toMatchObject({
      colour: 'red',
      sentence: 'No backup any more: the last one, made on 2026-11-24 23:30 UTC, is no longer there.',
    });
  });

  it('80: says of the next backup when it is on every clock', async () => {
    await connect('shop');
    const next = { next_backup: '2026-11-28 00:00:00', next_backup_at: '2026-11-28T00:00:00.000Z', timezone: 'UTC' };
    expect((await api.call('GET', '/api/status')).body).toMatchObject(next);
    expect((await api.call('GET', '/api/scheduler/status')).body).toMatchObject(next);
    await post('/api/scheduler/stop');
    const none = { next_backup: null, next_backup_at: null };
    expect((await api.call('GET', '/api/status')).body).toMatchObject(none);
    expect((await api.call('GET', '/api/scheduler/status')).body).toMatchObject(none);
  });

  it('68: counts a database that is reached by two names or users once, and offers to replace the login', async () => {
    await connect('shop');
    const first = (await stateOf('shop')).connection.id;
    await backup();
    const refused = await post('/api/connections', login('shop', { host: 'localhost' }));
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'CONNECTION_EXISTS', hint: expect.stringContaining(first) as unknown },
    });
    const other = await connect('shop', { host: 'LocalHost', username: 'second', password: 'second-secret' });
    expect(other).toMatchObject({ same_database: [first], warnings: [expect.stringContaining('"replace": true')] });
    const both = await overview();
    expect(both).toMatchObject({ verdict: { colour: 'green', sentence: 'The database could be restored right now.' } });
    expect(both.databases).toHaveLength(1);
    expect(both.databases[0]?.connections).toHaveLength(2);
    const active = both.databases[0]?.connection.id ?? '';
    expect(active).not.toBe(first);
    for (const id of [first, active]) {
      expect((await api.call('GET', `/api/catalog/backups?connection_id=${id}`)).body).toMatchObject({ total: 1 });
    }
    expect(
      await connect('shop', { host: 'localhost', username: 'second', password: 'second-secret', replace: true }),
    ).toEqual({ success: true, message: 'Connection successful.' });
    const { connections } = (await api.call('GET', '/api/connections')).body as unknown as { connections: object[] };
    expect(connections).toMatchObject([{ id: first, host: 'localhost', username: 'second', active: true }]);
    // The backup was made by the login that was replaced.
    expect(await stateOf('shop')).toMatchObject({ scheduled: true, restorable: true, verdict: { colour: 'green' } });
    const { host, username, password } = server;
    expect((await api.call('PATCH', `/api/connections/${first}`, { host, username, password })).status).toBe(200);
    expect(await stateOf('shop')).toMatchObject({ restorable: true, verdict: { colour: 'green' } });
  });

  it('68: takes a connection that names another database now for another one, also before it was reached', async () => {
    await connect('shop');
    await backup();
    const added = await post('/api/connections', { ...login('shop', { host: 'localhost' }), replace: false });
    const { id } = added.body['connection'] as { id: string };
    expect((await overview()).databases).toHaveLength(1);
    const { password } = server;
    const changed = await api.call('PATCH', `/api/connections/${id}`, { database: 'crm', password, test: false });
    expect(changed.status).toBe(200);
    expect((await overview()).databases).toHaveLength(2);
    expect(await stateOf('crm')).toMatchObject({ restorable: false, scheduled: true });
    const { connection_ids: covered } = (
      (await api.call('GET', '/api/schedules')).body as unknown as { schedules: { connection_ids: string[] }[] }
    ).schedules[0] ?? { connection_ids: [] };
    expect(covered).toContain(id);
  });
});
