import { Lexer } from './lexer.js';
import { isSymbol, isWord, lower, placedTokensOf } from './statement-tokens.js';
import type { PlacedToken } from './statement-tokens.js';

/** A longer one is a query; a comment may stand anywhere in a short one. */
const MAX_SETTING_BYTES = 1024 * 1024;

/** `SELECT pg_catalog.set_config('…', '…'`: a query that does something else may be long. */
const CALL_TOKENS = 8;
const LETTER_R = 0x72;
const LETTER_S = 0x73;

/** What a command of a script sets for its session. */
export interface ScriptSetting {
  /** In lower case; `all` for RESET ALL. */
  name: string;
  /** As the server reads them, each byte a character; undefined where the setting returns to its default. */
  values: readonly string[] | undefined;
  /** By `set_config`, to which a list is one text. */
  isCall: boolean;
}

/** `SET`, `RESET`, and `SELECT set_config(…)` by itself; undefined for other commands. */
export function settingOf(command: Buffer, standardStrings = true): ScriptSetting | undefined {
  // Cheap, as most commands are none of these.
  const letter = (command[0] ?? 0) | 0x20;
  if (letter !== LETTER_S && letter !== LETTER_R) return undefined;
  const verb = /^(?:SET|RESET|SELECT)(?![\w$\x80-\xff])/i.exec(command.toString('latin1', 0, 7))?.[0].toUpperCase();
  if (verb === undefined || command.length > MAX_SETTING_BYTES) return undefined;
  const tokens = placedTokensOf(command, standardStrings, verb === 'SELECT' ? CALL_TOKENS : Infinity);
  const value = (placed: PlacedToken): string => valueOf(command.subarray(placed.from, placed.to), standardStrings);
  let at = 1;
  if (verb === 'SELECT') {
    if (isName(tokens[at], 'pg_catalog') && isSymbol(tokens[at + 1]?.token, '.')) at += 2;
    const [called, open, name, comma, set] = tokens.slice(at);
    if (!isName(called, 'set_config') || !isSymbol(open?.token, '(') || !isSymbol(comma?.token, ',')) return undefined;
    if (name?.token.kind !== 'text' || set?.token.kind !== 'text') return undefined;
    return { name: lower(value(name)), values: [value(set)], isCall: true };
  }
  if (verb === 'SET' && (isWord(tokens[at]?.token, 'SESSION') || isWord(tokens[at]?.token, 'LOCAL'))) at += 1;
  const named = tokens[at];
  if (named === undefined || (named.token.kind !== 'word' && named.token.kind !== 'name')) return undefined;
  let name = lower(value(named));
  at += 1;
  for (; isSymbol(tokens[at]?.token, '.') && tokens[at + 1] !== undefined; at += 2) {
    name += `.${lower(value(tokens[at + 1] as PlacedToken))}`;
  }
  if (verb === 'RESET') return tokens.length === at ? { name, values: undefined, isCall: false } : undefined;
  const isNames = isWord(named.token, 'NAMES');
  if (isNames) name = 'client_encoding';
  else if (isSymbol(tokens[at]?.token, '=') || isWord(tokens[at]?.token, 'TO')) at += 1;
  else return undefined;
  const [first, ...others] = tokens.slice(at);
  if (first === undefined || isWord(first.token, 'DEFAULT')) return { name, values: undefined, isCall: false };
  const values = [first, ...others].filter(({ token }) => !isSymbol(token, ',')).map(value);
  return { name, values, isCall: false };
}

/** The setting of this name changes how the rest must be read. Undefined for other commands. */
export function standardStringsSetting(command: Buffer, standardStrings = true): boolean | undefined {
  return standardStringsOf(settingOf(command, standardStrings));
}

/** The same for a setting. */
export function standardStringsOf(setting: ScriptSetting | undefined): boolean | undefined {
  if (setting === undefined) return undefined;
  // Each session of ours starts with it on, and RESET returns to that.
  if (setting.values === undefined) {
    return setting.name === 'all' || setting.name === 'standard_conforming_strings' ? true : undefined;
  }
  return setting.name === 'standard_conforming_strings' ? booleanOf(setting.values[0] ?? '') : undefined;
}

/** As the server reads it: the beginning of a word is enough where it is no other's. Undefined for what is neither. */
export function booleanOf(value: string): boolean | undefined {
  const word = value.trim().toLowerCase();
  if (word === 'on' || word === '1') return true;
  if (word === 'of' || word === 'off' || word === '0') return false;
  if (word === '') return undefined;
  if ('true'.startsWith(word) || 'yes'.startsWith(word)) return true;
  return 'false'.startsWith(word) || 'no'.startsWith(word) ? false : undefined;
}

function isName(placed: PlacedToken | undefined, name: string): boolean {
  const token = placed?.token;
  return (
    (token?.kind === 'word' && token.text === name.toUpperCase()) || (token?.kind === 'name' && token.text === name)
  );
}

/** The value of one token: of a text without its quotes and escapes, of the parts of a continued one together. */
function valueOf(bytes: Buffer, standardStrings: boolean): string {
  const text = bytes.toString('latin1');
  const lexer = new Lexer(standardStrings);
  lexer.enter(bytes);
  let value = '';
  for (let kind = lexer.next(true); kind !== undefined; kind = lexer.next(true)) {
    const { from, quote, at: to } = lexer;
    if (kind === 'name') {
      value += text.slice(quote + 1, to - 1).replaceAll('""', '"');
    } else if (kind !== 'text') {
      value += kind === 'word' ? lower(text.slice(from, to)) : text.slice(from, to);
    } else if (text[quote] === '$') {
      const tag = text.slice(quote, text.indexOf('$', quote + 1) + 1);
      value += text.slice(quote + tag.length, to - tag.length);
    } else {
      const content = text.slice(quote + 1, to - 1).replaceAll("''", "'");
      value += lexer.escapes ? withoutEscapes(content) : content;
    }
  }
  return value;
}

const CONTROLS: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

function withoutEscapes(content: string): string {
  return content.replaceAll(
    /\\(?:x([\da-f]{1,2})|u([\da-f]{4})|U([\da-f]{8})|([0-7]{1,3})|([^]))/gi,
    (_all, hex?: string, short?: string, long?: string, octal?: string, other = '') => {
      const code = hex ?? short ?? long;
      if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16) % 0x11_00_00);
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8) % 0x1_00);
      return CONTROLS[other as string] ?? (other as string);
    },
  );
}
