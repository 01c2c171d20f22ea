import { unquoted } from '../script/statement-tokens.js';
import type { CodeToken } from './executable-comments.js';
import { readable } from './findings.js';

/** A column, key or constraint of a CREATE TABLE, or its options. */
export interface TableItem {
  kind: 'column' | 'key' | 'check' | 'period' | 'other' | 'options';
  /** In words: `column a of table t`. */
  label: string;
  tokens: readonly CodeToken[];
  /** From the first byte to behind the last, without the comma. */
  from: number;
  to: number;
}

export interface TableDefinition {
  name: string;
  items: readonly TableItem[];
  options: TableItem;
}

const KEY_WORDS = /^(PRIMARY|UNIQUE|KEY|INDEX|FULLTEXT|SPATIAL|FOREIGN)$/;

/** Undefined for what is no CREATE TABLE with columns of its own. */
export function tableDefinition(tokens: readonly CodeToken[]): TableDefinition | undefined {
  const head = nameAfter(tokens, 'TABLE');
  if (head === undefined) return undefined;
  const { name, next } = head;
  if (tokens[next]?.source !== '(') return undefined;
  const items: TableItem[] = [];
  let depth = 0;
  let from = next + 1;
  let at = next;
  for (; at < tokens.length; at += 1) {
    const source = tokens[at]?.source;
    if (source === '(') depth += 1;
    if (source === ')') depth -= 1;
    const ends = depth === 0;
    if (!ends && !(source === ',' && depth === 1)) continue;
    if (at > from) items.push(itemOf(name, tokens.slice(from, at)));
    from = at + 1;
    if (ends) break;
  }
  const rest = tokens.slice(at + 1);
  return { name, items, options: item('options', `table ${name}`, rest) };
}

/** The object that a statement makes, and where its name ends. `word`: what stands before the name. */
export function nameAfter(tokens: readonly CodeToken[], word: string): { name: string; next: number } | undefined {
  const at = tokens.findIndex(({ kind, source }) => kind === 'word' && source.toUpperCase() === word);
  if (at === -1) return undefined;
  let next = at + 1;
  while (/^(IF|NOT|EXISTS|BODY)$/i.test(tokens[next]?.source ?? '') && tokens[next]?.kind === 'word') next += 1;
  if (tokens[next + 1]?.source === '.') next += 2;
  const named = tokens[next];
  if (named === undefined) return undefined;
  return { name: readable(unquoted(named.source)), next: next + 1 };
}

function itemOf(table: string, tokens: readonly CodeToken[]): TableItem {
  const [first, second] = tokens;
  const word = first?.kind === 'word' ? first.source.toUpperCase() : '';
  if (word === 'CONSTRAINT' || word === 'CHECK') {
    const isNamed = word === 'CONSTRAINT' && second?.kind !== undefined && !isWord(second, 'CHECK');
    const name = isNamed ? ` ${nameOf(second)}` : '';
    const rest = word === 'CONSTRAINT' ? tokens.slice(isNamed ? 2 : 1) : tokens;
    if (isWord(rest[0], 'CHECK')) return item('check', `CHECK${name} of table ${table}`, tokens);
    return item('key', `key${name} of table ${table}`, tokens);
  }
  if (word === 'PERIOD' && isWord(second, 'FOR')) return item('period', `period of table ${table}`, tokens);
  const isVector = word === 'VECTOR' && (isWord(second, 'KEY') || isWord(second, 'INDEX'));
  if ((KEY_WORDS.test(word) && second !== undefined) || isVector) {
    const named = tokens.find(({ kind, source }) => kind === 'name' || source === '(');
    const isPrimary = word === 'PRIMARY';
    const name = isPrimary || named?.kind !== 'name' ? '' : ` ${nameOf(named)}`;
    return item('key', `${isPrimary ? 'primary key' : `index${name}`} of table ${table}`, tokens);
  }
  if (first === undefined || !/^([`"]|[\w$\x80-\xff])/.test(first.source))
    return item('other', `table ${table}`, tokens);
  return item('column', `column ${nameOf(first)} of table ${table}`, tokens);
}

function item(kind: TableItem['kind'], label: string, tokens: readonly CodeToken[]): TableItem {
  const [first] = tokens;
  const last = tokens.at(-1);
  const from = first?.comment?.from ?? first?.at ?? 0;
  const end = last === undefined ? from : last.at + last.source.length;
  return { kind, label, tokens, from, to: Math.max(end, last?.comment?.to ?? 0) };
}

export function isWord(token: CodeToken | undefined, word: string): boolean {
  return token?.kind === 'word' && token.source.toUpperCase() === word;
}

export function nameOf(token: CodeToken): string {
  return readable(unquoted(token.source));
}
