/** A rule for the lines of a dump on their way into a database. */
export interface LineRule {
  /** The beginning of the line. */
  prefix: Buffer;
  /** Latin-1 text in and out: UTF-8 passes through unharmed. */
  replace(line: string): string;
  /** Absent: one line is all. */
  complete?(lines: string): boolean;
}

/** How the tools begin the line that makes a view at last. */
export const VIEW_LINES: readonly Buffer[] = [
  Buffer.from('/*!50001 VIEW `'),
  Buffer.from('/*!50001 JSON RELATIONAL DUALITY VIEW `'),
];
