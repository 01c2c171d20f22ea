import type { CodeToken } from './executable-comments.js';
import { isWord } from './table-items.js';

const BEHIND_DEFAULT =
  /^(ON|INVISIBLE|COMMENT|CHECK|AUTO_INCREMENT|WITH|WITHOUT|COMPRESSED|UNIQUE|PRIMARY|KEY|COLLATE|REFERENCES|CONSTRAINT|NULL)$/i;
/** MySQL takes no literal as a default of these, but an expression. */
const WITHOUT_LITERAL =
  /^((TINY|MEDIUM|LONG)?(TEXT|BLOB)|JSON|GEOMETRY|POINT|LINESTRING|POLYGON|MULTI\w+|GEOMETRYCOLLECTION)$/i;
const OF_NOW = /^(CURRENT_TIMESTAMP|NOW|LOCALTIME|LOCALTIMESTAMP)$/i;

/** The default of a column that MySQL takes in brackets only, which MariaDB does not write. */
export function expressionDefault(tokens: readonly CodeToken[]): { from: number; to: number } | undefined {
  const at = outermost(tokens).find((index) => isWord(tokens[index], 'DEFAULT'));
  const first = at === undefined ? undefined : tokens[at + 1];
  if (at === undefined || first === undefined || first.source === '(' || isWord(first, 'NULL')) return undefined;
  const end = outermost(tokens).find((index) => index > at + 1 && isEnd(tokens, index)) ?? tokens.length;
  const last = tokens[end - 1];
  const value = tokens.slice(at + 1, end);
  if (last === undefined) return undefined;
  const isLiteral = OF_NOW.test(first.source) || value.every((token, index) => isOfLiteral(token, index));
  const type = tokens[1]?.source ?? '';
  if (isLiteral && (!WITHOUT_LITERAL.test(type) || OF_NOW.test(first.source))) return undefined;
  return { from: first.at, to: last.at + last.source.length };
}

/** Indexes of tokens that stand in no brackets. */
function outermost(tokens: readonly CodeToken[]): number[] {
  let depth = 0;
  return tokens.flatMap(({ source }, index) => {
    if (source === ')') depth -= 1;
    const isOutside = depth === 0;
    if (source === '(') depth += 1;
    return isOutside ? [index] : [];
  });
}

function isEnd(tokens: readonly CodeToken[], at: number): boolean {
  const token = tokens[at];
  return (
    token?.kind === 'word' &&
    (BEHIND_DEFAULT.test(token.source) || (isWord(token, 'NOT') && isWord(tokens[at + 1], 'NULL')))
  );
}

/** `'x'`, `-1.5`, `b'0'`, `_utf8mb4'x'`, `TRUE`. */
function isOfLiteral({ kind, source }: CodeToken, index: number): boolean {
  if (kind === 'text' || /^[-+.]$/.test(source)) return true;
  return (
    kind === 'word' &&
    (/^\d/.test(source) || /^(TRUE|FALSE|_\w+)$/i.test(source) || (index === 0 && /^[bxn]$/i.test(source)))
  );
}
