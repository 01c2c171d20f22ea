import { EventDispatcher, EventHints } from '@app/events';
import type { Inventory } from './build-inventory.js';
import type { Jobs } from './build-jobs.js';
import type { Foundation } from './foundation.js';

/** No other process writes into the file of SQLite, and each commit of this one wakes the subscribers. */
const ALONE_POLL_MS = 60_000;

/** The subscribers of domain events. Nothing is delivered yet. */
export function buildEvents(
  { config, logger, lock, catalog, events }: Foundation,
  { catalogExport, storageStore }: Inventory,
  { queue }: Jobs,
) {
  const alone = 'file' in config.catalog ? { alone: true, pollMs: ALONE_POLL_MS } : {};
  const eventDispatcher = new EventDispatcher({ catalog, logger, instance: lock.run, ...alone });
  eventDispatcher.subscribeHere(new EventHints({ events, jobs: queue }));
  eventDispatcher.subscribeHere(storageStore);
  eventDispatcher.subscribe(catalogExport);
  return { eventDispatcher };
}

export type Events = ReturnType<typeof buildEvents>;
