import type { Events } from './build-events.js';
import type { Inventory } from './build-inventory.js';
import type { Jobs } from './build-jobs.js';
import type { Operations } from './build-operations.js';
import type { Foundation } from './foundation.js';
import type { Shutdown } from './shutdown.js';

/** The service without HTTP: its parts, ready to be used, and its life. */
export interface Runtime extends Foundation, Inventory, Operations, Jobs, Events {
  /** Puts in order what a predecessor left, brings back a catalog that is gone, and lets jobs run. To be called once. */
  start(): Promise<void>;
  /** Begins what is done again and again, such as sweeps and copies of the catalog; today's has been queued then. */
  beginHousekeeping(): Promise<void>;
  /** The steps of a shutdown, for an app that has connections of its own to close in between. */
  readonly shutdown: Shutdown;
  /** All steps of a shutdown, one after the other. */
  close(): Promise<void>;
}
