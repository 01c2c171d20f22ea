/** What has no class of its own to be injected by. */
export const APP_CONFIG = Symbol('AppConfig');
/** The storages by their ids. */
export const STORAGES = Symbol('StorageRegistry');
/** What callers write as a location or path of a backup. */
export const LOCATIONS = Symbol('BackupLocations');
/** What a person decides about storages that are away. */
export const STORAGE_SITES = Symbol('StorageSites');
export const CATALOG = Symbol('Catalog');
export const CLOCK = Symbol('Clock');
export const JOB_QUEUE = Symbol('JobQueue');
export const LOGGER = Symbol('Logger');
export const RUNTIME = Symbol('Runtime');
