import { sqlTokens } from '../../script/sql-lexer.js';
import { QUOTED_NAME } from '../../script/lexer/lexical-rules.js';

/** A line of a CREATE TABLE: what stands between two commas, verbatim. */
export type Definition =
  | { kind: 'column'; text: string; name: string; autoIncrement: boolean }
  | { kind: 'primary' | 'unique' | 'key'; text: string; columns: readonly string[]; plain: boolean }
  | { kind: 'foreign'; text: string; columns: readonly string[]; target: string; targetColumns: readonly string[] }
  | { kind: 'other'; text: string };

/**
 * A CREATE TABLE statement as servers write it, cut up. All of it is Latin-1 text, in which UTF-8 passes through unharmed;
 * names stand in their backticks.
 */
export interface TableDefinition {
  name: string;
  /** Up to the opening bracket and with it. */
  head: string;
  definitions: readonly Definition[];
  /** From the closing bracket on. */
  tail: string;
  /** Line ends between the brackets. */
  lineEnds: number;
}

const HEAD = new RegExp(`^CREATE TABLE (${QUOTED_NAME}) \\($`);
const KEY = new RegExp(`^(PRIMARY KEY|(UNIQUE )?KEY ${QUOTED_NAME})(?: USING \\w+)? \\(`);
const FOREIGN_KEY = new RegExp(
  `^CONSTRAINT ${QUOTED_NAME} FOREIGN KEY \\(([^()]+)\\) REFERENCES (${QUOTED_NAME}(?:\\.${QUOTED_NAME})?) \\(([^()]+)\\)`,
);
/** The other items of a definition, which have to stay where they are. */
const OTHER = new RegExp(
  `^((FULLTEXT|SPATIAL|VECTOR) KEY ${QUOTED_NAME} |CONSTRAINT (${QUOTED_NAME} )?CHECK |PERIOD FOR )`,
);

/** Undefined for whatever is not in that form. */
export function parseTable(statement: string): TableDefinition | undefined {
  let depth = 0;
  let from = 0;
  let head: string | undefined;
  const parts: string[] = [];
  for (const { kind, source, at } of sqlTokens(statement)) {
    if (kind === 'comment') return undefined;
    if (kind !== 'other') continue;
    if (source === '(') {
      depth += 1;
      if (depth === 1) {
        head = statement.slice(0, at + 1);
        from = at + 1;
      }
    } else if (source === ',' && depth === 1) {
      parts.push(statement.slice(from, at));
      from = at + 1;
    } else if (source === ')') {
      depth -= 1;
      if (depth > 0) continue;
      parts.push(statement.slice(from, at));
      return assembled(head ?? '', parts, statement.slice(at));
    }
  }
  return undefined;
}

export function isInnodb({ tail }: TableDefinition): boolean {
  return /^\) ENGINE=InnoDB\b/.test(tail);
}

/** Whether its rows may come by several sessions, and its keys later. Versioned tables note when each row came. */
export function canBeDivided(table: TableDefinition): boolean {
  return (
    isInnodb(table) &&
    ![table.tail, ...table.definitions.map(({ text }) => text)].some((text) => /SYSTEM[ _]/i.test(text))
  );
}

function assembled(head: string, parts: readonly string[], tail: string): TableDefinition | undefined {
  const name = HEAD.exec(head)?.[1];
  if (name === undefined) return undefined;
  const definitions: Definition[] = [];
  let lineEnds = 0;
  for (const part of parts) {
    const definition = parseDefinition(part.trim());
    // Each begins on a line of its own.
    if (definition === undefined || !part.startsWith('\n')) return undefined;
    definitions.push(definition);
    lineEnds += part.split('\n').length - 1;
  }
  return { name, head, definitions, tail, lineEnds };
}

function parseDefinition(text: string): Definition | undefined {
  const column = new RegExp(`^${QUOTED_NAME}`).exec(text)?.[0];
  if (column !== undefined) {
    const words = [...sqlTokens(text)].filter(({ kind }) => kind === 'word');
    const autoIncrement = words.some(({ source }) => source.toUpperCase() === 'AUTO_INCREMENT');
    return { kind: 'column', text, name: column, autoIncrement };
  }
  const key = KEY.exec(text);
  if (key?.[1] !== undefined) {
    const kind = key[1] === 'PRIMARY KEY' ? 'primary' : key[2] === undefined ? 'key' : 'unique';
    return { kind, text, ...keyColumns(text.slice(key[0].length)) };
  }
  const [found, columns, target, targetColumns] = FOREIGN_KEY.exec(text) ?? [];
  if (found !== undefined && columns !== undefined && target !== undefined && targetColumns !== undefined) {
    return { kind: 'foreign', text, columns: namesIn(columns), target, targetColumns: namesIn(targetColumns) };
  }
  return OTHER.test(text) ? { kind: 'other', text } : undefined;
}

/** `plain`: of columns, or beginnings of them, and not of expressions. */
function keyColumns(list: string): { columns: string[]; plain: boolean } {
  const columns: string[] = [];
  let depth = 1;
  let plain = true;
  for (const { kind, source } of sqlTokens(list)) {
    if (source === '(') depth += 1;
    else if (source === ')') depth -= 1;
    else if (depth === 1 && kind === 'name') columns.push(source);
    else if (depth > 1 && (kind === 'name' || kind === 'text')) plain = false;
    if (depth === 0) break;
  }
  return { columns, plain: plain && columns.length > 0 };
}

function namesIn(list: string): string[] {
  return [...sqlTokens(list)].filter(({ kind }) => kind === 'name').map(({ source }) => source);
}
