import { saysSomething, sqlTokens } from './sql-lexer.js';
import type { SqlToken } from './sql-lexer.js';
import type { StoredObjectKind } from '../stored-objects/stored-object.js';

/** A CREATE or ALTER of something that runs with the rights of its definer. Latin-1 text, in which UTF-8 passes through. */
export interface DefinedObject {
  kind: StoredObjectKind;
  /** Without quotes. */
  name: string;
  /** Where that stands. */
  at: number;
  /** Whether it names its database. */
  isQualified: boolean;
  /** The definer as the dump names it; undefined where it names none. */
  definer: string | undefined;
  /** The same statement without a definer: then it is who makes it. */
  statement: string;
}

const KINDS: ReadonlySet<string> = new Set(['VIEW', 'TRIGGER', 'EVENT', 'PROCEDURE', 'FUNCTION', 'PACKAGE']);
/** The words that may stand between CREATE and the kind, in addition to the definer. */
const BETWEEN =
  /^(OR|REPLACE|AGGREGATE|ALGORITHM|=|UNDEFINED|MERGE|TEMPTABLE|SQL|SECURITY|DEFINER|INVOKER|IF|NOT|EXISTS|SHOW|JSON|RELATIONAL|DUALITY)$/i;

/** Undefined for every other statement. */
export function definedObject(statement: string): DefinedObject | undefined {
  const tokens = codeTokens(statement);
  if (!/^(CREATE|ALTER)$/i.test(tokens[0]?.source ?? '')) return undefined;
  let definer: string | undefined;
  let without = statement;
  let at = 1;
  for (; at < tokens.length; at += 1) {
    const { source, kind } = tokens[at] as SqlToken;
    if (kind === 'word' && KINDS.has(source.toUpperCase())) break;
    if (/^DEFINER$/i.test(source) && tokens[at + 1]?.source === '=') {
      const account = accountAt(tokens, at + 2);
      if (account === undefined) return undefined;
      ({ definer } = account);
      const last = tokens[account.end - 1] as SqlToken;
      const from = (tokens[at] as SqlToken).at;
      const to = last.at + last.source.length;
      without = `${statement.slice(0, from)}${' '.repeat(to - from)}${statement.slice(to)}`;
      at = account.end - 1;
    } else if (!BETWEEN.test(source)) return undefined;
  }
  const word = tokens[at]?.source.toUpperCase();
  if (word === undefined) return undefined;
  let next = at + 1;
  const body = word === 'PACKAGE' && /^BODY$/i.test(tokens[next]?.source ?? '');
  if (body) next += 1;
  while (/^(IF|NOT|EXISTS)$/i.test(tokens[next]?.source ?? '') && tokens[next]?.kind === 'word') next += 1;
  const isQualified = tokens[next + 1]?.source === '.';
  if (isQualified) next += 2;
  const name = tokens[next];
  if (name === undefined || !isName(name)) return undefined;
  const kind = (body ? 'PACKAGE BODY' : word) as StoredObjectKind;
  return { kind, name: unquoted(name.source), at: name.at, isQualified, definer, statement: without };
}

function accountAt(tokens: readonly SqlToken[], at: number): { definer: string | undefined; end: number } | undefined {
  const user = tokens[at];
  if (user === undefined || !(isName(user) || user.kind === 'text')) return undefined;
  if (user.kind === 'word' && /^CURRENT_(USER|ROLE)$/i.test(user.source)) {
    return { definer: undefined, end: tokens[at + 1]?.source === '(' ? at + 3 : at + 1 };
  }
  if (tokens[at + 1]?.source !== '@') return { definer: `${unquoted(user.source)}@`, end: at + 1 };
  const host = tokens[at + 2];
  if (host === undefined || !(isName(host) || host.kind === 'text')) return undefined;
  let end = at + 3;
  // `localhost.localdomain`, `10.0.0.1`
  let words = host.kind === 'word';
  let text = unquoted(host.source);
  while (words && /^[.-]$/.test(tokens[end]?.source ?? '')) {
    text += `${tokens[end]?.source}${tokens[end + 1]?.source ?? ''}`;
    end += 2;
    words = tokens[end]?.kind !== 'space';
  }
  return { definer: `${unquoted(user.source)}@${text}`, end };
}

/** Variables that a dump of another server sets for itself, and that concern the log of this one. */
const OF_THE_LOG = /^(sql_log_bin|gtid_purged|gtid_next|pseudo_thread_id)$/i;

/** Which of them a SET is about, and about nothing else. */
export function logSettings(statement: string): string[] | undefined {
  const tokens = codeTokens(statement);
  if (!/^SET$/i.test(tokens[0]?.source ?? '')) return undefined;
  const names: string[] = [];
  let from = 1;
  let depth = 0;
  for (let at = 1; at <= tokens.length; at += 1) {
    const source = tokens[at]?.source;
    if (source === '(') depth += 1;
    if (source === ')') depth -= 1;
    if (at < tokens.length && !(source === ',' && depth === 0)) continue;
    const name = variableOf(tokens.slice(from, at));
    if (name === undefined || !OF_THE_LOG.test(name)) return undefined;
    names.push(name.toUpperCase());
    from = at + 1;
  }
  return names.length === 0 ? undefined : names;
}

/** `@@SESSION.x =`, `@@x :=`, `GLOBAL x =`; undefined for user variables and what is no assignment. */
function variableOf(tokens: readonly SqlToken[]): string | undefined {
  const end = tokens.findIndex(
    ({ source }, at) => source === '=' || (source === ':' && tokens[at + 1]?.source === '='),
  );
  if (end === -1) return undefined;
  const left = tokens.slice(0, end).map(({ source }) => unquoted(source));
  const [, name] = /^(?:@@)?(?:(?:SESSION|LOCAL|GLOBAL|PERSIST|PERSIST_ONLY)[. ]?)?(\w+)$/i.exec(left.join('')) ?? [];
  return name;
}

/** A comment that every server of these families reads, as MySQL 5.0 to 5.6 wrote them. */
const READ_BY_ALL = /^\/\*!50[0-6]\d\d$/;

/**
 * Whether a statement is a CREATE FUNCTION or CREATE TRIGGER and nothing else, whatever server reads it; for who makes it
 * with other rights than those of whoever has written it. What it makes is of the current database.
 */
export function onlyMakesLogged(statement: string): boolean {
  const tokens = [...sqlTokens(statement)].filter(({ kind }) => kind !== 'space');
  const words: string[] = [];
  for (const { source, kind } of tokens) {
    if (kind === 'comment' || kind === 'text' || /["\\]/.test(source)) return false;
    if (source.startsWith('/*')) {
      if (!READ_BY_ALL.test(source)) return false;
      continue;
    }
    if (source === '*/') continue;
    if (kind === 'name') words.push(/^`[\x20-\x7e]+`$/.test(source) ? '``' : '?');
    else words.push(kind === 'word' ? source.toUpperCase() : source);
    if (source === '(' || words.at(-1) === 'ROW') break;
  }
  const name = '(?:``|[A-Z_][A-Z0-9_]*)';
  return new RegExp(
    `^CREATE (?:OR REPLACE )?(?:(?:AGGREGATE )?FUNCTION (?:IF NOT EXISTS )?${name} \\(|` +
      `TRIGGER (?:IF NOT EXISTS )?${name} (?:BEFORE|AFTER) (?:INSERT|UPDATE|DELETE) ON ${name} FOR EACH ROW)$`,
  ).test(words.join(' '));
}

/** In place of the blanks that {@link definedObject} has left, or behind CREATE. */
export function withDefiner(statement: string, account: string): string {
  const [create, next] = codeTokens(statement);
  if (create === undefined) return statement;
  const replaces = /^OR$/i.test(next?.source ?? '');
  const last = replaces ? (codeTokens(statement)[2] ?? create) : create;
  const at = last.at + last.source.length;
  return `${statement.slice(0, at)} DEFINER=${account} ${statement.slice(at)}`;
}

/** Without white space, comments and the brackets of executable ones. Before a body what stands in `"` is a name. */
function codeTokens(statement: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  for (const token of sqlTokens(statement, true)) {
    if (!saysSomething(token)) continue;
    tokens.push(token);
    if (tokens.length > HEAD_TOKENS) break;
  }
  return tokens;
}

const HEAD_TOKENS = 200;

function isName({ kind }: SqlToken): boolean {
  return kind === 'name' || kind === 'word';
}

export function unquoted(source: string): string {
  const quote = source.charAt(0);
  return /[`"']/.test(quote) ? source.slice(1, -1).replaceAll(quote + quote, quote) : source;
}
