export type { Account, InstalledServer } from './installed-server.js';
export { installedMariadb, mariadbAccount, startMariadb } from './mariadb.js';
export { installedPostgres, postgresAccount, startPostgres } from './postgres.js';
export { sandboxFolder, sweepSandboxes } from './sandbox-folder.js';
export type { SandboxOptions, SandboxServer } from './sandbox-server.js';
export { SupervisedProcess } from './supervised-process.js';
export type { SupervisedProcessSpec } from './supervised-process.js';
export type { SupervisedStep } from './supervisor-script.js';
