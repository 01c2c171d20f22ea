import type { ArtifactReader } from '@app/artifact';
import { DomainError, messageOf } from '@app/domain';
import type { Logger } from '@app/domain';
import { isOutcomeUnknown, isUntouched } from '@app/drivers';
import type { DbDriver, LoadPlan } from '@app/drivers';
import { unlessCancelled } from '@app/jobs';
import type { JobContext } from '@app/jobs';
import type { BackupLocations } from '@app/storage';
import type { BackupRecord } from '../inventory/backup-record.js';
import type { BackupRemoval } from '../inventory/backup-removal.js';
import type { BackupRunner } from '../backup/backup-runner.js';
import { checkAgainst } from '../verification/restore-comparison.js';
import type { CheckedRestore } from './staged-restore.js';
import type { RestoreJournal, SafetyBackup } from './restore-journal.js';
import type { RestoreRequest } from './restore-request.js';
import type { RestoreSources } from './restore-source.js';
import { movingProgress } from './restore-swap.js';
import { inPlaceStrategyOf } from './restore-preparation.js';
import { isWithoutAnswer, whileAnswering } from './while-answering.js';
import type { AnsweringTimes } from './while-answering.js';

const CANCELLED = 'The restore was cancelled.';

export interface InPlaceParts {
  sources: RestoreSources;
  reader: Pick<ArtifactReader, 'open'>;
  locations: BackupLocations;
  backups: Pick<BackupRunner, 'run'>;
  removal: Pick<BackupRemoval, 'removeSpent'>;
  logger: Logger;
  /** See `RestoreRunnerParts`. */
  undoMs: number;
  /** Tests give shorter times than the usual ones. */
  answering?: AnsweringTimes | undefined;
}

export interface InPlaceOutcome {
  safetyBackup?: BackupRecord;
  warnings: readonly string[];
}

/**
 * Restores into the target itself where a swap is not possible: in one transaction, or with a safety backup that is put back
 * when the load fails. The safety backup is made in either case, since such a restore is undone by it.
 */
export class InPlaceRestore {
  constructor(private readonly parts: InPlaceParts) {}

  /** `empty`: there is nothing to save. `noRoom`: see `LoadHooks`. */
  async run(
    restore: CheckedRestore,
    request: RestoreRequest,
    { empty, noRoom }: { empty: boolean; noRoom: boolean },
  ): Promise<InPlaceOutcome> {
    const { driver, plan, source, journal, reading, work } = restore;
    const { undoMs } = this.parts;
    let safetyBackup: BackupRecord | undefined;
    let stage: { stage?: string } = {};
    let mayHaveReplaced = false;
    const save = async (): Promise<void> => {
      safetyBackup = await this.safetyBackup(request, plan, work);
      await journal.saves(safetyBackup, undoMs);
      if (driver.atomicLoad) return;
      // The journal needs this step only where a crash of the service would leave the target half loaded.
      await journal.begins({ step: 'in_place', safetyBackup: safetyBackup.path, ...stage });
      mayHaveReplaced = true;
    };
    const staging = {
      begins: async (name: string): Promise<void> => {
        await journal.begins({ step: 'load', incoming: name, created: false });
        stage = { stage: name };
      },
      leaves: (name: string): void => journal.leaves(name),
    };
    if (!empty && driver.atomicLoad) await save();
    work.noRetry();
    reading.beginLoad(source.manifest?.dump_size);
    work.log(`loading into "${plan.connection.database}"`);
    const check = checkAgainst(source.manifest, restore.compare, { some: false });
    const hooks = {
      ...{ signal: work.signal, beforeCommit: () => journal.assertHeld(), check, noRoom },
      onMoved: movingProgress(work),
      // The safety backup is made as late as possible, so that it holds everything that is written until then.
      ...(empty || driver.atomicLoad ? {} : { beforeReplacing: save, staging }),
    };
    try {
      const { warnings: told, lostCopies = [] } = await driver.load(
        { ...plan, strict: !source.dump.own },
        source.dump,
        hooks,
      );
      const warnings = [...told, ...(check?.notes ?? [])];
      await journal.loses(lostCopies);
      const strategy = restore.created ? 'new' : inPlaceStrategyOf(driver);
      if (safetyBackup !== undefined) await journal.saves(safetyBackup, undoMs);
      await journal.ends({ strategy });
      return { warnings, ...(safetyBackup === undefined ? {} : { safetyBackup }) };
    } catch (error) {
      let failure = unlessCancelled(error, work.signal, CANCELLED);
      let isAsBefore = !isOutcomeUnknown(error);
      let isHalfLoaded = false;
      let isPutBackLater = false;
      const isReplaced = mayHaveReplaced && !isUntouched(error) && !isBeforeTouching(failure);
      if (isReplaced && safetyBackup !== undefined) {
        work.log(`${messageOf(failure)} Putting the previous state back.`);
        ({ failure, isAsBefore, isPutBackLater } = await this.afterPutBack(restore, safetyBackup, failure));
        isHalfLoaded = !isAsBefore;
      } else if (!driver.atomicLoad && !empty) {
        failure = withNothingChanged(failure);
      }
      // A failure that another try would not change is reported as well, and the report says where the previous state is whole.
      if (!restore.created && !isPutBackLater) await journal.ends();
      if (safetyBackup !== undefined && isAsBefore) await this.letGo(safetyBackup, journal);
      if (safetyBackup !== undefined && isHalfLoaded) await journal.saves(safetyBackup, undefined);
      throw failure;
    }
  }

  /** Deletes the safety backup of an attempt that changed nothing: otherwise failed attempts would push out other backups. */
  async letGo({ id, path }: SafetyBackup, journal: RestoreJournal): Promise<void> {
    const { removal, logger } = this.parts;
    try {
      await journal.unsaves();
      await removal.removeSpent(id);
    } catch (error) {
      logger.warn({ err: error, safetyBackup: path }, 'the safety backup of a failed restore stays for now');
    }
  }

  private async safetyBackup(
    { connection, connectionId, tools }: RestoreRequest,
    plan: LoadPlan,
    work: JobContext,
  ): Promise<BackupRecord> {
    const { database } = plan.connection;
    const own = database === connection.database ? connectionId : undefined;
    try {
      return await this.parts.backups.run(
        {
          connection: plan.connection,
          connectionId: own,
          kind: 'safety',
          tools,
          compression: 'zstd',
          verification: 'complete',
        },
        work,
      );
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      throw new DomainError(
        error.code,
        `Nothing was changed: the safety backup of "${database}", without which nothing is replaced, failed. ${error.message}`,
        { ...(error.hint === undefined ? {} : { hint: error.hint }), cause: error },
      );
    }
  }

  /** Returns the error to report, which says what became of the target. */
  private async afterPutBack(
    { driver, plan, work }: CheckedRestore,
    safety: BackupRecord,
    failure: unknown,
  ): Promise<{ failure: Error; isAsBefore: boolean; isPutBackLater: boolean }> {
    const { logger } = this.parts;
    const { database } = plan.connection;
    const reason = messageOf(failure);
    const code = failure instanceof DomainError ? failure.code : 'RESTORE_FAILED';
    try {
      await this.putBack(driver, plan, safety.path, work.signal).catch(async (error: unknown) => {
        // The fault that broke the load may have broken this as well, and may have passed since.
        if (!isBrokenConnection(driver, error)) throw error;
        work.log(`${messageOf(error)} Putting the previous state back once more.`);
        await this.putBack(driver, plan, safety.path, work.signal);
      });
    } catch (error) {
      logger.error({ err: error, database, safetyBackup: safety.path }, 'put-back failed');
      // The journal stays as it is, and the recovery follows it as after a crash of the service.
      const isPutBackLater = mayPassLater(error);
      const incomplete = new DomainError(
        'RESTORE_FAILED',
        `${reason} Putting the previous state back failed as well: ${messageOf(error)} "${database}" is incomplete now.`,
        {
          hint: isPutBackLater
            ? `The service puts its previous state back as soon as the server answers; it is whole in ${safety.path}.`
            : `Its previous state is whole in ${safety.path}: mend the cause, then undo this restore, or restore that file.`,
          cause: failure,
        },
      );
      return { failure: incomplete, isAsBefore: false, isPutBackLater };
    }
    logger.warn({ database, safetyBackup: safety.path }, 'restore failed and was put back');
    const hint = failure instanceof DomainError ? failure.hint : undefined;
    const putBack = new DomainError(code, `${reason} "${database}" was put back as it was.`, {
      ...(hint === undefined ? {} : { hint }),
      cause: failure,
    });
    return { failure: putBack, isAsBefore: true, isPutBackLater: false };
  }

  /**
   * Loads a safety backup into the database that it was made of. A cancel and a shutdown wait for it, since without it the
   * database would stay half loaded. They do not wait for a server that does not answer: then it rejects with CONNECTION_TIMEOUT,
   * and the journal says what is still to be done. `asked` fires when somebody waits for the end.
   */
  async putBack(driver: DbDriver, restoring: LoadPlan, safetyBackup: string, asked: AbortSignal): Promise<void> {
    // Options that the request gave for the objects of its dump do not apply to the objects that were there before.
    const { definer: _, ...plan } = restoring;
    const { locations, reader, sources } = this.parts;
    const file = await locations.file(safetyBackup);
    await using artifact = await reader.open(file);
    const load = async (signal: AbortSignal): Promise<void> => {
      const source = await sources.check({ artifact, file, driver, tools: plan.tools, signal });
      await driver.load(plan, source.dump, { signal, beforeCommit: () => Promise.resolve() });
    };
    await whileAnswering(driver, plan.connection, asked, load, this.parts.answering);
  }
}

/** Adds that nothing was changed to a failure before the safety backup: the target loses its content only after that. */
function withNothingChanged(failure: unknown): unknown {
  if (
    !(failure instanceof DomainError) ||
    /nothing was (?:changed|loaded)/i.test(`${failure.message} ${failure.hint ?? ''}`)
  ) {
    return failure;
  }
  const { code, message, hint } = failure;
  const details = { ...(hint === undefined ? {} : { hint }), cause: failure };
  return new DomainError(code, `${message} Nothing was changed.`, details);
}

function isBrokenConnection(driver: DbDriver, failure: unknown): boolean {
  if (!mayPassLater(failure)) return driver.missingPrerequisite(failure) !== undefined;
  return failure instanceof DomainError && ['CONNECTION_LOST', 'TLS_FAILED'].includes(failure.code);
}

/** The same login worked a moment ago, so that a refusal of it now may pass. */
function mayPassLater(failure: unknown): boolean {
  if (isWithoutAnswer(failure)) return true;
  return failure instanceof DomainError && ['TLS_FAILED', 'SERVER_REFUSED'].includes(failure.code);
}

/** A dump that `DbDriver.load` refuses for its content has changed nothing, so that nothing has to be put back. */
function isBeforeTouching(failure: unknown): boolean {
  return failure instanceof DomainError && failure.code === 'BACKUP_UNSAFE';
}
