import { DomainError } from '@app/domain';

/** A load whose last command was sent, and whose answer nobody got: it may be done or undone. */
export class OutcomeUnknown extends DomainError {}

/** Whether a failure of `DbDriver.load` leaves it open whether the database was replaced. */
export function isOutcomeUnknown(failure: unknown): boolean {
  for (let error = failure; error instanceof Error; error = error.cause) {
    if (error instanceof OutcomeUnknown) return true;
  }
  return false;
}
