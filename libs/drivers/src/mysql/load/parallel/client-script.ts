import { DELIMITER_LINE, delimiterSetBy } from '../../script/lexer/lexical-rules.js';
import type { ClientMarks } from './client-marks.js';

/** The input of the client: the dump, or what is left of it, and lines of ours in between. */
export class ClientScript {
  /** Which of the client's lines are ours. */
  private readonly inserted: number[] = [];
  private delimiter = ';';

  constructor(
    private readonly marks: Pick<ClientMarks, 'next'>,
    private readonly push: (bytes: Buffer) => void,
  ) {}

  /** Whole lines of the dump: a DELIMITER begins its piece. */
  give(bytes: Buffer): void {
    this.push(bytes);
    this.delimiter = delimiterOf(bytes) ?? this.delimiter;
  }

  /** A statement of ours, before this line of the dump. Under the delimiter of the dump the client would wait for its end. */
  insert(statement: string, dumpLine: number): void {
    const { delimiter } = this;
    const lines = delimiter === ';' ? [`${statement};`] : ['DELIMITER ;', `${statement};`, `DELIMITER ${delimiter}`];
    this.push(Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1'));
    for (const _ of lines) this.inserted.push(dumpLine + this.inserted.length);
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

/** Returns the delimiter that a DELIMITER line sets; undefined for anything else. */
function delimiterOf(bytes: Buffer): string | undefined {
  // Cheap, as nearly every piece of a dump is something else.
  if (((bytes[0] ?? 0) | 0x20) !== 0x64) return undefined;
  return delimiterSetBy(bytes.toString('latin1', 0, DELIMITER_LINE));
}
