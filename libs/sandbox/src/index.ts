export { startMariadb } from './mariadb.js';
export { startPostgres } from './postgres.js';
export type { SandboxOptions, SandboxServer } from './sandbox-server.js';
export { SupervisedProcess } from './supervised-process.js';
export type { SupervisedProcessSpec } from './supervised-process.js';
export type { SupervisedStep } from './supervisor-script.js';
