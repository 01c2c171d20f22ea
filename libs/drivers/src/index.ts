export * from './db-driver.js';
export { DriverRegistry } from './driver-registry.js';
export { PostgresDriver } from './postgres/postgres-driver.js';
export { MysqlDriver } from './mysql/mysql-driver.js';
export type { MysqlDriverOptions } from './mysql/mysql-driver.js';
export { isOutcomeUnknown, OutcomeUnknown } from './outcome-unknown.js';
export { tlsMaterialFault } from './tls/tls-material.js';
export type { TlsMaterialFault } from './tls/tls-material.js';
