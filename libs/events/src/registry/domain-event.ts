import { randomUUID } from 'node:crypto';
import type { NewEvent, StoredEvent } from '@app/catalog';
import type { JsonObject } from '@app/domain';
import { BACKUP_EVENTS } from './backup-events.js';
import { CONFIGURATION_EVENTS } from './configuration-events.js';
import type { EventType } from './event-type.js';
import { JOB_EVENTS } from './job-events.js';
import { RESTORE_EVENTS } from './restore-events.js';

type Families = typeof BACKUP_EVENTS & typeof RESTORE_EVENTS & typeof JOB_EVENTS & typeof CONFIGURATION_EVENTS;

export type EventName = keyof Families;
export type EventPayload<Name extends EventName> = NonNullable<Families[Name]['payload']>;

/** An event that was read from the outbox. */
export type DomainEvent<Name extends EventName = EventName> = {
  [One in Name]: {
    /** The same each time that it is delivered: for what must not be done twice. */
    id: string;
    name: One;
    position: number;
    /** Epoch milliseconds, by the catalog's clock. */
    at: number;
    payload: EventPayload<One>;
  };
}[Name];

/** Every event by its name. */
export const DOMAIN_EVENTS: Readonly<Record<EventName, EventType<object>>> = merged(
  BACKUP_EVENTS,
  RESTORE_EVENTS,
  JOB_EVENTS,
  CONFIGURATION_EVENTS,
);

/** Makes an event for `catalog.outbox`, to be appended in the transaction of what it tells. */
export function domainEvent<Name extends EventName>(name: Name, payload: EventPayload<Name>): NewEvent {
  return { id: randomUUID(), name, version: DOMAIN_EVENTS[name].version, payload: payload as JsonObject };
}

/** Returns the event; undefined for one that only a newer version of the service knows. */
export function readEvent({ id, name, version, position, at, payload }: StoredEvent): DomainEvent | undefined {
  const type = Object.hasOwn(DOMAIN_EVENTS, name) ? DOMAIN_EVENTS[name as EventName] : undefined;
  if (type === undefined || version > type.version) return undefined;
  return { id, name, position, at, payload } as unknown as DomainEvent;
}

function merged(...families: readonly object[]): Record<EventName, EventType<object>> {
  const all = new Map<string, EventType<object>>();
  for (const [name, type] of families.flatMap((family) => Object.entries<EventType<object>>(family as never))) {
    if (all.has(name)) throw new Error(`There are two events named ${name}`);
    all.set(name, type);
  }
  return Object.fromEntries(all) as Record<EventName, EventType<object>>;
}
