import { randomUUID } from 'node:crypto';
import type { ConnectionRecord, JobRecord } from '@app/catalog';
import { DomainError } from '@app/domain';
import type { CompareDepth, ConnectionParams, JsonObject, ToolPaths } from '@app/domain';
import type { CollationChoice, DefinerChoice, DriverRegistry } from '@app/drivers';
import type { JobContext, JobHandler, JobRequest } from '@app/jobs';
import type { ConnectionStore } from '../connections/connection-store.js';
import { databaseKey } from '../inventory/database-key.js';
import type { VerifiedBackups } from '../inventory/verified-backups.js';
import type { RestoreChoice, RestoreOutcome } from '../restore/restore-request.js';
import type { RestoreRunner } from '../restore/restore-runner.js';
import type { RestoreRecovery } from '../restore/restore-recovery.js';
import type { RestoreUndo } from '../restore/restore-undo.js';
import { onTarget } from './on-target.js';
import { recorded } from './restore-record.js';
import type { RecordParts } from './restore-record.js';

export interface RestoreOptions {
  /** The backup, as the caller gave it. Absent: the newest verified backup of `sourceConnectionId` at the time of the job. */
  file?: string | undefined;
  sourceConnectionId?: string | undefined;
  targetDatabase?: string | undefined;
  strategy?: RestoreChoice | undefined;
  tables?: readonly string[] | undefined;
  skipOwnership: boolean;
  definer?: DefinerChoice | undefined;
  /** The option of `RestoreRequest`. */
  collations?: CollationChoice | undefined;
  skipTablespaces?: boolean | undefined;
  localeFallback?: boolean | undefined;
  acceptIncomplete?: boolean | undefined;
  sourceDatabase?: string | undefined;
  compare?: CompareDepth | undefined;
}

/** Restores into a connection's database, or into another one of its server. It is never repeated by itself after its load began. */
export function restoreJob(connection: ConnectionRecord, order: RestoreOptions): JobRequest {
  const database = order.targetDatabase ?? connection.database;
  return {
    type: 'restore',
    connectionId: connection.id,
    lockKey: databaseKey({ ...connection, database }),
    payload: { database, ...order },
    // A restart of the service ends the job: the caller may have done something else since.
    abandonedByRestart: true,
  };
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

export class RestoreJob implements JobHandler {
  constructor(private readonly parts: RestoreJobParts) {}

  async run(job: JobRecord, work: JobContext): Promise<JsonObject> {
    const { connections } = this.parts;
    const order = job.payload as JsonObject & RestoreOptions;
    const connectionId = job.connectionId ?? '';
    const connection = await connections.paramsOf(connectionId);
    const target = { ...connection, database: order.targetDatabase ?? connection.database };
    return onTarget(this.parts, { job, target, work, lost: 'stops' }, (locked, assertHeld) =>
      this.restore(job, connection, target, locked, assertHeld),
    );
  }

  private async restore(
    job: JobRecord,
    connection: ConnectionParams,
    target: ConnectionParams,
    work: JobContext,
    assertHeld: () => Promise<void>,
  ): Promise<JsonObject> {
    const { restores } = this.parts;
    const order = job.payload as JsonObject & RestoreOptions;
    const connectionId = job.connectionId ?? '';
    const file = order.file ?? (await this.newestVerified(order.sourceConnectionId ?? '', target, work.signal));
    const { targetDatabase, skipOwnership, skipTablespaces, localeFallback, acceptIncomplete, sourceDatabase } = order;
    const { strategy, tables, compare, definer, collations } = order;
    const tools = await this.parts.tools();
    const outcome = await recorded(
      this.parts,
      {
        ...{ id: randomUUID(), kind: 'restore', undoes: null, jobId: job.id, connectionId, target },
        ...{ backupPath: file, backupId: null, tables: tables ?? null },
      },
      assertHeld,
      (journal) =>
        restores.run(
          {
            ...{ connection, connectionId, file, targetDatabase, skipOwnership, skipTablespaces, localeFallback },
            ...{ strategy, tables, compare, definer, collations, acceptIncomplete, sourceDatabase, tools },
          },
          work,
          journal,
        ),
    );
    if (tables === undefined) await databaseReplaced(this.parts, databaseKey(target));
    return outcome as unknown as JsonObject;
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

/** Returns the result of a restore job that succeeded. */
export function restoreOf(result: JsonObject): RestoreOutcome {
  return result as unknown as RestoreOutcome;
}
