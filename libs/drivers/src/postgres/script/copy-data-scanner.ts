import { DomainError } from '@app/domain';

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const DOT = 0x2e;
const BACKSLASH = 0x5c;
/** No row begins like this, though many may begin with a backslash: NULL is `\N`. */
const END_LINE = Buffer.from('\n\\.');

export interface CopyScan {
  /** Rows, as they are to be sent to the server. */
  data: Buffer;
  /** Where scanning goes on. Bytes from here may be the beginning of the end mark and must be seen again. */
  next: number;
  ended: boolean;
}

/**
 * Finds the end of the rows that follow `COPY … FROM stdin;`: a line that is just `\.`, which no row can be. The search is
 * `Buffer.indexOf`, so that data passes at memory speed.
 */
export class CopyDataScanner {
  /** Set while the text that follows the semicolon on its line is still to come, which is not data. */
  private lead = true;
  /** Before the first row there is no line break to look for. */
  private firstLine = true;

  scan(buffer: Buffer, from: number): CopyScan {
    let start = from;
    if (this.lead) {
      const newline = buffer.indexOf(NEWLINE, start);
      const rest = buffer.toString('latin1', start, newline === -1 ? buffer.length : newline);
      if (/[^ \t\r\f\v]/.test(rest))
        throw new DomainError('BACKUP_DAMAGED', 'The dump holds text between COPY and its rows.');
      start = newline === -1 ? buffer.length : newline + 1;
      this.lead = newline === -1;
    }
    if (this.lead || start === buffer.length) return { data: buffer.subarray(0, 0), next: start, ended: false };
    if (this.firstLine) {
      const length = endMark(buffer, start);
      if (length === undefined) return { data: buffer.subarray(0, 0), next: start, ended: false };
      if (length > 0) return { data: buffer.subarray(0, 0), next: start + length, ended: true };
      this.firstLine = false;
    }
    return rows(buffer, start);
  }
}

function rows(buffer: Buffer, start: number): CopyScan {
  let search = start;
  for (;;) {
    const newline = buffer.indexOf(END_LINE, search);
    if (newline === -1) {
      // The bytes at the very end may begin the end mark.
      const last = buffer.length - 1;
      const open = buffer[last] === BACKSLASH ? last - 1 : last;
      const end = open >= start && buffer[open] === NEWLINE ? open : buffer.length;
      return { data: buffer.subarray(start, end), next: end, ended: false };
    }
    const length = endMark(buffer, newline + 1);
    if (length === undefined) return { data: buffer.subarray(start, newline), next: newline, ended: false };
    if (length > 0) return { data: buffer.subarray(start, newline + 1), next: newline + 1 + length, ended: true };
    search = newline + 1;
  }
}

/** Length of the end mark with its line break at `at`; 0 when there is none, undefined when more must be seen. */
function endMark(buffer: Buffer, at: number): number | undefined {
  const expected = [BACKSLASH, DOT];
  for (const [index, byte] of expected.entries()) {
    if (at + index >= buffer.length) return undefined;
    if (buffer[at + index] !== byte) return 0;
  }
  const after = buffer[at + 2];
  if (after === NEWLINE) return 3;
  if (after === undefined) return undefined;
  if (after !== RETURN) return 0;
  const last = buffer[at + 3];
  if (last === undefined) return undefined;
  return last === NEWLINE ? 4 : 0;
}
