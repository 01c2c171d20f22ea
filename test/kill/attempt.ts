import type { Answer } from './api.js';
import type { Operation } from './operation.js';
import type { State } from './states.js';
import type { Subject } from './subject.js';

/** An operation that a fault may have struck. */
export interface Attempt {
  subject: Subject;
  operation: Operation;
  /** What the database held before. */
  old: State;
  /** Undefined: the service ended before it had answered. */
  answer?: Answer | undefined;
}

/** A broken promise. */
export class Broken extends Error {}
