import { sqlTokens } from '../swap/sql-lexer.js';
import type { SqlToken } from '../swap/sql-lexer.js';

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

interface Level {
  /** A comma on this level comes before the name of another table. */
  tables: boolean;
  /** The word before the bracket. */
  word: string;
}

/**
 * Where a statement names its own database before the name of a table or another object: all that is to be taken out for it
 * to act on the current database. What may be the alias of a table stays, and so do the bodies of routines and events.
 */
export function ownQualifiers(statement: string, isOwn: (name: string) => boolean): Span[] {
  const tokens = [...sqlTokens(statement)].filter(
    ({ kind, source }) => kind !== 'space' && kind !== 'comment' && !/^\/\*M?!|^\*\/$/.test(source),
  );
  const verb = wordOf(tokens[0]);
  const makes = /^(CREATE|ALTER|DROP)$/.test(verb);
  const spans: Span[] = [];
  const levels: Level[] = [{ tables: false, word: '' }];
  let expected = false;
  let indexed = false;
  let selects = false;
  let endsAfterName = false;
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] as SqlToken;
    const level = levels.at(-1) ?? { tables: false, word: '' };
    if (tokens[at + 1]?.source === '.' && isName(token)) {
      const three = tokens[at + 3]?.source === '.';
      const isCall = tokens[at + 3]?.source === '(';
      if ((three || expected || isCall) && tokens[at + 2]?.source !== '*' && isOwn(token.source))
        spans.push({ from: token.at, to: (tokens[at + 1] as SqlToken).at + 1 });
      if (endsAfterName) break;
      expected = false;
      at += three ? 4 : 2;
      continue;
    }
    const word = wordOf(token);
    const isHead = makes && verb !== 'DROP' && levels.length === 1 && !selects;
    if (token.source === '(') {
      const before = wordOf(tokens[at - 1]);
      levels.push({ tables: expected, word: before });
      expected ||= OF_SEQUENCES.test(before);
    } else if (token.source === ')') {
      if (levels.length > 1) levels.pop();
      expected = false;
    } else if (token.source === ',') {
      expected = level.tables;
    } else if (word === 'VALUES' && /^(INSERT|REPLACE)$/.test(verb)) {
      break;
    } else if (
      (OPENING.has(word) && !(word === 'FROM' && OF_VALUES.test(level.word))) ||
      (OPENING_FIRST.has(word) && at === 0) ||
      (word === 'ON' && indexed) ||
      (word === 'LIKE' && makes && !selects) ||
      (word === 'FOR' && wordOf(tokens[at - 1]) === 'VALUE') ||
      (word === 'TO' && /^(ALTER|RENAME)$/.test(verb))
    ) {
      expected = true;
      level.tables = LISTING.has(word);
      endsAfterName ||= isHead && WITH_BODY.has(word);
      // Its head has a reader of its own.
      if (isHead && word === 'TRIGGER') return spans;
    } else if (BETWEEN.test(word)) {
      // What is expected is still to come.
    } else {
      if (endsAfterName && expected) break;
      indexed ||= makes && word === 'INDEX' && at < 4;
      selects ||= word === 'SELECT';
      if (CLOSING.has(word)) level.tables = false;
      expected = false;
    }
  }
  return spans;
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
  return kind === 'name' || (kind === 'word' && !/^\d/.test(source));
}
