export { startMariadb } from './mariadb.js';
export { startPostgres } from './postgres.js';
export type { SandboxOptions, SandboxServer } from './sandbox-server.js';
