import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectionParams } from '@app/domain';
import { startMariadb, startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { startApi } from './support/api-harness.js';
import type { ApiAnswer, RunningApi } from './support/api-harness.js';
import { runSql } from './support/run-sql.js';

jest.setTimeout(60_000);

interface Schedule extends Record<string, unknown> {
  id: string;
  name: string;
  timezone: string;
  next_runs: { at: string; local: string }[];
  last_run: { at: string; state: string; message: string; job_id: string } | null;
}

interface Backup {
  id: string;
  filename: string;
  path: string;
  size: number;
}

const UNKNOWN = '6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52';
const text = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const iso: unknown = text(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

/** Runs, and can be set: a due time is two seconds away when it is wanted. */
let offsetMs = 0;
const clock = { now: (): Date => new Date(Date.now() + offsetMs) };
function setClock(time: string): void {
  offsetMs = Date.parse(time) - Date.now();
}

describe('schedules', () => {
  let server: SandboxServer;
  let home: string;
  let api: RunningApi;
  let shop: string;
  let staging: string;

  const get = (path: string): Promise<ApiAnswer> => api.call('GET', path);
  const post = (path: string, body: unknown = {}): Promise<ApiAnswer> => api.call('POST', path, body);
  const patch = (id: string, body: unknown): Promise<ApiAnswer> => api.call('PATCH', `/api/schedules/${id}`, body);
  const remove = (id: string): Promise<ApiAnswer> => api.call('DELETE', `/api/schedules/${id}`);
  const failure = (status: number, code: string, message?: unknown): object => ({
    status,
    body: { success: false, code, hint: text(/\S/), ...(message === undefined ? {} : { message }) },
  });

  async function add(body: Record<string, unknown>): Promise<Schedule> {
    const answer = await post('/api/schedules', { connection_id: shop, cron: '30 2 * * *', ...body });
    expect(answer).toMatchObject({ status: 200, body: { success: true, message: 'Schedule created.' } });
    return answer.body['schedule'] as Schedule;
  }
  async function one(id: string): Promise<Schedule> {
    return (await get(`/api/schedules/${id}`)).body['schedule'] as Schedule;
  }
  async function list(query = ''): Promise<Schedule[]> {
    return (await get(`/api/schedules${query}`)).body['schedules'] as Schedule[];
  }
  async function change(id: string, body: Record<string, unknown>): Promise<Schedule> {
    const answer = await patch(id, body);
    expect(answer).toMatchObject({ status: 200, body: { success: true, message: 'Schedule saved.' } });
    return answer.body['schedule'] as Schedule;
  }
  /** Waits for a job to end; the test's own limit ends a wait in vain. */
  async function ended(jobId: string): Promise<Record<string, unknown>> {
    for (;;) {
      const job = (await get(`/api/jobs/${jobId}`)).body['job'] as Record<string, unknown>;
      if (!['queued', 'running'].includes(String(job['state']))) return job;
      await delay(50);
    }
  }
  async function run(id: string): Promise<Record<string, unknown>> {
    const answer = await post(`/api/schedules/${id}/run`);
    expect(answer).toMatchObject({ status: 200, body: { success: true, message: 'Schedule started.' } });
    return ended((answer.body['job'] as { id: string }).id);
  }
  async function lastRun(id: string, than?: string): Promise<NonNullable<Schedule['last_run']>> {
    for (;;) {
      const { last_run: last } = await one(id);
      if (last !== null && last.job_id !== than) return last;
      await delay(50);
    }
  }
  async function jobsOf(id: string): Promise<Record<string, unknown>[]> {
    return (await get(`/api/jobs?schedule_id=${id}`)).body['jobs'] as Record<string, unknown>[];
  }
  async function connection(database: string, on: SandboxServer = server): Promise<string> {
    const { dbType, host, port, username, password } = on.connection(database);
    const answer = await post('/api/connections', { db_type: dbType, host, port, database, username, password });
    expect(answer.status).toBe(200);
    return (answer.body['connection'] as { id: string }).id;
  }
  async function start(): Promise<void> {
    api = await startApi({ workingDirectory: home, clock, environment: { SCHEDULE_CATCH_UP_HOURS: '24' } });
  }
  const params = (database: string): ConnectionParams => server.connection(database);
  const items = async (database: string): Promise<unknown[]> =>
    (await runSql(params(database), ['select label from items order by label'])).map(({ label }) => label);

  beforeAll(async () => {
    server = await startPostgres();
    await runSql(params('postgres'), ['create database shop', 'create database staging']);
    await runSql(params('shop'), ['create table items (label text)', "insert into items values ('one'), ('two')"]);
  }, 60_000);
  afterAll(() => server.stop());

  beforeEach(async () => {
    setClock('2026-11-23T12:00:00Z');
    home = await mkdtemp(join(tmpdir(), 'schedules-'));
    await start();
    shop = await connection('shop');
    staging = await connection('staging');
  });
  afterEach(async () => {
    await api.close();
    await rm(home, { recursive: true });
  });

  describe('the list', () => {
    it('shows all that is known of a new one, with what is usual where nothing was said', async () => {
      const schedule = await add({ timezone: 'Europe/Berlin' });
      expect(schedule).toEqual({
        id: text(/^[0-9a-f-]{36}$/),
        name: `Backup of shop on ${server.host}`,
        connection_id: shop,
        connection_ids: [shop],
        action: 'backup',
        source_connection_id: null,
        cron: '30 2 * * *',
        timezone: 'Europe/Berlin',
        description: 'At 02:30 (Europe/Berlin)',
        enabled: true,
        options: {
          ...{ format: null, compression: null, verification: null, compare: null, location: null, name: null },
          no_owner: null,
        },
        retention: null,
        jitter_seconds: 0,
        next_runs: [24, 25, 26, 27, 28].map((day) => ({
          at: `2026-11-${day}T01:30:00.000Z`,
          local: `2026-11-${day} 02:30:00`,
        })),
        last_run: null,
        is_default: false,
        created_at: iso,
        updated_at: iso,
      });
      expect(await one(schedule.id)).toEqual(schedule);
      expect(await list(`?connection_id=${shop}`)).toEqual([schedule]);
      expect((await add({})).timezone).toBe('UTC');
    });

    it('comes by page, in the order in which they were made, of one connection or all', async () => {
      const names = ['a', 'b', 'c'];
      for (const name of names) await add({ name });
      await add({ name: 'other', connection_id: staging });
      const found: unknown[] = [];
      let after: string | null = '';
      for (let pages = 0; after !== null; pages += 1) {
        expect(pages).toBeLessThan(3);
        const query: string = after === '' ? '' : `&after=${encodeURIComponent(after)}`;
        const { body } = await get(`/api/schedules?connection_id=${shop}&limit=2${query}`);
        found.push(...(body['schedules'] as Schedule[]).map(({ name }) => name));
        after = body['next'] as string | null;
      }
      expect(found).toEqual(names);
      expect((await list()).map(({ name }) => name)).toEqual(['Weekly backup', ...names, 'other']);
    });

    it('tells the next runs by the clocks of the zone, through a change of the clocks (FAILURES 43)', async () => {
      setClock('2027-03-26T12:00:00Z');
      const { next_runs: runs } = await add({ timezone: 'Europe/Berlin' });
      expect(runs.slice(0, 3)).toEqual([
        { at: '2027-03-27T01:30:00.000Z', local: '2027-03-27 02:30:00' },
        { at: '2027-03-28T01:00:00.000Z', local: '2027-03-28 03:00:00' },
        { at: '2027-03-29T00:30:00.000Z', local: '2027-03-29 02:30:00' },
      ]);
    });

    it('previews a time and a zone without adding anything', async () => {
      expect(
        await post('/api/schedules/preview', { cron: '*/15 9-17 * * mon-fri', timezone: 'America/New_York' }),
      ).toEqual({
        status: 200,
        body: {
          success: true,
          description: 'Every 15 minutes, between 09:00 and 17:59, Monday through Friday (America/New_York)',
          next_runs: ['00', '15', '30', '45']
            .map((minute) => ({
              at: `2026-11-23T14:${minute}:00.000Z`,
              local: `2026-11-23 09:${minute}:00`,
            }))
            .concat({ at: '2026-11-23T15:00:00.000Z', local: '2026-11-23 10:00:00' }),
        },
      });
      expect((await post('/api/schedules/preview', { cron: '0 0 * * 6' })).body['description']).toBe(
        'At 00:00, only on Saturday (UTC)',
      );
      expect(await post('/api/schedules/preview', { cron: '0 0 30 2 *', timezone: 'Mars' })).toMatchObject(
        failure(400, 'INVALID_INPUT', text(/^cron is not a cron expression that ever comes due; timezone is not/)),
      );
      expect(await list()).toHaveLength(1);
    });
  });

  describe('a request', () => {
    const refused: [Record<string, unknown>, number, string, RegExp][] = [
      [{ connection_id: undefined }, 400, 'INVALID_INPUT', /^connection_id is required/],
      [{ connection_id: UNKNOWN }, 404, 'CONNECTION_NOT_FOUND', /There is no connection 6f1c8f8e/],
      [{ cron: undefined }, 400, 'INVALID_INPUT', /^cron is required/],
      [{ cron: '61 * * * *' }, 400, 'INVALID_INPUT', /^cron has the minute "61", which must be from 0 to 59/],
      [{ cron: '0 30 2 * * *' }, 400, 'INVALID_INPUT', /^cron must have five fields/],
      [{ cron: '@weekly' }, 400, 'INVALID_INPUT', /^cron must have five fields/],
      [{ timezone: 'CEST!' }, 400, 'INVALID_INPUT', /^timezone is not a time zone/],
      [{ jitter_seconds: 3601 }, 400, 'INVALID_INPUT', /^jitter_seconds must be a whole number from 0 to 3600/],
      [{ enabled: 'yes' }, 400, 'INVALID_INPUT', /^enabled must be true or false/],
      [{ name: 'a\nb' }, 400, 'INVALID_INPUT', /^name contains a control character/],
      [{ action: 'copy' }, 400, 'INVALID_INPUT', /^action must be "backup" or "restore"/],
      [{ surprise: 1 }, 400, 'INVALID_INPUT', /^surprise is not a known field/],
      [{ options: { compression: 'gzip' } }, 400, 'INVALID_INPUT', /^options\.compression must be/],
      [{ options: { name: '../x' } }, 400, 'INVALID_INPUT', /^options\.name must be a name/],
      [{ options: { speed: 'high' } }, 400, 'INVALID_INPUT', /^options\.speed is not a known field/],
      [{ options: { location: '/etc' } }, 400, 'INVALID_PATH', /^options\.location leads outside/],
      [{ options: { verification: 'sworn' } }, 400, 'INVALID_INPUT', /^options\.verification must be/],
      [{ retention: { keep_last: 0 } }, 400, 'INVALID_INPUT', /^retention\.keep_last must be a whole number/],
      [{ source_connection_id: UNKNOWN }, 400, 'INVALID_INPUT', /^source_connection_id is for the action "restore"/],
      [{ action: 'restore' }, 400, 'INVALID_INPUT', /^source_connection_id is required/],
      [{ options: { no_owner: true } }, 400, 'INVALID_INPUT', /^options\.no_owner is for the action "restore" only/],
      [
        { action: 'restore', options: { format: 'plain' }, retention: { days: 3 } },
        400,
        'INVALID_INPUT',
        /^source_connection_id is required; options\.format is for .*; retention is for/,
      ],
      [{ action: 'restore', source_connection_id: UNKNOWN }, 404, 'CONNECTION_NOT_FOUND', /There is no connection/],
    ];

    it('that could never be served is refused, with the field and what is wrong, and nothing is saved', async () => {
      for (const [change, status, code, message] of refused) {
        const answer = await post('/api/schedules', { connection_id: shop, cron: '30 2 * * *', ...change });
        expect(answer).toMatchObject(failure(status, code, text(message)));
      }
      expect(await list()).toHaveLength(1);
    });

    it('for a restore into the same database by another name is refused, when it is made or at the latest when it runs', async () => {
      const { dbType, port, username, password } = params('shop');
      const asked = async (test: boolean): Promise<string> => {
        const login = { db_type: dbType, host: 'localhost', port, database: 'shop', username, password };
        const answer = await post('/api/connections', { ...login, test, replace: false });
        return (answer.body['connection'] as { id: string }).id;
      };
      await run((await add({ options: { verification: 'stored' } })).id);
      const restore = { cron: '0 5 * * *', connection_id: shop, action: 'restore' };
      // Which database it reaches is not known before it was reached.
      const source = await asked(false);
      const { id } = await add({ ...restore, connection_id: source, source_connection_id: shop });
      await runSql(params('shop'), ["insert into items values ('newer')"]);
      expect(await run(id)).toMatchObject({ state: 'failed', error: { code: 'UNSUPPORTED' } });
      expect(await items('shop')).toContain('newer');
      await runSql(params('shop'), ["delete from items where label = 'newer'"]);
      await remove(id);
      expect((await post(`/api/connections/${source}/test`)).status).toBe(200);
      expect(
        await post('/api/schedules', { ...restore, connection_id: source, source_connection_id: shop }),
      ).toMatchObject(failure(400, 'INVALID_INPUT', text(/^source_connection_id is of the same database/)));
    });

    it('for a restore into the same database, or the other engine, is refused', async () => {
      const restore = { cron: '0 5 * * *', connection_id: shop, action: 'restore' };
      expect(await post('/api/schedules', { ...restore, source_connection_id: shop })).toMatchObject(
        failure(400, 'INVALID_INPUT', text(/^source_connection_id is of the same database/)),
      );
      const mariadb = await startMariadb();
      try {
        const other = await connection('mysql', mariadb);
        expect(await post('/api/schedules', { ...restore, source_connection_id: other })).toMatchObject(
          failure(422, 'WRONG_ENGINE', text(/MySQL cannot be restored into "shop", which is PostgreSQL/)),
        );
        expect(
          await post('/api/schedules', { connection_id: other, cron: '0 5 * * *', options: { format: 'custom' } }),
        ).toMatchObject(failure(400, 'INVALID_INPUT', text(/^options\.format "custom" is not available for MySQL/)));
      } finally {
        await mariadb.stop();
      }
    });

    it('for one that is not there is answered with 404', async () => {
      for (const answer of [
        await get(`/api/schedules/${UNKNOWN}`),
        await patch(UNKNOWN, { name: 'x' }),
        await remove(UNKNOWN),
        await post(`/api/schedules/${UNKNOWN}/run`),
        await get(`/api/schedules/${UNKNOWN}/retention/preview`),
        await post(`/api/schedules/${UNKNOWN}/retention/apply`),
      ]) {
        expect(answer).toMatchObject(failure(404, 'SCHEDULE_NOT_FOUND', `There is no schedule ${UNKNOWN}.`));
      }
      expect(await get(`/api/connections/${UNKNOWN}/retention/preview`)).toMatchObject(
        failure(404, 'CONNECTION_NOT_FOUND'),
      );
    });
  });

  describe('a change', () => {
    it('touches what it names, and counts another time from now on', async () => {
      const before = await add({ name: 'nightly', options: { compression: 'zstd' }, retention: { days: 7 } });
      const renamed = await change(before.id, { name: 'each night' });
      expect(renamed).toEqual({ ...before, name: 'each night', updated_at: iso });
      const moved = await change(before.id, { cron: '0 14 * * *', timezone: 'Europe/Berlin', retention: null });
      expect(moved).toMatchObject({ retention: null, options: before['options'] });
      expect(moved.next_runs[0]).toEqual({ at: '2026-11-23T13:00:00.000Z', local: '2026-11-23 14:00:00' });
      expect(await one(before.id)).toEqual(moved);
      expect(await change(before.id, { options: {} })).toMatchObject({ options: { compression: null } });
      expect(await patch(before.id, { options: { location: '/etc' } })).toMatchObject(failure(400, 'INVALID_PATH'));
    });

    it('can make a restore of a backup, and a backup of a restore', async () => {
      const schedule = await add({ connection_id: staging });
      const restore = await change(schedule.id, { action: 'restore', source_connection_id: shop });
      expect(restore).toMatchObject({ action: 'restore', source_connection_id: shop });
      expect(await patch(schedule.id, { connection_id: shop })).toMatchObject(failure(400, 'INVALID_INPUT'));
      expect(await change(schedule.id, { action: 'backup' })).toMatchObject({
        action: 'backup',
        source_connection_id: null,
      });
    });

    it('pauses and resumes, without making up what fell into the pause', async () => {
      const { id } = await add({});
      expect(await change(id, { enabled: false })).toMatchObject({ enabled: false, next_runs: [] });
      setClock('2026-11-24T12:00:00Z');
      const resumed = await change(id, { enabled: true });
      expect(resumed.next_runs[0]).toEqual({ at: '2026-11-25T02:30:00.000Z', local: '2026-11-25 02:30:00' });
      await api.close();
      await start();
      expect(await jobsOf(id)).toEqual([]);
    });

    it('deletes one, with its times, and leaves its backups', async () => {
      const schedule = await add({});
      await run(schedule.id);
      expect(await remove(schedule.id)).toEqual({
        status: 200,
        body: {
          success: true,
          message: 'Schedule deleted. Its backups stay.',
          warnings: [text(/^No backup of "shop on .*", "staging on .*" is scheduled: the scheduler is stopped\./)],
        },
      });
      expect(await list()).toHaveLength(1);
      expect(await get(`/api/schedules/${schedule.id}`)).toMatchObject(failure(404, 'SCHEDULE_NOT_FOUND'));
      expect((await get('/api/backups')).body['backups']).toHaveLength(1);
    });
  });

  describe('the default one', () => {
    const scheduler = async (): Promise<Record<string, unknown>> => (await get('/api/scheduler/status')).body;

    async function connect(): Promise<void> {
      const { dbType: db_type, host, port, database, username, password } = params('shop');
      expect((await post('/api/connect', { db_type, host, port, database, username, password })).status).toBe(200);
    }

    it('is there before any connection, paused, and backs up the active one from the first connect on', async () => {
      expect(await list()).toMatchObject([
        { id: 'default', is_default: true, connection_id: null, enabled: false, cron: '0 0 * * 6', next_runs: [] },
      ]);
      await connect();
      expect(await one('default')).toMatchObject({ connection_id: shop, enabled: true, timezone: 'UTC' });
      expect((await one('default')).next_runs[0]?.local).toBe((await scheduler())['next_backup']);
      await post('/api/disconnect');
      expect(await one('default')).toMatchObject({ connection_id: shop, enabled: false });
    });

    it('is paused and resumed by either door', async () => {
      await connect();
      expect(await change('default', { enabled: false })).toMatchObject({ enabled: false, next_runs: [] });
      expect(await scheduler()).toMatchObject({ running: false, next_backup: null });
      expect(await change('default', { enabled: true })).toMatchObject({ enabled: true });
      expect(await scheduler()).toMatchObject({ running: true, next_backup: '2026-11-28 00:00:00' });
      await post('/api/scheduler/stop');
      expect(await one('default')).toMatchObject({ enabled: false });
      await post('/api/disconnect');
      expect(await patch('default', { enabled: true })).toMatchObject(failure(409, 'NOT_CONNECTED'));
    });

    it('takes other options, but neither another time nor another connection, and is not deleted', async () => {
      await connect();
      for (const body of [{ cron: '0 1 * * *' }, { timezone: 'Europe/Berlin' }, { connection_id: staging }]) {
        expect(await patch('default', body)).toMatchObject(
          failure(422, 'UNSUPPORTED', text(/^When the default schedule is due/)),
        );
      }
      expect(await remove('default')).toMatchObject(failure(422, 'UNSUPPORTED', text(/cannot be deleted/)));
      const options = { compression: 'zstd', name: 'weekly' };
      expect(await change('default', { cron: '0 0 * * 6', connection_id: shop, options })).toMatchObject({ options });
      const forced = await post('/api/backup/force');
      expect(forced.body).toMatchObject({
        message: 'Forced backup completed',
        backup: { filename: text(/^weekly_\d{8}_\d{6}\.sql\.zst$/), kind: 'scheduled' },
      });
    });

    it('knows its last run after a restart, and follows the settings', async () => {
      await connect();
      await post('/api/backup/force');
      const { last_run: before } = await scheduler();
      expect(before).toEqual({
        at: text(/^2026-11-23 12:00:\d\d$/),
        started_at: text(/^2026-11-23T12:00:\d\d\.\d{3}Z$/),
        success: true,
        message: text(/^Backup created successfully at \.\/backups\/shop_.*\.sql$/),
      });
      await api.close();
      api = await startApi({
        workingDirectory: home,
        clock,
        environment: { BACKUP_SCHEDULE: '30 4 * * *', BACKUP_TIMEZONE: 'Asia/Tokyo' },
      });
      expect(await scheduler()).toMatchObject({
        running: true,
        schedule: '30 4 * * *',
        timezone: 'Asia/Tokyo',
        next_backup: '2026-11-24 04:30:00',
        last_run: { success: true, message: (before as { message: string }).message },
      });
      expect(await one('default')).toMatchObject({ cron: '30 4 * * *', timezone: 'Asia/Tokyo', connection_id: shop });
    });

    it('makes a missed run up for what config.ini names now, and for what was connected before', async () => {
      await connect();
      await api.close();
      const file = join(home, 'config.ini');
      await writeFile(file, (await readFile(file, 'utf8')).replace(/^database = shop$/m, 'database = staging'));
      setClock('2026-11-28T06:00:00Z');
      await start();
      await lastRun('default');
      const made = (await jobsOf('default')) as { database: string }[];
      expect(made.toSorted((a, b) => a.database.localeCompare(b.database))).toMatchObject([
        { connection_id: shop, database: 'shop', due_at: '2026-11-28T00:00:00.000Z' },
        { connection_id: staging, database: 'staging', due_at: '2026-11-28T00:00:00.000Z' },
      ]);
    });
  });

  describe('a run', () => {
    it('comes when it is due, makes a backup as the options say, and keeps its own retention', async () => {
      await mkdir(join(home, 'backups', 'nightly'), { recursive: true });
      const byHand = await post('/api/backup', { connection_id: shop, backup_location: './backups/nightly' });
      expect(byHand.status).toBe(200);
      setClock('2026-11-24T02:29:58Z');
      const { id } = await add({
        options: { compression: 'zstd', format: 'custom', verification: 'stored', location: './backups/nightly' },
        retention: { keep_last: 1 },
      });
      const first = await lastRun(id);
      expect(first).toMatchObject({
        at: text(/^2026-11-24T02:30:0/),
        state: 'succeeded',
        message: text(/^Backup created successfully at \.\/backups\/nightly\/shop_\d{8}_\d{6}\.dump\.zst$/),
      });
      expect(await ended(first.job_id)).toMatchObject({
        type: 'backup',
        schedule_id: id,
        connection_id: shop,
        due_at: '2026-11-24T02:30:00.000Z',
        urgency: 'scheduled',
      });
      expect((await one(id)).next_runs[0]?.at).toBe('2026-11-25T02:30:00.000Z');
      await run(id);
      const { backups } = (await get('/api/backups?backup_location=./backups/nightly')).body as { backups: Backup[] };
      // One of the schedule, and the one that was made by hand, which is none of its business.
      expect(backups).toMatchObject([
        { filename: text(/\.dump\.zst$/), kind: 'scheduled' },
        { filename: text(/\.sql$/), kind: 'manual' },
      ]);
      const { manifest } = (await get(`/api/backups/${backups[0]?.id}`)).body;
      expect(manifest).toMatchObject({ schedule_id: id, connection_id: shop, verification: { level: 'stored' } });
    });

    it('that was missed while the service was down is made up once, within the window', async () => {
      const { id } = await add({});
      await api.close();
      setClock('2026-11-24T12:00:00Z');
      await start();
      const made = await lastRun(id);
      expect(made.state).toBe('succeeded');
      expect(await jobsOf(id)).toMatchObject([{ due_at: '2026-11-24T02:30:00.000Z' }]);
      await api.close();
      await start();
      expect(await jobsOf(id)).toHaveLength(1);
    });

    it('that was missed several times is made up for the last of them only', async () => {
      const { id } = await add({ cron: '0 * * * *' });
      await api.close();
      setClock('2026-11-23T20:30:00Z');
      await start();
      await lastRun(id);
      expect(await jobsOf(id)).toMatchObject([{ due_at: '2026-11-23T20:00:00.000Z' }]);
      expect((await one(id)).next_runs[0]?.at).toBe('2026-11-23T21:00:00.000Z');
    });

    it('that was missed for longer than the window is passed over', async () => {
      const { id } = await add({ cron: '0 13 * * mon' });
      await api.close();
      setClock('2026-11-25T12:00:00Z');
      await start();
      expect((await one(id)).next_runs[0]?.at).toBe('2026-11-30T13:00:00.000Z');
      expect(await jobsOf(id)).toEqual([]);
    });

    it('of a paused one is not made up', async () => {
      const { id } = await add({ enabled: false });
      await api.close();
      setClock('2026-11-24T12:00:00Z');
      await start();
      expect(await jobsOf(id)).toEqual([]);
      expect(await one(id)).toMatchObject({ enabled: false, last_run: null });
    });

    it('tells why it failed', async () => {
      await runSql(params('postgres'), ['create database short_lived']);
      const id = (await add({ connection_id: await connection('short_lived') })).id;
      await runSql(params('postgres'), ['drop database short_lived']);
      const job = await run(id);
      expect(job).toMatchObject({ state: 'failed', error: { code: 'DATABASE_NOT_FOUND' } });
      expect((await one(id)).last_run).toMatchObject({
        state: 'failed',
        message: (job['error'] as { message: string }).message,
        job_id: job['id'],
      });
    });
  });

  describe('a restore from one database into another', () => {
    it('takes the newest backup that was read back, and refuses while there is none', async () => {
      await runSql(params('staging'), ['create table items (label text)', "insert into items values ('of staging')"]);
      const options = { no_owner: true };
      const { id } = await add({ connection_id: staging, action: 'restore', source_connection_id: shop, options });
      expect((await one(id)).name).toBe(`Restore of shop on ${server.host} into staging on ${server.host}`);
      expect((await post('/api/backup', { connection_id: shop, verification: 'complete' })).status).toBe(200);
      expect(await run(id)).toMatchObject({
        type: 'restore',
        state: 'failed',
        error: { code: 'BACKUP_NOT_FOUND', message: text(/^"shop" on .* has no backup that was read back/) },
      });
      expect(await items('staging')).toEqual(['of staging']);

      const verified = await post('/api/backup', {
        connection_id: shop,
        verification: 'stored',
        backup_name: 'proven',
      });
      expect(verified.status).toBe(200);
      await runSql(params('shop'), ["insert into items values ('three')"]);
      const unproven = { connection_id: shop, verification: 'complete', backup_name: 'unproven' };
      expect((await post('/api/backup', unproven)).status).toBe(200);
      expect(await run(id)).toMatchObject({ state: 'succeeded', type: 'restore', connection_id: staging });
      expect(await items('staging')).toEqual(['one', 'two']);
      expect((await one(id)).last_run).toMatchObject({
        state: 'succeeded',
        message: text(/^Restore successful from \.\/backups\/proven_/),
      });
      await runSql(params('shop'), ["delete from items where label = 'three'"]);
    });
  });

  describe('retention', () => {
    it('is applied exactly as it was previewed, and can be tried out', async () => {
      const { id } = await add({ name: 'frequent', options: { name: 'frequent' }, retention: { keep_last: 10 } });
      for (let i = 0; i < 4; i += 1) await run(id);
      expect((await post('/api/backup', { connection_id: shop })).status).toBe(200);
      const previewOf = async (path: string): Promise<Record<string, unknown>> => (await get(path)).body;

      const inForce = await previewOf(`/api/schedules/${id}/retention/preview`);
      expect(inForce).toMatchObject({ policy: { keep_last: 10, days: null }, remove: [], bytes_freed: 0 });
      expect(inForce['keep']).toHaveLength(4);

      const tried = await previewOf(`/api/schedules/${id}/retention/preview?keep_last=1`);
      const going = tried['remove'] as (Backup & { reasons: string[] })[];
      expect(going).toHaveLength(3);
      expect(going[0]).toEqual({
        id: text(/^[0-9a-f-]{36}$/),
        filename: text(/^frequent_/),
        created_at: text(/^2026-11-2\dT.*Z$/),
        path: text(/^\.\/backups\/frequent_/),
        size: expect.any(Number) as number,
        created: expect.any(Number) as number,
        reasons: [text(/\S/)],
      });
      expect(tried['bytes_freed']).toBe(going.reduce((sum, { size }) => sum + size, 0));
      expect((await get('/api/backups')).body['backups']).toHaveLength(5);

      await change(id, { retention: { keep_last: 1 } });
      expect(await previewOf(`/api/schedules/${id}/retention/preview`)).toEqual(tried);
      const applied = await post(`/api/schedules/${id}/retention/apply`);
      expect(applied).toMatchObject({
        status: 200,
        body: { success: true, message: '3 backups were removed.', kept: 1, bytes_freed: tried['bytes_freed'] },
      });
      const removed = applied.body['removed'] as { id: string }[];
      expect(new Set(removed.map((entry) => entry.id))).toEqual(new Set(going.map((entry) => entry.id)));
      const left = (await get('/api/backups')).body['backups'] as Backup[];
      expect(left.map((entry) => entry.filename)).toEqual([text(/^shop_/), text(/^frequent_/)]);
      expect((await one(id)).last_run).toMatchObject({ message: text(/^Backup created/) });
    });

    it('of a connection leaves alone what a schedule with its own keeps', async () => {
      const { id } = await add({ options: { name: 'frequent' }, retention: { keep_last: 10 } });
      await run(id);
      for (let i = 0; i < 3; i += 1) await post('/api/backup', { connection_id: shop });
      const preview = (await get(`/api/connections/${shop}/retention/preview?keep_last=2`)).body;
      expect(preview).toMatchObject({ keep: [{}, {}], remove: [{ filename: text(/^shop_/) }] });
      expect((await post(`/api/connections/${shop}/retention/apply`)).body).toMatchObject({
        message: 'Nothing was to be removed.',
        removed: [],
      });
      expect(await get(`/api/connections/${shop}/retention/preview?keep_last=none`)).toMatchObject(
        failure(400, 'INVALID_INPUT', text(/^keep_last must be a whole number/)),
      );
    });
  });
});
