export { isProcessAlive } from './is-process-alive.js';
export { largeWrites } from './large-writes.js';
export { OutputTail } from './output-tail.js';
export { runProcess } from './run-process.js';
export { writeSecretFile } from './secret-file.js';
export type { SecretFile } from './secret-file.js';
export { ProcessFailure, startProcess } from './start-process.js';
export type { ProcessOutcome, ProcessSpec, RunningProcess } from './start-process.js';
export { assertTrustedProgram, startTool } from './trusted-program.js';
