export * from './backup.js';
export * from './clock.js';
export * from './database.js';
export * from './errors.js';
export * from './logger.js';
export * from './quantity.js';
export * from './tools.js';
