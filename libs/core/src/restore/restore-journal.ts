import type { Catalog } from '@app/catalog';
import type { JsonObject } from '@app/domain';
import type { RestoreStrategy } from './restore-request.js';

/** What a restore has under way on the server, as far as somebody must know it who comes after a death of the service. */
export type RestoreStep =
  /** The target was not there and is being made, empty. */
  | { step: 'create' }
  /** A copy is being loaded; the target is untouched. `created`: it was made for this restore, empty. */
  | { step: 'load'; incoming: string; created: boolean }
  /** The copy takes the target's place. `driver` is for `DatabaseSwap.settle`. */
  | { step: 'swap'; incoming: string; created: boolean; outgoing: string; keepForMs: number; driver: JsonObject }
  /** The target itself is being loaded, and is whole again only with this backup. `stage`: what it was loaded into before. */
  | { step: 'in_place'; safetyBackup: string; stage?: string }
  /** The restore is over and the target settled; only copies are still to be dropped, see {@link LeftCopies}. */
  | { step: 'drop' };

/** Copies that could not be dropped when that was due. They keep nobody from anything, and are dropped by the settle job. */
export interface LeftCopies {
  left?: readonly string[];
}

export interface RestoreSuccess {
  strategy: RestoreStrategy;
}

/** What the target held before a restore in place. */
export interface SafetyBackup {
  id: string;
  /** As shown to people. */
  path: string;
}

/**
 * What must be known of a restore after a death of the service: written down before each step that would leave
 * something on the server. When a method resolves, it is durable.
 */
export interface RestoreJournal {
  readonly id: string;
  begins(step: RestoreStep): Promise<void>;
  /** Says that an earlier step is what is left. Nothing is begun, so that it does not matter who holds the database by now. */
  returnsTo(step: RestoreStep & { step: 'create' | 'load' }): Promise<void>;
  /** Rejects when nothing may be begun or committed any more: somebody else may be at work on the database. */
  assertHeld(): Promise<void>;
  /**
   * What the target is about to lose is in this backup, which nobody deletes for so long: a death of the service from
   * here on leaves a restore that can be undone by it. Said again when the target has its new content. `forMs` undefined:
   * it has no other content any more.
   */
  saves(backup: SafetyBackup, forMs: number | undefined): Promise<void>;
  /** The target is as it was, and needs its safety backup no more. */
  unsaves(): Promise<void>;
  /** The swap has succeeded, and what the target held before is kept under this name. */
  keeps(copy: { name: string; bytes: number | null; forMs: number }, lockoutMs: number | null): Promise<void>;
  /** The tables of these copies were kept for undos in what the target held, and went with that: they do not come back. */
  loses(copies: readonly string[]): Promise<void>;
  /** This copy could not be dropped now. Known from the next thing on that is said: it goes later. */
  leaves(copy: string): void;
  /**
   * Nothing is under way any more, and the incoming copy is gone. `success`: how the target got its new content; said in
   * the same breath, as whoever dies after it must not be taken for one who has changed nothing.
   */
  ends(success?: RestoreSuccess): Promise<void>;
}

const NOT_SAVED = { safetyBackupId: null, safetyBackupPath: null, copyState: 'none', copyUntil: null } as const;

function asSuccess({ strategy }: RestoreSuccess) {
  return { state: 'succeeded', strategy, failure: null } as const;
}

/** In the catalog, beside what people see of the restore. */
export class CatalogJournal implements RestoreJournal {
  private readonly left: Set<string>;

  /** `left`: what the journal says of copies already. */
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

  /** In this order: one who dies in between finds the swap done once more, and keeps the copy again. */
  async keeps(copy: { name: string; bytes: number | null; forMs: number }, lockoutMs: number | null): Promise<void> {
    await this.catalog.restores.keepCopy(this.id, copy);
    await this.catalog.restores.update(this.id, {
      ...this.endState(),
      ...asSuccess({ strategy: 'swap' }),
      lockoutMs,
    });
  }

  ends(success?: RestoreSuccess): Promise<void> {
    return this.catalog.restores.update(this.id, { ...this.endState(), ...(success && asSuccess(success)) });
  }

  async loses(copies: readonly string[]): Promise<void> {
    if (copies.length > 0) await this.catalog.restores.loseCopies(copies);
  }

  leaves(copy: string): void {
    this.left.add(copy);
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
