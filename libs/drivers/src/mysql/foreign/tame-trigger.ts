import { saysSomething, sqlTokens } from '../script/sql-lexer.js';
import type { SqlToken } from '../script/sql-lexer.js';
import { unquoted } from '../script/statement-tokens.js';

/** Statements of a body that reach nothing but rows, and what stands around them. */
const STATEMENTS: ReadonlySet<string> = new Set([
  ...['SET', 'IF', 'ELSEIF', 'ELSE', 'END', 'BEGIN', 'INSERT', 'REPLACE', 'UPDATE', 'DELETE', 'SIGNAL'],
]);
const BEFORE_STATEMENTS: ReadonlySet<string> = new Set(['BEGIN', 'THEN', 'ELSE', ';']);
/** Functions of the server. Some servers have no function of their own under some of these names. */
export const FUNCTIONS: ReadonlySet<string> = new Set([
  ...[
    'NOW',
    'CURRENT_TIMESTAMP',
    'CURDATE',
    'CURTIME',
    'UTC_TIMESTAMP',
    'UUID',
    'CONCAT',
    'CONCAT_WS',
    'UPPER',
    'LOWER',
  ],
  ...['TRIM', 'COALESCE', 'IFNULL', 'NULLIF', 'LENGTH', 'CHAR_LENGTH', 'DATE', 'YEAR', 'MONTH', 'ROUND', 'ABS', 'MD5'],
  ...['SHA1', 'SHA2', 'LEFT', 'RIGHT', 'SUBSTRING', 'REPLACE', 'UNIX_TIMESTAMP', 'IF', 'VALUES'],
]);
const BEFORE_BRACKETS = /^(IF|ELSEIF|AND|OR|NOT|IN|WHERE|VALUES|XOR|BETWEEN|LIKE)$/;
const AFTER_TARGET: Readonly<Record<string, RegExp>> = {
  UPDATE: /^SET$/,
  DELETE: /^(WHERE|;|)$/,
  INSERT: /^(\(|VALUES)$/,
  REPLACE: /^(\(|VALUES)$/,
};
/** `TABLE v` is a query, of a view perhaps, which calls what the dump has made. */
const NEVER: ReadonlySet<string> = new Set([
  ...['SELECT', 'TABLE', 'CALL', 'DO', 'HANDLER', 'LOAD', 'PREPARE', 'EXECUTE', 'UNION'],
]);

/**
 * Where a trigger writes to, where it does nothing but write plain rows of its database into tables by their bare names; undefined
 * for every other. `body`: the tokens behind FOR EACH ROW.
 */
export function writtenByTameTrigger(body: readonly SqlToken[]): Set<string> | undefined {
  const written = new Set<string>();
  const text = (at: number): string => (body[at]?.kind === 'text' ? `''` : (body[at]?.source.toUpperCase() ?? ''));
  let statement = '';
  let setsFields = false;
  let depth = 0;
  for (let at = 0; at < body.length; at += 1) {
    const token = body[at] as SqlToken;
    const word = text(at);
    if (token.source === '@' || (token.kind === 'word' && NEVER.has(word))) return undefined;
    if (token.source === '.' && !/^(NEW|OLD)$/.test(text(at - 1))) return undefined;
    if (at === 0 || BEFORE_STATEMENTS.has(text(at - 1)) || (token.kind === 'word' && word === 'SET')) {
      const isField = word === 'SET' && statement === 'UPDATE' && !BEFORE_STATEMENTS.has(text(at - 1));
      if (at === 0 || BEFORE_STATEMENTS.has(text(at - 1))) {
        if (!STATEMENTS.has(word)) return undefined;
        statement = word;
      }
      if (word === 'SET' && statement === 'SIGNAL') {
        if (text(at + 1) !== 'MESSAGE_TEXT') return undefined;
      } else if (word === 'SET' && !isField && text(at + 1) !== 'NEW') return undefined;
      setsFields = word === 'SET' && statement === 'SET';
    }
    if (token.source === '(') depth += 1;
    if (token.source === ')') depth -= 1;
    // The next assignment of the same SET.
    if (setsFields && depth === 0 && token.source === ',' && text(at + 1) !== 'NEW') return undefined;
    if (token.source === ';') setsFields = false;
    if (token.source === '(' && !opensHere(text(at - 1), text(at - 2), body[at - 1], token.at)) return undefined;
    const target = targetAt(statement, at, text);
    if (target !== undefined) {
      const name = body[target];
      if (name === undefined || !(name.kind === 'name' || name.kind === 'word')) return undefined;
      // And into no second table.
      if (!AFTER_TARGET[statement]?.test(text(target + 1))) return undefined;
      written.add(unquoted(name.source));
    }
  }
  return written;
}

/** A list, a call of a function that is harmless, or the columns of a table that is written to. */
function opensHere(before: string, second: string, token: SqlToken | undefined, at: number): boolean {
  if (token === undefined || (token.kind === 'other' && token.source !== ')')) return true;
  // With a blank between, some names are those of stored functions, and with a dot those of a database named NEW.
  const isCall = FUNCTIONS.has(before) && second !== '.' && token.at + token.source.length === at;
  return BEFORE_BRACKETS.test(before) || isCall || second === 'INTO';
}

function targetAt(statement: string, at: number, text: (at: number) => string): number | undefined {
  if (statement === 'UPDATE' && text(at) === 'UPDATE') return at + 1;
  if (statement === 'DELETE' && text(at) === 'FROM') return at + 1;
  if (/^(INSERT|REPLACE)$/.test(statement) && text(at) === statement)
    return text(at + 1) === 'INTO' ? at + 2 : Number.MAX_SAFE_INTEGER;
  return undefined;
}

/** The tokens of a trigger behind FOR EACH ROW; undefined where it is not there. */
export function bodyOfTrigger(statement: string): SqlToken[] | undefined {
  const tokens = [...sqlTokens(statement)].filter(saysSomething);
  const at = tokens.findIndex(
    ({ source }, index) =>
      /^FOR$/i.test(source) &&
      /^EACH$/i.test(tokens[index + 1]?.source ?? '') &&
      /^ROW$/i.test(tokens[index + 2]?.source ?? ''),
  );
  return at === -1 ? undefined : tokens.slice(at + 3);
}
