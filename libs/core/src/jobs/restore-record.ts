import type { Catalog, RestoreRecord } from '@app/catalog';
import { DomainError, failureOf, messageOf } from '@app/domain';
import type { Clock, ConnectionParams, Logger } from '@app/domain';
import { databaseKey } from '../inventory/database-key.js';
import { CatalogJournal } from '../restore/restore-journal.js';
import type { RestoreOutcome } from '../restore/restore-request.js';

export interface RecordParts {
  catalog: Catalog;
  clock: Clock;
  logger: Logger;
}

export type NewRestore = Pick<
  RestoreRecord,
  'id' | 'kind' | 'undoes' | 'jobId' | 'connectionId' | 'backupPath' | 'backupId' | 'tables'
> & { target: ConnectionParams };

/** Runs a restore under a record in the catalog, which says at the end how it went. */
export async function recorded(
  { catalog, clock, logger }: RecordParts,
  { target, ...restore }: NewRestore,
  assertHeld: () => Promise<void>,
  work: (journal: CatalogJournal) => Promise<RestoreOutcome>,
): Promise<RestoreOutcome> {
  await catalog.restores.insert({
    ...restore,
    dbType: target.dbType,
    database: target.database,
    databaseKey: databaseKey(target),
    strategy: null,
    incoming: null,
    journal: null,
    copy: null,
    copyState: 'none',
    copyUntil: null,
    copyBytes: null,
    lockoutMs: null,
    safetyBackupPath: null,
    safetyBackupId: null,
    state: 'running',
    failure: null,
    startedAt: clock.now().getTime(),
    finishedAt: null,
  });
  // The restore has ended by then, so a failure to record it does not change its result.
  const end = (write: (finishedAt: number) => Promise<void>): Promise<void> =>
    write(clock.now().getTime()).catch((error: unknown) =>
      logger.error({ err: error, restore: restore.id }, `the restore was not recorded: ${messageOf(error)}`),
    );
  const journal = new CatalogJournal(catalog, restore.id, assertHeld);
  try {
    const outcome = await work(journal);
    const { strategy, path: backupPath, lockoutMs = null } = outcome;
    await end((finishedAt) => journal.succeeds({ state: 'succeeded', strategy, backupPath, lockoutMs, finishedAt }));
    return outcome;
  } catch (error) {
    const failure =
      error instanceof DomainError ? failureOf(error) : { code: 'INTERNAL' as const, message: messageOf(error) };
    await end((finishedAt) => catalog.restores.update(restore.id, { state: 'failed', failure, finishedAt }));
    throw error;
  }
}
