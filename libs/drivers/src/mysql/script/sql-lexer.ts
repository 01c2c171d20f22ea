import { BLANK, DOLLAR_QUOTE, EXECUTABLE, IN_QUOTED_TEXT, LINE_COMMENT, WORD } from './lexer/lexical-rules.js';

export interface SqlToken {
  kind: 'name' | 'word' | 'text' | 'comment' | 'space' | 'other';
  /** The token as it stands in the statement. */
  source: string;
  at: number;
}

const TOKEN = new RegExp(
  // The content of executable comments is read as code, so only their ends are tokens.
  `(?<space>${BLANK}+)|(?<other>${EXECUTABLE}|\\*/)|(?<comment>${LINE_COMMENT})|(?<word>${WORD})`,
  'y',
);
/** The most frequent first. */
const KINDS = ['space', 'word', 'other', 'comment'] as const;

/**
 * Cuts a statement into tokens, lazily. Joined, they are the statement. With `ansiQuotes`, `"x"` is a name. A quote that is never
 * closed is one token with all that follows, of the kind `other`.
 */
export function* sqlTokens(sql: string, ansiQuotes = false): Generator<SqlToken> {
  let at = 0;
  let afterAs = false;
  const cut = cutterOf(sql, ansiQuotes);
  while (at < sql.length) {
    const token = cut(at, afterAs);
    yield token;
    const { kind, source } = token;
    if (kind !== 'space' && kind !== 'comment') afterAs = kind === 'word' && /^as$/i.test(source);
    at += source.length;
  }
}

function cutterOf(sql: string, ansiQuotes: boolean): (at: number, afterAs: boolean) => SqlToken {
  // A search that failed is not repeated: a statement may hold a million of them.
  let commentsEnd = true;
  let dollarsEnd = true;
  return (at, afterAs) => {
    const first = sql.charAt(at);
    if (first === "'" || first === '"' || first === '`') {
      const end = endOfQuoted(sql, at);
      const kind = first === '`' || (first === '"' && ansiQuotes) ? 'name' : 'text';
      return { kind: end === undefined ? 'other' : kind, source: sql.slice(at, end), at };
    }
    if (commentsEnd && first === '/' && sql.startsWith('/*', at) && !/^\/\*M?!/.test(sql.slice(at, at + 4))) {
      const end = sql.indexOf('*/', at + 2);
      if (end !== -1) return { kind: 'comment', source: sql.slice(at, end + 2), at };
      commentsEnd = false;
    }
    if (dollarsEnd && afterAs && first === '$') {
      DOLLAR_QUOTE.lastIndex = at;
      const tag = DOLLAR_QUOTE.exec(sql)?.[0];
      const end = tag === undefined ? -1 : sql.indexOf(tag, at + tag.length);
      if (tag !== undefined && end !== -1) return { kind: 'text', source: sql.slice(at, end + tag.length), at };
      dollarsEnd = tag === undefined;
    }
    TOKEN.lastIndex = at;
    const groups: Record<string, string | undefined> = TOKEN.exec(sql)?.groups ?? {};
    const kind = KINDS.find((name) => groups[name] !== undefined) ?? 'other';
    return { kind, source: groups[kind] ?? first, at };
  };
}

/**
 * Where a text or a name ends that begins with its quote at `at`; undefined where it does not. No regular expression takes all of it:
 * where each character may be an escaped one, they have no room for more than some million.
 */
export function endOfQuoted(sql: string, at: number): number | undefined {
  const quote = sql.charAt(at);
  const stop = IN_QUOTED_TEXT[quote] as RegExp;
  for (let from = at + 1; ;) {
    stop.lastIndex = from;
    if (!stop.test(sql)) return undefined;
    const found = stop.lastIndex - 1;
    if (sql.charAt(found) === quote && sql.charAt(found + 1) !== quote) return found + 1;
    from = found + 2;
  }
}

/** Whether a token says something: neither white space nor a comment, nor a bracket of an executable one. */
export function saysSomething({ kind, source }: SqlToken): boolean {
  return kind !== 'space' && kind !== 'comment' && !(kind === 'other' && /^\/\*M?!|^\*\/$/.test(source));
}

/** Replaces the schemas that are `from` by `to` before every name that they qualify in backticks, and nowhere in a text. */
export function requalified(sql: string, from: string | ((name: string) => boolean), to: string): string {
  const isFrom = typeof from === 'string' ? (name: string): boolean => name === from : from;
  const replacement = `\`${to.replaceAll('`', '``')}\``;
  const tokens = [...sqlTokens(sql)];
  return tokens
    .map(({ kind, source }, index) =>
      kind === 'name' &&
      tokens[index + 1]?.source === '.' &&
      tokens[index - 1]?.source !== '.' &&
      isFrom(source.slice(1, -1).replaceAll('``', '`'))
        ? replacement
        : source,
    )
    .join('');
}
