import { Inject, Injectable } from '@nestjs/common';
import type { BackupRow, Catalog, ConnectionRecord, JobRecord, KeyPeriod, ScheduleRecord } from '@app/catalog';
import type { AppConfig } from '@app/config';
import { folderOf } from '@app/domain';
import type { Clock, VerificationLevel } from '@app/domain';
import {
  BackupIndex,
  ConnectionStore,
  databaseKey,
  expectedBy,
  groupByDatabase,
  isOverdue,
  keyPeriodsOf,
  overallVerdict,
  recordOfRow,
  scheduleStateOf,
  schedulesOf,
  titleOf,
  unscheduledWarnings,
  verdictOf,
} from '@app/core';
import type {
  BackupRecord,
  OverallVerdict,
  ProtectionFacts,
  ProtectionVerdict,
  ScheduleState,
  StorageState,
} from '@app/core';
import type { StorageRegistry } from '@app/storage';
import { ActiveConnection } from '../connection/active-connection.js';
import { APP_CONFIG, CATALOG, CLOCK, STORAGES } from '../foundation/tokens.js';
import { longestGapMs, nextRunsOf } from '../scheduler/schedule-plan.js';
import type { PlannedRun } from '../scheduler/schedule-plan.js';
import { ScheduleCoverage } from '../scheduler/schedule-coverage.service.js';
import { LastFailures } from './last-failures.js';
import { LostBackups } from './lost-backups.js';
import { StorageStates } from './storage-states.js';
import { UsableBackups } from './usable-backups.js';
import type { DatabaseBackups } from './usable-backups.js';

const DAY_MS = 86_400_000;
/** How many backups a trend shows. */
const SIZES = 30;

export interface DatabaseState {
  /** The active connection, or the oldest. */
  connection: ConnectionRecord;
  /** All connections that reach this database. */
  connections: readonly ConnectionRecord[];
  active: boolean;
  verdict: ProtectionVerdict;
  /** Whether there is a complete backup without a known problem. */
  restorable: boolean;
  /** The newest complete backup. */
  lastBackup: BackupRecord | undefined;
  lastVerified: { id: string; createdAt: number; restoreMs: number | undefined } | undefined;
  backups: number;
  bytes: number;
  /** Oldest first. */
  sizes: { createdAt: number; size: number }[];
  schedule: ScheduleState;
  /** Epoch milliseconds. */
  expectedBy: number | undefined;
  overdue: boolean;
  storage: StorageState;
  nextRun: { schedule: ScheduleRecord; run: PlannedRun } | undefined;
  /** The last failure, if no job of its kind and no backup has succeeded since. */
  lastFailure: JobRecord | undefined;
}

export interface OverviewState {
  verdict: OverallVerdict;
  /** The databases that need attention most come first. */
  databases: DatabaseState[];
  warnings: string[];
}

/** Collects how well each database is protected; `verdictOf` judges it. */
@Injectable()
export class OverviewService {
  constructor(
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly index: BackupIndex,
    @Inject(STORAGES) private readonly storages: StorageRegistry,
    private readonly active: ActiveConnection,
    private readonly coverage: ScheduleCoverage,
    private readonly usable: UsableBackups,
    private readonly failures: LastFailures,
    private readonly lost: LostBackups,
    private readonly storage: StorageStates,
    private readonly store: ConnectionStore,
  ) {}

  async state(): Promise<OverviewState> {
    await this.index.syncEverywhere();
    const [{ connections, schedules }, totals] = await Promise.all([
      this.coverage.all(),
      this.catalog.backups.totals(),
    ]);
    this.storage.forget();
    const databases: DatabaseState[] = [];
    for (const group of groupByDatabase(connections)) {
      const periods = await this.periodsOf(group);
      const sums: { backups: number; bytes: number }[] = [];
      for (const period of periods) {
        const found = period.until === undefined ? totals : await this.catalog.backups.totals(period);
        sums.push(found.get(period.key) ?? { backups: 0, bytes: 0 });
      }
      const state = await this.stateOf(group, periods, schedules);
      databases.push({
        ...state,
        backups: sums.reduce((sum, { backups }) => sum + backups, 0),
        bytes: sums.reduce((sum, { bytes }) => sum + bytes, 0),
      });
    }
    const sorted = databases.toSorted((a, b) => needOf(b) - needOf(a) || nameOf(a).localeCompare(nameOf(b)));
    return {
      verdict: overallVerdict(sorted.map((state) => ({ name: nameOf(state), verdict: state.verdict }))),
      databases: sorted,
      warnings: unscheduledWarnings(connections, schedules),
    };
  }

  /** Each backup counts once, however many connections reach the database. */
  private async periodsOf(group: readonly ConnectionRecord[]): Promise<KeyPeriod[]> {
    const own = new Set(group.map((connection) => databaseKey(connection)));
    const periods = (await Promise.all(group.map((each) => keyPeriodsOf(this.catalog, each)))).flat();
    const former = new Map(periods.filter(({ key }) => !own.has(key)).map((each) => [JSON.stringify(each), each]));
    return [...[...own].map((key) => ({ key })), ...former.values()];
  }

  private async stateOf(
    group: readonly ConnectionRecord[],
    periods: readonly KeyPeriod[],
    schedules: readonly ScheduleRecord[],
  ): Promise<Omit<DatabaseState, 'backups' | 'bytes'>> {
    const activeId = this.active.wanted?.id;
    const [first] = group;
    if (first === undefined) throw new Error('A database is known that no connection reaches.');
    const connection = group.find(({ id }) => id === activeId) ?? first;
    const [backups, lastFailure] = await Promise.all([this.usable.of(periods), this.failures.of(group)]);
    const plan = schedulesOf(group, schedules);
    const { facts, storage } = await this.factsOf(group, backups, plan, lastFailure);
    const { rows, newest } = backups;
    return {
      connection,
      connections: group,
      active: connection.id === activeId,
      verdict: verdictOf(facts, this.clock.now().getTime()),
      restorable: newest !== undefined && storage !== 'missing',
      lastBackup: newest === undefined ? undefined : await this.recordOf(newest),
      lastVerified: verifiedOf(rows),
      sizes: rows
        .slice(0, SIZES)
        .toReversed()
        .map(({ createdAt, size }) => ({ createdAt, size })),
      schedule: facts.schedule,
      expectedBy: facts.expectedBy,
      overdue: isOverdue(facts, this.clock.now().getTime()),
      storage,
      nextRun: nextRunOf(plan),
      lastFailure,
    };
  }

  private async factsOf(
    group: readonly ConnectionRecord[],
    { rows, newest, damage }: DatabaseBackups,
    plan: readonly ScheduleRecord[],
    lastFailure: JobRecord | undefined,
  ): Promise<{ facts: ProtectionFacts; storage: StorageState }> {
    const running = plan.filter(({ enabled, nextDueAt }) => enabled && nextDueAt !== null);
    const periods = running.map((schedule) => longestGapMs(schedule, this.clock.now()));
    const storage = await this.storage.of([
      undefined,
      ...running.map(({ options }) => options.location),
      // The folder of the newest backup counts whether or not it can be read now.
      ...rows.slice(0, 1).map(folderOf),
    ]);
    const by = expectedBy(
      newest?.createdAt,
      periods.length === 0 ? undefined : Math.min(...periods),
      this.config.schedule.overdueAfterDays * DAY_MS,
    );
    const failure = lastFailure === undefined ? this.lockedOut(group) : this.failures.inWords(lastFailure);
    const usableAt = newest?.createdAt;
    const lost = usableAt === undefined && damage === 'none' ? await this.lost.of(group) : undefined;
    const schedule = scheduleStateOf(plan);
    return { facts: { usableAt, damage, schedule, expectedBy: by, storage, failure, lost }, storage };
  }

  /** Every login of it was sealed with another secret key, so that no backup can be made. */
  private lockedOut(group: readonly ConnectionRecord[]): ProtectionFacts['failure'] {
    if (!group.every((connection) => this.store.isLocked(connection))) return undefined;
    return { what: 'login', message: 'The stored password cannot be opened: it was sealed with another key.' };
  }

  private async recordOf(row: BackupRow): Promise<BackupRecord | undefined> {
    const location = await this.storages.location(folderOf(row));
    if (location === undefined) return undefined;
    return recordOfRow(row, location, (await this.index.pinned([row.id])).has(row.id));
  }
}

function verifiedOf(rows: readonly BackupRow[]): DatabaseState['lastVerified'] {
  const row = rows.find(({ verification, verificationFailed }) => verification === 'restored' && !verificationFailed);
  if (row === undefined) return undefined;
  return { id: row.id, createdAt: row.createdAt, restoreMs: row.manifest?.verification.details?.restore_ms };
}

function nextRunOf(schedules: readonly ScheduleRecord[]): { schedule: ScheduleRecord; run: PlannedRun } | undefined {
  const [schedule] = schedules
    .filter(({ enabled, nextDueAt }) => enabled && nextDueAt !== null)
    .toSorted((a, b) => (a.nextDueAt ?? 0) - (b.nextDueAt ?? 0));
  const run = schedule === undefined ? undefined : nextRunsOf(schedule)[0];
  return schedule === undefined || run === undefined ? undefined : { schedule, run };
}

const COLOUR_NEED = { red: 20, amber: 10, green: 0 } as const;
const LEVEL_NEED: Readonly<Record<VerificationLevel, number>> = { complete: 2, stored: 1, restored: 0 };

/** The more, the sooner somebody should look. */
function needOf({ verdict, lastBackup }: DatabaseState): number {
  const level = lastBackup?.verification?.level;
  return COLOUR_NEED[verdict.colour] + (level === undefined ? 3 : LEVEL_NEED[level]);
}

function nameOf({ connection }: DatabaseState): string {
  return titleOf(connection);
}
