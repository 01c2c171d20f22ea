export interface SqlToken {
  kind: 'name' | 'word' | 'text' | 'comment' | 'space' | 'other';
  /** As it stands in the statement. */
  source: string;
  at: number;
}

const TOKEN = new RegExp(
  [
    '(?<space>\\s+)',
    // The content of executable comments is read as code, so only their ends are tokens.
    '(?<other>/\\*M?!\\d*|\\*/)',
    '(?<comment>/\\*[^]*?\\*/|#[^\\n]*|--(?=\\s)[^\\n]*)',
    '(?<name>`(?:[^`]|``)*`)',
    `(?<quoted>"(?:[^"\\\\]|\\\\[^]|"")*")`,
    `(?<text>'(?:[^'\\\\]|\\\\[^]|'')*')`,
    // The body of a routine or a library, of MySQL 9 and newer.
    '(?<dollars>(?<=\\b[Aa][Ss]\\s+)(?<tag>\\$\\w*\\$)[^]*?\\k<tag>)',
    '(?<word>[\\w$\\x80-\\uffff]+)',
    '(?<any>[^])',
  ].join('|'),
  'y',
);

/** Cuts a statement into tokens, lazily. Joined, they are the statement. With `ansiQuotes`, `"x"` is a name. */
export function* sqlTokens(sql: string, ansiQuotes = false): Generator<SqlToken> {
  let at = 0;
  while (at < sql.length) {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(sql)?.groups ?? {};
    const [group = 'any', source = sql.charAt(at)] =
      Object.entries(groups).find(([, part]) => part !== undefined) ?? [];
    yield { kind: kindOf(group, ansiQuotes), source, at };
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

/** Replaces the schema `from` by `to` before every name that it qualifies in backticks, and nowhere in a text. */
export function requalified(sql: string, from: string, to: string): string {
  const qualifier = `\`${from.replaceAll('`', '``')}\``;
  if (!sql.includes(`${qualifier}.`)) return sql;
  const replacement = `\`${to.replaceAll('`', '``')}\``;
  const tokens = [...sqlTokens(sql)];
  return tokens
    .map(({ kind, source }, index) =>
      kind === 'name' && source === qualifier && tokens[index + 1]?.source === '.' && tokens[index - 1]?.source !== '.'
        ? replacement
        : source,
    )
    .join('');
}
