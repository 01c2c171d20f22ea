export * from './event-log.js';
export * from './job-queue.js';
export { Schedule } from './schedule.js';
export { cronFault, timezoneFault } from './schedule-fault.js';
