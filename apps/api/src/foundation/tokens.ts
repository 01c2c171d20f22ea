/** What has no class of its own to be injected by. */
export const APP_CONFIG = Symbol('AppConfig');
export const CLOCK = Symbol('Clock');
export const LOGGER = Symbol('Logger');
