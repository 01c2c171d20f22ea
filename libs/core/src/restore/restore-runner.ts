import { addAbortSignal } from 'node:stream';
import type { ArtifactReader, CheckedArtifact, ManifestSigner } from '@app/artifact';
import type { RestoreRepository } from '@app/catalog';
import { DomainError, messageOf } from '@app/domain';
import type { Clock, CompareDepth, ConnectionParams, DbType, Logger } from '@app/domain';
import { dropInTime } from '@app/drivers';
import type { DriverRegistry } from '@app/drivers';
import { unlessCancelled } from '@app/jobs';
import type { JobContext } from '@app/jobs';
import { privateCopy } from '@app/storage';
import type { BackupFile, BackupLocations, PrivateCopy, StorageRegistry } from '@app/storage';
import type { BackupRemoval } from '../inventory/backup-removal.js';
import type { BackupRunner } from '../backup/backup-runner.js';
import { partialDumpWarnings } from '../foreign/partial-dump.js';
import { ReadingProgress } from './reading-progress.js';
import { StagedRestore } from './staged-restore.js';
import type { CheckedRestore } from './staged-restore.js';
import { UnfinishedSwap } from './restore-swap.js';
import type { RestoreJournal } from './restore-journal.js';
import { InPlaceRestore } from './restore-in-place.js';
import { restorePlan } from './restore-plan.js';
import { createTarget, examineTarget, prepareRestore, staysEmpty, targetOf } from './restore-preparation.js';
import type { RestoreOutcome, RestorePlan, RestoreRequest } from './restore-request.js';
import { isDamage, RestoreSources } from './restore-source.js';
import type { RestoreSource } from './restore-source.js';
import type { StrategyChoice } from './restore-preparation.js';
import type { BackupVerification } from '../verification/verification.js';
import type { AnsweringTimes } from './while-answering.js';

export interface RestoreRunnerParts {
  catalog: { restores: Pick<RestoreRepository, 'keeping'> };
  drivers: DriverRegistry;
  storages: StorageRegistry;
  reader: ArtifactReader;
  signer: ManifestSigner;
  locations: BackupLocations;
  backups: Pick<BackupRunner, 'run'>;
  removal: Pick<BackupRemoval, 'removeSpent'>;
  verification: Pick<BackupVerification, 'noteDamage'>;
  clock: Clock;
  logger: Logger;
  /** The folder to which an archive is copied so that several sessions can read it. Absent: one session reads each archive. */
  runtimeDir?: string;
  /** The largest permitted ratio of the content of a packed foreign file to its size. */
  maxRatio?: number;
  /** How long the previous database or safety backup of a restore is kept for an undo. 0: it is not kept. */
  undoMs: number;
  /** The depth of the comparison before a swap when the request does not say it. Default: `content`. */
  compare?: CompareDepth | undefined;
  /** Tests give shorter times than the usual ones. */
  answering?: AnsweringTimes | undefined;
}

/** How far a restore has come, which decides what its failure says and takes back. */
type RestorePhase = 'check' | 'create' | 'examine' | 'load';

/** The life of a restore (DESIGN §5): check everything, then replace the target all or nothing. */
export class RestoreRunner {
  private readonly sources: RestoreSources;
  private readonly staged: StagedRestore;
  readonly inPlace: InPlaceRestore;

  constructor(private readonly parts: RestoreRunnerParts) {
    const { storages, drivers, signer, verification, maxRatio } = parts;
    this.sources = new RestoreSources(storages, drivers, signer, verification, maxRatio);
    this.staged = new StagedRestore(parts.logger);
    this.inPlace = new InPlaceRestore({ ...parts, sources: this.sources });
  }

  /**
   * Throws BACKUP_NOT_FOUND or INVALID_PATH for a file that cannot be restored at all, and INVALID_INPUT for names that are too
   * long. Touches no database.
   */
  async check(
    request: Pick<RestoreRequest, 'file' | 'targetDatabase' | 'tables'>,
    dbType: DbType,
  ): Promise<BackupFile> {
    const { file, targetDatabase, tables = [] } = request;
    this.parts.drivers
      .get(dbType)
      .checkNames([
        ...(targetDatabase === undefined
          ? []
          : [{ kind: 'database', name: targetDatabase, field: 'target_database' } as const]),
        ...tables.map((name) => ({ kind: 'table', name, field: 'tables' }) as const),
      ]);
    return this.parts.locations.file(file);
  }

  /** Tells what {@link run} would do. It makes every check that `run` makes before it changes anything, and refuses the same. */
  async plan(request: RestoreRequest, work: JobContext): Promise<RestorePlan> {
    const file = await this.check(request, request.connection.dbType);
    await this.requireNoPrevious(request);
    await using artifact = await this.parts.reader.open(file);
    const source = await this.checkSource(request, file, artifact, work);
    await using held = new AsyncDisposableStack();
    held.use(source.unpacked);
    const driver = this.parts.drivers.get(request.connection.dbType);
    const { undoMs } = this.parts;
    return await restorePlan({ request, file, artifact, source, driver, undoMs }, work.signal).catch(
      async (error: unknown) => {
        await this.noteDamage(error, source, file);
        throw error;
      },
    );
  }

  /**
   * Replaces the target; the caller makes sure that nothing else works on it. A failure leaves the target as it was, or
   * says precisely that this was not possible.
   */
  async run(request: RestoreRequest, work: JobContext, journal: RestoreJournal): Promise<RestoreOutcome> {
    const file = await this.check(request, request.connection.dbType);
    await this.requireNoPrevious(request);
    await using artifact = await this.parts.reader.open(file);
    return await this.restore(request, file, artifact, work, journal);
  }

  /** Throws INVALID_INPUT for a target that is the previous database of a restore. */
  private async requireNoPrevious({ connection, targetDatabase }: RestoreRequest): Promise<void> {
    const name = targetDatabase ?? connection.database;
    const keeping = await this.parts.catalog.restores.keeping(name);
    // The name of the server does not matter: no two restores give a database the same name.
    const keeper = keeping.find((record) => record.dbType === connection.dbType);
    if (keeper === undefined) return;
    const is = `is what a restore of "${keeper.database}" keeps, so that it can be undone`;
    throw new DomainError('INVALID_INPUT', `Nothing was changed: "${name}" ${is}.`, {
      hint: `Restore into another database. To have its content back, undo that restore: POST /api/restores/${keeper.id}/undo.`,
      ...(targetDatabase === undefined ? {} : { fields: [{ field: 'target_database', message: is }] }),
    });
  }

  private async restore(
    request: RestoreRequest,
    file: BackupFile,
    artifact: CheckedArtifact,
    work: JobContext,
    journal: RestoreJournal,
  ): Promise<RestoreOutcome> {
    const { drivers, clock, logger } = this.parts;
    const { signal } = work;
    const startedAt = clock.now().getTime();
    const driver = drivers.get(request.connection.dbType);
    const { compare = this.parts.compare ?? 'content' } = request;
    let phase: RestorePhase = 'check';
    let made: readonly string[] | undefined;
    let source: RestoreSource | undefined;
    await using held = new AsyncDisposableStack();
    try {
      const reading = new ReadingProgress(artifact.size, work);
      source = await this.checkSource(request, file, artifact, work, reading);
      held.use(source.unpacked);
      work.log(`${file.display} is whole`);
      work.progress({ phase: 'prepare' });
      const preparation = await prepareRestore(request, source, driver, signal);
      ({ source } = preparation);
      const { target, tables } = preparation;
      if (!preparation.exists) {
        signal.throwIfAborted();
        await journal.begins({ step: 'create' });
        phase = 'create';
        made = await createTarget(preparation, request, signal);
      }
      phase = 'examine';
      const created = made !== undefined;
      const { plan, chosen } = await examineTarget(preparation, { created, choice: request.strategy }, signal);
      const replaces =
        source.contents === undefined || created || tables !== null
          ? undefined
          : { name: target.database, objects: await driver.countObjects(target, signal) };
      const partial = partialDumpWarnings(source.contents, replaces);
      const warnings = [...source.warnings, ...partial, ...(made ?? []), ...plan.warnings, ...chosen.warnings];
      for (const warning of warnings) work.log(`warning: ${warning}`);
      const copy = tables === null ? await this.copyToSeek(source, chosen, artifact.size, work) : undefined;
      held.use(copy);
      if (copy !== undefined) source = { ...source, dump: { ...source.dump, file: copy.file } };
      phase = 'load';
      const checked = { driver, plan, source, journal, reading, created, tables, compare, work };
      const done = await this.replace(checked, request, chosen);
      const unapplied = created ? await this.applyProperties(checked, request) : [];
      const outcome: RestoreOutcome = {
        id: journal.id,
        path: file.display,
        database: target.database,
        created,
        durationMs: clock.now().getTime() - startedAt,
        ...done,
        ...(tables === null ? {} : { tables }),
        // A swap repeats what it finds, as that may have changed since the plan.
        warnings: [...new Set([...warnings, ...done.warnings, ...unapplied])],
      };
      const { strategy, durationMs } = outcome;
      logger.info({ backup: file.display, database: target.database, strategy, durationMs }, 'restored');
      return outcome;
    } catch (error) {
      await this.noteDamage(error, source, file);
      // The state of the server is unknown now. The recovery finds it out later, and drops what is left.
      if (error instanceof UnfinishedSwap) throw error.cause;
      const kept = await this.takeBack(error, { phase, created: made !== undefined }, request, journal, signal);
      if (kept !== undefined) throw withSentence(unlessCancelled(error, signal, 'The restore was cancelled.'), kept);
      throw phase === 'load'
        ? error
        : unlessCancelled(error, signal, 'The restore was cancelled. Nothing was changed.');
    }
  }

  /**
   * `pg_restore --jobs` seeks in the archive and runs whatever it reads, so it gets a private copy of the checked bytes. Where no
   * copy is possible, one session reads the archive from its beginning to its end.
   */
  private async copyToSeek(
    { artifact, seekable }: RestoreSource,
    { strategy }: StrategyChoice,
    size: number,
    work: JobContext,
  ): Promise<PrivateCopy | undefined> {
    const { runtimeDir } = this.parts;
    if (seekable !== true || strategy !== 'swap' || runtimeDir === undefined) return undefined;
    const copy = await privateCopy(runtimeDir, size, () => addAbortSignal(work.signal, artifact.stored()));
    if (copy === undefined) work.log('there is no room to copy the archive: it is loaded by one session');
    return copy;
  }

  private checkSource(
    request: RestoreRequest,
    file: BackupFile,
    artifact: CheckedArtifact,
    work: JobContext,
    reading = new ReadingProgress(artifact.size, work),
  ) {
    const driver = this.parts.drivers.get(request.connection.dbType);
    const { tools } = request;
    return this.sources.check({
      ...{ artifact, file, driver, tools, signal: work.signal, onRead: reading.onRead },
      acceptIncomplete: request.acceptIncomplete,
      sourceDatabase: request.sourceDatabase,
    });
  }

  private async replace(
    checked: CheckedRestore,
    request: RestoreRequest,
    chosen: StrategyChoice,
  ): Promise<Omit<RestoreOutcome, 'id' | 'path' | 'database' | 'created' | 'durationMs'>> {
    const { created, plan, tables, work } = checked;
    if (tables !== null && created) {
      const { warnings } = await this.staged.fillNew(checked, tables);
      return { strategy: 'new', warnings };
    }
    if (chosen.strategy === 'swap') {
      if (created) return await this.fillNew(checked, request);
      return { strategy: 'swap', ...(await this.staged.run(checked, this.parts.undoMs)) };
    }
    for (const blocker of chosen.blockers) work.log(`no swap is possible: ${blocker}`);
    const nothingToSave = created || staysEmpty(checked.driver, plan);
    const outcome = await this.inPlace.run(checked, request, { empty: nothingToSave, noRoom: chosen.noRoom });
    const inPlace = chosen.blockers.map((blocker) => `Restored in place, as no swap was possible: ${blocker}`);
    return {
      ...outcome,
      strategy: created ? 'new' : chosen.strategy,
      warnings: [...(created ? [] : inPlace), ...outcome.warnings],
    };
  }

  /** Loads right into a new database when the loaded tables cannot be moved, which shows only after they are loaded. */
  private async fillNew(
    checked: CheckedRestore,
    request: RestoreRequest,
  ): Promise<Omit<RestoreOutcome, 'id' | 'path' | 'database' | 'created' | 'durationMs'>> {
    try {
      const { warnings } = await this.staged.run(checked, 0);
      return { strategy: 'new', warnings };
    } catch (error) {
      const immovable = error instanceof DomainError && error.code === 'UNSUPPORTED' && request.strategy !== 'swap';
      if (!immovable || checked.driver.atomicLoad) throw error;
      checked.work.log(`loaded once more, right into the new database: ${error.message}`);
      const outcome = await this.inPlace.run(checked, request, { empty: true, noRoom: false });
      const why = `It was loaded right into the new database, as it could not be moved there: ${error.message}`;
      return { ...outcome, strategy: 'new', warnings: [why, ...outcome.warnings] };
    }
  }

  /** The data is loaded by now, so a property that cannot be applied becomes a warning and not a failure. */
  private async applyProperties(
    { driver, plan, source, tables, work }: CheckedRestore,
    { skipOwnership }: RestoreRequest,
  ): Promise<readonly string[]> {
    const properties = source.manifest?.properties;
    if (driver.globals === undefined || properties === undefined || tables !== null) return [];
    const { database } = plan.connection;
    try {
      const warnings = await driver.globals.applyProperties(plan.connection, database, properties, { skipOwnership });
      for (const warning of warnings) work.log(`warning: ${warning}`);
      return warnings;
    } catch (error) {
      this.parts.logger.warn({ err: error, database }, 'the properties of a new database could not be applied');
      return [`The settings, rights and comment of the database were not restored: ${messageOf(error)}`];
    }
  }

  /** Notes that a backup of ours, which was whole when it was checked, cannot be read as a dump or was altered since. */
  private async noteDamage(error: unknown, source: RestoreSource | undefined, file: BackupFile): Promise<void> {
    if (source?.manifest === undefined || !isDamage(error)) return;
    const level = source.artifact.altered ? 'stored' : 'restored';
    await this.parts.verification.noteDamage(file, level, messageOf(error));
  }

  /** Removes the database that a failed restore has made or was making. Resolves with a sentence for people where it stays. */
  private async takeBack(
    error: unknown,
    { phase, created }: { phase: RestorePhase; created: boolean },
    request: RestoreRequest,
    journal: RestoreJournal,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    if (!created && phase !== 'create') return undefined;
    // Where the answer to its creation is missing, nobody knows whether the database exists. The recovery finds it out later.
    if (!created && (signal.aborted || isAnswerMissing(error))) return undefined;
    return this.dropCreated(targetOf(request), request, created, journal);
  }

  /**
   * Drops the database that was created for a failed restore. If that fails, the journal keeps it and the recovery drops it
   * later. A database that others could enter meanwhile is dropped only when it is empty (FAILURES 56): otherwise the method
   * resolves with a sentence for people.
   */
  private async dropCreated(
    target: ConnectionParams,
    { tools }: RestoreRequest,
    created: boolean,
    journal: RestoreJournal,
  ): Promise<string | undefined> {
    const driver = this.parts.drivers.get(target.dbType);
    const { database } = target;
    try {
      if (created && driver.closesNew !== true) {
        const { targetIsEmpty } = await driver.prepareLoad({
          ...{ connection: target, format: 'plain', tools, skipOwnership: true, skipTablespaces: true },
        });
        if (!targetIsEmpty) {
          await journal.ends();
          return `"${database}", which was made for it, is not empty and was kept: it holds what was loaded so far, or what somebody else has written meanwhile.`;
        }
      }
      const drop = { dropCopy: () => driver.dropDatabase(target, database) };
      if (created) await dropInTime(drop, target, database);
      await journal.ends();
    } catch (error) {
      this.parts.logger.error(
        { err: error, database },
        `the database made for a failed restore could not be dropped: ${messageOf(error)}`,
      );
    }
    return undefined;
  }
}

function withSentence(error: unknown, sentence: string): DomainError {
  const { code, hint } = error instanceof DomainError ? error : { code: 'RESTORE_FAILED' as const, hint: undefined };
  const drop = 'Drop that database if nobody needs it.';
  return new DomainError(code, `${messageOf(error)} ${sentence}`, {
    hint: hint === undefined ? drop : `${hint} ${drop}`,
    cause: error,
  });
}

/** Whether the answer to a command is missing that was sent to the server. */
function isAnswerMissing(error: unknown): boolean {
  return error instanceof DomainError && ['CANCELLED', 'CONNECTION_LOST'].includes(error.code);
}
