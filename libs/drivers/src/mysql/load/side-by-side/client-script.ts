import type { ClientMarks } from './client-marks.js';

/** What the client program is given: the dump, or what is left of it, and lines of ours in between. */
export class ClientScript {
  /** Which of the client's lines are ours. */
  private readonly inserted: number[] = [];

  constructor(
    private readonly marks: Pick<ClientMarks, 'next'>,
    private readonly push: (bytes: Buffer) => void,
  ) {}

  give(bytes: Buffer): void {
    this.push(bytes);
  }

  /** A statement of ours, before this line of the dump. */
  insert(statement: string, dumpLine: number): void {
    this.push(Buffer.from(`${statement};\n`));
    this.inserted.push(dumpLine + this.inserted.length);
  }

  /** When the client has done all that it was given, before this line of the dump. Rejects when it has ended before. */
  async done(dumpLine: number): Promise<void> {
    const { statement, reached } = this.marks.next();
    this.insert(statement, dumpLine);
    await reached;
  }

  /** Which line of the dump the client means by one of what it was given. */
  dumpLine(clientLine: number): number {
    return clientLine - this.inserted.filter((at) => at < clientLine).length;
  }
}
