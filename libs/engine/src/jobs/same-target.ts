import type { JobRecord } from '@app/catalog';
import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { databaseKey } from '../database-key.js';

/**
 * Work waits under the key of the database that was meant when it was asked for. CONNECTION_CHANGED when the connection
 * names another one by now: that one is not what anybody meant, and something else may be at work on it.
 */
export function requireSameTarget(job: JobRecord, target: ConnectionParams): void {
  if (job.lockKey === databaseKey(target)) return;
  throw new DomainError('CONNECTION_CHANGED', `The connection was changed after this ${job.type} was asked for.`, {
    hint: 'Nothing was changed. Ask for it again.',
  });
}
