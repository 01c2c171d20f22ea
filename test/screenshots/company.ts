import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startService } from '../support/service-process.js';
import type { ServiceProcess } from '../support/service-process.js';
import { REPORTING_PASSWORD, SampleDatabases } from './sample-databases.js';

type Body = Record<string, unknown>;
type Ids<Name extends string> = Record<Name, { id: string }[]>;

/** When the pictures are taken: always the same moment, so that they differ by what has changed in the dashboard only. */
const THIS_MORNING = Date.parse('2026-11-19T09:12:00Z');
const DAY_MS = 24 * 60 * 60 * 1000;
const NIGHTS = 9;
/** That run each night. */
const SCHEDULES = 4;
/** The schedules are due at 2:30. */
const NIGHTLY = '30 2 * * *';
const BEFORE_NIGHTLY_MS = THIS_MORNING - Date.parse('2026-11-19T02:29:58Z');
const CLOCK = new URL('shifted-clock.mjs', import.meta.url).href;

/** A service that has done its work for some days, so that there is something to be seen. */
export class Company implements AsyncDisposable {
  readonly databases: SampleDatabases;
  private readonly home: string;
  private service: ServiceProcess | undefined;
  private shiftMs = 0;

  private constructor(databases: SampleDatabases, home: string) {
    this.databases = databases;
    this.home = home;
  }

  static async found(tell: (line: string) => void): Promise<Company> {
    const databases = await SampleDatabases.start();
    const company = new Company(databases, await mkdtemp(join(tmpdir(), 'screenshots-')));
    try {
      tell('the first day: connections, schedules, database users');
      // After the hour of the schedules: nothing is to be made up in the first night.
      await company.wake(THIS_MORNING - NIGHTS * DAY_MS);
      await company.setUp();
      for (let night = NIGHTS - 1; night >= 0; night--) {
        tell(`${night + 1} nights ago`);
        await company.passNight(night);
      }
      tell('this morning: a backup by hand, damage, a restore');
      await company.wake(THIS_MORNING);
      await company.workInTheMorning();
      return company;
    } catch (error) {
      await company[Symbol.asyncDispose]();
      throw error;
    }
  }

  get url(): string {
    if (this.service === undefined) throw new Error('the service does not run');
    return this.service.url;
  }

  /** What the service takes for the present. */
  now(): Date {
    return new Date(Date.now() + this.shiftMs);
  }

  async call(method: string, path: string, body?: Body): Promise<Body> {
    const answer = await fetch(this.url + path, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const content = (await answer.json()) as Body;
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(content)}`);
    return content;
  }

  /** Worth a page of their own: the newest proven backup of the shop, and the job that failed. */
  async sights(): Promise<{ backup: string; job: string }> {
    const { backups } = (await this.call('GET', '/api/catalog/backups?search=shop&limit=1')) as Ids<'backups'>;
    const { jobs } = (await this.call('GET', '/api/jobs?state=failed&limit=1')) as Ids<'jobs'>;
    return { backup: backups[0]?.id ?? '', job: jobs[0]?.id ?? '' };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.service?.stop();
    await rm(this.home, { recursive: true, force: true });
    await this.databases[Symbol.asyncDispose]();
  }

  /** (Re)starts the service at another time. */
  private async wake(at: number): Promise<void> {
    this.service?.signal('SIGTERM');
    await this.service?.ended;
    this.shiftMs = at - Date.now();
    this.service = await startService(
      {
        BACKUP_TIMEZONE: 'UTC',
        LOG_LEVEL: 'warn',
        CLOCK_SHIFT_MS: String(this.shiftMs),
        NODE_OPTIONS: `--import ${CLOCK}`,
      },
      { home: this.home },
    );
  }

  private async setUp(): Promise<void> {
    const { postgres, mariadb } = this.databases;
    const login = ({ host, port, username, password }: typeof postgres, database: string): Body => ({
      db_type: database === 'wiki' ? 'MySQL' : 'PostgreSQL',
      ...{ host, port: String(port), database, username, password },
    });
    await this.call('POST', '/api/connect', login(postgres, 'shop'));
    await this.call('POST', '/api/scheduler/stop');
    const { connections } = (await this.call('GET', '/api/connections')) as { connections: { id: string }[] };
    const shop = connections[0]?.id ?? '';
    await this.call('PATCH', `/api/connections/${shop}`, { label: 'Shop' });
    const add = async (label: string, body: Body): Promise<string> => {
      const { connection } = await this.call('POST', '/api/connections', { ...body, label });
      return (connection as { id: string }).id;
    };
    const crm = await add('CRM', login(postgres, 'crm'));
    const account = { username: 'reporting', password: REPORTING_PASSWORD };
    const reporting = await add('Reporting', { ...login(postgres, 'reporting'), ...account });
    const wiki = await add('Wiki', login(mariadb, 'wiki'));
    const staging = await add('Shop staging', login(postgres, 'shop_staging'));

    const nightly = (name: string, connection: string, options: Body, rest: Body = {}): Promise<Body> =>
      this.call('POST', '/api/schedules', { name, connection_id: connection, cron: NIGHTLY, options, ...rest });
    const nightlyOptions = { compression: 'zstd', verification: 'restored' };
    await nightly('Shop, nightly', shop, nightlyOptions, { retention: { daily: 7, weekly: 4, monthly: 12 } });
    await nightly('CRM, nightly', crm, { compression: 'zstd', verification: 'stored' });
    await nightly('Reporting, nightly', reporting, { verification: 'restored' });
    await nightly('Wiki, nightly', wiki, nightlyOptions, { retention: { daily: 14 } });
    await this.call('POST', '/api/schedules', {
      ...{ name: 'Refresh staging', action: 'restore', connection_id: staging, source_connection_id: shop },
      ...{ cron: '0 6 * * 1', enabled: false },
    });
    await this.call('POST', '/api/backup', { connection_id: staging });
    for (const [username, ...privileges] of [
      ['app_web', 'LOGIN'],
      ['analytics', 'LOGIN'],
      ['migrations', 'LOGIN', 'CREATEDB'],
    ]) {
      const operation = 'Create User';
      await this.call('POST', '/api/users', { operation, username, password: 'sample password', privileges });
    }
  }

  /** The schedules fall due while the service runs. */
  private async passNight(daysAgo: number): Promise<void> {
    await this.databases.live(daysAgo);
    if (daysAgo === 0) await this.databases.changeReportingPassword();
    const before = await this.jobs('type=backup');
    await this.wake(THIS_MORNING - daysAgo * DAY_MS - BEFORE_NIGHTLY_MS);
    while ((await this.jobs('type=backup')) < before + SCHEDULES) await sleep(200);
    while ((await this.jobs('state=queued,running')) > 0) await sleep(200);
  }

  private async jobs(filter: string): Promise<number> {
    return ((await this.call('GET', `/api/jobs?limit=200&${filter}`)) as Ids<'jobs'>).jobs.length;
  }

  private async workInTheMorning(): Promise<void> {
    const options = { compression: 'zstd', verification: 'restored' };
    const made = await this.call('POST', '/api/backup', { ...options, backup_name: 'before_release' });
    const { id, path } = made['backup'] as { id: string; path: string };
    await this.call('POST', `/api/backups/${id}/pin`, { pinned: true });
    await this.databases.damageShop();
    await this.call('POST', '/api/restore', { backup_file_path: path });
  }
}
