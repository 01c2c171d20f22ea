import { randomUUID } from 'node:crypto';
import type { ConnectionRecord, NewEvent } from '@app/catalog';
import { DomainError } from '@app/domain';
import type { ConnectionParams, RestoreOptions, ToolPaths } from '@app/domain';
import type { DriverRegistry } from '@app/drivers';
import { domainEvent } from '@app/events';
import { JobDefinition } from '@app/jobs';
import type { JobContext, JobRequest, TypedHandler, TypedJob } from '@app/jobs';
import type { ConnectionStore } from '../connections/connection-store.js';
import { databaseKey } from '../inventory/database-key.js';
import type { VerifiedBackups } from '../inventory/verified-backups.js';
import type { RestoreOutcome } from '../restore/restore-request.js';
import type { RestoreRunner } from '../restore/restore-runner.js';
import type { RestoreRecovery } from '../restore/restore-recovery.js';
import type { RestoreUndo } from '../restore/restore-undo.js';
import { onTarget } from './on-target.js';
import { recorded } from './restore-record.js';
import type { RecordParts } from './restore-record.js';

interface RestorePayload extends RestoreOptions {
  database: string;
  /** The backup, as the caller gave it. Absent: the newest verified one of `sourceConnectionId`, when the job runs. */
  file?: string | undefined;
  sourceConnectionId?: string | undefined;
}

export const RESTORE_JOB = new JobDefinition<RestorePayload, RestoreOutcome>('restore', (job) => [
  restoreFailed(job, 'restore'),
]);

export function restoreFailed(job: TypedJob<{ database: string }>, kind: 'restore' | 'undo'): NewEvent {
  const { id: jobId, connectionId, payload } = job;
  const failure = job.failure ?? { code: 'INTERNAL', message: 'The restore failed.' };
  return domainEvent('RestoreFailed', { jobId, kind, connectionId, database: payload.database, failure });
}

/** Restores into a connection's database, or another one of its server. Never repeated by itself once it has begun to load. */
export function restoreJob(connection: ConnectionRecord, options: Omit<RestorePayload, 'database'>): JobRequest {
  const database = options.targetDatabase ?? connection.database;
  return RESTORE_JOB.request(
    { database, ...options },
    {
      connectionId: connection.id,
      lockKey: databaseKey({ ...connection, database }),
      // A restart of the service ends the job: the caller may have done something else since.
      abandonedByRestart: true,
    },
  );
}

export interface RestoreJobParts extends RecordParts {
  connections: ConnectionStore;
  drivers: DriverRegistry;
  restores: RestoreRunner;
  recovery: RestoreRecovery;
  undo: RestoreUndo;
  verified: VerifiedBackups;
  tools: () => Promise<ToolPaths>;
  /** The setting of `RestoreRunnerParts`. */
  undoMs: number;
}

export class RestoreJob implements TypedHandler<RestorePayload, RestoreOutcome> {
  constructor(private readonly parts: RestoreJobParts) {}

  async run(job: TypedJob<RestorePayload>, work: JobContext): Promise<RestoreOutcome> {
    const connection = await this.parts.connections.paramsOf(job.connectionId ?? '');
    const target = { ...connection, database: job.payload.targetDatabase ?? connection.database };
    return onTarget(this.parts, { job, target, work, lost: 'stops' }, (locked, assertHeld) =>
      this.restore(job, connection, target, locked, assertHeld),
    );
  }

  private async restore(
    { id: jobId, payload, connectionId }: TypedJob<RestorePayload>,
    connection: ConnectionParams,
    target: ConnectionParams,
    work: JobContext,
    assertHeld: () => Promise<void>,
  ): Promise<RestoreOutcome> {
    const { restores } = this.parts;
    const { database: _, file: asked, sourceConnectionId = '', ...options } = payload;
    const file = asked ?? (await this.newestVerified(sourceConnectionId, target, work.signal));
    const tools = await this.parts.tools();
    const outcome = await recorded(
      this.parts,
      {
        ...{ id: randomUUID(), kind: 'restore', undoes: null, jobId, connectionId: connectionId ?? '', target },
        ...{ backupPath: file, backupId: null, tables: options.tables ?? null },
      },
      assertHeld,
      (journal) =>
        restores.run({ ...options, connection, connectionId: connectionId ?? '', file, tools }, work, journal),
    );
    if (options.tables === undefined) await databaseReplaced(this.parts, databaseKey(target));
    return outcome;
  }

  /** Checks this again when the job runs, as connections may have changed since the request. */
  private async newestVerified(
    sourceConnectionId: string,
    target: ConnectionParams,
    signal: AbortSignal,
  ): Promise<string> {
    const source = await this.parts.connections.get(sourceConnectionId);
    if (databaseKey(source) === databaseKey(target) || (await this.isOneDatabase(source, target, signal))) {
      throw new DomainError('UNSUPPORTED', `"${target.database}" would be replaced by an older state of itself.`, {
        hint: 'Source and target are the same database now. Change or delete the schedule.',
      });
    }
    return this.parts.verified.newestOf(source);
  }

  /** Compares what the servers say now. A source that does not answer counts by its last answer, which its clones give as well. */
  private async isOneDatabase(
    source: ConnectionRecord,
    target: ConnectionParams,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (source.dbType !== target.dbType) return false;
    const driver = this.parts.drivers.get(target.dbType);
    const identityOf = async (open: () => ConnectionParams): Promise<string | undefined> => {
      try {
        return await driver.identify(open(), signal);
      } catch {
        signal.throwIfAborted();
        return undefined;
      }
    };
    const identity = await identityOf(() => target);
    if (identity === undefined) return false;
    const its = (await identityOf(() => this.parts.connections.opened(source))) ?? source.identity;
    if (identity !== its) return false;
    try {
      return await driver.isOneServer(target, this.parts.connections.opened(source), signal);
    } catch {
      signal.throwIfAborted();
      return true;
    }
  }
}

/** Looks again at the undos that were kept in a replaced database. A failure of that does not fail the restore. */
export async function databaseReplaced({ undo, logger }: RestoreJobParts, key: string): Promise<void> {
  await undo.databaseReplaced(key).catch((error: unknown) => {
    logger.warn({ err: error }, 'the undos of earlier restores of the database could not be checked');
  });
}
