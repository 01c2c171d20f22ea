import type { DomainEvent, EventName } from '../registry/domain-event.js';

/**
 * Reads domain events in their order, at least once each. When `handle` rejects, it gets the same events again after a pause; other
 * subscribers and the work that is told of do not wait for it.
 */
export interface Subscriber<Name extends EventName = EventName> {
  /** Its name in the catalog and the log. It never changes. */
  readonly name: string;
  readonly events: readonly Name[];
  /** Gets events in their order. `signal` is aborted when the service ends: then it must come to an end soon. */
  handle(events: readonly DomainEvent<Name>[], signal: AbortSignal): Promise<void>;
}
