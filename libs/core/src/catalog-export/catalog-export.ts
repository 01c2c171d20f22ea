import { setTimeout as sleep } from 'node:timers/promises';
import type { Catalog } from '@app/catalog';
import type { DomainEvent, Subscriber } from '@app/events';
import type { CatalogCopies } from './catalog-copies.js';

const DEFAULT_DELAY_MS = 5_000;

const EXPORTED = ['StorageChanged', 'ConnectionChanged', 'ScheduleChanged', 'BackupPinned', 'CatalogRebuilt'] as const;
type Exported = (typeof EXPORTED)[number];

export interface CatalogExportParts {
  catalog: Catalog;
  copies: CatalogCopies;
  /** How long after a change the copy is written, so that a burst of changes makes one. Default: 5 s. */
  delayMs?: number;
}

/** Copies the catalog into storage after each change that only a copy can bring back. */
export class CatalogExport implements Subscriber<Exported> {
  readonly name = 'catalog-export';
  readonly events = EXPORTED;
  /** Up to here the changes are in a copy; undefined: not known, as nothing was copied in this process. */
  private copied: number | undefined;

  constructor(private readonly parts: CatalogExportParts) {}

  /** Notes where this process begins. To be called before anything is changed. */
  async begin(): Promise<void> {
    this.copied ??= await this.parts.catalog.outbox.last();
  }

  /** Rejects when the copy cannot be written, so that it is tried again. At the end of the service it does not wait. */
  async handle(_events: readonly DomainEvent<Exported>[], signal: AbortSignal): Promise<void> {
    await sleep(this.parts.delayMs ?? DEFAULT_DELAY_MS, undefined, { signal, ref: false }).catch(() => undefined);
    await this.copy();
  }

  /** Copies the catalog now, if it has changed since the last copy. */
  async flush(): Promise<void> {
    const changes = await this.parts.catalog.outbox.after(this.copied ?? 0, 1, EXPORTED);
    if (changes.length > 0) await this.copy();
  }

  private async copy(): Promise<void> {
    // Read before the rows are, so that a change in between counts as not copied.
    const last = await this.parts.catalog.outbox.last();
    await this.parts.copies.copy();
    this.copied = Math.max(this.copied ?? 0, last);
  }
}
