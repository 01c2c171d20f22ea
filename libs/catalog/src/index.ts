export * from './catalog.js';
export * from './records.js';
