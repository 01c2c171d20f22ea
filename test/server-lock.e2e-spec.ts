import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '@app/domain';
import type { DbType } from '@app/domain';
import { MysqlDriver, PostgresDriver } from '@app/drivers';
import type { DatabaseLock } from '@app/drivers';
import { startMariadb, startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { createConnection } from 'mysql2/promise';
import { startApi } from './support/api-harness.js';
import type { RunningApi } from './support/api-harness.js';
import { runSql } from './support/run-sql.js';

jest.setTimeout(180_000);

interface Job {
  state: string;
  log: string[];
  error: { code: string; message: string } | null;
}

describe.each(['PostgreSQL', 'MySQL'] as const)('68: the lock of a database on its server: %s', (dbType: DbType) => {
  const postgres = dbType === 'PostgreSQL';
  const driver = postgres ? new PostgresDriver({ runtimeDir: tmpdir() }) : new MysqlDriver({ runtimeDir: tmpdir() });
  let server: SandboxServer;
  let api: RunningApi;

  const sql = (statements: string[], database: string) => runSql(server.connection(database), statements);
  const rows = async (): Promise<number> => Number((await sql(['select count(*) as n from items'], 'shop'))[0]?.['n']);
  const lock = (database: string, patienceMs?: number): Promise<DatabaseLock> =>
    driver.lockDatabase(server.connection(database), {
      signal: new AbortController().signal,
      onWaiting: () => undefined,
      ...(patienceMs === undefined ? {} : { patienceMs }),
    });

  async function connect(host: string, database: string): Promise<void> {
    const { port, username, password } = server;
    const body = { db_type: dbType, host, port: String(port), database, username, password };
    expect(await api.call('POST', '/api/connect', body)).toMatchObject({ status: 200 });
  }

  async function begin(path: string, body: object = {}): Promise<string> {
    const headers = { connection: 'close', 'content-type': 'application/json', prefer: 'respond-async' };
    const answer = await fetch(api.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    expect(answer.status).toBe(202);
    return ((await answer.json()) as { job: { id: string } }).job.id;
  }

  const job = async (id: string): Promise<Job> => (await api.call('GET', `/api/jobs/${id}`)).body['job'] as Job;
  async function until(id: string, is: (job: Job) => boolean): Promise<Job> {
    for (;;) {
      const now = await job(id);
      if (is(now)) return now;
      if (now.error !== null) throw new Error(JSON.stringify(now));
      await sleep(100);
    }
  }
  const waits = ({ log }: Job): boolean => log.some((line) => /waiting: Session \d+/.test(line));
  const hasEnded = ({ state }: Job): boolean => !['queued', 'running'].includes(state);

  beforeAll(async () => {
    [server, api] = await Promise.all([
      postgres ? startPostgres() : startMariadb(),
      startApi({ environment: { JOB_CONCURRENCY: '2' } }),
    ]);
    const first = postgres ? 'postgres' : 'mysql';
    await sql(['create database shop', 'create database third', 'create database other'], first);
    if (postgres) {
      // Slow where it is restored only.
      await sql(
        [
          `create function slow(i int) returns bool language plpgsql as $$ begin
             if current_database() like '%\\_\\_restore%' then perform pg_sleep(0.5); end if; return true; end $$`,
        ],
        'shop',
      );
    }
    await sql([`create table items (i int primary key${postgres ? ', check (public.slow(i))' : ''})`], 'shop');
    await sql(['insert into items values (1), (2), (3), (4)'], 'shop');
  });
  afterAll(async () => {
    await api?.close();
    await server?.stop();
  });

  async function backedUp(): Promise<string> {
    await connect('127.0.0.1', 'shop');
    const made = await api.call('POST', '/api/backup', { verification: 'complete' });
    expect(made).toMatchObject({ status: 200 });
    return (made.body['backup'] as { path: string }).path;
  }

  it('lets two names of the host restore one after the other, and jobs that wait take no place of others', async () => {
    const file = await backedUp();
    const held = [await lock('shop'), await lock('third')];
    const jobs: string[] = [];
    try {
      jobs.push(await begin('/api/restore', { backup_file_path: file }));
      await connect('localhost', 'shop');
      jobs.push(await begin('/api/restore', { backup_file_path: file }));
      await connect('127.0.0.1', 'third');
      jobs.push(await begin('/api/backup'));
      await Promise.all([until(jobs[0] ?? '', waits), until(jobs[2] ?? '', waits)]);
      await connect('127.0.0.1', 'other');
      expect(await api.call('POST', '/api/backup')).toMatchObject({ status: 200 });
    } finally {
      for (const one of held) await one[Symbol.asyncDispose]();
    }
    let most = 0;
    const first = postgres ? 'postgres' : 'mysql';
    const list = postgres
      ? `select datname as name from pg_database where datname like 'shop\\_\\_restore%'`
      : `select schema_name as name from information_schema.schemata where schema_name like 'shop\\_\\_restore%'`;
    while (!(await Promise.all(jobs.map(job))).every(hasEnded)) {
      most = Math.max(most, (await sql([list], first)).length);
      await sleep(50);
    }
    expect(await Promise.all(jobs.map(job))).toMatchObject(jobs.map(() => ({ state: 'succeeded' })));
    expect(most).toBeLessThanOrEqual(1);
    expect(await rows()).toBe(4);
  });

  it('ends a restore that has lost it before the swap, and changes nothing', async () => {
    const file = await backedUp();
    await sql(['insert into items values (5)'], 'shop');
    if (postgres) await sql(['insert into items select generate_series(100, 200)'], 'shop');
    const larger = postgres ? await backedUp() : file;
    const before = await rows();
    const { host, port, username: user, password } = server;
    const blocker = postgres ? undefined : await createConnection({ host, port, user, password });
    await blocker?.query('FLUSH TABLES WITH READ LOCK');
    try {
      const id = await begin('/api/restore', { backup_file_path: larger });
      if (postgres) await until(id, ({ log }) => log.some((line) => line.includes('loading into')));
      let holder: string | undefined;
      while (holder === undefined) {
        const free = await lock('shop', 0).catch((error: unknown) => error);
        if (free instanceof DomainError) holder = /^Session (\d+) /.exec(free.message)?.[1];
        else await (free as DatabaseLock)[Symbol.asyncDispose]();
        await sleep(100);
      }
      await (postgres
        ? sql([`select pg_terminate_backend(${holder}, 5000)`], 'postgres')
        : sql([`KILL ${holder}`], 'mysql'));
      const ended = await until(id, hasEnded).catch(() => job(id));
      expect(ended).toMatchObject({
        state: 'failed',
        error: { code: 'CONNECTION_LOST', message: expect.stringContaining('working on "shop" was lost') as unknown },
      });
    } finally {
      await blocker?.query('UNLOCK TABLES');
      await blocker?.end();
    }
    expect(await rows()).toBe(before);
  });
});
