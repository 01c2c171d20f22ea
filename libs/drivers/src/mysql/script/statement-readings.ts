import { sqlTokens } from './sql-lexer.js';
import type { SqlToken } from './sql-lexer.js';

/** Without a version, or with one that every server of these families has, as MySQL 3.23 to 5.6 wrote them. */
export const READ_BY_ALL = /^\/\*!(?:[34]\d{4}|50[0-6]\d\d)?$/;
/** `/*!80023`: by some servers alone. */
const READ_BY_SOME = /^\/\*M?!\d{5,6}$|^\/\*M!$/;
/** Each doubles the readings. MySQL 8 and 9 have five in what they write of a table, from hidden keys (80000) to hidden columns (80023). */
const MOST_VERSIONS = 5;

export interface Reading {
  /** The tokens of the statement without the brackets of the comments. */
  tokens: readonly SqlToken[];
}

/**
 * What a statement may be, as which executable comments are read depends on the server: all readings, none of them twice, and the one in
 * which all is read first. Undefined where servers may not agree on where a comment ends.
 */
export function readings(statement: string): Reading[] | undefined {
  const parts: { version: string | undefined; tokens: SqlToken[] }[] = [{ version: undefined, tokens: [] }];
  let open: string | undefined;
  for (const token of sqlTokens(statement)) {
    const { source, kind } = token;
    if (kind === 'other' && source.startsWith('/*')) {
      if (open !== undefined || !(READ_BY_ALL.test(source) || READ_BY_SOME.test(source))) return undefined;
      open = source;
      parts.push({ version: READ_BY_ALL.test(source) ? undefined : source, tokens: [] });
    } else if (kind === 'other' && source === '*/') {
      if (open === undefined) return undefined;
      open = undefined;
      parts.push({ version: undefined, tokens: [] });
    } else if (kind !== 'space' && kind !== 'comment') {
      // Who does not read the comment looks for its end alone, whatever is quoted.
      if (parts.at(-1)?.version !== undefined && /\*\/|\/\*/.test(source)) return undefined;
      parts.at(-1)?.tokens.push(token);
    } else if (kind === 'comment' && parts.at(-1)?.version !== undefined) return undefined;
  }
  if (open !== undefined) return undefined;
  const versions = [...new Set(parts.flatMap(({ version }) => version ?? []))];
  if (versions.length > MOST_VERSIONS) return undefined;
  return Array.from({ length: 2 ** versions.length }, (_, left) => ({
    tokens: parts
      .filter(({ version }) => version === undefined || (left & (1 << versions.indexOf(version))) === 0)
      .flatMap(({ tokens }) => tokens),
  }));
}

/** Whether everything before this place is read alike by every server. */
export function isReadAlike(statement: string, to = statement.length): boolean {
  for (const { kind, source, at } of sqlTokens(statement)) {
    if (at >= to) return true;
    if (kind === 'other' && source.startsWith('/*') && !READ_BY_ALL.test(source)) return false;
  }
  return true;
}

/** Where it depends on the server or its character set what it is: control characters, letters beyond ASCII, a comment that is none. */
export function isDoubtful({ kind, source }: SqlToken, at: number, tokens: readonly SqlToken[]): boolean {
  if (kind === 'word') return /[^\0-\x7f]/.test(source);
  if (kind === 'text') return source.startsWith('$');
  if (kind !== 'other') return false;
  const next = tokens[at + 1];
  const doubled = (source === '-' && next?.source === '-') || (source === '/' && next?.source === '*');
  return /[\0-\x1f\x7f\\'"`]/.test(source) || (doubled && next?.at === (tokens[at]?.at ?? 0) + 1);
}
