import { saysSomething, sqlTokens } from './sql-lexer.js';
import type { SqlToken } from './sql-lexer.js';
import { unquoted } from './statement-tokens.js';

export interface Span {
  from: number;
  to: number;
}

const NAME = '(`(?:[^`]|``)+`|[\\w$\\x80-\\xff]+)';
const OF_TABLES = '(?:TABLES?|VIEW|SEQUENCE|PROCEDURE|FUNCTION|TRIGGER|EVENT|PACKAGE(?: BODY)?)';
/** The database before the name of what a statement is about. */
const QUALIFIER = new RegExp(
  `^(?:(?:CREATE|DROP|ALTER)\\b[^(]*? ${OF_TABLES}(?: IF (?:NOT )?EXISTS)?|LOCK TABLES?|TRUNCATE(?: TABLE)?|RENAME TABLE|ANALYZE TABLE|` +
    `(?:CREATE|DROP)\\b[^(]*? INDEX ${NAME}[^(]*? ON|UPDATE(?: IGNORE)?|DELETE FROM|` +
    `(?:INSERT|REPLACE)(?: (?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE))*(?: INTO)?) ${NAME} ?\\. ?(?:\`|[\\w$\\x80-\\xff])`,
  'i',
);

/** The database that a statement names before the name of its table or other object, as it stands there. `words`: with single spaces. */
export function qualifierOf(words: string): string | undefined {
  return QUALIFIER.exec(words)?.[2];
}

/** Behind these stands the name of a table or of another object; behind those of the second list perhaps several, with commas. */
const OPENING: ReadonlySet<string> = new Set([
  ...['TABLE', 'TABLES', 'VIEW', 'SEQUENCE', 'INTO', 'FROM', 'JOIN', 'STRAIGHT_JOIN', 'REFERENCES', 'PROCEDURE'],
  ...['FUNCTION', 'EVENT', 'TRIGGER', 'PACKAGE'],
]);
const LISTING: ReadonlySet<string> = new Set(['TABLE', 'TABLES', 'VIEW', 'FROM', 'JOIN', 'STRAIGHT_JOIN', 'UPDATE']);
/** The same at the beginning of a statement only: elsewhere they are functions or parts of clauses. */
const OPENING_FIRST: ReadonlySet<string> = new Set(['INSERT', 'REPLACE', 'TRUNCATE', 'UPDATE']);
const BETWEEN =
  /^(OR|REPLACE|IF|NOT|EXISTS|IGNORE|LOW_PRIORITY|HIGH_PRIORITY|DELAYED|BODY|TEMPORARY|UNIQUE|FULLTEXT|SPATIAL|LATERAL)$/;
const CLOSING: ReadonlySet<string> = new Set(['WHERE', 'SET', 'GROUP', 'HAVING', 'ORDER', 'LIMIT', 'SELECT', 'UNION']);
/** In their brackets FROM stands before a value. */
const OF_VALUES = /^(EXTRACT|TRIM|SUBSTR|SUBSTRING|MID)$/;
const OF_SEQUENCES = /^(NEXTVAL|LASTVAL|SETVAL)$/;
const WITH_BODY: ReadonlySet<string> = new Set(['PROCEDURE', 'FUNCTION', 'EVENT', 'PACKAGE']);
/** Words that may also be the name of a table, without quotes. */
const ALSO_NAMES = /^(EVENT|FUNCTION|PACKAGE|SEQUENCE|VIEW|TABLES)$/;
/** Functions that only some servers have, so that databases bring their own: called without their database, the server's would come first. */
const OF_SOME_SERVERS =
  /^(?:uuid_to_bin|bin_to_uuid|is_uuid|uuid_\w+|sys_guid|any_value|regexp_\w+|json_\w+|st_\w+|is_ipv[46]\w*|inet6_\w+|random_bytes|\w*vector\w*|vec_\w+|sformat|natural_sort_key|to_char|to_number|to_date|add_months|months_between|nvl2?|chr|crc32c|kdf|ps_\w+|format_(?:bytes|pico_time)|weight_string|to_base64|from_base64|sha[12]|md5|password|old_password|encode|decode|encrypt|median|percentile_\w+)$/;
/** No statement that a tool writes has more of them. */
const MOST_BRACKETS = 1_000;
const MOST_NAMES = 100_000;

interface Level {
  /** A comma on this level comes before the name of another table. */
  tables: boolean;
  /** The word before the bracket. */
  word: string;
}

export interface QualifierRules {
  /** Whether a name, as it stands there, is that of the dumped database. */
  isOwn(name: string): boolean;
  /** Within quotes, as sql_mode says. */
  backslashEscapes: boolean;
}

/**
 * Where a statement names its own database before the name of a table or another object: all that is to be taken out for it
 * to act on the current database. What may be the alias of a table stays, and so do rows, the bodies of routines and events, and the
 * name before a table or a function that something else would hide. `statement`: its beginning, at least.
 */
export function ownQualifiers(statement: string, { isOwn, backslashEscapes }: QualifierRules): Span[] {
  // The replacement has the same length, so that places stay.
  const sql = backslashEscapes ? statement : statement.replaceAll('\\', '\x01');
  const hidden = /\bWITH\b/i.test(sql) ? commonTables(sql) : new Set<string>();
  const tokens = new TokenWindow(sql);
  const verb = wordOf(tokens.ahead(0));
  const makes = /^(CREATE|ALTER|DROP)$/.test(verb);
  const fills = /^(INSERT|REPLACE)$/.test(verb);
  const spans: Span[] = [];
  const levels: Level[] = [{ tables: false, word: '' }];
  let expected = false;
  let indexed = false;
  let selects = false;
  let endsAfterName = false;
  for (let token = tokens.ahead(0); token !== undefined; tokens.skip(1), token = tokens.ahead(0)) {
    // A text whose end is not there.
    if (token.kind === 'other' && /['"`]/.test(token.source)) break;
    if (levels.length > MOST_BRACKETS || spans.length > MOST_NAMES) break;
    const level = levels.at(-1) ?? { tables: false, word: '' };
    const dot = tokens.ahead(1);
    if (dot?.source === '.' && isName(token)) {
      const name = tokens.ahead(2);
      const after = tokens.ahead(3)?.source;
      const three = after === '.';
      // It is a part of an account or a variable, in which dots are letters.
      const isPart = tokens.before?.source === '@';
      const isTable = expected && !(name !== undefined && hidden.has(bareName(name.source)));
      const isCall = after === '(' && !OF_SOME_SERVERS.test(bareName(name?.source ?? ''));
      if (!isPart && (three || isTable || isCall) && name?.source !== '*' && isOwn(token.source))
        spans.push({ from: token.at, to: dot.at + 1 });
      if (endsAfterName) break;
      expected = false;
      tokens.skip(three ? 4 : 2);
      if (isPart) while (tokens.ahead(1)?.source === '.') tokens.skip(2);
      continue;
    }
    const word = expected && ALSO_NAMES.test(wordOf(token)) ? '' : wordOf(token);
    const isHead = makes && verb !== 'DROP' && levels.length === 1 && !selects;
    if (token.source === '(') {
      const before = wordOf(tokens.before);
      levels.push({ tables: expected, word: before });
      expected ||= OF_SEQUENCES.test(before);
    } else if (token.source === ')') {
      if (levels.length > 1) levels.pop();
      expected = false;
    } else if (token.source === ',') {
      expected = level.tables;
    } else if (fills && levels.length === 1 && /^(VALUES?|SET)$/.test(word)) {
      break;
    } else if (
      (OPENING.has(word) && !(word === 'FROM' && OF_VALUES.test(level.word))) ||
      (OPENING_FIRST.has(word) && tokens.passed === 0) ||
      (word === 'ON' && indexed) ||
      (word === 'LIKE' && makes && !selects) ||
      (word === 'FOR' && wordOf(tokens.before) === 'VALUE') ||
      (word === 'TO' && /^(ALTER|RENAME)$/.test(verb))
    ) {
      expected = true;
      // In a query some of these words are columns.
      level.tables = LISTING.has(word) && !(selects && ALSO_NAMES.test(word));
      endsAfterName ||= isHead && WITH_BODY.has(word);
      // Its head has a reader of its own.
      if (isHead && word === 'TRIGGER') return spans;
    } else if (BETWEEN.test(word)) {
      // The expected token is still to come.
    } else {
      if (endsAfterName && expected) break;
      indexed ||= makes && word === 'INDEX' && tokens.passed < 4;
      selects ||= word === 'SELECT';
      if (CLOSING.has(word)) level.tables = false;
      expected = false;
    }
  }
  return spans;
}

/** The names of `WITH a AS (…), b (x) AS (…)`. Without its database, a table of that name would be the query. */
function commonTables(sql: string): Set<string> {
  const names = new Set<string>();
  const opened: { name: string | undefined; begins: boolean }[] = [];
  let last = { name: undefined as string | undefined, begins: false };
  let begins = false;
  const tokens = new TokenWindow(sql);
  for (let token = tokens.ahead(0); token !== undefined; tokens.skip(1), token = tokens.ahead(0)) {
    const { source } = token;
    if (opened.length > MOST_BRACKETS) break;
    if (/^AS$/i.test(source) && tokens.ahead(1)?.source === '(' && last.begins && last.name !== undefined)
      names.add(bareName(last.name));
    if (source === '(') opened.push(last);
    // With its columns, the name is the one before the bracket.
    last = source === ')' ? (opened.pop() ?? last) : { name: source, begins };
    begins = source === ',' || (token.kind === 'word' && /^(WITH|RECURSIVE)$/i.test(source));
  }
  return names;
}

/** The tokens of a statement that say something, of which only some are kept: a statement may be long. */
class TokenWindow {
  before: SqlToken | undefined;
  /** Tokens before the current one. */
  passed = 0;
  private readonly next: SqlToken[] = [];
  private readonly source: Iterator<SqlToken, void>;

  constructor(sql: string) {
    this.source = sqlTokens(sql);
  }

  /** 0: the current one. */
  ahead(count: number): SqlToken | undefined {
    while (this.next.length <= count) {
      const found = this.source.next();
      if (found.done === true) return undefined;
      if (saysSomething(found.value)) this.next.push(found.value);
    }
    return this.next[count];
  }

  skip(count: number): void {
    for (let left = count; left > 0 && this.ahead(0) !== undefined; left -= 1) {
      this.before = this.next.shift();
      this.passed += 1;
    }
  }
}

/** The text with these parts taken out. */
export function without(text: string, spans: readonly Span[]): string {
  let rest = '';
  let at = 0;
  for (const { from, to } of spans) {
    rest += text.slice(at, from);
    at = to;
  }
  return rest + text.slice(at);
}

function wordOf(token: SqlToken | undefined): string {
  return token?.kind === 'word' ? token.source.toUpperCase() : '';
}

function isName({ kind, source }: SqlToken): boolean {
  return kind === 'name' || (kind === 'word' && !/^\d+$/.test(source));
}

function bareName(source: string): string {
  return unquoted(source).toLowerCase();
}
