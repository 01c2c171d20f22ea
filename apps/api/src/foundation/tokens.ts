/** What has no class of its own to be injected by. */
export const APP_CONFIG = Symbol('AppConfig');
export const CATALOG = Symbol('Catalog');
/** Sign copies of the catalog. */
export const CATALOG_COPY_KEYS = Symbol('SigningKeys of catalog copies');
export const CLOCK = Symbol('Clock');
/** This process is the only one that works on DATA_DIR. Nothing there is read or made before. */
export const DATA_LOCK = Symbol('DataLock');
export const JOB_QUEUE = Symbol('JobQueue');
export const LOGGER = Symbol('Logger');
