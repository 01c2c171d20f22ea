import { randomUUID } from 'node:crypto';
import type { RestoreRecord } from '@app/catalog';
import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { JobDefinition } from '@app/jobs';
import type { JobContext, JobRequest, TypedHandler, TypedJob } from '@app/jobs';
import { databaseKey } from '../inventory/database-key.js';
import { copyId } from '../restore/staged-restore.js';
import { swapIn, swapOf, UnfinishedSwap } from '../restore/restore-swap.js';
import { CatalogJournal } from '../restore/restore-journal.js';
import type { RestoreOutcome } from '../restore/restore-request.js';
import { inPlaceStrategyOf } from '../restore/restore-preparation.js';
import { undoStrategyOf } from '../restore/restore-undo.js';
import { onTarget } from './on-target.js';
import { databaseReplaced, restoreFailed } from './restore-job.js';
import type { RestoreJobParts } from './restore-job.js';
import { recorded } from './restore-record.js';

interface UndoPayload {
  database: string;
  restore_id: string;
}

export const UNDO_JOB = new JobDefinition<UndoPayload, RestoreOutcome>('undo', (job) => [restoreFailed(job, 'undo')]);

/** Puts back what a restore has replaced. That restore's own state is kept in turn. */
export function undoJob(record: RestoreRecord): JobRequest {
  return UNDO_JOB.request(
    { database: record.database, restore_id: record.id },
    { connectionId: record.connectionId ?? undefined, lockKey: record.databaseKey, abandonedByRestart: true },
  );
}

export class UndoJob implements TypedHandler<UndoPayload, RestoreOutcome> {
  constructor(private readonly parts: RestoreJobParts) {}

  async run(job: TypedJob<UndoPayload>, work: JobContext): Promise<RestoreOutcome> {
    const { connections, undo } = this.parts;
    const { restore_id: restoreId } = job.payload;
    const asked = await undo.check(restoreId);
    const target = { ...(await connections.paramsOf(job.connectionId ?? '')), database: asked.database };
    return onTarget(this.parts, { job, target, work, lost: 'stops' }, (locked, assertHeld) =>
      this.undo(job, restoreId, target, locked, assertHeld),
    );
  }

  private async undo(
    job: TypedJob<UndoPayload>,
    restoreId: string,
    connection: ConnectionParams,
    work: JobContext,
    assertHeld: () => Promise<void>,
  ): Promise<RestoreOutcome> {
    const { undo } = this.parts;
    // Checked again, as the recovery may have put it back.
    const undone = await undo.check(restoreId);
    const outcome = await recorded(
      this.parts,
      {
        ...{ id: randomUUID(), kind: 'undo', undoes: undone.id, jobId: job.id, connectionId: job.connectionId },
        ...{ target: connection, backupPath: undone.backupPath, backupId: undone.backupId, tables: undone.tables },
      },
      assertHeld,
      (journal) => this.putBack(undone, connection, journal, work),
    );
    if (undone.tables === null) await databaseReplaced(this.parts, databaseKey(connection));
    return outcome;
  }

  private async putBack(
    undone: RestoreRecord,
    connection: ConnectionParams,
    journal: CatalogJournal,
    work: JobContext,
  ): Promise<RestoreOutcome> {
    const strategy = undoStrategyOf(undone);
    if (strategy.by === 'copy') return this.swapBack(undone, strategy.name, connection, journal, work);
    const { tools, restores, drivers, catalog } = this.parts;
    const outcome = await restores.run(
      {
        ...{ connection, connectionId: undone.connectionId ?? undefined, file: strategy.path },
        // The undo uses the strategy that worked: for the restore, nobody asked for a swap or something blocked it (FAILURES 63).
        strategy: inPlaceStrategyOf(drivers.get(connection.dbType)),
        ...{ skipOwnership: false, tools: await tools() },
      },
      work,
      journal,
    );
    await catalog.restores.moveCopy(undone.id, undone.copyState, 'used');
    return outcome;
  }

  private async swapBack(
    undone: RestoreRecord,
    incoming: string,
    connection: ConnectionParams,
    journal: CatalogJournal,
    work: JobContext,
  ): Promise<RestoreOutcome> {
    const { catalog, drivers, clock, undoMs } = this.parts;
    const swap = swapOf(drivers.get(connection.dbType), undone);
    const startedAt = clock.now().getTime();
    const outgoing = swap.copyName(connection.database, 'before', copyId(journal.id));
    // The journal notes it before the previous database is marked, so that the recovery knows why it is marked.
    await journal.begins({ step: 'load', incoming, created: false });
    if (!(await catalog.restores.moveCopy(undone.id, 'kept', 'used'))) {
      await journal.ends();
      throw new DomainError('BUSY', `What "${undone.database}" held before is being dropped at this moment.`);
    }
    try {
      const done = await swapIn({
        ...{ swap, connection, incoming, outgoing, journal, created: false, keepForMs: undoMs, work },
      });
      return {
        ...{ id: journal.id, path: undone.backupPath, database: connection.database, strategy: 'swap', created: false },
        ...(undone.tables === null ? {} : { tables: undone.tables }),
        ...{ ...done, durationMs: clock.now().getTime() - startedAt },
      };
    } catch (error) {
      if (error instanceof UnfinishedSwap) throw error.cause;
      await catalog.restores.moveCopy(undone.id, 'used', 'kept');
      await journal.ends();
      throw error;
    }
  }
}
