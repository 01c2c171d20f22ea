/** Which line of the dump a line is that the client was given: marks that were put in move what follows. */
export class LineMap {
  private readonly insertedAt: number[] = [];

  /** A line was put in before this line of the dump. */
  inserted(dumpLine: number): void {
    this.insertedAt.push(dumpLine + this.insertedAt.length);
  }

  dumpLine(clientLine: number): number {
    return clientLine - this.insertedAt.filter((at) => at < clientLine).length;
  }
}
