import type { Catalog, RestoreRecord } from '@app/catalog';
import { DomainError, messageOf } from '@app/domain';
import type { ConnectionParams, Logger, ToolPaths } from '@app/domain';
import { dropInTime, whyNotDropped } from '@app/drivers';
import type { DbDriver, DriverRegistry } from '@app/drivers';
import type { ConnectionStore } from '../connections/connection-store.js';
import { CatalogJournal, lastStepOf } from './restore-journal.js';
import type { LeftCopies, RestoreStep } from './restore-journal.js';
import { extractionName } from './staged-restore.js';
import { measured, swapOf } from './restore-swap.js';
import type { Swap } from './restore-swap.js';
import type { InPlaceRestore } from './restore-in-place.js';

export interface RestoreRecoveryParts {
  catalog: Catalog;
  connections: Pick<ConnectionStore, 'paramsOf'>;
  drivers: DriverRegistry;
  inPlace: Pick<InPlaceRestore, 'putBack' | 'letGo'>;
  tools: () => Promise<ToolPaths>;
  logger: Logger;
  /** Tests give a shorter limit than the usual one. */
  dropWithinMs?: number | undefined;
}

/** More than one is rare, as one restore at a time works on a database. */
const AT_ONCE = 100;

/**
 * Recovers a restore that was interrupted because the service died or the server went away. Afterwards the database is
 * wholly the old or wholly the new one, and no database is left that the catalog does not know.
 */
export class RestoreRecovery {
  constructor(private readonly parts: RestoreRecoveryParts) {}

  /** Lists the restores to recover, the oldest first. */
  async pending(databaseKey?: string): Promise<RestoreRecord[]> {
    const records = await this.parts.catalog.restores.unrecovered(AT_ONCE);
    return databaseKey === undefined ? records : records.filter((record) => record.databaseKey === databaseKey);
  }

  /**
   * Recovers the interrupted restores of a database before anything else works on it. Rejects when that is not possible now,
   * as nothing may be built on an unknown state. It tries to drop staging and previous databases within a limit of time, and
   * leaves the others to {@link clear}. With `target`, it also recovers restores that reached the database by another name.
   */
  async recoverDatabase(databaseKey: string, signal: AbortSignal, target?: ConnectionParams): Promise<void> {
    const byName = await this.pending(databaseKey);
    const byIdentity = target === undefined ? [] : await this.pendingOf(target, databaseKey, signal);
    for (const record of [...byName, ...byIdentity]) {
      const recovered = this.recover(record, signal);
      await (lastStepOf(record)?.step === 'drop'
        ? recovered.catch((error: unknown) => this.dropsLater(error))
        : recovered);
    }
  }

  /** Does {@link recoverDatabase}, and drops all databases that were left. Rejects when one of them cannot be dropped yet. */
  async clear(databaseKey: string, signal: AbortSignal): Promise<void> {
    await this.recoverDatabase(databaseKey, signal);
    for (const record of await this.pending(databaseKey)) await this.recover(record, signal);
  }

  /** Lists restores under other keys whose server says that it is the same database. One whose server does not answer is recovered by its own job. */
  private async pendingOf(target: ConnectionParams, key: string, signal: AbortSignal): Promise<RestoreRecord[]> {
    const name = target.database.toLowerCase();
    const others = (await this.pending()).filter(
      (record) =>
        record.databaseKey !== key && record.dbType === target.dbType && record.database.toLowerCase() === name,
    );
    if (others.length === 0) return [];
    const driver = this.parts.drivers.get(target.dbType);
    const identityOf = async (params: () => Promise<ConnectionParams>): Promise<string | undefined> => {
      try {
        return await driver.identify(await params(), signal);
      } catch {
        signal.throwIfAborted();
        return undefined;
      }
    };
    const identity = await identityOf(() => Promise.resolve(target));
    if (identity === undefined) return [];
    const same: RestoreRecord[] = [];
    for (const record of others) {
      const { connectionId, database } = record;
      if (connectionId === null) continue;
      const found = await identityOf(async () => ({
        ...(await this.parts.connections.paramsOf(connectionId)),
        database,
      }));
      if (found === identity) same.push(record);
    }
    return same;
  }

  private dropsLater(error: unknown): void {
    this.parts.logger.warn({ err: error }, `a database that a restore left is dropped later: ${messageOf(error)}`);
  }

  /**
   * The caller makes sure that nothing else works on the database. `signal` fires when somebody waits for the end, see
   * {@link InPlaceRestore.putBack}; it interrupts no step.
   */
  async recover(record: RestoreRecord, signal: AbortSignal): Promise<void> {
    const { drivers, connections, logger } = this.parts;
    const step = lastStepOf(record);
    if (step === undefined) return;
    const driver = drivers.get(record.dbType);
    try {
      if (record.connectionId === null) throw new DomainError('CONNECTION_NOT_FOUND', 'Its connection was removed.');
      const connection = { ...(await connections.paramsOf(record.connectionId)), database: record.database };
      const end = await this.bringToEnd(record, step, driver, connection, signal);
      logger.warn({ restore: record.id, database: record.database, end }, 'an interrupted restore was recovered');
    } catch (error) {
      throw new DomainError(
        error instanceof DomainError ? error.code : 'RESTORE_FAILED',
        `An interrupted restore of "${record.database}" could not be recovered: ${messageOf(error)}`,
        {
          hint: `The service tries it again by itself. ${remedy(step)}`,
          cause: error,
        },
      );
    }
  }

  private async bringToEnd(
    record: RestoreRecord,
    step: RestoreStep & LeftCopies,
    driver: DbDriver,
    connection: ConnectionParams,
    signal: AbortSignal,
  ): Promise<'old' | 'new'> {
    const { logger } = this.parts;
    const journal = new CatalogJournal(this.parts.catalog, record.id, undefined, step);
    if (step.step === 'drop') {
      await this.dropLeft(record, step, driver, connection);
      return 'old';
    }
    // A restore of some tables whose target was created for it has a whole database as its staging database.
    const whole = step.step !== 'in_place' && step.step !== 'create' && step.created;
    const swap = whole ? driver.swap : swapOf(driver, record);
    if (whole && record.tables !== null) {
      await this.drop(driver.swap, connection, extractionName(driver, connection.database, record.id), journal);
    }
    if (step.step === 'in_place') {
      await this.putBack(driver, connection, step.safetyBackup, signal);
      if (step.stage !== undefined) await this.drop(driver.swap, connection, step.stage, journal);
      await journal.ends();
      if (record.safetyBackupId !== null) {
        await this.parts.inPlace.letGo({ id: record.safetyBackupId, path: step.safetyBackup }, journal);
      }
      return 'old';
    }
    if (step.step === 'create') {
      await this.dropIfEmpty(driver, connection);
      await journal.ends();
      return 'old';
    }
    const told: string[] = [];
    const tell = (warning: string): void => {
      told.push(warning);
      logger.warn({ restore: record.id, database: record.database }, warning);
    };
    if (step.step === 'swap' && (await swap.recover(connection, step.driver, tell)) === 'swapped') {
      await this.finish(step, swap, connection, journal);
      return 'new';
    }
    const { restores } = this.parts.catalog;
    if (told.length > 0 && record.failure !== null) {
      const message = [record.failure.message, ...told].join(' ');
      await restores.update(record.id, { failure: { ...record.failure, message } });
    }
    const undone = record.undoes === null ? undefined : await restores.get(record.undoes);
    // The previous database of the restore that was to be undone is still there. A database that an undo has loaded from a backup is its own.
    if (undone?.copy === step.incoming) await restores.moveCopy(undone.id, 'used', 'kept');
    else {
      // Without its staging database a swap that was not done looks like one that was: so the journal notes it first.
      await journal.returnsTo({ step: 'load', incoming: step.incoming, created: step.created });
      await this.drop(swap, connection, step.incoming, journal);
    }
    if (step.created) await this.dropIfEmpty(driver, connection);
    await journal.ends();
    return 'old';
  }

  private async finish(
    step: RestoreStep & { step: 'swap' },
    swap: Swap,
    connection: ConnectionParams,
    journal: CatalogJournal,
  ): Promise<void> {
    if (step.keepForMs === 0) {
      await this.drop(swap, connection, step.outgoing, journal);
      await journal.ends({ strategy: step.created ? 'new' : 'swap' });
    } else {
      const bytes = await measured(swap, connection, step.outgoing);
      await journal.keeps({ name: step.outgoing, bytes, forMs: step.keepForMs }, null);
    }
  }

  private async drop(swap: Swap, connection: ConnectionParams, name: string, journal: CatalogJournal): Promise<void> {
    const why = await whyNotDropped(swap, connection, name);
    if (why === undefined) return;
    this.parts.logger.warn({ copy: name }, `the database that an interrupted restore left is dropped later: ${why}`);
    journal.leaves(name);
  }

  /** Drops databases in the order in which they were left; it does not try those again that are gone. */
  private async dropLeft(
    { id, tables }: RestoreRecord,
    { left = [] }: LeftCopies,
    driver: DbDriver,
    connection: ConnectionParams,
  ): Promise<void> {
    for (const [index, name] of left.entries()) {
      // A restore of some tables leaves whole databases, too, where its target was created for it.
      await dropInTime(driver.swap, connection, name);
      if (tables !== null) await dropInTime(driver.tables, connection, name);
      await new CatalogJournal(this.parts.catalog, id, undefined, { left: left.slice(index + 1) }).ends();
    }
  }

  private async putBack(
    driver: DbDriver,
    connection: ConnectionParams,
    safetyBackup: string,
    signal: AbortSignal,
  ): Promise<void> {
    const tools = await this.parts.tools();
    const plan = await driver.prepareLoad({ connection, format: 'plain', tools, skipOwnership: false });
    await this.parts.inPlace.putBack(driver, plan, safetyBackup, signal);
  }

  /** Drops the target only when it is empty, as somebody may use it by now. */
  private async dropIfEmpty(driver: DbDriver, connection: ConnectionParams): Promise<void> {
    await driver.endCreation(connection, connection.database);
    if (!(await driver.databaseExists(connection, connection.database))) return;
    let closed = false;
    await this.inTime(connection, async () => {
      closed = (await driver.dropClosed?.(connection, connection.database)) === true;
    });
    if (closed) return;
    const tools = await this.parts.tools();
    const plan = await driver.prepareLoad({ connection, format: 'plain', tools, skipOwnership: true });
    if (plan.targetIsEmpty) await this.inTime(connection, () => driver.dropDatabase(connection, connection.database));
  }

  /** Limits the time of a drop, since other work on the database waits for it. */
  private inTime(connection: ConnectionParams, dropCopy: () => Promise<void>): Promise<void> {
    return dropInTime({ dropCopy }, connection, connection.database, this.parts.dropWithinMs);
  }
}

function remedy(step: RestoreStep & LeftCopies): string {
  if (step.step === 'drop') return `It blocks nothing: only ${(step.left ?? []).join(', ')} is still to be dropped.`;
  if (step.step === 'in_place') return `Its previous state is whole in ${step.safetyBackup}.`;
  if (step.step === 'create') return 'The database that was made for it may still be on the server, empty.';
  return `The staging database "${step.incoming}" may still be on the server.`;
}
