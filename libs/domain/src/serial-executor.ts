/** Runs one piece of work after the other, in the order in which they are given. A failure stops none that follows. */
export class SerialExecutor {
  private last: Promise<unknown> = Promise.resolve();

  /** Returns the result of `work`, which begins when all earlier work has ended. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => undefined);
    return result;
  }

  /** Resolves when all work that was given so far has ended. */
  async idle(): Promise<void> {
    await this.last;
  }
}
