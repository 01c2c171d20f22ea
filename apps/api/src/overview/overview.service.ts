import { Inject, Injectable } from '@nestjs/common';
import type { BackupRow, Catalog, ConnectionRecord, JobRecord, ScheduleRecord } from '@app/catalog';
import type { JobType, VerificationLevel } from '@app/domain';
import { BackupIndex, databaseKey, recordOfRow } from '@app/engine';
import type { BackupRecord } from '@app/engine';
import { BackupLocations } from '@app/storage';
import { ActiveConnection } from '../connection/active-connection.js';
import { CATALOG } from '../foundation/tokens.js';
import { nextRunsOf } from '../scheduler/schedule-plan.js';
import type { PlannedRun } from '../scheduler/schedule-plan.js';

const AT_ONCE = 500;
/** What a trend is drawn of. */
const SIZES = 30;
/** Looked through for the newest one that was proven by a restore. */
const RECENT = 100;
/** What a person must know of when it failed. */
const WATCHED: readonly JobType[] = ['backup', 'verify'];

export interface DatabaseState {
  connection: ConnectionRecord;
  active: boolean;
  /** A whole backup is there whose last verification did not fail. */
  restorable: boolean;
  /** The newest whole one, failed proofs among them. */
  lastBackup: BackupRecord | undefined;
  lastProven: { id: string; createdAt: number; restoreMs: number | undefined } | undefined;
  backups: number;
  bytes: number;
  /** Oldest first. */
  sizes: { createdAt: number; size: number }[];
  nextRun: { schedule: ScheduleRecord; run: PlannedRun } | undefined;
  /** Of its kind nothing has succeeded since. */
  lastFailure: JobRecord | undefined;
}

/** Whether each database could be restored right now. */
@Injectable()
export class OverviewService {
  constructor(
    @Inject(CATALOG) private readonly catalog: Catalog,
    private readonly index: BackupIndex,
    private readonly locations: BackupLocations,
    private readonly active: ActiveConnection,
  ) {}

  /** Those most in need of a person first. */
  async databases(): Promise<DatabaseState[]> {
    await this.index.syncEverywhere();
    const [connections, schedules, totals] = await Promise.all([
      all((after) => this.catalog.connections.page({ limit: AT_ONCE, ...after })),
      all((after) => this.catalog.schedules.page({ limit: AT_ONCE, ...after })),
      this.catalog.backups.totals(),
    ]);
    const states: DatabaseState[] = [];
    for (const connection of connections) {
      const total = totals.get(databaseKey(connection)) ?? { backups: 0, bytes: 0 };
      states.push({ ...(await this.stateOf(connection, schedules)), ...total });
    }
    return states.toSorted((a, b) => needOf(b) - needOf(a) || nameOf(a).localeCompare(nameOf(b)));
  }

  private async stateOf(
    connection: ConnectionRecord,
    schedules: readonly ScheduleRecord[],
  ): Promise<Omit<DatabaseState, 'backups' | 'bytes'>> {
    const key = databaseKey(connection);
    const [recent, lastFailure] = await Promise.all([
      this.catalog.backups.ofDatabase(key, { limit: RECENT }),
      this.lastFailureOf(connection.id),
    ]);
    // A safety backup holds what somebody meant to replace: it is not what a database is protected by.
    const rows = recent.filter(({ kind }) => kind !== 'safety');
    const [newest] = rows;
    return {
      connection,
      active: this.active.wanted?.id === connection.id,
      restorable: rows.some(({ verificationFailed }) => !verificationFailed),
      lastBackup: newest === undefined ? undefined : await this.recordOf(newest),
      lastProven: provenOf(rows),
      sizes: rows
        .slice(0, SIZES)
        .toReversed()
        .map(({ createdAt, size }) => ({ createdAt, size })),
      nextRun: nextRunOf(connection, schedules),
      lastFailure,
    };
  }

  private async recordOf(row: BackupRow): Promise<BackupRecord | undefined> {
    const location = await this.locations.at(row.location);
    if (location === undefined) return undefined;
    return recordOfRow(row, location, (await this.index.pinned([row.id])).has(row.id));
  }

  private async lastFailureOf(connectionId: string): Promise<JobRecord | undefined> {
    const failures = await Promise.all(
      WATCHED.map(async (type) => {
        const { rows } = await this.catalog.jobs.page({
          connectionId,
          types: [type],
          states: ['failed', 'interrupted', 'succeeded'],
          limit: 1,
        });
        return rows.find(({ state }) => state !== 'succeeded');
      }),
    );
    return failures
      .filter((job) => job !== undefined)
      .toSorted((a, b) => b.createdAt - a.createdAt)
      .at(0);
  }
}

function provenOf(rows: readonly BackupRow[]): DatabaseState['lastProven'] {
  const row = rows.find(({ verification, verificationFailed }) => verification === 'restored' && !verificationFailed);
  if (row === undefined) return undefined;
  return { id: row.id, createdAt: row.createdAt, restoreMs: row.manifest?.verification.details?.restore_ms };
}

function nextRunOf(
  { id }: ConnectionRecord,
  schedules: readonly ScheduleRecord[],
): { schedule: ScheduleRecord; run: PlannedRun } | undefined {
  const due = schedules
    .filter(
      ({ connectionId, action, enabled, nextDueAt }) =>
        connectionId === id && action === 'backup' && enabled && nextDueAt !== null,
    )
    .toSorted((a, b) => (a.nextDueAt ?? 0) - (b.nextDueAt ?? 0));
  const [schedule] = due;
  const run = schedule === undefined ? undefined : nextRunsOf(schedule)[0];
  return schedule === undefined || run === undefined ? undefined : { schedule, run };
}

const NEED: Readonly<Record<VerificationLevel, number>> = { complete: 2, stored: 1, restored: 0 };

/** The more, the sooner somebody should look. */
function needOf({ restorable, lastBackup, lastFailure }: DatabaseState): number {
  const verification = lastBackup?.verification;
  if (!restorable || verification === undefined) return 6;
  if (verification.failed !== undefined) return 5;
  if (lastFailure !== undefined) return 4;
  return NEED[verification.level];
}

function nameOf({ connection: { label, database, host } }: DatabaseState): string {
  return label ?? `${database} on ${host}`;
}

async function all<T>(
  page: (after: { after?: string }) => Promise<{ rows: T[]; next: string | undefined }>,
): Promise<T[]> {
  const rows: T[] = [];
  let after: string | undefined;
  do {
    const { rows: some, next } = await page(after === undefined ? {} : { after });
    rows.push(...some);
    after = next;
  } while (after !== undefined);
  return rows;
}
