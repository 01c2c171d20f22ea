import { Inject, Injectable } from '@nestjs/common';
import type { BackupRow, Catalog, ConnectionRecord, ScheduleRecord } from '@app/catalog';
import { DomainError, folderOf, textOfFolder } from '@app/domain';
import { BackupIndex, BackupRemoval, ConnectionStore, DEFAULT_SCHEDULE_ID } from '@app/core';
import { domainEvent } from '@app/events';
import type { StorageRegistry } from '@app/storage';
import { CATALOG, STORAGES } from '../foundation/tokens.js';
import { ActiveConnection } from './active-connection.js';
import { refuseWhileWorking } from './connection-work.js';

export interface Deletion {
  deleteBackups: boolean;
  /** The name of the database as confirmation, if backups are to be deleted. */
  confirm: string | undefined;
}

export interface Deleted {
  schedules: number;
  backups: number;
  /** The backups that stay, and their folders as users see them. */
  remaining: number;
  folders: string[];
}

const SCHEDULES_AT_ONCE = 500;

@Injectable()
export class ConnectionDeletion {
  constructor(
    private readonly store: ConnectionStore,
    @Inject(CATALOG) private readonly catalog: Catalog,
    private readonly active: ActiveConnection,
    private readonly index: BackupIndex,
    private readonly removal: BackupRemoval,
    @Inject(STORAGES) private readonly storages: StorageRegistry,
  ) {}

  /**
   * Deletes the connection before its backups, so that no schedule makes another one meanwhile, and a crash in between
   * leaves too many files, not too few. Throws CONNECTION_IN_USE, and deletes nothing, when the connection is active, has
   * running jobs, or has pinned backups that are to be deleted.
   */
  async delete(id: string, { deleteBackups, confirm }: Deletion): Promise<Deleted> {
    const connection = await this.store.get(id);
    if (this.active.wanted?.id === id) throw isActive(connection);
    if (deleteBackups) await this.index.syncEverywhere();
    const { all, own } = await this.removal.ofConnection(connection);
    const doomed = deleteBackups ? own : [];
    if (deleteBackups) {
      checkConfirmed(connection, confirm, doomed.length);
      await this.refusePinned(doomed);
    }
    const schedules = await this.removeRecord(connection);
    const { removed } = await this.removal.remove(doomed, connection);
    const remaining = removed === 0 ? all : await this.catalog.backups.ofConnection(id);
    return { schedules, backups: removed, remaining: remaining.length, folders: await this.foldersOf(remaining) };
  }

  /** Deletes the connection with its schedules, and returns how many there were. */
  private removeRecord({ id, label, database }: ConnectionRecord): Promise<number> {
    return this.catalog.transaction(async (catalog) => {
      await refuseWhileWorking(catalog, id, 'is to be deleted');
      let own = 0;
      for await (const schedule of schedulesOf(catalog)) {
        if (schedule.connectionId === id && schedule.id === DEFAULT_SCHEDULE_ID) {
          await catalog.schedules.update(schedule.id, { connectionId: null });
        } else if (schedule.connectionId === id) {
          own += 1;
        } else if (schedule.sourceConnectionId === id) {
          throw isSource(label ?? database, schedule);
        }
      }
      await catalog.connections.remove(id);
      await catalog.outbox.append([domainEvent('ConnectionChanged', { connectionId: id, change: 'removed' })]);
      return own;
    });
  }

  private async refusePinned(backups: readonly BackupRow[]): Promise<void> {
    const ids = backups.map((backup) => backup.id);
    const [restore] = (await this.catalog.restores.needing(ids)).values();
    if (restore !== undefined) {
      throw new DomainError(
        'CONNECTION_IN_USE',
        'A restore can be undone by one of its backups. Nothing was deleted.',
        {
          hint: `Give that up with DELETE /api/restores/${restore}/undo, or delete the connection without its backups.`,
        },
      );
    }
    const pinned = await this.catalog.backups.pinned(ids);
    if (pinned.size === 0) return;
    const what = pinned.size === 1 ? '1 of its backups is pinned' : `${pinned.size} of its backups are pinned`;
    throw new DomainError('CONNECTION_IN_USE', `${what}. Nothing was deleted.`, {
      hint: 'Unpin with POST /api/backups/:id/pin what is to go, or delete the connection without its backups.',
    });
  }

  private async foldersOf(backups: readonly BackupRow[]): Promise<string[]> {
    const folders = new Map(backups.map(folderOf).map((folder) => [textOfFolder(folder), folder]));
    const shown = await Promise.all(
      [...folders.values()].map(async (folder) =>
        (await this.storages.location(folder))?.display('').replace(/(?<=.)\/$/, ''),
      ),
    );
    return shown.filter((folder) => folder !== undefined);
  }
}

/** Says what was deleted and what stays. */
export function deletionMessage({ schedules, backups, remaining, folders }: Deleted): string {
  const sentences = ['Connection deleted.'];
  if (schedules === 1) sentences.push('Its schedule went with it.');
  if (schedules > 1) sentences.push(`Its ${schedules} schedules went with it.`);
  if (backups > 0) sentences.push(`${counted(backups)} ${backups === 1 ? 'was' : 'were'} deleted.`);
  if (remaining > 0) {
    const which = backups > 0 ? `${remaining} more` : `Its ${remaining === 1 ? 'backup' : counted(remaining)}`;
    const where = folders.length === 0 ? '' : ` in ${folders.join(', ')}`;
    sentences.push(`${which} ${remaining === 1 ? 'stays' : 'stay'}${where}.`);
  } else if (backups === 0) {
    sentences.push('It had no backups.');
  }
  return sentences.join(' ');
}

function counted(backups: number): string {
  return backups === 1 ? '1 backup' : `${backups} backups`;
}

async function* schedulesOf(catalog: Catalog): AsyncGenerator<ScheduleRecord> {
  let after: string | undefined;
  do {
    const page = await catalog.schedules.page({
      limit: SCHEDULES_AT_ONCE,
      ...(after === undefined ? {} : { after }),
    });
    yield* page.rows;
    after = page.next;
  } while (after !== undefined);
}

function checkConfirmed({ database }: ConnectionRecord, confirm: string | undefined, backups: number): void {
  if (confirm === database) return;
  const message = `must be ${JSON.stringify(database)}, the database whose ${counted(backups)} would be deleted`;
  throw new DomainError('INVALID_INPUT', `confirm ${message}.`, {
    hint: 'Nothing was deleted. Leave delete_backups out to keep them.',
    fields: [{ field: 'confirm', message }],
  });
}

function isActive({ label, database }: ConnectionRecord): DomainError {
  return new DomainError('CONNECTION_IN_USE', `"${label ?? database}" is the active connection.`, {
    hint: 'Activate another one, or disconnect with POST /api/disconnect, and delete it then.',
  });
}

function isSource(name: string, schedule: ScheduleRecord): DomainError {
  return new DomainError(
    'CONNECTION_IN_USE',
    `The schedule "${schedule.name}" restores the backups of "${name}" into another database.`,
    { hint: `Change or delete it first: /api/schedules/${schedule.id}.` },
  );
}
