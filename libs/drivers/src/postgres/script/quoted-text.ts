/** A text in which no semicolon and no backslash mean anything to the reader of the script. */
export type Quoted =
  /** `escapes`: a backslash takes the next character's meaning away, as in E'…'. */
  | { in: 'string'; escapes: boolean }
  | { in: 'identifier' }
  /** `tag` with its dollars. */
  | { in: 'dollar'; tag: Buffer }
  | { in: 'line-comment' }
  /** They nest; `depth` is kept up to date. */
  | { in: 'block-comment'; depth: number };

export interface Skip {
  /** Where reading goes on. When it has not ended, bytes from here must be seen again with what follows them. */
  next: number;
  ended: boolean;
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const DOUBLE_QUOTE = 0x22;
const QUOTE = 0x27;
const BACKSLASH = 0x5c;

/** Finds the end of what begins before `from`. A doubled quote ends one text and begins the next: the same to us. */
export function skipQuoted(buffer: Buffer, from: number, quoted: Quoted): Skip {
  switch (quoted.in) {
    case 'string':
      return quoted.escapes ? escapedString(buffer, from) : behind(buffer, from, buffer.indexOf(QUOTE, from), 1);
    case 'identifier':
      return behind(buffer, from, buffer.indexOf(DOUBLE_QUOTE, from), 1);
    case 'dollar':
      return behind(buffer, from, buffer.indexOf(quoted.tag, from), quoted.tag.length);
    case 'line-comment':
      return lineComment(buffer, from);
    case 'block-comment':
      return blockComment(buffer, from, quoted);
  }
}

function behind(buffer: Buffer, from: number, found: number, length: number): Skip {
  if (found !== -1) return { next: found + length, ended: true };
  // All but what may be the beginning of the end mark.
  return { next: Math.max(from, buffer.length - Math.max(0, length - 1)), ended: false };
}

function escapedString(buffer: Buffer, from: number): Skip {
  let at = from;
  for (;;) {
    const quote = buffer.indexOf(QUOTE, at);
    const limit = quote === -1 ? buffer.length : quote;
    const escape = buffer.subarray(at, limit).indexOf(BACKSLASH);
    if (escape !== -1) {
      if (at + escape + 1 >= buffer.length) return { next: at + escape, ended: false };
      at += escape + 2;
    } else if (quote === -1) {
      return { next: limit, ended: false };
    } else if (buffer[quote + 1] === undefined) {
      // Whether it is doubled, and the escapes go on, is seen in the next chunk.
      return { next: quote, ended: false };
    } else if (buffer[quote + 1] === QUOTE) {
      at = quote + 2;
    } else {
      return { next: quote + 1, ended: true };
    }
  }
}

/** To the line break, which is left to be seen; a lone carriage return is one, too. */
function lineComment(buffer: Buffer, from: number): Skip {
  const newline = buffer.indexOf(NEWLINE, from);
  const carriage = buffer.subarray(from, newline === -1 ? buffer.length : newline).indexOf(RETURN);
  return behind(buffer, from, carriage === -1 ? newline : from + carriage, 0);
}

function blockComment(buffer: Buffer, from: number, comment: { depth: number }): Skip {
  let at = from;
  for (;;) {
    const close = buffer.indexOf('*/', at, 'latin1');
    const open = buffer.subarray(at, close === -1 ? buffer.length : close + 1).indexOf('/*', 0, 'latin1');
    if (open !== -1) {
      comment.depth += 1;
      at += open + 2;
    } else if (close === -1) {
      return { next: Math.max(at, buffer.length - 1), ended: false };
    } else {
      comment.depth -= 1;
      at = close + 2;
      if (comment.depth === 0) return { next: at, ended: true };
    }
  }
}
