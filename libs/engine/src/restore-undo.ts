import type { Catalog, RestoreRecord } from '@app/catalog';
import { DomainError } from '@app/domain';
import type { Logger } from '@app/domain';
import type { DriverRegistry } from '@app/drivers';
import type { ConnectionStore } from './connection-store.js';
import { swapOf } from './restore-exchange.js';

export interface RestoreUndoParts {
  catalog: Catalog;
  connections: Pick<ConnectionStore, 'paramsOf'>;
  drivers: DriverRegistry;
  logger: Logger;
  /** What this restore had replaced is gone from the server. */
  onDropped?: (record: RestoreRecord) => void;
}

/** How a restore can be undone now. `null`: not, for the reason that `UNDO_UNAVAILABLE` gives. */
export type UndoWay = { by: 'copy'; name: string } | { by: 'backup'; path: string };

/** What restores have replaced, and how to get it back. */
export class RestoreUndo {
  constructor(private readonly parts: RestoreUndoParts) {}

  /** RESTORE_NOT_FOUND; UNDO_UNAVAILABLE with the reason. */
  async check(id: string): Promise<RestoreRecord> {
    const record = await this.get(id);
    undoWayOf(record);
    return record;
  }

  async get(id: string): Promise<RestoreRecord> {
    const record = await this.parts.catalog.restores.get(id);
    if (record !== undefined) return record;
    throw new DomainError('RESTORE_NOT_FOUND', `There is no restore ${id}.`, {
      hint: 'GET /api/restores lists them.',
    });
  }

  /**
   * Gives the undo up: drops the kept copy now, for its space, or lets retention judge the safety backup. UNDO_UNAVAILABLE when there is none. Returns the record as it is then, without
   * `copyUntil`: that is how it is told from one whose time had come.
   */
  async dropCopy(id: string): Promise<RestoreRecord> {
    const record = await this.get(id);
    if (record.copyState !== 'kept' && record.copyState !== 'dropping') throw unavailable(record, whyNoCopy(record));
    if (!(await this.drop(record, 'at once'))) {
      const now = await this.get(id);
      throw unavailable(now, whyNoCopy(now));
    }
    return this.get(id);
  }

  /** Drops every copy whose time has come, and lets go of safety backups. One that cannot be dropped now is tried again the next time. */
  async dropExpired(): Promise<{ dropped: string[]; failed: string[] }> {
    const dropped: string[] = [];
    const failed: string[] = [];
    for (const record of await this.parts.catalog.restores.expired(100)) {
      const name = record.copy ?? '';
      try {
        if ((await this.drop(record, 'in time')) && record.copy !== null) dropped.push(name);
      } catch (error) {
        failed.push(name);
        this.parts.logger.warn({ err: error, copy: name }, 'the copy that a restore left could not be dropped yet');
      }
    }
    return { dropped, failed };
  }

  /** False when somebody else swaps it in at this moment. */
  private async drop(record: RestoreRecord, when: 'in time' | 'at once'): Promise<boolean> {
    const { catalog, connections, drivers } = this.parts;
    const { restores } = catalog;
    const begun = record.copyState === 'dropping' || (await restores.moveCopy(record.id, 'kept', 'dropping'));
    if (!begun) return false;
    // It did not last until then. Said only now that nobody can use it any more.
    if (when === 'at once') await restores.update(record.id, { copyUntil: null });
    if (record.copy === null) {
      // A safety backup stays, as one that retention judges like any other.
      await restores.moveCopy(record.id, 'dropping', 'dropped');
      this.parts.onDropped?.(record);
      return true;
    }
    if (record.connectionId === null) throw unavailable(record, 'its connection was removed');
    const connection = { ...(await connections.paramsOf(record.connectionId)), database: record.database };
    await swapOf(drivers.get(record.dbType), record).dropCopy(connection, record.copy);
    await restores.moveCopy(record.id, 'dropping', 'dropped');
    this.parts.onDropped?.(record);
    return true;
  }
}

/** Throws UNDO_UNAVAILABLE with the reason why it cannot be undone. */
export function undoWayOf(record: RestoreRecord): UndoWay {
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

/** It may have succeeded, failed half-way, or be of a service that died: what it replaced is in its safety backup. */
function isOver({ state, journal }: RestoreRecord): boolean {
  return state !== 'running' && journal === null;
}

function whyNoCopy({ copyState, copyUntil, strategy, safetyBackupPath }: RestoreRecord): string {
  switch (copyState) {
    case 'used':
      return 'it was undone already';
    case 'dropping':
    case 'dropped':
      if (safetyBackupPath !== null) return copyUntil === null ? 'its undo was given up' : 'its time is over';
      return copyUntil === null
        ? 'what it replaced was dropped'
        : 'what it replaced was kept for its time and has been dropped';
    default:
      return strategy === 'new' ? 'it made the database, and replaced nothing' : 'what it replaced was not kept';
  }
}

function unavailable(record: RestoreRecord, why: string): DomainError {
  return new DomainError('UNDO_UNAVAILABLE', `The restore of "${record.database}" cannot be undone: ${why}.`, {
    hint: insteadOf(record),
  });
}

function insteadOf({ copyState, safetyBackupPath }: RestoreRecord): string {
  if (copyState === 'used') return 'The undoing is a restore of its own, and can be undone in turn: GET /api/restores.';
  if (safetyBackupPath !== null) return `Restore ${safetyBackupPath} instead.`;
  return 'Restore a backup from before it instead: GET /api/backups lists them.';
}
