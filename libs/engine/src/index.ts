export { BackupListing } from './backup-listing.js';
export type { BackupRecord } from './backup-record.js';
export { BackupRunner } from './backup-runner.js';
export type { BackupDefaults, BackupRequest, BackupRunnerParts } from './backup-runner.js';
export { Operations, databaseKey } from './operations.js';
export { RestoreRunner } from './restore-runner.js';
export type { RestoreOutcome, RestoreRequest, RestoreRunnerParts, RestoreStrategy } from './restore-runner.js';
export { Retention } from './retention.js';
export { StartupSweep } from './startup-sweep.js';
