import { skipQuoted } from './quoted-text.js';
import type { Quoted } from './quoted-text.js';

/** One token of a command, as the server's own lexer has it; comments are none. */
export type Token =
  /** Not quoted, in upper case: a keyword or a name. */
  | { kind: 'word'; text: string }
  /** A quoted name, without its quotes. `escaped`: U&"…", whose text is not what it looks like. */
  | { kind: 'name'; text: string; escaped?: boolean }
  /** A text, however it is quoted. */
  | { kind: 'text' }
  | { kind: 'number' }
  | { kind: 'symbol'; text: string };

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
  const text = command.toString('latin1');
  const tokens: Token[] = [];
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
  const string = (from: number, escapes: boolean): void => {
    quoted(from, { in: 'string', escapes });
    // A doubled quote ends one text and begins the next: the same to us.
    for (;;) {
      if (text[at] === "'") at += 1;
      else if (match(CONTINUED) === undefined) break;
      quoted(at, { in: 'string', escapes });
    }
    tokens.push({ kind: 'text' });
  };
  const name = (from: number, escaped: boolean): void => {
    let content = quoted(from, { in: 'identifier' });
    while (text[at] === '"') content += quoted(at + 1, { in: 'identifier' });
    tokens.push({ kind: 'name', text: content.slice(0, -1), ...(escaped ? { escaped } : {}) });
  };
  while (at < text.length) {
    const two = text.slice(at, at + 2);
    if (match(SPACE) !== undefined) continue;
    if (two === '--') quoted(at + 2, { in: 'line-comment' });
    else if (two === '/*') quoted(at + 2, { in: 'block-comment', depth: 1 });
    else if (/^e'$/i.test(two)) string(at + 2, true);
    else if (/^[bxn]'$/i.test(two)) string(at + 2, false);
    else if (/^u&'$/i.test(text.slice(at, at + 3))) string(at + 3, false);
    else if (/^u&"$/i.test(text.slice(at, at + 3))) name(at + 3, true);
    else if (two.startsWith("'")) string(at + 1, !standardStrings);
    else if (two.startsWith('"')) name(at + 1, false);
    else {
      const dollar = match(DOLLAR_QUOTE);
      if (dollar !== undefined) {
        quoted(at, { in: 'dollar', tag: Buffer.from(dollar, 'latin1') });
        tokens.push({ kind: 'text' });
        continue;
      }
      const word = match(WORD);
      if (word !== undefined) tokens.push({ kind: 'word', text: word.toUpperCase() });
      else if (match(NUMBER) !== undefined) tokens.push({ kind: 'number' });
      else {
        tokens.push({ kind: 'symbol', text: text[at] ?? '' });
        at += 1;
      }
    }
  }
  return tokens;
}
