/** What has no class of its own to be injected by. */
export const APP_CONFIG = Symbol('AppConfig');
export const CATALOG = Symbol('Catalog');
export const CLOCK = Symbol('Clock');
export const JOB_QUEUE = Symbol('JobQueue');
export const LOGGER = Symbol('Logger');
export const RUNTIME = Symbol('Runtime');
