import { skipQuoted } from './quoted-text.js';
import type { Quoted } from './quoted-text.js';

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

export interface PlacedToken {
  token: Token;
  from: number;
  to: number;
}

const WORD = /[A-Za-z_\x80-\xff][A-Za-z0-9_$\x80-\xff]*/y;
const NUMBER = /(?:\d|\.\d)[\w.]*/y;
const DOLLAR_QUOTE = /\$(?:[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)?\$/y;
const SPACE = /[\s\v]+/y;
/** Between two parts of one text, which the server joins: a line break, and nothing but space and comments to the end of a line. */
const CONTINUED = /(?:[ \t\f\v]|--[^\n\r]*)*[\n\r](?:[\s\v]|--[^\n\r]*(?=[\n\r]))*'/y;

/**
 * All tokens of a command. `standardStrings` as `standard_conforming_strings` is. Bytes count as Latin-1: keywords are ASCII.
 * What is not closed goes on to the end.
 */
export function tokensOf(command: Buffer, standardStrings: boolean): Token[] {
  return placedTokensOf(command, standardStrings).map(({ token }) => token);
}

/** The same, each with where it stands in the command. */
export function placedTokensOf(command: Buffer, standardStrings: boolean): PlacedToken[] {
  const text = command.toString('latin1');
  const placed: PlacedToken[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const quoted = (from: number, what: Quoted): string => {
    const { next, ended } = skipQuoted(command, from, what);
    at = ended ? next : command.length;
    return text.slice(from, at);
  };
  const comment = (what: Quoted): undefined => {
    quoted(at + 2, what);
    return undefined;
  };
  const string = (from: number, escapes: boolean): Token => {
    quoted(from, { in: 'string', escapes });
    // A doubled quote ends one text and begins the next: the same to us.
    for (;;) {
      if (text[at] === "'") at += 1;
      else if (match(CONTINUED) === undefined) break;
      quoted(at, { in: 'string', escapes });
    }
    return { kind: 'text' };
  };
  const name = (from: number, escaped: boolean): Token => {
    let content = quoted(from, { in: 'identifier' });
    while (text[at] === '"') content += quoted(at + 1, { in: 'identifier' });
    return { kind: 'name', text: content.slice(0, -1), ...(escaped ? { escaped } : {}) };
  };
  const next = (): Token | undefined => {
    const two = text.slice(at, at + 2);
    if (match(SPACE) !== undefined) return undefined;
    if (two === '--') return comment({ in: 'line-comment' });
    if (two === '/*') return comment({ in: 'block-comment', depth: 1 });
    if (/^e'$/i.test(two)) return string(at + 2, true);
    if (/^[bxn]'$/i.test(two)) return string(at + 2, false);
    if (/^u&'$/i.test(text.slice(at, at + 3))) return string(at + 3, false);
    if (/^u&"$/i.test(text.slice(at, at + 3))) return name(at + 3, true);
    if (two.startsWith("'")) return string(at + 1, !standardStrings);
    if (two.startsWith('"')) return name(at + 1, false);
    const dollar = match(DOLLAR_QUOTE);
    if (dollar !== undefined) {
      quoted(at, { in: 'dollar', tag: Buffer.from(dollar, 'latin1') });
      return { kind: 'text' };
    }
    const word = match(WORD);
    if (word !== undefined) return { kind: 'word', text: word.toUpperCase() };
    if (match(NUMBER) !== undefined) return { kind: 'number' };
    at += 1;
    return { kind: 'symbol', text: text[at - 1] ?? '' };
  };
  while (at < text.length) {
    const from = at;
    const token = next();
    if (token !== undefined) placed.push({ token, from, to: at });
  }
  return placed;
}
