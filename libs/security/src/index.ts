export { AdminPassword } from './admin-password.js';
export { AttemptLimiter } from './attempt-limiter.js';
export type { AttemptLimiterOptions } from './attempt-limiter.js';
export { closeFolderToOthers, closeToOthers } from './own-files.js';
export { REDACTED, redactor } from './redaction.js';
export { SecretBox } from './secret-box.js';
export { loadSecretKey } from './secret-key.js';
export { loadPreviousKeys, SigningKeys } from './signing-keys.js';
export type { Signature, SignatureCheck } from './signing-keys.js';
