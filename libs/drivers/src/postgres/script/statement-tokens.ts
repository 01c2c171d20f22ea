import { Lexer } from './lexer.js';

/** One token of a command, as the server's own lexer has it; comments are none. */
export type Token =
  /** A word that is not quoted, in upper case: a keyword or a name. */
  | { kind: 'word'; text: string }
  /** A quoted name, without its quotes. `escaped`: U&"…", whose text is not what it looks like. */
  | { kind: 'name'; text: string; escaped?: boolean }
  /** A text, however it is quoted. */
  | { kind: 'text' }
  | { kind: 'number' }
  | { kind: 'symbol'; text: string };

const SHORT_BYTES = 2_000;

export interface PlacedToken {
  token: Token;
  from: number;
  to: number;
}

/**
 * All tokens of a command. `standardStrings` as `standard_conforming_strings` is. Bytes count as Latin-1: keywords are ASCII.
 * What is not closed goes on to the end.
 */
export function tokensOf(command: Buffer, standardStrings: boolean): Token[] {
  return placedTokensOf(command, standardStrings).map(({ token }) => token);
}

/** The same, each with where it stands in the command. `most`: no more of them than so many. */
export function placedTokensOf(command: Buffer, standardStrings: boolean, most = Infinity): PlacedToken[] {
  // One native call for all of them, where that costs less than one for each.
  const all = most === Infinity || command.length < SHORT_BYTES ? command.toString('latin1') : undefined;
  const slice = (from: number, to: number): string => all?.slice(from, to) ?? command.toString('latin1', from, to);
  const placed: PlacedToken[] = [];
  const lexer = new Lexer(standardStrings);
  lexer.enter(command);
  for (let kind = lexer.next(true); kind !== undefined && placed.length < most; kind = lexer.next(true)) {
    const { from, quote, at: to } = lexer;
    const last = placed.at(-1);
    if (kind === 'text' && lexer.continues && last !== undefined) {
      last.to = to;
    } else if (kind === 'word') {
      placed.push({ token: { kind, text: upper(slice(from, to)) }, from, to });
    } else if (kind === 'symbol') {
      placed.push({ token: { kind, text: slice(from, to) }, from, to });
    } else if (kind === 'name') {
      const name = slice(quote + 1, lexer.closed ? to - 1 : to).replaceAll('""', '"');
      placed.push({ token: { kind, text: name, ...(quote > from ? { escaped: true } : {}) }, from, to });
    } else {
      placed.push({ token: { kind }, from, to });
    }
  }
  return placed;
}

/** As the server does it: other letters than those of ASCII stay as they are, and with them the bytes of their encoding. */
function upper(word: string): string {
  return /[\x80-\xff]/.test(word) ? word.replaceAll(/[a-z]+/g, (letters) => letters.toUpperCase()) : word.toUpperCase();
}

/** The same for what the server makes of a name that is not quoted. */
export function lower(word: string): string {
  return word.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** `COPY table [(columns)] FROM STDIN …`, and nothing else that COPY can be. */
export function copiesFromStdin(tokens: readonly Token[]): boolean {
  if (!isWord(tokens[0], 'COPY')) return false;
  let depth = 0;
  let at = 1;
  // A query in place of a table.
  if (isSymbol(tokens[at], '(')) return false;
  for (; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (isSymbol(token, '(')) depth += 1;
    else if (isSymbol(token, ')')) depth -= 1;
    else if (depth === 0 && isWord(token, 'TO')) return false;
    else if (depth === 0 && isWord(token, 'FROM')) return isWord(tokens[at + 1], 'STDIN');
  }
  return false;
}

export function isWord(token: Token | undefined, text: string): boolean {
  return token?.kind === 'word' && token.text === text;
}

export function isSymbol(token: Token | undefined, text: string): boolean {
  return token?.kind === 'symbol' && token.text === text;
}

/** Single spaces between tokens; quoted names are `""`, texts `''`, numbers `0`. */
export function textOf(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      if (token.kind === 'word' || token.kind === 'symbol') return token.text;
      return token.kind === 'name' ? '""' : token.kind === 'text' ? "''" : '0';
    })
    .join(' ');
}
