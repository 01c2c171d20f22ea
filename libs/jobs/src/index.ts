export * from './event-log.js';
export { InProcessQueue } from './in-process-queue.js';
export type { InProcessQueueOptions } from './in-process-queue.js';
export { errorOf, resultOf } from './job-outcome.js';
export * from './job-queue.js';
export type { Instance } from './presence.js';
export { Schedule } from './schedule.js';
export { cronFault, timezoneFault } from './schedule-fault.js';
