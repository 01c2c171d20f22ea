import type { Catalog, NewEvent, RestoreRecord } from '@app/catalog';
import type { JsonObject, RestoreStrategy } from '@app/domain';
import { domainEvent } from '@app/events';

/** The action of a restore on the server, as far as the recovery after a crash of the service must know it. */
export type RestoreStep =
  /** The target did not exist and is being created, empty. */
  | { step: 'create' }
  /** The staging database is being loaded; the target is untouched. `created`: the target was created for this restore, empty. */
  | { step: 'load'; incoming: string; created: boolean }
  /** The staging database takes the target's place. `driver` is for `DatabaseSwap.recover`. */
  | { step: 'swap'; incoming: string; created: boolean; outgoing: string; keepForMs: number; driver: JsonObject }
  /** The target itself is being loaded, and is whole again only with this backup. `stage` is the staging database that was loaded first. */
  | { step: 'in_place'; safetyBackup: string; stage?: string }
  /** The restore is over and the target is whole; only databases are still to be dropped, see {@link LeftCopies}. */
  | { step: 'drop' };

/** Staging and previous databases that could not be dropped when that was due. They block nothing; the recovery job drops them. */
export interface LeftCopies {
  left?: readonly string[];
}

export interface RestoreSuccess {
  strategy: RestoreStrategy;
}

/** The backup of what the target held before a restore in place. */
export interface SafetyBackup {
  id: string;
  /** The path as it is shown to people. */
  path: string;
}

/**
 * The write-ahead record of a restore. It is written before each step that would leave something on the server, so that the
 * recovery after a crash of the service knows it. When a method resolves, its entry is durable.
 */
export interface RestoreJournal {
  readonly id: string;
  begins(step: RestoreStep): Promise<void>;
  /** Notes that only an earlier step is left. It begins nothing, so that it does not matter who holds the database by now. */
  returnsTo(step: RestoreStep & { step: 'create' | 'load' }): Promise<void>;
  /** Rejects when nothing may be begun or committed any more, because somebody else may be at work on the database. */
  assertHeld(): Promise<void>;
  /**
   * Notes the backup that holds what the target is about to lose. Nobody deletes it for that time, so that a restore which
   * a crash of the service ends can be undone by it. It is noted again when the target has its new content. `forMs` is
   * undefined once the target has no other content any more.
   */
  saves(backup: SafetyBackup, forMs: number | undefined): Promise<void>;
  /** Notes that the target is as it was and does not need its safety backup any more. */
  unsaves(): Promise<void>;
  /** Notes that the swap has succeeded and that the previous database is kept under this name. */
  keeps(copy: { name: string; bytes: number | null; forMs: number }, lockoutMs: number | null): Promise<void>;
  /** Notes that tables which were kept for undos in the target are gone for good, as its previous content is gone. */
  loses(copies: readonly string[]): Promise<void>;
  /** Remembers that this database could not be dropped now. The next entry notes it, and it is dropped later. */
  leaves(copy: string): void;
  /**
   * Notes that nothing is under way any more and that the staging database is gone. `success` says how the target got its new
   * content. Both are one entry, so that a crash after it is not taken for a restore that has changed nothing.
   */
  ends(success?: RestoreSuccess): Promise<void>;
}

const NOT_SAVED = { safetyBackupId: null, safetyBackupPath: null, copyState: 'none', copyUntil: null } as const;

function asSuccess({ strategy }: RestoreSuccess) {
  return { state: 'succeeded', strategy, failure: null } as const;
}

function successOf({ kind, undoes, ...record }: RestoreRecord): NewEvent {
  const { id: restoreId, jobId, connectionId, database, backupId, strategy } = record;
  const about = { restoreId, jobId, connectionId, database };
  if (kind === 'undo') return domainEvent('RestoreUndone', { ...about, undoneRestoreId: undoes });
  return domainEvent('RestoreSucceeded', { ...about, backupId, strategy });
}

/** Keeps the journal in the catalog, in the record of the restore. */
export class CatalogJournal implements RestoreJournal {
  private readonly left: Set<string>;

  /** `left` holds the databases that the journal already lists as left. */
  constructor(
    private readonly catalog: Catalog,
    readonly id: string,
    readonly assertHeld: () => Promise<void> = () => Promise.resolve(),
    { left = [] }: LeftCopies = {},
  ) {
    this.left = new Set(left);
  }

  async begins(step: RestoreStep): Promise<void> {
    await this.assertHeld();
    await this.write(step);
  }

  returnsTo(step: RestoreStep & { step: 'create' | 'load' }): Promise<void> {
    return this.write(step);
  }

  async saves({ id, path }: SafetyBackup, forMs: number | undefined): Promise<void> {
    await this.catalog.restores.keepBackup(this.id, { id, path, forMs });
  }

  unsaves(): Promise<void> {
    return this.catalog.restores.update(this.id, NOT_SAVED);
  }

  /** The order matters: after a crash in between, the recovery finds the swap done and keeps the previous database again. */
  async keeps(copy: { name: string; bytes: number | null; forMs: number }, lockoutMs: number | null): Promise<void> {
    await this.catalog.restores.keepCopy(this.id, copy);
    await this.succeeds({ ...this.endState(), ...asSuccess({ strategy: 'swap' }), lockoutMs });
  }

  ends(success?: RestoreSuccess): Promise<void> {
    if (success === undefined) return this.catalog.restores.update(this.id, this.endState());
    return this.succeeds({ ...this.endState(), ...asSuccess(success) });
  }

  async loses(copies: readonly string[]): Promise<void> {
    if (copies.length > 0) await this.catalog.restores.loseCopies(copies);
  }

  leaves(copy: string): void {
    this.left.add(copy);
  }

  /** Notes the success and its event once, whether the journal or the end of the job is the first to know. */
  succeeds(change: Partial<RestoreRecord>): Promise<void> {
    return this.catalog.transaction(async ({ restores, outbox }) => {
      const before = await restores.get(this.id);
      await restores.update(this.id, change);
      if (before !== undefined && before.state !== 'succeeded')
        await outbox.append([successOf({ ...before, ...change })]);
    });
  }

  private async write(step: RestoreStep): Promise<void> {
    const incoming = 'incoming' in step ? step.incoming : null;
    await this.catalog.restores.update(this.id, { incoming, journal: { ...step, ...this.leftCopies() } });
  }

  private endState(): { incoming: null; journal: JsonObject | null } {
    return { incoming: null, journal: this.left.size === 0 ? null : { step: 'drop', ...this.leftCopies() } };
  }

  private leftCopies(): { left?: string[] } {
    return this.left.size === 0 ? {} : { left: [...this.left] };
  }
}

/** Reads what {@link CatalogJournal.begins} wrote. */
export function lastStepOf(record: { journal: JsonObject | null }): (RestoreStep & LeftCopies) | undefined {
  return record.journal === null ? undefined : (record.journal as unknown as RestoreStep & LeftCopies);
}
