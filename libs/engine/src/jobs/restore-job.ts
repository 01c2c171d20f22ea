import { randomUUID } from 'node:crypto';
import type { Catalog, ConnectionRecord, JobRecord, RestoreRecord } from '@app/catalog';
import { DomainError, failureOf, messageOf } from '@app/domain';
import type { Clock, ConnectionParams, JsonObject, Logger, ToolPaths } from '@app/domain';
import type { JobContext, JobHandler, JobRequest } from '@app/jobs';
import type { ConnectionStore } from '../connection-store.js';
import { databaseKey } from '../database-key.js';
import type { ProvenBackups } from '../proven-backups.js';
import type { RestoreOutcome } from '../restore-request.js';
import type { RestoreRunner } from '../restore-runner.js';
import { requireSameTarget } from './same-target.js';

export interface RestoreOrder {
  /** The backup, as the caller gave it. Absent: the newest proven one of `sourceConnectionId`, when the job runs. */
  file?: string | undefined;
  sourceConnectionId?: string | undefined;
  targetDatabase?: string | undefined;
  skipOwnership: boolean;
}

/** Restores into a connection's database, or another one of its server. Never repeated by itself once it has begun to load. */
export function restoreJob(connection: ConnectionRecord, order: RestoreOrder): JobRequest {
  const database = order.targetDatabase ?? connection.database;
  return {
    type: 'restore',
    connectionId: connection.id,
    lockKey: databaseKey({ ...connection, database }),
    payload: { database, ...order },
    // Whoever asked has seen the service end, and may have done something else since.
    abandonedByRestart: true,
  };
}

export interface RestoreJobParts {
  catalog: Catalog;
  connections: ConnectionStore;
  restores: RestoreRunner;
  proven: ProvenBackups;
  tools: () => Promise<ToolPaths>;
  clock: Clock;
  logger: Logger;
}

export class RestoreJob implements JobHandler {
  constructor(private readonly parts: RestoreJobParts) {}

  async run(job: JobRecord, work: JobContext): Promise<JsonObject> {
    const { connections, restores } = this.parts;
    const order = job.payload as JsonObject & RestoreOrder;
    const connectionId = job.connectionId ?? '';
    const connection = await connections.paramsOf(connectionId);
    const database = order.targetDatabase ?? connection.database;
    requireSameTarget(job, { ...connection, database });
    const file = order.file ?? (await this.newestProven(order.sourceConnectionId ?? '', { ...connection, database }));
    const { targetDatabase, skipOwnership } = order;
    const tools = await this.parts.tools();
    const history = await this.begin(job, { ...connection, database }, file);
    try {
      const outcome = await restores.run(
        { connection, connectionId, file, targetDatabase, skipOwnership, tools },
        work,
      );
      await this.end(history, {
        state: 'succeeded',
        strategy: outcome.strategy,
        backupPath: outcome.path,
        safetyBackupPath: outcome.safetyBackup?.path ?? null,
      });
      return outcome as unknown as JsonObject;
    } catch (error) {
      const failure =
        error instanceof DomainError ? failureOf(error) : { code: 'INTERNAL' as const, message: messageOf(error) };
      await this.end(history, { state: 'failed', failure });
      throw error;
    }
  }

  /** Looked at again when it runs: connections may have been changed since somebody asked for it. */
  private async newestProven(sourceConnectionId: string, target: ConnectionParams): Promise<string> {
    const source = await this.parts.connections.get(sourceConnectionId);
    if (databaseKey(source) === databaseKey(target)) {
      throw new DomainError('UNSUPPORTED', `"${target.database}" would be replaced by an older state of itself.`, {
        hint: 'Source and target are the same database now. Change or delete the schedule.',
      });
    }
    return this.parts.proven.newestOf(source);
  }

  private async begin(job: JobRecord, target: Parameters<typeof databaseKey>[0], backupPath: string): Promise<string> {
    const record: RestoreRecord = {
      id: randomUUID(),
      kind: 'restore',
      undoes: null,
      jobId: job.id,
      connectionId: job.connectionId,
      dbType: target.dbType,
      database: target.database,
      databaseKey: databaseKey(target),
      backupPath,
      backupId: null,
      strategy: null,
      tables: null,
      incoming: null,
      journal: null,
      copy: null,
      copyState: 'none',
      copyUntil: null,
      copyBytes: null,
      lockoutMs: null,
      safetyBackupPath: null,
      state: 'running',
      failure: null,
      startedAt: this.parts.clock.now().getTime(),
      finishedAt: null,
    };
    await this.parts.catalog.restores.insert(record);
    return record.id;
  }

  /** The restore itself has succeeded or failed by now, whatever becomes of its record. */
  private async end(id: string, change: Partial<RestoreRecord>): Promise<void> {
    const finishedAt = this.parts.clock.now().getTime();
    await this.parts.catalog.restores.update(id, { ...change, finishedAt }).catch((error: unknown) => {
      this.parts.logger.error({ err: error, restore: id }, `the restore was not recorded: ${messageOf(error)}`);
    });
  }
}

/** The result of a restore job that succeeded. */
export function restoreOf(result: JsonObject): RestoreOutcome {
  return result as unknown as RestoreOutcome;
}
