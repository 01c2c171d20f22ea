/** The tokens of interfaces, which have no class of their own to be injected by. */
export const APP_CONFIG = Symbol('AppConfig');
/** The storages by their ids. */
export const STORAGES = Symbol('StorageRegistry');
/** The storages of the environment, the default one first. */
export const CONFIGURED_STORAGES = Symbol('ConfiguredStorages');
/** Translates what callers write as a location or path of a backup. */
export const LOCATIONS = Symbol('BackupLocations');
/** Lets a person decide about storages that are away. */
export const STORAGE_SITES = Symbol('StorageSites');
export const CATALOG = Symbol('Catalog');
export const CLOCK = Symbol('Clock');
export const JOB_QUEUE = Symbol('JobQueue');
export const LOGGER = Symbol('Logger');
export const RUNTIME = Symbol('Runtime');
