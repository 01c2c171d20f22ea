import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConnectionParams } from '@app/domain';
import { startMariadb, startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { startApi } from './support/api-harness.js';
import type { RunningApi } from './support/api-harness.js';
import { sidesOnCatalog } from './support/catalog-server.js';
import { readEvents } from './support/event-reader.js';
import type { EventReader, SeenEvent } from './support/event-reader.js';
import { startGate } from './support/gate.js';
import type { Gate } from './support/gate.js';
import { runSql } from './support/run-sql.js';

jest.setTimeout(60_000);

interface Job extends Record<string, unknown> {
  id: string;
  state: string;
  database: string;
  connection_id: string;
  started_at: string;
  finished_at: string;
  progress: { phase: string; bytes: number } | null;
  result: Record<string, Record<string, unknown>> | null;
  error: { code: string } | null;
  log: string[];
}

interface Asked {
  status: number;
  headers: Headers;
  body: Record<string, unknown> & { job: Job; jobs: Job[]; next: string | null };
}

const ASYNC = { prefer: 'wait=1, Respond-Async' };

async function ask(
  api: RunningApi,
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Asked> {
  const response = await fetch(api.url + path, {
    method,
    headers: {
      connection: 'close',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text || '{}') as Asked['body'] };
}

async function jobNow(api: RunningApi, id: string): Promise<Job> {
  return (await ask(api, 'GET', `/api/jobs/${id}`)).body.job;
}

/** Asks until the job is so. */
async function jobThat(api: RunningApi, id: string, fits: (job: Job) => boolean): Promise<Job> {
  for (;;) {
    const job = await jobNow(api, id);
    if (fits(job)) return job;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const hasEnded = ({ state }: Job): boolean => state !== 'queued' && state !== 'running';
const moves = ({ progress }: Job): boolean => (progress?.bytes ?? 0) > 0;
const ofJob =
  (id: string, fits: (job: Job) => boolean) =>
  ({ event, data }: SeenEvent): boolean =>
    event === 'job' && data['id'] === id && fits(data as Job);

function login(connection: ConnectionParams, change: Partial<ConnectionParams> = {}): object {
  const { dbType: db_type, host, port, database, username, password } = { ...connection, ...change };
  return { db_type, host, port, database, username, password };
}

const sides = [
  {
    name: 'PostgreSQL',
    start: () => startPostgres(),
    maintenance: 'postgres',
    fill: ['create table big as select i, repeat(md5(i::text), 30) as body from generate_series(1, 12000) i'],
    content: `select count(*) as rows, md5(string_agg(md5(big::text), '' order by i)) as hash from big`,
    damage: `insert into big values (0, 'newer than the backup')`,
  },
  {
    name: 'MariaDB',
    start: () => startMariadb(),
    maintenance: 'mysql',
    fill: [
      'create table big (i int primary key, body text)',
      'insert into big select seq, repeat(md5(seq), 30) from seq_1_to_12000',
    ],
    content: 'select count(*) as `rows`, sum(crc32(concat(i, body))) as hash from big',
    damage: `insert into big values (0, 'newer than the backup')`,
  },
];

const onCatalog = sidesOnCatalog(sides, ({ name }) => name === 'PostgreSQL');

describe.each(onCatalog)('jobs on $name', (side) => {
  let server: SandboxServer;
  let gate: Gate;
  let api: RunningApi;
  let connectionId: string;
  let otherId: string;

  beforeAll(async () => {
    server = await side.start();
    await runSql(server.connection(side.maintenance), ['create database shop', 'create database crm']);
    await runSql(server.connection('shop'), side.fill);
    await runSql(server.connection('crm'), ['create table small (i int)']);
    gate = await startGate(server.port);
    api = await startApi({ environment: { JOB_CONCURRENCY: '3', BACKUP_RETENTION_COUNT: '50' } });
    const shop = await api.call('POST', '/api/connect', login(server.connection('shop'), { port: gate.port }));
    expect(shop.status).toBe(200);
    const { body } = await api.call('GET', '/api/connections');
    connectionId = (body['connections'] as { id: string }[])[0]?.id ?? '';
    const crm = await api.call('POST', '/api/connections', login(server.connection('crm'), { port: gate.port }));
    otherId = (crm.body['connection'] as { id: string }).id;
  }, 120_000);
  afterEach(async () => {
    gate.open();
    // What a test that failed has left behind is not to trouble the next one.
    for (const { id } of (await ask(api, 'GET', '/api/jobs?state=queued,running')).body.jobs) await cancel(id);
  });
  afterAll(async () => {
    await gate.close();
    await api.close();
    await server.stop();
  });

  const backUp = async (body: object = {}): Promise<Job> => {
    const { status, body: answer } = await ask(api, 'POST', '/api/backup', body, ASYNC);
    expect({ status, answer }).toMatchObject({ status: 202 });
    return answer.job;
  };
  const cancel = (id: string): Promise<Asked> => ask(api, 'POST', `/api/jobs/${id}/cancel`);
  const content = (): Promise<Record<string, unknown>[]> => runSql(server.connection('shop'), [side.content]);
  const files = async (): Promise<string[]> => {
    const names = await readdir(join(api.workingDirectory, 'backups'));
    return names.filter((name) => !name.startsWith('.')).toSorted();
  };

  /** Client tools at work on the gate, and files with passwords. */
  async function leftovers(): Promise<string[]> {
    const secrets = await readdir(join(api.workingDirectory, 'data', 'runtime')).catch((): string[] => []);
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
    const isTool = /(^|\/)(pg_dump|psql|mariadb|mariadb-dump|mysql|mysqldump)$/;
    const children = commands.filter(
      (line) => isTool.test(line.split('\0')[0] ?? '') && line.includes(String(gate.port)),
    );
    return [...secrets, ...children];
  }

  async function watched(use: (events: EventReader) => Promise<void>): Promise<void> {
    const events = await readEvents(`${api.url}/api/events`);
    try {
      await use(events);
    } finally {
      events.leave();
    }
  }

  it('can be watched: by events and by asking, from the first byte to the result', async () => {
    await watched(async (events) => {
      gate.hold('from server');
      const accepted = await ask(api, 'POST', '/api/backup', { backup_name: 'watched' }, ASYNC);
      const { id } = accepted.body.job;
      expect(accepted.status).toBe(202);
      expect(accepted.headers.get('location')).toBe(`/api/jobs/${id}`);
      expect(accepted.headers.get('preference-applied')).toBe('respond-async');
      expect(accepted.body).toMatchObject({
        success: true,
        message: expect.stringContaining(`/api/jobs/${id}`) as string,
        job: { type: 'backup', database: 'shop', connection_id: connectionId, urgency: 'manual', result: null },
      });

      const running = await jobThat(api, id, moves);
      expect(running).toMatchObject({ state: 'running', attempt: 1, finished_at: null, result: null, error: null });
      expect(running.log.length).toBeGreaterThan(0);
      expect(await leftovers()).not.toEqual([]);
      await events.until(ofJob(id, (job) => job.state === 'running' && moves(job)));

      gate.open();
      const { data } = await events.until(ofJob(id, hasEnded));
      expect(data).toMatchObject({ id, state: 'succeeded', error: null });
      const published = await events.until(({ event }) => event === 'backup');
      expect(published.data).toMatchObject({ change: 'published', connection_id: connectionId });
      const ended = await jobNow(api, id);
      const { backup } = ended.result ?? {};
      expect(backup).toMatchObject({ id: published.data['backup_id'], database: 'shop', status: 'complete' });
      expect(ended.log.join('\n')).toContain(String(backup?.['path']));
      expect(await files()).toContain(backup?.['filename']);
      const states = events.seen.filter(ofJob(id, () => true)).map((event) => (event.data as Job).state);
      expect([...new Set(states)]).toEqual(['queued', 'running', 'succeeded']);
      expect(events.seen.filter(({ data: seen }) => 'log' in seen)).toEqual([]);
    });
  });

  it('are cancelled while they back up: no child process, password file or part of a backup is left (FAILURES 35)', async () => {
    const before = await files();
    gate.hold('from server');
    const { id } = await backUp();
    await jobThat(api, id, moves);
    expect(await cancel(id)).toMatchObject({
      status: 200,
      body: {
        success: true,
        message: 'Job cancelled.',
        job: { id, state: 'cancelled', cancel_requested: true, result: null, error: { code: 'CANCELLED' } },
      },
    });
    expect(await leftovers()).toEqual([]);
    expect(await files()).toEqual(before);
  });

  it('are cancelled while they wait, and never begin', async () => {
    gate.hold('from server');
    const first = await backUp();
    await jobThat(api, first.id, moves);
    const second = await backUp();
    const answer = await cancel(second.id);
    expect(answer.body.job).toMatchObject({ state: 'cancelled', started_at: null, error: { code: 'CANCELLED' } });
    expect((await jobNow(api, first.id)).state).toBe('running');
    expect(await cancel(second.id)).toMatchObject({ status: 409, body: { success: false, code: 'JOB_FINISHED' } });
    gate.open();
    expect((await jobThat(api, first.id, hasEnded)).state).toBe('succeeded');
  });

  it('run one at a time on a database, in order, and in parallel with those of another one', async () => {
    gate.hold('from server');
    const first = await backUp({ backup_name: 'first' });
    await jobThat(api, first.id, moves);
    const waiting = [await backUp({ backup_name: 'second' }), await backUp({ backup_name: 'third' })];
    const other = await backUp({ connection_id: otherId });
    expect((await jobThat(api, other.id, hasEnded)).state).toBe('succeeded');
    const { body } = await ask(api, 'GET', `/api/jobs?state=queued,running&connection_id=${connectionId}`);
    expect(body.jobs.map(({ id, state }) => [id, state])).toEqual([
      [waiting[1]?.id, 'queued'],
      [waiting[0]?.id, 'queued'],
      [first.id, 'running'],
    ]);
    gate.open();
    const all: Job[] = [];
    for (const { id } of [first, ...waiting]) all.push(await jobThat(api, id, hasEnded));
    expect(all.map(({ state }) => state)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    const times = all.flatMap((job) => [job.started_at, job.finished_at]);
    expect(times.toSorted()).toEqual(times);
  });

  it('are cancelled while they restore: the database is as it was', async () => {
    const { id: backupJob } = await backUp();
    const made = await jobThat(api, backupJob, hasEnded);
    const file = made.result?.['backup']?.['path'];
    await runSql(server.connection('shop'), [side.damage]);
    const before = await content();
    const files_ = await files();

    gate.hold('to server');
    const accepted = await ask(api, 'POST', '/api/restore', { backup_file_path: file }, ASYNC);
    expect(accepted.status).toBe(202);
    const { id } = accepted.body.job;
    await jobThat(api, id, ({ progress }) => progress?.phase === 'load' && progress.bytes > 0);
    const cancelling = cancel(id);
    await jobThat(api, id, (job) => job['cancel_requested'] === true);
    // The drop of the staging database has to get through.
    gate.open();
    expect(await cancelling).toMatchObject({ status: 200, body: { job: { state: 'cancelled' } } });
    expect(await leftovers()).toEqual([]);
    expect(await content()).toEqual(before);
    expect(await files()).toEqual(files_);

    const done = await ask(api, 'POST', '/api/restore', { backup_file_path: file });
    expect(done).toMatchObject({ status: 200, body: { message: `Restore successful from ${String(file)}` } });
    const { body } = await ask(api, 'GET', '/api/restores?limit=2');
    expect(body['restores']).toMatchObject([
      {
        ...{ connection_id: connectionId, database: 'shop', backup_path: file, strategy: 'swap' },
        ...{ state: 'succeeded', error: null },
      },
      { job_id: id, database: 'shop', backup_path: file, state: 'failed', finished_at: expect.any(String) as string },
    ]);
    const [{ job_id: jobId } = { job_id: '' }] = body['restores'] as { job_id: string }[];
    expect((await jobNow(api, jobId)).result).toMatchObject({ restore: { path: file, strategy: 'swap' } });
  });

  it('go on when the caller hangs up who waits for them', async () => {
    gate.hold('from server');
    const hangUp = new AbortController();
    const call = fetch(`${api.url}/api/backup`, { method: 'POST', signal: hangUp.signal });
    call.catch(() => undefined);
    let running: Job | undefined;
    while (running === undefined) [running] = (await ask(api, 'GET', '/api/jobs?state=running&type=backup')).body.jobs;
    await jobThat(api, running.id, moves);
    hangUp.abort();
    await expect(call).rejects.toThrow();
    let entry: Record<string, unknown> | undefined;
    while (entry === undefined) {
      const { body } = await ask(api, 'GET', '/api/audit?limit=5');
      const entries = body['audit'] as (Record<string, unknown> & { details: object })[];
      entry = entries.find(({ details }) => 'hung_up' in details);
    }
    expect(entry).toMatchObject({ action: 'POST /api/backup', status: null });
    gate.open();
    expect((await jobThat(api, running.id, hasEnded)).state).toBe('succeeded');
  });

  it('are what the scheduled backup is, too, when it is run now', async () => {
    const { status, headers, body } = await ask(api, 'POST', '/api/backup/force', undefined, ASYNC);
    expect({ status, applied: headers.get('preference-applied') }).toEqual({ status: 202, applied: 'respond-async' });
    expect(body.job).toMatchObject({ type: 'backup', schedule_id: 'default', connection_id: connectionId });
    const ended = await jobThat(api, body.job.id, hasEnded);
    expect(ended).toMatchObject({ state: 'succeeded', result: { backup: { kind: 'scheduled' } } });
    const listed = await ask(api, 'GET', '/api/jobs?schedule_id=default');
    expect(listed.body.jobs.map(({ id }) => id)).toEqual([ended.id]);
  });
});

describe('/api/jobs, /api/events, /api/audit', () => {
  const secret = `hunter-${randomBytes(6).toString('hex')}`;
  let server: SandboxServer;
  let api: RunningApi;

  beforeAll(async () => {
    server = await startPostgres();
    await runSql(server.connection('postgres'), ['create database shop']);
    api = await startApi();
    await api.call('POST', '/api/connect', login(server.connection('shop')));
  }, 120_000);
  afterAll(async () => {
    await api.close();
    await server.stop();
  });

  async function backUps(count: number): Promise<Job[]> {
    const jobs: Job[] = [];
    for (let i = 0; i < count; i += 1) {
      const { body } = await ask(api, 'POST', '/api/backup', {}, ASYNC);
      jobs.push(await jobThat(api, body.job.id, hasEnded));
    }
    return jobs;
  }

  it('list jobs by page, each once, the newest first', async () => {
    const made = (await backUps(5)).map(({ id }) => id).toReversed();
    const pages: string[][] = [];
    let next: string | null = null;
    do {
      const after: string = next === null ? '' : `&after=${encodeURIComponent(next)}`;
      const { body } = await ask(api, 'GET', `/api/jobs?type=Backup&limit=2${after}`);
      pages.push(body.jobs.map(({ id }) => id));
      next = body.next;
    } while (next !== null);
    expect(pages.map(({ length }) => length)).toEqual([2, 2, 1]);
    expect(pages.flat()).toEqual(made);
  });

  it('filter them by state, type, connection and schedule', async () => {
    const count = async (query: string): Promise<number> =>
      (await ask(api, 'GET', `/api/jobs?${query}`)).body.jobs.length;
    const all = await count('type=backup');
    expect(all).toBeGreaterThan(0);
    expect(await count('type=backup&state=succeeded')).toBe(all);
    expect(await count('type=backup,sweep&state=succeeded,failed')).toBeGreaterThan(all);
    expect(await count('type=backup&state=failed')).toBe(0);
    expect(await count('connection_id=nobody')).toBe(0);
    expect(await count('schedule_id=nobody')).toBe(0);
  });

  it('refuse what makes no sense, all of it at once', async () => {
    const { status, body } = await ask(api, 'GET', '/api/jobs?state=lost&type=backup,party&limit=0&colour=red');
    expect(status).toBe(400);
    const fields = (body['errors'] as { field: string }[]).map(({ field }) => field);
    expect(fields.toSorted()).toEqual(['colour', 'limit', 'state', 'type']);
    for (const [method, path] of [
      ['GET', '/api/jobs/nobody'],
      ['POST', '/api/jobs/nobody/cancel'],
    ] as const) {
      expect(await ask(api, method, path)).toMatchObject({ status: 404, body: { code: 'JOB_NOT_FOUND' } });
    }
    for (const path of ['/api/jobs', '/api/restores', '/api/audit']) {
      expect((await ask(api, 'GET', `${path}?after=nonsense`)).status).toBe(400);
    }
  });

  it('resume the events after the last one that was seen, by header or by query', async () => {
    const first = await readEvents(`${api.url}/api/events`);
    const [job] = await backUps(1);
    const ended = await first.until(ofJob(job?.id ?? '', hasEnded));
    first.leave();
    const begun = first.seen[0];
    expect(begun?.id).not.toBe(ended.id);

    for (const url of ['/api/events', `/api/events?last_event_id=${begun?.id}`]) {
      const again = await readEvents(api.url + url, url.includes('?') ? {} : { lastId: begun?.id ?? '' });
      await again.until(({ id }) => id === ended.id);
      again.leave();
      const upTo = (events: readonly SeenEvent[]): SeenEvent[] =>
        events.slice(0, events.findIndex(({ id }) => id === ended.id) + 1);
      expect(upTo(again.seen)).toEqual(upTo(first.seen).slice(1));
    }
  });

  it('tell who has missed too much to read everything anew', async () => {
    const events = await readEvents(`${api.url}/api/events`, { lastId: '0a1b2c3d-99' });
    const reset = await events.until(({ event }) => event === 'reset');
    events.leave();
    expect(events.seen.indexOf(reset)).toBe(0);
    expect(reset).toEqual({ id: expect.stringMatching(/^\w+-\d+$/) as string, event: 'reset', data: {} });
    expect(reset.id).not.toBe('0a1b2c3d-99');
  });

  it('answer what asks for the head of the events only, and have no other method', async () => {
    const head = await fetch(`${api.url}/api/events`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect((await ask(api, 'POST', '/api/events')).status).toBe(404);
  });

  it('note what changes something, who did it and how it ended, and no secret', async () => {
    await ask(api, 'POST', '/api/connect', { ...login(server.connection('shop')), password: secret });
    await ask(api, 'POST', '/api/users', { operation: 'Create User', username: 'ann', password: secret });
    await ask(api, 'POST', '/api/backup', { backup_name: 'noted' }, ASYNC);
    await ask(api, 'POST', '/api/config', { db_type: 'PostgreSQL', password: secret, host: [secret] });
    await ask(api, 'POST', '/api/backup', {}, { origin: 'https://evil.example' });
    await ask(api, 'GET', '/api/status');
    let body: Asked['body'];
    // Each entry is written after its answer, and on PostgreSQL a later one may be there first.
    const isNoted = (wanted: number): boolean =>
      (body['audit'] as { status: number }[]).some(({ status }) => status === wanted);
    do ({ body } = await ask(api, 'GET', '/api/audit?limit=5'));
    while (![403, 400, 202, 200, 422].every(isNoted));
    const { body: newest } = await ask(api, 'GET', '/api/jobs?type=backup&limit=1');
    const common = { actor: 'anonymous', address: '127.0.0.1', at: expect.stringMatching(/^2\d{3}-.*Z$/) as string };
    expect(body['audit']).toEqual([
      {
        ...{ ...common, action: 'POST /api/backup', subject: null, status: 403 },
        details: { code: 'FORBIDDEN_ORIGIN' },
      },
      {
        ...{ ...common, action: 'POST /api/config', subject: null, status: 400 },
        details: { db_type: 'PostgreSQL', host: [], code: 'INVALID_INPUT' },
      },
      {
        ...{ ...common, action: 'POST /api/backup', subject: newest.jobs[0]?.id, status: 202 },
        details: { backup_name: 'noted' },
      },
      {
        ...{ ...common, action: 'POST /api/users', subject: 'ann', status: 200 },
        details: { operation: 'Create User', username: 'ann' },
      },
      {
        ...{ ...common, action: 'POST /api/connect', subject: 'shop', status: 422 },
        details: expect.objectContaining({ database: 'shop', code: 'WRONG_CREDENTIALS' }) as object,
      },
    ]);
    expect(JSON.stringify(body)).not.toContain(secret);
    expect(body.next).not.toBeNull();
  });
});

describe('a service with a password, and one that ends', () => {
  it('shows events to nobody without it, or under a foreign name', async () => {
    const api = await startApi({ environment: { ADMIN_PASSWORD: 'correct horse' } });
    try {
      const authorization = `Basic ${Buffer.from('admin:correct horse').toString('base64')}`;
      expect((await ask(api, 'GET', '/api/events')).status).toBe(401);
      await ask(api, 'POST', '/api/disconnect', {}, { authorization });
      await ask(api, 'POST', '/api/disconnect');
      let entries: Record<string, unknown>[];
      do entries = (await ask(api, 'GET', '/api/audit', undefined, { authorization })).body['audit'] as typeof entries;
      while (entries.length < 2);
      expect(entries).toMatchObject([
        { action: 'POST /api/disconnect', actor: 'anonymous', status: 401 },
        { action: 'POST /api/disconnect', actor: 'admin' },
      ]);
    } finally {
      await api.close();
    }
  });

  it('ends although somebody watches, who is told so', async () => {
    const api = await startApi();
    const events = await readEvents(`${api.url}/api/events`);
    expect(events.status).toBe(200);
    const closed = api.close();
    await events.ended;
    await closed;
  });
});
