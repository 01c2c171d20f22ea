import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openCatalog } from '@app/catalog';
import { silentLogger, systemClock } from '@app/domain';
import { startMariadb, startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { catalogEnvironment } from './support/catalog-server.js';
import { runSql } from './support/run-sql.js';
import { startService } from './support/service-process.js';
import type { ServiceProcess } from './support/service-process.js';
import { StallingProxy } from './support/stalling-proxy.js';

jest.setTimeout(120_000);

interface Job {
  id: string;
  type: string;
  state: string;
  schedule_id: string | null;
  due_at: string | null;
  retry_of: string | null;
  attempt: number;
  progress: { bytes: number } | null;
  result: { backup?: { id: string } } | null;
  error: { code: string; message: string } | null;
}

/** More than the tools and our own sessions move before the rows, and far less than there is in any table here. */
const PASSES_BYTES = 2 * 1024 * 1024;
const ROWS = 8_000;

/** A server whose databases are reached through a proxy. Each has one table, of 8 MB. */
interface Side {
  server: SandboxServer;
  proxy: StallingProxy;
}
const DATABASES = ['nightly', 'shop', 'ledger'];

async function startSide(start: () => Promise<SandboxServer>, maintenance: string, fill: string): Promise<Side> {
  const server = await start();
  await runSql(
    server.connection(maintenance),
    DATABASES.map((name) => `create database ${name}`),
  );
  for (const name of DATABASES) {
    await runSql(server.connection(name), ['create table big (i int primary key, body text)', fill]);
  }
  return { server, proxy: await StallingProxy.start(server) };
}

describe('jobs when the service ends', () => {
  let postgres: Side;
  let mariadb: Side;
  let home: string;
  let service: ServiceProcess | undefined;
  /** By `<engine> <database>`. */
  let connections: Record<string, string>;
  /** Backup of both ledgers, which have changed since. */
  let ledgers: { postgres: { id: string; path: string }; mariadb: { id: string; path: string } };

  beforeAll(async () => {
    [postgres, mariadb] = await Promise.all([
      startSide(
        () => startPostgres(),
        'postgres',
        `insert into big select i, repeat(md5(i::text), 32) from generate_series(1, ${ROWS}) i`,
      ),
      startSide(
        () => startMariadb(),
        'mysql',
        `insert into big select seq, repeat(md5(seq), 32) from seq_1_to_${ROWS}`,
      ),
    ]);
  }, 120_000);
  afterAll(async () => {
    for (const { server, proxy } of [postgres, mariadb]) {
      await proxy.close();
      await server.stop();
    }
  });

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'kill-'));
    await start();
    connections = {};
    for (const [engine, { server, proxy }] of Object.entries({ postgres, mariadb })) {
      for (const name of DATABASES) {
        const { dbType: db_type, host, database, username, password } = server.connection(name);
        const login = { db_type, host, port: proxy.port, database, username, password };
        const { connection } = await post<{ connection: { id: string } }>('/api/connections', login);
        connections[`${engine} ${name}`] = connection.id;
      }
    }
    ledgers = { postgres: await backUp('postgres ledger'), mariadb: await backUp('mariadb ledger') };
    for (const { server } of [postgres, mariadb]) {
      await runSql(server.connection('ledger'), [`update big set body = '${home}' where i = 1`]);
    }
  });
  afterEach(async () => {
    service?.signal('SIGKILL');
    await service?.ended;
    for (const { proxy } of [postgres, mariadb]) proxy.release();
    await rm(home, { recursive: true, force: true });
  });

  /** In the same home as before: on the same catalog, with the same backups. */
  async function start(env: Record<string, string> = {}): Promise<void> {
    service = await startService({ BACKUP_RETENTION_COUNT: '100', JOB_CONCURRENCY: '4', ...env }, { home });
  }
  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<{ exitCode: number | undefined } | undefined> {
    service?.signal(signal);
    const ended = await service?.ended;
    service = undefined;
    return ended;
  }

  async function call<T>(method: string, path: string, body?: object, prefer?: string): Promise<T> {
    const headers = { 'content-type': 'application/json', ...(prefer === undefined ? {} : { prefer }) };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`${service?.url}${path}`, { method, headers, ...sent });
    const content = (await answer.json()) as T;
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(content)}`);
    return content;
  }
  const get = <T>(path: string): Promise<T> => call<T>('GET', path);
  const post = <T>(path: string, body: object = {}): Promise<T> => call<T>('POST', path, body);
  const postAsync = async (path: string, body: object): Promise<string> =>
    (await call<{ job: Job }>('POST', path, body, 'respond-async')).job.id;

  const backUp = async (connection: string): Promise<{ id: string; path: string }> =>
    (await post<{ backup: { id: string; path: string } }>('/api/backup', { connection_id: connections[connection] }))
      .backup;
  const backupJob = (connection: string): Promise<string> =>
    postAsync('/api/backup', { connection_id: connections[connection] });
  const restoreJob = (connection: string, { path }: { path: string }): Promise<string> =>
    postAsync('/api/restore', { connection_id: connections[connection], backup_file_path: path });

  /** Of backups, restores and verifications; the service's own housekeeping is another matter. */
  async function jobs(states = ''): Promise<Job[]> {
    return (await get<{ jobs: Job[] }>(`/api/jobs?type=backup,restore,verify&limit=500${states}`)).jobs;
  }
  async function job(id: string): Promise<Job> {
    return (await get<{ job: Job }>(`/api/jobs/${id}`)).job;
  }
  /** The job of a call that waits for its end. */
  async function waitingCall(connection: string): Promise<{ id: string; answer: Promise<string> }> {
    const known = new Set((await jobs()).map(({ id }) => id));
    const answer = backUp(connection).then(
      () => 'succeeded',
      (error: Error) => `failed: ${error.message}`,
    );
    for (;;) {
      const made = (await jobs()).find(({ id }) => !known.has(id));
      if (made !== undefined) return { id: made.id, answer };
      await delay(20);
    }
  }
  /** Until so many jobs have moved what passes, and hang. */
  async function hanging(count: number): Promise<void> {
    const moved = async (): Promise<boolean> => {
      const running = await Promise.all((await jobs('&state=running')).map(({ id }) => job(id)));
      return running.filter(({ progress }) => (progress?.bytes ?? 0) > 0).length === count;
    };
    while (postgres.proxy.stalled + mariadb.proxy.stalled < count || !(await moved())) await delay(50);
  }
  /** Until nothing is left to be done. The test's own limit ends a wait in vain. */
  async function quiet(): Promise<Job[]> {
    while ((await jobs('&state=queued,running')).length > 0) await delay(100);
    return jobs();
  }

  async function hashOfLedger({ server }: Side): Promise<string> {
    const rows = await runSql(server.connection('ledger'), ['select i, body from big order by i']);
    return createHash('sha256').update(JSON.stringify(rows)).digest('hex');
  }
  const hashesOfLedgers = (): Promise<string[]> => Promise.all([postgres, mariadb].map(hashOfLedger));

  /** Tools that talk to our servers. */
  async function tools(): Promise<string[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const ports = [postgres, mariadb].flatMap(({ server, proxy }) => [String(server.port), String(proxy.port)]);
    const found: string[] = [];
    for (const pid of pids) {
      const [command, environment] = await Promise.all(
        ['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
      );
      const [program = '', ...args] = (command ?? '').split('\0');
      const isTool = /(pg_dump|pg_restore|psql|mariadb(-dump)?|mysql(dump)?)$/.test(program);
      const words = [...args, ...(environment ?? '').split('\0')];
      if (isTool && words.some((word) => word.includes(home) || ports.some((port) => word.endsWith(`=${port}`)))) {
        found.push([program, ...args].join(' '));
      }
    }
    return found;
  }
  /** Whoever writes into a pipe of a dead service ends when it next does so. */
  async function noTools(): Promise<void> {
    while ((await tools()).length > 0) await delay(100);
  }
  async function leftovers(): Promise<string[]> {
    const files = await readdir(home, { recursive: true });
    return files.filter((name) => name.endsWith('.partial') || name.endsWith('.secret'));
  }

  /** Every listed backup belongs to a job that succeeded, every such job has its backup, and each is verified. */
  async function expectBackupsOf(all: readonly Job[]): Promise<void> {
    const made = all.filter(({ type, state }) => type === 'backup' && state === 'succeeded');
    const { backups } = await get<{ backups: { id: string; status: string }[] }>('/api/backups');
    expect(backups.map(({ id }) => id).toSorted()).toEqual(made.map(({ result }) => result?.backup?.id).toSorted());
    const artifacts = (await readdir(join(home, 'backups'))).filter((name) => /(?<!\.globals)\.sql$/.test(name));
    expect(artifacts).toHaveLength(made.length);
    for (const { id } of backups) {
      const { backup } = await post<{ backup: object }>(`/api/backups/${id}/verify`);
      expect(backup).toMatchObject({ status: 'complete', verification: { level: 'stored', failed: null } });
    }
  }

  /** A schedule of its own, due a minute ago: the service was down. */
  async function missedSchedule(connection: string): Promise<string> {
    const { schedule } = await post<{ schedule: { id: string } }>('/api/schedules', {
      connection_id: connections[connection],
      cron: '0 0 1 1 *',
    });
    await end('SIGTERM');
    const { CATALOG_URL: url } = await catalogEnvironment(home);
    const place = url === undefined ? { file: join(home, 'data', 'catalog.sqlite') } : { url };
    const catalog = await openCatalog({ ...place, clock: systemClock, logger: silentLogger });
    await catalog.schedules.update(schedule.id, { nextDueAt: Date.now() - 60_000 });
    await catalog.close();
    return schedule.id;
  }

  it('are all accounted for after SIGKILL: nothing is lost, doubled, or left behind', async () => {
    const scheduleId = await missedSchedule('postgres nightly');
    const before = await hashesOfLedgers();
    for (const { proxy } of [postgres, mariadb]) proxy.hold(PASSES_BYTES);
    await start();
    while ((await jobs('&state=running')).length === 0) await delay(20);
    const [scheduled] = await jobs('&state=running');
    const earlier = (await jobs()).length - 1;
    const waiting = await waitingCall('postgres shop');
    const running = {
      scheduled: scheduled?.id ?? '',
      waitedFor: waiting.id,
      async: await backupJob('mariadb nightly'),
      restore: await restoreJob('postgres ledger', ledgers.postgres),
    };
    await hanging(4);
    const queuedWaiting = await waitingCall('mariadb shop');
    const queued = {
      waitedFor: queuedWaiting.id,
      restore: await restoreJob('mariadb ledger', ledgers.mariadb),
      sameDatabase: await backupJob('postgres shop'),
      sameDatabaseToo: await backupJob('mariadb nightly'),
      another: await backupJob('mariadb shop'),
      verify: await postAsync(`/api/backups/${ledgers.mariadb.id}/verify`, {}),
    };
    expect(await jobs('&state=running')).toHaveLength(4);
    expect(await jobs('&state=queued')).toHaveLength(6);
    expect(await tools()).toHaveLength(3);

    await end('SIGKILL');
    expect(await waiting.answer).toMatch(/^failed: fetch failed/);
    expect(await queuedWaiting.answer).toMatch(/^failed: fetch failed/);
    expect(await leftovers()).not.toEqual([]);
    for (const { proxy } of [postgres, mariadb]) proxy.release();
    await start();
    const all = await quiet();

    const statesOf = async (ids: Record<string, string>): Promise<Record<string, string>> =>
      Object.fromEntries(
        await Promise.all(Object.entries(ids).map(async ([name, id]) => [name, (await job(id)).state] as const)),
      );
    expect(await statesOf(running)).toEqual({
      scheduled: 'interrupted',
      waitedFor: 'interrupted',
      async: 'interrupted',
      restore: 'interrupted',
    });
    expect(await statesOf(queued)).toEqual({
      waitedFor: 'interrupted',
      restore: 'interrupted',
      sameDatabase: 'succeeded',
      sameDatabaseToo: 'succeeded',
      another: 'succeeded',
      verify: 'succeeded',
    });
    const interrupted = all.filter(({ state }) => state === 'interrupted');
    for (const { error } of interrupted) expect(error?.code).toBe('INTERRUPTED');
    for (const id of [queued.waitedFor, queued.restore]) {
      expect((await job(id)).error?.message).toContain('Nothing was changed');
    }
    // What waited ran once.
    for (const id of [queued.sameDatabase, queued.sameDatabaseToo, queued.another, queued.verify]) {
      expect((await job(id)).attempt).toBe(1);
    }
    // The scheduled backup alone is repeated, by one job, for the same due time.
    expect(scheduled).toMatchObject({ type: 'backup', schedule_id: scheduleId, due_at: expect.any(String) });
    const repeats = all.filter(({ retry_of: retryOf }) => retryOf !== null);
    expect(repeats).toEqual([
      expect.objectContaining({
        retry_of: running.scheduled,
        state: 'succeeded',
        schedule_id: scheduleId,
        due_at: scheduled?.due_at,
      }),
    ]);
    expect(all).toHaveLength(earlier + 10 + 1);
    await expectBackupsOf(all);

    expect(await hashesOfLedgers()).toEqual(before);
    const { restores } = await get<{ restores: { job_id: string; state: string }[] }>('/api/restores');
    expect(restores.map(({ job_id: id, state }) => [id, state])).toEqual([[running.restore, 'interrupted']]);
    await noTools();
    expect(await leftovers()).toEqual([]);

    // Another start finds nothing to be done again.
    const known = await jobs();
    await end('SIGTERM');
    await start();
    expect(await quiet()).toEqual(known);
  });

  it('that wait at SIGTERM run after the next start, if nobody was told otherwise', async () => {
    await end('SIGTERM');
    const before = await hashesOfLedgers();
    for (const { proxy } of [postgres, mariadb]) proxy.hold(PASSES_BYTES);
    await start({ JOB_CONCURRENCY: '1', SHUTDOWN_GRACE_SECONDS: '0' });
    const earlier = (await jobs()).length;
    const running = await backupJob('postgres shop');
    await hanging(1);
    const waiting = await waitingCall('postgres nightly');
    const async = [await backupJob('postgres shop'), await backupJob('mariadb shop')];
    const restore = await restoreJob('postgres ledger', ledgers.postgres);

    expect(await end('SIGTERM')).toEqual({ exitCode: 0 });
    expect(await waiting.answer).toMatch(/^failed: .*answered 503/);
    await noTools();
    expect(await leftovers()).toEqual([]);
    for (const { proxy } of [postgres, mariadb]) proxy.release();
    await start();
    const all = await quiet();

    const stateOf = async (id: string): Promise<string> => (await job(id)).state;
    expect(await Promise.all([running, waiting.id, restore].map(stateOf))).toEqual([
      'interrupted',
      'interrupted',
      'interrupted',
    ]);
    expect(await Promise.all(async.map(stateOf))).toEqual(['succeeded', 'succeeded']);
    expect(all).toHaveLength(earlier + 5);
    await expectBackupsOf(all);
    expect(await hashesOfLedgers()).toEqual(before);
    expect(await leftovers()).toEqual([]);
  });
});
