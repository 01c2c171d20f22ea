import {
  BACKSLASH,
  DASH,
  DOLLAR,
  EXECUTABLE,
  HASH,
  SANDBOX,
  SLASH,
  STAR,
  beginsSandbox,
  isQuote,
  makesDashesComment,
} from './lexical-rules.js';

/** What begins at a byte of code: a span, nothing but itself, or what cannot be told without the bytes that follow. */
export type Beginning =
  | 'quoted'
  | 'dollar quoted'
  | 'line comment'
  | 'comment'
  | 'executable'
  | 'executable end'
  | 'sandbox'
  | 'command'
  | 'end'
  | 'plain'
  | 'more';

/** What is known from what stands before the byte. */
export interface BeforeByte {
  readonly delimiter: Buffer;
  readonly inStatement: boolean;
  readonly inExecutable: boolean;
  /** The word before it is AS. */
  readonly isBehindAs: boolean;
}

/** The longest thing that must be seen whole to be understood. Names have 64 characters of four bytes. */
export const TOKEN_BYTES = 260;
const EXECUTABLE_OPENING = new RegExp(`^${EXECUTABLE}`);
const DOLLAR_OPENING = /^\$\w*\$/;

/** `isLast`: no bytes follow these. */
export function beginningAt(bytes: Buffer, at: number, isLast: boolean, before: BeforeByte): Beginning {
  const byte = bytes[at] ?? 0;
  if (byte === before.delimiter[0]) {
    const found = delimiterAt(bytes, at, isLast, before.delimiter);
    if (found !== 'plain') return found;
  }
  const next = bytes[at + 1];
  const needsMore = next === undefined && !isLast;
  switch (byte) {
    case HASH:
      return 'line comment';
    case DASH:
      if (needsMore) return 'more';
      return next === DASH ? dashesAt(bytes, at, isLast, before) : 'plain';
    case SLASH:
      if (needsMore) return 'more';
      return next === STAR ? commentAt(bytes, at, isLast) : 'plain';
    case STAR:
      if (!before.inExecutable) return 'plain';
      return needsMore ? 'more' : next === SLASH ? 'executable end' : 'plain';
    case BACKSLASH:
      return needsMore ? 'more' : 'command';
    case DOLLAR:
      return before.isBehindAs ? dollarAt(bytes, at, isLast) : 'plain';
    default:
      return isQuote(byte) ? 'quoted' : 'plain';
  }
}

/** Returns the length of what opens an executable comment, a dollar quote, or the sandbox. */
export function openingLength(
  bytes: Buffer,
  at: number,
  beginning: 'executable' | 'dollar quoted' | 'sandbox',
): number {
  const pattern = { executable: EXECUTABLE_OPENING, 'dollar quoted': DOLLAR_OPENING, sandbox: SANDBOX }[beginning];
  return pattern.exec(tokenAt(bytes, at))?.[0].length ?? 1;
}

function tokenAt(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at, at + TOKEN_BYTES);
}

function delimiterAt(bytes: Buffer, at: number, isLast: boolean, delimiter: Buffer): 'end' | 'more' | 'plain' {
  for (let index = 1; index < delimiter.length; index += 1) {
    if (at + index === bytes.length) return isLast ? 'plain' : 'more';
    if (bytes[at + index] !== delimiter[index]) return 'plain';
  }
  return 'end';
}

function dashesAt(bytes: Buffer, at: number, isLast: boolean, { inStatement }: BeforeByte): Beginning {
  // The MariaDB client takes any two dashes before a statement for a comment.
  if (!inStatement) return 'line comment';
  if (at + 2 === bytes.length && !isLast) return 'more';
  return makesDashesComment(bytes[at + 2]) ? 'line comment' : 'plain';
}

function commentAt(bytes: Buffer, at: number, isLast: boolean): Beginning {
  const opening = tokenAt(bytes, at);
  const isCut = opening.length < TOKEN_BYTES && !isLast;
  if (isCut && /^\/\*(?:M?|M?!\d*)$/.test(opening)) return 'more';
  if (!EXECUTABLE_OPENING.test(opening)) return 'comment';
  if (SANDBOX.test(opening)) return 'sandbox';
  return isCut && beginsSandbox(opening) ? 'more' : 'executable';
}

function dollarAt(bytes: Buffer, at: number, isLast: boolean): Beginning {
  const opening = tokenAt(bytes, at);
  if (/^\$\w*$/.test(opening) && opening.length < TOKEN_BYTES && !isLast) return 'more';
  return DOLLAR_OPENING.test(opening) ? 'dollar quoted' : 'plain';
}
