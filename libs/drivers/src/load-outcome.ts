import { DomainError } from '@app/domain';

/** A load whose last command was sent, and whose answer nobody got: it may be done or undone. */
export class OutcomeUnknown extends DomainError {}

const untouched = new WeakSet<Error>();

/** Marks a failure between `LoadHooks.beforeReplacing` and the first thing that was taken away. */
export function markUntouched<E extends Error>(failure: E): E {
  untouched.add(failure);
  return failure;
}

/** Whether `DbDriver.load` failed with all that the target held still there, though `LoadHooks.beforeReplacing` was called. */
export function isUntouched(failure: unknown): boolean {
  return failure instanceof Error && untouched.has(failure);
}

/** Whether a failure of `DbDriver.load` leaves it open whether the database was replaced. */
export function isOutcomeUnknown(failure: unknown): boolean {
  for (let error = failure; error instanceof Error; error = error.cause) {
    if (error instanceof OutcomeUnknown) return true;
  }
  return false;
}
