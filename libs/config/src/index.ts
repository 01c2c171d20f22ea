export { isLoopback, readEnvironment } from './environment.js';
export type { AppConfig } from './environment.js';
export { LOG_LEVELS } from './environment-variables.js';
export type { LogLevel } from './environment-variables.js';
export { SettingsStore } from './settings-store.js';
export type { ConnectionSettings, Settings } from './settings-store.js';
