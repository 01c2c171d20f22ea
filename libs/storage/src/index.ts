export { artifactStem, backupNameFault, checkBackupName, nameOfDatabase } from './artifact-name.js';
export * from './artifact-storage.js';
export { BackupLocations } from './backup-locations.js';
export type { BackupFile, BackupLocation } from './backup-locations.js';
export { replaceDurably } from './durable-file.js';
export { lockFolder } from './folder-lock.js';
export type { FolderLock } from './folder-lock.js';
export { LocalStorage } from './local-storage.js';
export { storageError } from './storage-error.js';
