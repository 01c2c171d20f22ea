import { DomainError, messageOf } from '@app/domain';
import type { Clock, ConnectionParams, Logger } from '@app/domain';
import type { DbDriver, DriverRegistry, LoadPlan } from '@app/drivers';
import type { JobContext } from '@app/jobs';
import type { ArtifactStorage, BackupFile, BackupLocations, OpenArtifact } from '@app/storage';
import type { BackupRecord } from './backup-record.js';
import type { BackupRunner } from './backup-runner.js';
import { unlessCancelled } from './cancellation.js';
import { ReadingProgress } from './reading-progress.js';
import { RestoreSources } from './restore-source.js';
import type { RestoreSource } from './restore-source.js';

import type { RestoreOutcome, RestoreRequest } from './restore-request.js';

const CANCELLED = 'The restore was cancelled.';

export interface RestoreRunnerParts {
  drivers: DriverRegistry;
  storage: ArtifactStorage;
  locations: BackupLocations;
  backups: BackupRunner;
  clock: Clock;
  logger: Logger;
}

/** The life of a restore (DESIGN §5): check everything, then replace the target all or nothing. */
export class RestoreRunner {
  private readonly sources: RestoreSources;

  constructor(private readonly parts: RestoreRunnerParts) {
    this.sources = new RestoreSources(parts.storage, parts.drivers);
  }

  /** BACKUP_NOT_FOUND or INVALID_PATH for a file that cannot be restored at all. Touches no database. */
  async check(file: string): Promise<BackupFile> {
    return this.parts.locations.file(file);
  }

  /**
   * Replaces the target; the caller sees to it that nothing else works on it. A failure leaves the target as it was, or
   * says precisely that it could not.
   */
  async run(request: RestoreRequest, work: JobContext): Promise<RestoreOutcome> {
    const file = await this.parts.locations.file(request.file);
    const target = { ...request.connection, database: request.targetDatabase ?? request.connection.database };
    await using artifact = await this.parts.storage.open(file.path);
    return await this.restore(request, file, artifact, target, work);
  }

  private async restore(
    request: RestoreRequest,
    file: BackupFile,
    artifact: OpenArtifact,
    target: ConnectionParams,
    work: JobContext,
  ): Promise<RestoreOutcome> {
    const { drivers, clock, logger } = this.parts;
    const { signal } = work;
    const startedAt = clock.now().getTime();
    const driver = drivers.get(target.dbType);
    const { tools, skipOwnership } = request;
    let created = false;
    let loading = false;
    try {
      const reading = new ReadingProgress(artifact.size, work);
      const source = await this.sources.check({ artifact, file, driver, tools, signal, onRead: reading.onRead });
      work.log(`${file.display} is whole`);
      work.progress({ phase: 'prepare' });
      created = await this.createIfAbsent(driver, request.connection, target.database, source, signal);
      const plan = await driver.prepareLoad(
        { connection: target, format: source.dump.format, tools, skipOwnership },
        signal,
      );
      for (const warning of plan.warnings) work.log(`warning: ${warning}`);
      const safetyBackup = driver.atomicLoad || created ? undefined : await this.safetyBackup(request, target, work);
      loading = true;
      work.noRetry();
      reading.beginLoad(source.manifest?.dump_size);
      work.log(`loading into "${target.database}"`);
      const result = await this.load(driver, plan, source, artifact, safetyBackup, work);
      const outcome: RestoreOutcome = {
        path: file.display,
        database: target.database,
        strategy: driver.atomicLoad ? 'transaction' : 'safety_backup',
        created,
        durationMs: clock.now().getTime() - startedAt,
        ...(safetyBackup === undefined ? {} : { safetyBackup }),
        warnings: [...plan.warnings, ...result.warnings],
      };
      logger.info({ backup: file.display, database: target.database, durationMs: outcome.durationMs }, 'restored');
      return outcome;
    } catch (error) {
      if (created) await this.dropCreated(driver, request.connection, target.database);
      throw loading ? error : unlessCancelled(error, signal, `${CANCELLED} Nothing was changed.`);
    }
  }

  private async createIfAbsent(
    driver: DbDriver,
    connection: ConnectionParams,
    name: string,
    source: RestoreSource,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (await driver.databaseExists(connection, name, signal)) return false;
    signal.throwIfAborted();
    await driver.createDatabase(connection, name, source.manifest?.database_settings ?? {});
    return true;
  }

  private async load(
    driver: DbDriver,
    plan: LoadPlan,
    source: RestoreSource,
    artifact: OpenArtifact,
    safetyBackup: BackupRecord | undefined,
    work: JobContext,
  ): Promise<{ warnings: readonly string[] }> {
    const beforeCommit = async (): Promise<void> => {
      if (await artifact.unchanged()) return;
      throw new DomainError('BACKUP_DAMAGED', 'The backup file was altered while it was being restored.', {
        hint: 'Nothing was changed. Restore again when nothing else writes to the file.',
      });
    };
    try {
      return await driver.load(plan, source.dump, { signal: work.signal, beforeCommit });
    } catch (error) {
      const failure = unlessCancelled(error, work.signal, CANCELLED);
      if (safetyBackup === undefined || isBeforeTouching(failure)) throw failure;
      work.log(`${messageOf(failure)} Putting the previous state back.`);
      return await this.putBack(driver, plan, safetyBackup, failure);
    }
  }

  private async safetyBackup(
    { connection, connectionId, tools }: RestoreRequest,
    target: ConnectionParams,
    work: JobContext,
  ): Promise<BackupRecord> {
    const own = target.database === connection.database ? connectionId : undefined;
    try {
      return await this.parts.backups.run(
        { connection: target, connectionId: own, kind: 'safety', tools, compression: 'zstd' },
        work,
      );
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      throw new DomainError(
        error.code,
        `Nothing was changed: the safety backup of "${target.database}", without which nothing is replaced, failed. ${error.message}`,
        { ...(error.hint === undefined ? {} : { hint: error.hint }), cause: error },
      );
    }
  }

  /** Never aborted: a shutdown waits for it, since without it the database would be left half loaded. */
  private async putBack(driver: DbDriver, plan: LoadPlan, safety: BackupRecord, failure: unknown): Promise<never> {
    const { locations, storage, logger } = this.parts;
    const never = new AbortController().signal;
    const reason = messageOf(failure);
    const code = failure instanceof DomainError ? failure.code : 'RESTORE_FAILED';
    try {
      const file = await locations.file(safety.path);
      await using artifact = await storage.open(file.path);
      const source = await this.sources.check({ artifact, file, driver, tools: plan.tools, signal: never });
      await driver.load(plan, source.dump, { signal: never, beforeCommit: () => Promise.resolve() });
    } catch (error) {
      logger.error({ err: error, database: plan.connection.database, safetyBackup: safety.path }, 'put-back failed');
      throw new DomainError(
        'RESTORE_FAILED',
        `${reason} Putting the previous state back failed as well: ${messageOf(error)} "${plan.connection.database}" is incomplete now.`,
        {
          hint: `Its previous state is whole in ${safety.path}: mend the cause, then restore that file.`,
          cause: failure,
        },
      );
    }
    logger.warn({ database: plan.connection.database, safetyBackup: safety.path }, 'restore failed and was put back');
    throw new DomainError(code, `${reason} "${plan.connection.database}" was put back as it was.`, {
      hint:
        (failure instanceof DomainError ? failure.hint : undefined) ?? `Its previous state is also in ${safety.path}.`,
      cause: failure,
    });
  }

  private async dropCreated(driver: DbDriver, connection: ConnectionParams, name: string): Promise<void> {
    await driver.dropDatabase(connection, name).catch((error: unknown) => {
      this.parts.logger.error(
        { err: error, database: name },
        'the database made for a failed restore could not be dropped',
      );
    });
  }
}

/** See `DbDriver.load`: a dump that is refused for what it holds has changed nothing, so nothing is to be put back. */
function isBeforeTouching(failure: unknown): boolean {
  return failure instanceof DomainError && failure.code === 'BACKUP_UNSAFE';
}
