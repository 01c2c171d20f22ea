import type { Catalog, RestoreRecord } from '@app/catalog';
import { DomainError } from '@app/domain';
import type { Logger } from '@app/domain';
import { dropInTime, DropTakesLong } from '@app/drivers';
import type { DriverRegistry } from '@app/drivers';
import { domainEvent } from '@app/events';
import type { ConnectionStore } from '../connections/connection-store.js';
import { swapOf } from './restore-swap.js';
import type { UndoFacts } from './undo-facts.js';

export interface RestoreUndoParts {
  catalog: Catalog;
  connections: Pick<ConnectionStore, 'paramsOf'>;
  drivers: DriverRegistry;
  facts: UndoFacts;
  logger: Logger;
  /** Tests give a shorter limit than the usual one. */
  dropWithinMs?: number | undefined;
}

/** How a restore can be undone: by its previous database, or by its safety backup. */
export type UndoStrategy = { by: 'copy'; name: string } | { by: 'backup'; path: string };

/** Knows what restores have replaced, and how to get it back. */
export class RestoreUndo {
  constructor(private readonly parts: RestoreUndoParts) {}

  /** Throws RESTORE_NOT_FOUND, or UNDO_UNAVAILABLE with the reason. */
  async check(id: string): Promise<RestoreRecord> {
    const record = await this.get(id);
    undoStrategyOf(record);
    return record;
  }

  /** Returns the restore as it is now, see {@link UndoFacts}. */
  async get(id: string): Promise<RestoreRecord> {
    const record = await this.parts.catalog.restores.get(id);
    const [now] = record === undefined ? [] : await this.parts.facts.look([record]);
    if (now !== undefined) return now;
    throw new DomainError('RESTORE_NOT_FOUND', `There is no restore ${id}.`, {
      hint: 'GET /api/restores lists them.',
    });
  }

  /** Returns the records with the present state of their undos. */
  async views(records: readonly RestoreRecord[]): Promise<UndoneRestore[]> {
    const seen = await this.parts.facts.look(records);
    const undoings = await this.parts.catalog.restores.undoings(seen.map(({ id }) => id));
    return seen.map((record) => ({ record, undoing: undoings.get(record.id) }));
  }

  /** To be called after the whole database was replaced: tables that were kept in it may be gone with it, or may have come back. */
  async databaseReplaced(databaseKey: string): Promise<void> {
    let after: string | undefined;
    do {
      const page = await this.parts.catalog.restores.page({
        databaseKey,
        limit: 100,
        ...(after === undefined ? {} : { after }),
      });
      await this.parts.facts.look(page.rows.filter(({ tables }) => tables !== null));
      after = page.next;
    } while (after !== undefined);
  }

  /**
   * Gives the undo up: drops the previous database now, for its space, or lets retention judge the safety backup. Throws
   * UNDO_UNAVAILABLE when there is no undo, and the server's error when the database cannot be dropped; the undo stays available
   * then. Returns the record as it is afterwards: without `copyUntil` when it was given up before its time, `dropping` when the
   * server takes long.
   */
  async dropCopy(id: string): Promise<RestoreRecord> {
    const record = await this.droppable(id);
    if (record.copyState !== 'kept' && record.copyState !== 'dropping') throw unavailable(record, whyNoCopy(record));
    if (!(await this.drop(record, 'at once'))) {
      const now = await this.get(id);
      throw unavailable(now, whyNoCopy(now));
    }
    return this.get(id);
  }

  /** Drops every previous database whose time is over, and lets go of safety backups. The next run tries again what fails now. */
  async dropExpired(): Promise<{ dropped: string[]; failed: string[] }> {
    const dropped: string[] = [];
    const failed: string[] = [];
    for (const expired of await this.parts.catalog.restores.expired(100)) {
      const name = expired.copy ?? '';
      try {
        const record = await this.droppable(expired.id);
        if (record.copyState !== 'kept' && record.copyState !== 'dropping') continue;
        if ((await this.drop(record, 'in time')) && record.copy !== null) dropped.push(name);
      } catch (error) {
        failed.push(name);
        this.parts.logger.warn(
          { err: error, copy: name },
          'the previous database of a restore could not be dropped yet',
        );
      }
    }
    return { dropped, failed };
  }

  /** Returns the restore as it is now. It does not look at a safety backup, since a lost or altered one can be let go as well. */
  private async droppable(id: string): Promise<RestoreRecord> {
    const now = await this.get(id);
    return now.copy === null ? ((await this.parts.catalog.restores.get(id)) ?? now) : now;
  }

  /** Returns false when somebody else swaps the database back in at this moment. */
  private async drop(record: RestoreRecord, when: 'in time' | 'at once'): Promise<boolean> {
    const { restores } = this.parts.catalog;
    const begun = record.copyState === 'dropping' || (await restores.moveCopy(record.id, 'kept', 'dropping'));
    if (!begun) return false;
    if (record.copy !== null) {
      try {
        await this.dropNamed(record, record.copy);
      } catch (error) {
        if (error instanceof DropTakesLong && when === 'at once') {
          // The drop goes on by itself, so the caller has nothing to wait for.
          await restores.update(record.id, { copyUntil: null });
          return true;
        }
        if (error instanceof DropTakesLong || (await this.afterFailure(record)) !== 'gone') throw error;
      }
    }
    // The undo was given up before its time. This is noted only now that nobody can use it any more.
    if (when === 'at once') await restores.update(record.id, { copyUntil: null });
    await this.parts.catalog.transaction(async (catalog) => {
      const { id: restoreId, connectionId, database } = record;
      await catalog.restores.moveCopy(restoreId, 'dropping', 'dropped');
      await catalog.outbox.append([domainEvent('UndoDropped', { restoreId, connectionId, database })]);
    });
    return true;
  }

  private async dropNamed(record: RestoreRecord, copy: string): Promise<void> {
    const { connections, drivers } = this.parts;
    if (record.connectionId === null) throw unavailable(record, 'its connection was removed');
    const connection = { ...(await connections.paramsOf(record.connectionId)), database: record.database };
    await dropInTime(swapOf(drivers.get(record.dbType), record), connection, copy, this.parts.dropWithinMs);
  }

  /** A whole previous database can still be put back, so it counts as kept until it is really dropped. */
  private async afterFailure(record: RestoreRecord): Promise<'kept' | 'dropping' | 'gone'> {
    const { facts, catalog } = this.parts;
    const sight = await facts.sightOf(record);
    if (sight === 'gone') return 'gone';
    if (sight !== 'there') return 'dropping';
    await catalog.restores.moveCopy(record.id, 'dropping', 'kept');
    return 'kept';
  }
}

/** Adds the last attempt to undo it to a restore. */
export interface UndoneRestore {
  record: RestoreRecord;
  undoing: RestoreRecord | undefined;
}

/** Throws UNDO_UNAVAILABLE with the reason when the restore cannot be undone. */
export function undoStrategyOf(record: RestoreRecord): UndoStrategy {
  if (record.copyState === 'kept' && record.safetyBackupPath !== null && isOver(record)) {
    return { by: 'backup', path: record.safetyBackupPath };
  }
  if (record.state !== 'succeeded') {
    throw unavailable(
      record,
      record.state === 'running' ? 'it is still under way' : 'it did not succeed: nothing was replaced',
    );
  }
  if (record.copyState === 'kept' && record.copy !== null) return { by: 'copy', name: record.copy };
  if (record.copyState === 'none' && record.safetyBackupPath !== null) {
    return { by: 'backup', path: record.safetyBackupPath };
  }
  throw unavailable(record, whyNoCopy(record));
}

/** The restore may have succeeded, failed half-way or been interrupted: its safety backup holds what it replaced. */
function isOver({ state, journal }: RestoreRecord): boolean {
  return state !== 'running' && journal === null;
}

/** Says why the content that a restore replaced is lost, as a clause after "because". Only for the state `lost`. */
export function whyLost({ copyUntil, safetyBackupPath, tables }: RestoreRecord): string {
  if (safetyBackupPath !== null)
    return `its safety backup ${safetyBackupPath} is missing, altered, or in no backup folder of this service`;
  if (tables === null) return 'what it replaced is not on the server any more';
  return copyUntil === null
    ? 'a later restore has replaced the whole database in place, and with it types or functions that the tables kept for this undo were made of'
    : 'the tables kept for this undo are not in the database any more: a later restore has put another database in its place, or somebody has dropped them';
}

function whyNoCopy(record: RestoreRecord): string {
  const { copyState, copyUntil, strategy, safetyBackupPath } = record;
  switch (copyState) {
    case 'used':
      return 'it was undone already';
    case 'dropping':
    case 'dropped':
      if (safetyBackupPath !== null) return copyUntil === null ? 'its undo was given up' : 'its time is over';
      return copyUntil === null
        ? 'what it replaced was dropped'
        : 'what it replaced was kept for its time and has been dropped';
    case 'lost':
      return whyLost(record);
    default:
      return strategy === 'new' ? 'it made the database, and replaced nothing' : 'what it replaced was not kept';
  }
}

function unavailable(record: RestoreRecord, why: string): DomainError {
  return new DomainError('UNDO_UNAVAILABLE', `The restore of "${record.database}" cannot be undone: ${why}.`, {
    hint: insteadOf(record),
  });
}

function insteadOf({ copyState, copyUntil, strategy, safetyBackupPath, tables }: RestoreRecord): string {
  if (copyState === 'lost' && tables !== null && copyUntil !== null)
    return 'Undo the restore that has replaced the whole database since, if there is one, or restore a backup.';
  if (copyState === 'lost' && safetyBackupPath !== null)
    return 'Put it back as it was, or restore another backup: GET /api/backups lists them.';
  if (copyState === 'used') return 'The undoing is a restore of its own, and can be undone in turn: GET /api/restores.';
  if (copyState === 'none' && strategy === 'new') return 'Drop that database by hand if nobody needs it.';
  if (safetyBackupPath !== null && copyState !== 'lost') return `Restore ${safetyBackupPath} instead.`;
  return 'Restore a backup from before it instead: GET /api/backups lists them.';
}
