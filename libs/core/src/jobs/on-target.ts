import type { JobRecord } from '@app/catalog';
import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import type { DriverRegistry } from '@app/drivers';
import type { JobContext } from '@app/jobs';
import { databaseKey } from '../inventory/database-key.js';
import type { RestoreRecovery } from '../restore/restore-recovery.js';
import { underLock } from '../connections/under-lock.js';

export interface OnTargetParts {
  drivers: DriverRegistry;
  recovery: Pick<RestoreRecovery, 'recoverDatabase'>;
}

export interface TargetedJob {
  job: Pick<JobRecord, 'type' | 'lockKey'>;
  target: ConnectionParams;
  work: JobContext;
  /** What happens when the lock is lost, see {@link underLock}. */
  lost: 'stops' | 'goes on';
}

/**
 * Works on a database under its lock, after the interrupted restores of it are recovered: a backup in the middle of a swap
 * would have neither state. Throws CONNECTION_CHANGED when the connection names another database than at the time of the
 * request: nobody meant that one, and something else may be at work on it.
 */
export async function onTarget<T>(
  { drivers, recovery }: OnTargetParts,
  { job, target, work, lost }: TargetedJob,
  body: (work: JobContext, assertHeld: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const key = databaseKey(target);
  if (job.lockKey !== key) {
    throw new DomainError('CONNECTION_CHANGED', `The connection was changed after this ${job.type} was asked for.`, {
      hint: 'Nothing was changed. Ask for it again.',
    });
  }
  return underLock(drivers.get(target.dbType), target, work, lost, async (locked, assertHeld) => {
    await recovery.recoverDatabase(key, locked.signal, target);
    return body(locked, assertHeld);
  });
}
