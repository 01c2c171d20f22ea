import { NEWLINE, QUOTED_NAME, SEMICOLON } from '../../script/lexer/lexical-rules.js';

const COLUMN = `(?:${QUOTED_NAME}|row_start|row_end)`;
const HEAD = new RegExp(`^INSERT INTO ${QUOTED_NAME}(?: \\(${COLUMN}(?:, ?${COLUMN})*\\))? VALUES(?=\\s*\\()`);
/** Every head without a list of columns fits into this, and so do most others. */
const SHORT_BYTES = 2 * 1024;
/** 4,096 columns of 64 characters of 4 bytes. */
const LONG_BYTES = 1024 * 1024 + 64 * 1024;
const TAIL_BYTES = 1024;

/**
 * How an INSERT statement begins, up to its rows: the same for all of a table in a dump. Undefined when it is not one of
 * rows alone, which may be given in any order.
 */
export function rowHeadOf(statement: Buffer): string | undefined {
  const tail = statement.toString('latin1', Math.max(0, statement.length - TAIL_BYTES));
  // Text of a row may look like that; then one client loads the row, which is slower and does no harm.
  if (/\)\s*(ON\s+DUPLICATE|RETURNING|AS)\b/i.test(tail)) return undefined;
  return (
    HEAD.exec(statement.toString('latin1', 0, SHORT_BYTES))?.[0] ??
    (statement.length > SHORT_BYTES ? HEAD.exec(statement.toString('latin1', 0, LONG_BYTES))?.[0] : undefined)
  );
}

/** Without delimiter and the white space around it, as Latin-1 text. */
export function statementText(bytes: Buffer): string {
  return bytes.toString('latin1').trimEnd().replace(/;+$/, '').trimEnd();
}

/** Where the delimiter stands. Behind it there is white space only. */
export function endOfStatement(bytes: Buffer): number {
  return bytes.lastIndexOf(SEMICOLON);
}

/** Another statement in the place of this one. */
export function replaced(bytes: Buffer, statement: string): Buffer {
  return Buffer.concat([Buffer.from(statement, 'latin1'), bytes.subarray(endOfStatement(bytes))]);
}

/** Returns only the line ends of a statement that is taken out, so that those behind it stay on their lines. */
export function lineEndsOf(bytes: Buffer): Buffer {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return Buffer.alloc(count, NEWLINE);
}
