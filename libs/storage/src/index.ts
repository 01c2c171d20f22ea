export { artifactStem, backupNameFault, checkBackupName, nameOfDatabase } from './artifact-name.js';
export * from './artifact-storage.js';
export { BackupLocations } from './backup-locations.js';
export type { BackupFile, BackupLocation } from './backup-locations.js';
export { LocalStorage } from './local-storage.js';
