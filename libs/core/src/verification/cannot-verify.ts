/** It cannot be found out here what a backup is worth: no fault of the backup. `reason` goes after "because". */
export class CannotVerify extends Error {
  constructor(
    reason: string,
    /** What to do next, one sentence. */
    readonly hint?: string,
    cause?: unknown,
  ) {
    super(`cannot verify here, because ${reason}.`, cause === undefined ? undefined : { cause });
  }
}
