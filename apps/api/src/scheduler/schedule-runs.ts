import type { Catalog, JobRecord } from '@app/catalog';
import { BACKUP_JOB, DEFAULT_SCHEDULE_ID, RESTORE_JOB } from '@app/core';

/** Says in a sentence how a run of a schedule ended. */
export function messageOfRun({ type, state, result, failure }: JobRecord): string {
  if (state === 'succeeded' && result !== null) {
    return type === 'restore'
      ? `Restore successful from ${RESTORE_JOB.resultOf(result).path}`
      : `Backup created successfully at ${BACKUP_JOB.resultOf(result).path}`;
  }
  return failure?.message ?? `The job was ${state}.`;
}

/** The time of a run in epoch milliseconds: its start, if it ever started. */
export function timeOfRun({ startedAt, finishedAt, createdAt }: JobRecord): number {
  return startedAt ?? finishedAt ?? createdAt;
}

const RUNS_AT_ONCE = 500;

/**
 * The last run that ended of each schedule. The default one makes a job for each database: one that failed is its last
 * run, whichever ended last.
 */
export async function lastRunsOf(
  { jobs }: Pick<Catalog, 'jobs'>,
  scheduleIds: readonly string[],
): Promise<Map<string, JobRecord>> {
  const runs = await jobs.lastFinished(scheduleIds);
  const last = runs.get(DEFAULT_SCHEDULE_ID);
  if (last === undefined || last.dueAt === null || last.state !== 'succeeded') return runs;
  const { rows } = await jobs.page({ scheduleId: DEFAULT_SCHEDULE_ID, limit: RUNS_AT_ONCE });
  const failed = rows.find(
    ({ dueAt, state, finishedAt }) => dueAt === last.dueAt && finishedAt !== null && state !== 'succeeded',
  );
  return failed === undefined ? runs : new Map([...runs, [DEFAULT_SCHEDULE_ID, failed]]);
}
