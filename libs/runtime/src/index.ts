export { limitGarbage } from './garbage.js';
export { createRuntime } from './create-runtime.js';
export type { RuntimeOptions } from './create-runtime.js';
export type { Runtime } from './runtime.js';
export { Shutdown } from './shutdown.js';
export type { RuntimeOverrides } from './overrides.js';
