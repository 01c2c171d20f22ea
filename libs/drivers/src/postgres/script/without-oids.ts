import { DomainError } from '@app/domain';
import { booleanOf, settingOf } from './script-settings.js';
import { isSymbol as isSymbolToken, isWord as isWordToken, placedTokensOf } from './statement-tokens.js';
import type { PlacedToken } from './statement-tokens.js';

/** For the list of what is left out of a dump. */
export const OIDS_LEFT_OUT = 'WITH OIDS, as tables have had no OIDs since PostgreSQL 12';

const MAKES_A_TABLE = /^CREATE (?:UNLOGGED |GLOBAL |LOCAL |TEMP(?:ORARY)? )*TABLE\b/;
const SPACE = 0x20;

/**
 * The statement without what it says of the OIDs of tables, in the place of which stand spaces; empty where it says nothing
 * else. Undefined where it does not ask for OIDs. `words`: its skeleton. UNSUPPORTED for rows that hold OIDs.
 */
export function withoutOids(text: Buffer, words: string, standardStrings: boolean): Buffer | undefined {
  if (words.startsWith('SET ')) {
    const { name, values } = settingOf(text, standardStrings) ?? {};
    if (name !== 'default_with_oids') return undefined;
    return values === undefined || booleanOf(values[0] ?? '') === false ? undefined : Buffer.alloc(0);
  }
  if (!words.includes('OIDS') && !/\bWITH ?\(.*""/.test(words)) return undefined;
  // The only action of the command: pg_dump writes no lists of them.
  if (/^ALTER TABLE\b[^,(]* SET WITH OIDS$/.test(words)) return Buffer.alloc(0);
  if (words.startsWith('COPY ')) requireRowsWithout(text, standardStrings);
  if (!MAKES_A_TABLE.test(words)) return undefined;
  const tokens = placedTokensOf(text, standardStrings);
  const clause = clauseIn(text, tokens);
  if (clause === undefined) return undefined;
  const rest = Buffer.from(text);
  for (let at = clause.from; at < clause.to; at += 1) if ((rest[at] ?? 0) > SPACE) rest[at] = SPACE;
  return rest;
}

/** Throws where the rows come from `pg_dump --oids`. */
function requireRowsWithout(text: Buffer, standardStrings: boolean): void {
  const tokens = outside(placedTokensOf(text, standardStrings));
  if (!tokens.some((token, index) => isWord(token, 'OIDS') && isWord(tokens[index - 1], 'WITH'))) return;
  throw new DomainError(
    'UNSUPPORTED',
    'The rows of the dump hold OIDs: it was made with the option --oids of pg_dump.',
    {
      hint: 'Nothing was changed. No server has had OIDs in tables since PostgreSQL 12: make the dump without that option.',
    },
  );
}

/** The place, behind the columns, where a CREATE TABLE asks for OIDs. */
function clauseIn(text: Buffer, tokens: readonly PlacedToken[]): { from: number; to: number } | undefined {
  let depth = 0;
  for (const [index, placed] of tokens.entries()) {
    if (isSymbol(placed, '(')) depth += 1;
    if (isSymbol(placed, ')')) depth -= 1;
    if (depth > 0) continue;
    // A query follows.
    if (isWord(placed, 'AS')) return undefined;
    if (!isWord(placed, 'WITH')) continue;
    const next = tokens[index + 1];
    if (next !== undefined && isWord(next, 'OIDS')) return { from: placed.from, to: next.to };
    if (isSymbol(next, '(')) return optionIn(text, placed, tokens.slice(index + 2));
  }
  return undefined;
}

/**
 * The place of `oids=true` in `WITH (fillfactor=70, oids=true)`; of the whole clause where it holds nothing else. `list`: what
 * follows the bracket.
 */
function optionIn(
  text: Buffer,
  clause: PlacedToken,
  list: readonly PlacedToken[],
): { from: number; to: number } | undefined {
  const end = list.findIndex((token) => isSymbol(token, ')'));
  const close = list[end];
  if (close === undefined) return undefined;
  const inside = list.slice(0, end);
  const at = inside.findIndex(({ token }, index) => {
    const named = token.kind === 'word' || token.kind === 'name' ? token.text : '';
    return /^oids$/i.test(named) && (index === 0 || isSymbol(inside[index - 1], ','));
  });
  const option = inside[at];
  if (option === undefined) return undefined;
  const comma = inside.slice(at).find((token) => isSymbol(token, ','));
  const value = text.toString('latin1', option.to, (comma ?? close).from).replaceAll(/[='\s]/g, '');
  if (booleanOf(value) === false) return undefined;
  if (comma !== undefined) return { from: option.from, to: comma.to };
  const before = inside[at - 1];
  return before === undefined ? { from: clause.from, to: close.to } : { from: before.from, to: close.from };
}

function outside(tokens: readonly PlacedToken[]): PlacedToken[] {
  let depth = 0;
  return tokens.filter((placed) => {
    if (isSymbol(placed, '(')) depth += 1;
    else if (isSymbol(placed, ')')) depth -= 1;
    else return depth === 0;
    return false;
  });
}

function isWord(placed: PlacedToken | undefined, text: string): boolean {
  return isWordToken(placed?.token, text);
}

function isSymbol(placed: PlacedToken | undefined, text: string): boolean {
  return isSymbolToken(placed?.token, text);
}
