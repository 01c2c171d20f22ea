import { ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import { openCatalog } from '@app/catalog';
import type { Catalog, ConnectionRecord, JobRecord, ScheduleRecord } from '@app/catalog';
import { SettingsStore } from '@app/config';
import { DomainError, failureOf, silentLogger } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { scheduledJobRequests, workOf } from '@app/core';
import { EventLog } from '@app/events';
import { ScheduleDispatcher } from '@app/jobs';
import type { JobQueue, JobRequest } from '@app/jobs';
import { BackupService } from '../backup/backup.service.js';
import { ActiveConnection } from '../connection/active-connection.js';
import { APP_CONFIG, CATALOG, CLOCK, LOGGER } from '../foundation/tokens.js';
import { ScheduleTimer } from './schedule-timer.js';
import { SchedulerService } from './scheduler.service.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const params: ConnectionParams = {
  dbType: 'PostgreSQL',
  host: 'db',
  port: 5432,
  database: 'shop',
  username: 'u',
  password: 'p',
  sslMode: 'prefer',
};
const shop: ConnectionRecord = {
  id: 'shop',
  label: null,
  dbType: 'PostgreSQL',
  host: 'db',
  port: 5432,
  database: 'shop',
  username: 'u',
  sealedPassword: 'sealed',
  sslMode: 'prefer',
  tlsCa: null,
  tlsCertificate: null,
  sealedTlsKey: null,
  identity: null,
  retention: null,
  createdAt: 0,
  updatedAt: 0,
};

class FakeSettings {
  scheduler = { running: false };

  load(): Promise<FakeSettings> {
    return Promise.resolve(this);
  }

  update(change: (settings: FakeSettings) => void): Promise<void> {
    change(this);
    return Promise.resolve();
  }
}

/** Does each job as soon as it has it, and remembers when that was; fails when told so. */
class FakeQueue implements Pick<JobQueue, 'enqueue' | 'recordsOf' | 'admit' | 'ended'> {
  readonly calls: string[] = [];
  failure: DomainError | undefined;
  private readonly runs = new Map<string, Promise<JobRecord>>();

  constructor(
    private readonly catalog: Catalog,
    private readonly events: EventLog,
    private readonly now: () => Date,
  ) {}

  async enqueue(request: JobRequest): Promise<JobRecord> {
    const records = this.recordsOf([request]);
    await this.catalog.jobs.insert(records);
    this.admit(records);
    return records[0] as JobRecord;
  }

  recordsOf(requests: readonly JobRequest[]): JobRecord[] {
    return requests.map((request) => this.recordOf(request));
  }

  admit(records: readonly JobRecord[]): void {
    for (const record of records) this.runs.set(record.id, this.run(record));
  }

  async ended(id: string): Promise<JobRecord> {
    return (await this.runs.get(id)) as JobRecord;
  }

  private async run({ id }: JobRecord): Promise<JobRecord> {
    const at = this.now();
    this.calls.push(at.toISOString());
    const times = { startedAt: at.getTime(), finishedAt: at.getTime() };
    const job = await this.catalog.jobs.update(
      id,
      ['queued'],
      this.failure === undefined
        ? { ...times, state: 'succeeded', result: { path: './backups/shop.sql' } }
        : { ...times, state: 'failed', failure: failureOf(this.failure) },
    );
    this.events.publish({ type: 'job', job: job as JobRecord });
    return job as JobRecord;
  }

  private recordOf(request: JobRequest): JobRecord {
    return {
      id: crypto.randomUUID(),
      type: request.type,
      state: 'queued',
      // What the real queue does with it is not the matter here.
      lockKey: null,
      connectionId: request.connectionId ?? null,
      scheduleId: request.scheduleId ?? null,
      dueAt: request.dueAt?.getTime() ?? null,
      uniqueKey: request.uniqueKey ?? null,
      retryOf: null,
      priority: 0,
      abandonedByRestart: request.abandonedByRestart ?? false,
      payload: request.payload,
      result: null,
      failure: null,
      progress: null,
      log: [],
      attempt: 1,
      maxAttempts: request.maxAttempts ?? 1,
      runAfter: 0,
      cancelRequestedAt: null,
      owner: 'test',
      createdAt: this.now().getTime(),
      startedAt: null,
      finishedAt: null,
    };
  }
}

/** The system's clock, which is Jest's here, plus a correction. */
class SettableClock {
  offsetMs = 0;
  readonly now = (): Date => new Date(Date.now() + this.offsetMs);
}

describe('SchedulerService', () => {
  let module: TestingModule;
  let catalog: Catalog;
  let settings: FakeSettings;
  let clock: SettableClock;
  let queue: FakeQueue;
  let events: EventLog;
  let active: ActiveConnection;

  beforeEach(async () => {
    jest.useFakeTimers({ now: new Date('2026-11-18T12:00:00Z') });
    settings = new FakeSettings();
    clock = new SettableClock();
    events = new EventLog();
    catalog = await openCatalog({ file: ':memory:', clock, logger: silentLogger });
    await catalog.connections.insert(shop);
    queue = new FakeQueue(catalog, events, clock.now);
    active = new ActiveConnection();
    active.miss({ id: 'shop', params }, new DomainError('HOST_UNREACHABLE', 'down'));
  });

  afterEach(async () => {
    await module.close();
    await catalog.close();
    jest.useRealTimers();
  });

  async function start(expression = '0 0 * * 6', timezone = 'UTC'): Promise<SchedulerService> {
    const dispatcher = new ScheduleDispatcher({
      catalog,
      queue,
      clock,
      logger: silentLogger,
      catchUpMs: DAY_MS,
      requestsOf: scheduledJobRequests(catalog, silentLogger),
    });
    const backups = { runNow: (schedule: ScheduleRecord) => queue.enqueue(workOf(schedule, shop)) };
    module = await Test.createTestingModule({
      imports: [ScheduleModule.forRoot()],
      providers: [
        SchedulerService,
        ScheduleTimer,
        { provide: ScheduleDispatcher, useValue: dispatcher },
        { provide: BackupService, useValue: backups },
        { provide: ActiveConnection, useValue: active },
        { provide: SettingsStore, useValue: settings },
        { provide: EventLog, useValue: events },
        { provide: APP_CONFIG, useValue: { schedule: { expression, timezone } } },
        { provide: CATALOG, useValue: catalog },
        { provide: CLOCK, useValue: clock },
        { provide: LOGGER, useValue: silentLogger },
      ],
    }).compile();
    await module.init();
    return module.get(SchedulerService);
  }

  const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

  /** Minute by minute only where it matters: two minutes before, and until three after. The wake-ups between cost time. */
  async function passBy(time: string): Promise<void> {
    jest.setSystemTime(new Date(Date.parse(time) - 2 * MINUTE_MS));
    await pass(5 * MINUTE_MS);
  }

  it('runs each Saturday at midnight, to the second, until it is stopped', async () => {
    const scheduler = await start();
    await scheduler.start();
    expect(scheduler.status()).toMatchObject({ running: true, nextBackup: '2026-11-21 00:00:00', lastRun: undefined });
    for (const day of ['19', '21', '22', '27', '28', '29']) await passBy(`2026-11-${day}T00:00:00Z`);
    expect(queue.calls).toEqual(['2026-11-21T00:00:00.000Z', '2026-11-28T00:00:00.000Z']);
    expect(scheduler.status()).toMatchObject({
      nextBackup: '2026-12-05 00:00:00',
      lastRun: { at: '2026-11-28 00:00:00', success: true },
    });
    await scheduler.stop();
    expect(scheduler.status()).toMatchObject({ running: false, nextBackup: undefined });
    for (const day of ['05', '12']) await passBy(`2026-12-${day}T00:00:00Z`);
    expect(queue.calls).toHaveLength(2);
  });

  it('does not run before it is started, and resumes after a restart when it ran before', async () => {
    const scheduler = await start();
    await passBy('2026-11-21T00:00:00Z');
    expect(queue.calls).toEqual([]);
    await scheduler.start();
    await module.close();
    const next = await start();
    expect(next.status()).toMatchObject({ running: true, nextBackup: '2026-11-28 00:00:00' });
    await next.stop();
    await module.close();
    expect((await start()).status().running).toBe(false);
  });

  it('runs or not as the settings file says, whatever the catalog says', async () => {
    const scheduler = await start();
    await scheduler.start();
    await module.close();
    settings.scheduler.running = false;
    expect((await start()).status()).toMatchObject({ running: false, nextBackup: undefined });
    await module.close();
    settings.scheduler.running = true;
    expect((await start()).status()).toMatchObject({ running: true, nextBackup: '2026-11-21 00:00:00' });
  });

  it('declares the weekly job under its name, with the next run of the settings', async () => {
    const scheduler = await start('30 2 * * *', 'Europe/Berlin');
    await scheduler.start();
    const job = module.get(SchedulerRegistry).getCronJob('weekly-backup');
    expect(job.isActive).toBe(true);
    expect(job.nextDate().toISO()).toBe('2026-11-19T02:30:00.000+01:00');
    expect(scheduler.status().nextBackup).toBe('2026-11-19 02:30:00');
  });

  it('takes another time of the settings from the next start on, and makes nothing up for it', async () => {
    await (await start('30 2 * * *')).start();
    await module.close();
    clock.offsetMs = DAY_MS;
    const scheduler = await start('0 3 * * *', 'Europe/Berlin');
    expect(scheduler.status()).toMatchObject({ running: true, nextBackup: '2026-11-20 03:00:00' });
    expect(await catalog.schedules.get('default')).toMatchObject({ cron: '0 3 * * *', timezone: 'Europe/Berlin' });
    expect(queue.calls).toEqual([]);
  });

  it('remembers a failure and still comes the next time', async () => {
    const scheduler = await start();
    await scheduler.start();
    queue.failure = new DomainError('HOST_UNREACHABLE', 'Nothing answers at db:5432.');
    await passBy('2026-11-21T00:00:00Z');
    expect(scheduler.status().lastRun).toEqual({
      at: '2026-11-21 00:00:00',
      startedAt: new Date('2026-11-21T00:00:00Z'),
      success: false,
      message: 'Nothing answers at db:5432.',
    });
    queue.failure = undefined;
    await passBy('2026-11-28T00:00:00Z');
    expect(queue.calls).toHaveLength(2);
    expect(scheduler.status().lastRun).toMatchObject({ success: true });
  });

  it('forces the very same run, and tells its failure', async () => {
    const scheduler = await start();
    const job = await queue.ended((await scheduler.runNow('waits')).id);
    expect(job).toMatchObject({ type: 'backup', scheduleId: 'default', connectionId: 'shop', dueAt: null });
    expect(scheduler.status().lastRun).toEqual({
      at: '2026-11-18 12:00:00',
      startedAt: new Date('2026-11-18T12:00:00Z'),
      success: true,
      message: 'Backup created successfully at ./backups/shop.sql',
    });
    queue.failure = new DomainError('NO_SPACE', 'full');
    expect(await queue.ended((await scheduler.runNow('waits')).id)).toMatchObject({ failure: { code: 'NO_SPACE' } });
    expect(scheduler.status().lastRun).toMatchObject({ success: false, message: 'full' });
  });

  it('knows the last run after a restart', async () => {
    const scheduler = await start();
    await queue.ended((await scheduler.runNow('waits')).id);
    const { lastRun } = scheduler.status();
    await module.close();
    clock.offsetMs = HOUR_MS;
    expect((await start()).status().lastRun).toEqual(lastRun);
  });

  it('keeps its time over months, further than a timer reaches (24.8 days)', async () => {
    const scheduler = await start('0 3 1 1 *');
    await scheduler.start();
    // A timer that was set too far would fire at once.
    await pass(HOUR_MS);
    for (const time of ['2026-12-01T03:00:00Z', '2026-12-31T03:00:00Z']) await passBy(time);
    expect(queue.calls).toEqual([]);
    await passBy('2027-01-01T03:00:00Z');
    expect(queue.calls).toEqual(['2027-01-01T03:00:00.000Z']);
    expect(scheduler.status().nextBackup).toBe('2028-01-01 03:00:00');
  });

  it('runs once at a midnight that does not exist, and once at one that comes twice (FAILURES 43)', async () => {
    jest.setSystemTime(new Date('2021-03-26T12:00:00Z'));
    const scheduler = await start('0 0 * * 6', 'Asia/Gaza');
    await scheduler.start();
    for (const hour of ['21', '22', '23']) await passBy(`2021-03-26T${hour}:00:00Z`);
    expect(queue.calls).toEqual(['2021-03-26T22:00:00.000Z']);
    await scheduler.stop();
    jest.setSystemTime(new Date('2020-10-23T12:00:00Z'));
    await scheduler.start();
    for (const hour of ['20', '21', '22', '23']) await passBy(`2020-10-23T${hour}:00:00Z`);
    expect(queue.calls.slice(1)).toEqual(['2020-10-23T21:00:00.000Z']);
  });

  it('makes a run up within a minute when the machine slept, or the clock was put forward, over its time', async () => {
    const scheduler = await start();
    await scheduler.start();
    clock.offsetMs = 3 * DAY_MS;
    await pass(MINUTE_MS);
    expect(queue.calls).toHaveLength(1);
    expect(scheduler.status().nextBackup).toBe('2026-11-28 00:00:00');
  });

  it('makes up a run that was missed while the service was down, once', async () => {
    await (await start()).start();
    await module.close();
    clock.offsetMs = 3 * DAY_MS;
    const scheduler = await start();
    expect(queue.calls).toEqual(['2026-11-21T12:00:00.000Z']);
    expect(scheduler.status().nextBackup).toBe('2026-11-28 00:00:00');
    await module.close();
    await start();
    await pass(HOUR_MS);
    expect(queue.calls).toHaveLength(1);
  });

  it('passes over a run that was missed for longer than the window', async () => {
    await (await start()).start();
    await module.close();
    clock.offsetMs = 5 * DAY_MS;
    const scheduler = await start();
    expect(scheduler.status().nextBackup).toBe('2026-11-28 00:00:00');
    await pass(HOUR_MS);
    expect(queue.calls).toEqual([]);
  });

  it('makes nothing up for the time in which it was stopped', async () => {
    const scheduler = await start();
    await scheduler.start();
    await scheduler.stop();
    clock.offsetMs = 3 * DAY_MS;
    await scheduler.start();
    await pass(HOUR_MS);
    expect(queue.calls).toEqual([]);
    expect(scheduler.status().nextBackup).toBe('2026-11-28 00:00:00');
  });

  it('does not run twice when the clock is corrected backwards just after a run', async () => {
    const scheduler = await start();
    await scheduler.start();
    await passBy('2026-11-21T00:00:00Z');
    expect(queue.calls).toHaveLength(1);
    clock.offsetMs = -10 * MINUTE_MS;
    await pass(HOUR_MS);
    expect(queue.calls).toHaveLength(1);
    expect(scheduler.status().nextBackup).toBe('2026-11-28 00:00:00');
    await scheduler.stop();
    clock.offsetMs = -2 * HOUR_MS;
    await scheduler.start();
    expect(scheduler.status().nextBackup).toBe('2026-11-28 00:00:00');
  });

  it('comes back to the right time when the clock was far ahead', async () => {
    clock.offsetMs = 365 * DAY_MS;
    const scheduler = await start();
    await scheduler.start();
    expect(scheduler.status().nextBackup).toBe('2027-11-20 00:00:00');
    clock.offsetMs = 0;
    await pass(2 * MINUTE_MS);
    expect(scheduler.status().nextBackup).toBe('2026-11-21 00:00:00');
  });

  it('is not started with nothing to back up', async () => {
    const scheduler = await start();
    active.disconnect();
    await expect(scheduler.start()).rejects.toMatchObject({ code: 'NOT_CONNECTED' });
    await expect(scheduler.runNow('waits')).rejects.toMatchObject({ code: 'NOT_CONNECTED' });
    expect(scheduler.status().running).toBe(false);
    expect(settings.scheduler.running).toBe(false);
  });

  it('backs up what the service is connected to, also when that has changed unnoticed, and every other database', async () => {
    const crm = { ...shop, id: 'crm', database: 'crm' };
    await catalog.connections.insert(crm);
    const scheduler = await start();
    await scheduler.start();
    active.miss({ id: 'crm', params: { ...params, database: 'crm' } }, new DomainError('HOST_UNREACHABLE', 'down'));
    await passBy('2026-11-21T00:00:00Z');
    const { rows } = await catalog.jobs.page({ limit: 10 });
    expect(rows.map(({ connectionId }) => connectionId).toSorted()).toEqual(['crm', 'shop']);
    expect(await catalog.schedules.get('default')).toMatchObject({ connectionId: 'crm' });
  });

  it('is there again, paused or not as before, when its connection was deleted', async () => {
    const scheduler = await start();
    await scheduler.start();
    await scheduler.stop();
    active.disconnect();
    await catalog.connections.remove('shop');
    expect(await catalog.schedules.get('default')).toBeUndefined();
    events.publish({ type: 'connection', change: 'removed', connectionId: 'shop' });
    await pass(MINUTE_MS);
    expect(await catalog.schedules.get('default')).toMatchObject({ connectionId: null, enabled: false });
    expect(scheduler.status().running).toBe(false);
  });

  it('wakes for other schedules, too, from the moment on at which they are made', async () => {
    await start();
    await catalog.schedules.insert([
      {
        id: 'nightly',
        name: 'nightly',
        connectionId: 'shop',
        action: 'backup',
        sourceConnectionId: null,
        cron: '0 2 * * *',
        timezone: 'UTC',
        enabled: true,
        options: {},
        retention: null,
        jitterSeconds: 0,
        nextDueAt: Date.parse('2026-11-18T12:00:30Z'),
        servedDueAt: null,
        createdAt: 0,
        updatedAt: 0,
      },
    ]);
    await module.get(ScheduleTimer).changed();
    await pass(30_000);
    expect(queue.calls).toEqual(['2026-11-18T12:00:30.000Z']);
    await passBy('2026-11-19T02:00:00Z');
    expect(queue.calls.slice(1)).toEqual(['2026-11-19T02:00:00.000Z']);
  });
});
