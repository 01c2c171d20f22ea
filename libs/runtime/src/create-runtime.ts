import type { AppConfig } from '@app/config';
import { systemClock } from '@app/domain';
import type { Clock, Logger } from '@app/domain';
import { buildEvents } from './build-events.js';
import { buildInventory } from './build-inventory.js';
import { buildJobs } from './build-jobs.js';
import { buildOperations } from './build-operations.js';
import { openFoundation } from './foundation.js';
import type { Foundation } from './foundation.js';
import { Housekeeping } from './housekeeping.js';
import type { RuntimeOverrides } from './overrides.js';
import type { Runtime } from './runtime.js';
import { Shutdown } from './shutdown.js';
import { Startup } from './startup.js';

export interface RuntimeOptions {
  readonly config: AppConfig;
  readonly logger: Logger;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
  readonly overrides?: RuntimeOverrides | undefined;
}

/**
 * Builds everything that the service consists of apart from HTTP. Nothing runs before {@link Runtime.start}. A failure,
 * such as a catalog that does not answer, leaves nothing locked or open.
 */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { config, logger, clock = systemClock, overrides = {} } = options;
  const foundation = await openFoundation(config, clock, logger);
  try {
    return build(foundation, overrides);
  } catch (error) {
    await foundation.catalog.close();
    foundation.lock.release();
    throw error;
  }
}

function build(foundation: Foundation, overrides: RuntimeOverrides): Runtime {
  const inventory = buildInventory(foundation, overrides);
  const operations = buildOperations(foundation, inventory, overrides);
  const jobs = buildJobs(foundation, inventory, operations);
  const events = buildEvents(foundation, inventory, jobs);
  const parts = { ...foundation, ...inventory, ...operations, ...jobs, ...events };
  const startup = new Startup(parts);
  const housekeeping = new Housekeeping(parts);
  const shutdown = new Shutdown({ ...parts, housekeeping });
  return {
    ...parts,
    start: () => startup.run(),
    beginHousekeeping: () => housekeeping.begin(),
    shutdown,
    async close() {
      shutdown.begin();
      await shutdown.endJobs();
      await shutdown.close();
    },
  };
}
