/** This installation cannot verify the backup, which says nothing of the backup itself. `reason` is a clause after "because". */
export class CannotVerify extends Error {
  constructor(
    reason: string,
    /** One sentence that says what to do next. */
    readonly hint?: string,
    cause?: unknown,
  ) {
    super(`cannot verify here, because ${reason}.`, cause === undefined ? undefined : { cause });
  }
}
