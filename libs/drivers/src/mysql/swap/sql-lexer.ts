export interface SqlToken {
  kind: 'name' | 'word' | 'text' | 'comment' | 'space' | 'other';
  /** As it stands in the statement. */
  source: string;
  at: number;
}

/** To the servers in every character set that their clients may have; a no-break space is none in most of them. */
const token = (...special: string[]): RegExp =>
  new RegExp(
    [
      '(?<space>[\\t-\\r ]+)',
      // The content of executable comments is read as code, so only their ends are tokens.
      '(?<other>/\\*M?!\\d*|\\*/)',
      '(?<comment>/\\*[^]*?\\*/|#[^\\n]*|--(?=[\\0- \\x7f]|$)[^\\n]*)',
      '(?<name>`(?:[^`]|``)*`)',
      `(?<quoted>"(?:[^"\\\\]|\\\\[^]|"")*")`,
      `(?<text>'(?:[^'\\\\]|\\\\[^]|'')*')`,
      ...special,
      '(?<word>[\\w$\\x80-\\uffff]+)',
      '(?<any>[^])',
    ].join('|'),
    'y',
  );
const TOKEN = token();
/** The most frequent first. */
const GROUPS = ['space', 'word', 'name', 'any', 'text', 'other', 'comment', 'quoted', 'dollars'];
/** The body of a routine or a library, of MySQL 9 and newer. */
const TOKEN_AFTER_AS = token('(?<dollars>(?<tag>\\$\\w*\\$)[^]*?\\k<tag>)');

/** Cuts a statement into tokens, lazily. Joined, they are the statement. With `ansiQuotes`, `"x"` is a name. */
export function* sqlTokens(sql: string, ansiQuotes = false): Generator<SqlToken> {
  let at = 0;
  let afterAs = false;
  while (at < sql.length) {
    const pattern: RegExp = afterAs ? TOKEN_AFTER_AS : TOKEN;
    pattern.lastIndex = at;
    const groups: Record<string, string | undefined> = pattern.exec(sql)?.groups ?? {};
    const group = GROUPS.find((name) => groups[name] !== undefined) ?? 'any';
    const source = groups[group] ?? sql.charAt(at);
    yield { kind: kindOf(group, ansiQuotes), source, at };
    if (group !== 'space' && group !== 'comment') afterAs = group === 'word' && /^as$/i.test(source);
    at += source.length;
  }
}

function kindOf(group: string, ansiQuotes: boolean): SqlToken['kind'] {
  switch (group) {
    case 'quoted':
      return ansiQuotes ? 'name' : 'text';
    case 'dollars':
      return 'text';
    case 'any':
      return 'other';
    default:
      return group as SqlToken['kind'];
  }
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
