import type { JobRecord } from '@app/catalog';
import { backupOf, restoreOf } from '@app/engine';

/** What became of a run of a schedule, in a sentence. */
export function messageOfRun({ type, state, result, failure }: JobRecord): string {
  if (state === 'succeeded' && result !== null) {
    return type === 'restore'
      ? `Restore successful from ${restoreOf(result).path}`
      : `Backup created successfully at ${backupOf(result).path}`;
  }
  return failure?.message ?? `The job was ${state}.`;
}

/** When a run took place, epoch milliseconds: its beginning, if it ever began. */
export function timeOfRun({ startedAt, finishedAt, createdAt }: JobRecord): number {
  return startedAt ?? finishedAt ?? createdAt;
}
