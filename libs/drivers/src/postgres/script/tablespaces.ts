import { skeleton } from './skeleton.js';
import { isSymbol, isWord, placedTokensOf } from './statement-tokens.js';
import type { PlacedToken } from './statement-tokens.js';

const MAY_HAVE_ONE =
  /^(CREATE (UNLOGGED |GLOBAL |LOCAL |TEMP(ORARY)? )*TABLE|CREATE (UNIQUE )?INDEX|CREATE MATERIALIZED VIEW|ALTER TABLE)\b/;
const MOVES = /^ALTER (TABLE|INDEX|MATERIALIZED VIEW) .* SET TABLESPACE \S+( NOWAIT)?$/;

/** Settings by which pg_dump says where what follows is to lie. */
export const TABLESPACE_SETTINGS: ReadonlySet<string> = new Set(['default_tablespace', 'temp_tablespaces']);

/** Whether a command does nothing but move something into a tablespace. `text`: its skeleton. */
export function movesToTablespace(text: string): boolean {
  return MOVES.test(text);
}

/** The command without a clause that names a tablespace, outside of brackets: so what it makes lies in the database's own. */
export function withoutTablespace(command: Buffer, standardStrings = true): Buffer {
  const words = skeleton(command, { standardStrings });
  if (!MAY_HAVE_ONE.test(words) || !/ TABLESPACE\b/.test(words)) return command;
  const tokens = placedTokensOf(command, standardStrings);
  const clause = clauseIn(tokens);
  if (clause === undefined) return command;
  const [first, last] = clause;
  const before = tokens[tokens.indexOf(first) - 1]?.to ?? first.from;
  return Buffer.concat([command.subarray(0, before), command.subarray(last.to)]);
}

/** The first and the last token of the clause. */
function clauseIn(tokens: readonly PlacedToken[]): [PlacedToken, PlacedToken] | undefined {
  let depth = 0;
  for (const [index, placed] of tokens.entries()) {
    if (isSymbol(placed.token, '(')) depth += 1;
    if (isSymbol(placed.token, ')')) depth -= 1;
    // A query follows, which has none.
    if (depth === 0 && isWord(placed.token, 'AS')) return undefined;
    const named = tokens[index + 1];
    if (depth > 0 || !isWord(placed.token, 'TABLESPACE')) continue;
    if (named?.token.kind !== 'word' && named?.token.kind !== 'name') continue;
    const using = tokens[index - 2];
    const isOfIndex = isWord(using?.token, 'USING') && isWord(tokens[index - 1]?.token, 'INDEX');
    return [isOfIndex && using !== undefined ? using : placed, named];
  }
  return undefined;
}
