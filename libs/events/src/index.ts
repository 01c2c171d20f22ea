export { domainEvent, DOMAIN_EVENTS } from './registry/domain-event.js';
export type { DomainEvent, EventName, EventPayload } from './registry/domain-event.js';
export type { Subscriber } from './delivery/subscriber.js';
export { EventDispatcher } from './delivery/event-dispatcher.js';
export type { EventDispatcherOptions } from './delivery/event-dispatcher.js';
export { EventHints } from './hints/event-hints.js';
export type { EventHintsParts } from './hints/event-hints.js';
export { EventLog } from './hints/event-log.js';
export type { EventBody, EventListener, ServiceEvent, Subscription } from './hints/event-log.js';
