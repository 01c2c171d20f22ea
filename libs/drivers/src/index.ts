export * from './db-driver.js';
export { DriverRegistry } from './driver-registry.js';
