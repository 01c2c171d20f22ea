import { ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import { SettingsStore } from '@app/config';
import { DomainError, silentLogger } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { BackupService } from '../backup/backup.service.js';
import { ActiveConnection } from '../connection/active-connection.js';
import { APP_CONFIG, CLOCK, LOGGER } from '../foundation/tokens.js';
import { SchedulerService } from './scheduler.service.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const shop: ConnectionParams = {
  dbType: 'PostgreSQL',
  host: 'db',
  port: 5432,
  database: 'shop',
  username: 'u',
  password: 'p',
  sslMode: 'prefer',
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

/** Remembers when it was called; fails, or takes its time, when told so. */
class FakeBackups {
  readonly calls: string[] = [];
  failure: Error | undefined;

  constructor(private readonly now: () => Date) {}

  async createScheduled(): Promise<{ path: string }> {
    this.calls.push(this.now().toISOString());
    if (this.failure !== undefined) throw this.failure;
    return Promise.resolve({ path: './backups/shop.sql' });
  }
}

/** The system's clock, which is Jest's here, plus a correction. */
class SettableClock {
  offsetMs = 0;
  readonly now = (): Date => new Date(Date.now() + this.offsetMs);
}

describe('SchedulerService', () => {
  let module: TestingModule;
  let settings: FakeSettings;
  let clock: SettableClock;
  let backups: FakeBackups;
  let active: ActiveConnection;

  beforeEach(() => {
    jest.useFakeTimers({ now: new Date('2026-11-18T12:00:00Z') });
    settings = new FakeSettings();
    clock = new SettableClock();
    backups = new FakeBackups(clock.now);
    active = new ActiveConnection();
    active.miss(shop, new DomainError('HOST_UNREACHABLE', 'down'));
  });

  afterEach(async () => {
    await module.close();
    jest.useRealTimers();
  });

  async function start(expression = '0 0 * * 6', timezone = 'UTC'): Promise<SchedulerService> {
    module = await Test.createTestingModule({
      imports: [ScheduleModule.forRoot()],
      providers: [
        SchedulerService,
        { provide: BackupService, useValue: backups },
        { provide: ActiveConnection, useValue: active },
        { provide: SettingsStore, useValue: settings },
        { provide: APP_CONFIG, useValue: { schedule: { expression, timezone } } },
        { provide: CLOCK, useValue: clock },
        { provide: LOGGER, useValue: silentLogger },
      ],
    }).compile();
    await module.init();
    return module.get(SchedulerService);
  }

  const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

  it('runs each Saturday at midnight, to the second, until it is stopped', async () => {
    const scheduler = await start();
    await scheduler.start();
    expect(scheduler.status()).toMatchObject({ running: true, nextBackup: '2026-11-21 00:00:00', lastRun: undefined });
    await pass(14 * DAY_MS);
    expect(backups.calls).toEqual(['2026-11-21T00:00:00.000Z', '2026-11-28T00:00:00.000Z']);
    expect(scheduler.status()).toMatchObject({
      nextBackup: '2026-12-05 00:00:00',
      lastRun: { at: '2026-11-28 00:00:00', success: true },
    });
    await scheduler.stop();
    expect(scheduler.status()).toMatchObject({ running: false, nextBackup: undefined });
    await pass(14 * DAY_MS);
    expect(backups.calls).toHaveLength(2);
  });

  it('does not run before it is started, and resumes after a restart when it ran before', async () => {
    const scheduler = await start();
    await pass(7 * DAY_MS);
    expect(backups.calls).toEqual([]);
    await scheduler.start();
    await module.close();
    const next = await start();
    expect(next.status()).toMatchObject({ running: true, nextBackup: '2026-11-28 00:00:00' });
    await next.stop();
    await module.close();
    expect((await start()).status().running).toBe(false);
  });

  it('declares the weekly job under its name, with the next run of the settings', async () => {
    const scheduler = await start('30 2 * * *', 'Europe/Berlin');
    await scheduler.start();
    const job = module.get(SchedulerRegistry).getCronJob('weekly-backup');
    expect(job.isActive).toBe(true);
    expect(job.nextDate().toISO()).toBe('2026-11-19T02:30:00.000+01:00');
    expect(scheduler.status().nextBackup).toBe('2026-11-19 02:30:00');
  });

  it('remembers a failure and still comes the next time', async () => {
    const scheduler = await start();
    await scheduler.start();
    backups.failure = new DomainError('HOST_UNREACHABLE', 'Nothing answers at db:5432.');
    await pass(7 * DAY_MS);
    expect(scheduler.status().lastRun).toEqual({
      at: '2026-11-21 00:00:00',
      success: false,
      message: 'Nothing answers at db:5432.',
    });
    backups.failure = undefined;
    await pass(7 * DAY_MS);
    expect(backups.calls).toHaveLength(2);
    expect(scheduler.status().lastRun).toMatchObject({ success: true });
  });

  it('forces the very same run, and passes its failure on', async () => {
    const scheduler = await start();
    expect(await scheduler.runNow()).toEqual({ path: './backups/shop.sql' });
    expect(scheduler.status().lastRun).toEqual({
      at: '2026-11-18 12:00:00',
      success: true,
      message: 'Backup created successfully at ./backups/shop.sql',
    });
    backups.failure = new DomainError('NO_SPACE', 'full');
    await expect(scheduler.runNow()).rejects.toThrow('full');
    expect(scheduler.status().lastRun).toMatchObject({ success: false, message: 'full' });
  });

  it('keeps its time over months, further than a timer reaches (24.8 days)', async () => {
    const scheduler = await start('0 3 1 1 *');
    await scheduler.start();
    await pass(43 * DAY_MS);
    expect(backups.calls).toEqual([]);
    await pass(2 * DAY_MS);
    expect(backups.calls).toEqual(['2027-01-01T03:00:00.000Z']);
    expect(scheduler.status().nextBackup).toBe('2028-01-01 03:00:00');
  });

  it('runs once at a midnight that does not exist, and once at one that comes twice (FAILURES 43)', async () => {
    jest.setSystemTime(new Date('2021-03-26T12:00:00Z'));
    const scheduler = await start('0 0 * * 6', 'Asia/Gaza');
    await scheduler.start();
    await pass(2 * DAY_MS);
    expect(backups.calls).toEqual(['2021-03-26T22:00:00.000Z']);
    await scheduler.stop();
    jest.setSystemTime(new Date('2020-10-23T12:00:00Z'));
    await scheduler.start();
    await pass(2 * DAY_MS);
    expect(backups.calls.slice(1)).toEqual(['2020-10-23T21:00:00.000Z']);
  });

  it('makes a run up within a minute when the machine slept, or the clock was put forward, over its time', async () => {
    const scheduler = await start();
    await scheduler.start();
    clock.offsetMs = 3 * DAY_MS;
    await pass(MINUTE_MS);
    expect(backups.calls).toHaveLength(1);
    expect(scheduler.status().nextBackup).toBe('2026-11-28 00:00:00');
  });

  it('does not run twice when the clock is corrected backwards just after a run', async () => {
    const scheduler = await start();
    await scheduler.start();
    await pass(2 * DAY_MS + 12 * HOUR_MS + 5 * MINUTE_MS);
    expect(backups.calls).toHaveLength(1);
    clock.offsetMs = -10 * MINUTE_MS;
    await pass(HOUR_MS);
    expect(backups.calls).toHaveLength(1);
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
    expect(scheduler.status().running).toBe(false);
    expect(settings.scheduler.running).toBe(false);
  });
});
