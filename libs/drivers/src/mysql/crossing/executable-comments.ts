import { sqlTokens } from '../script/sql-lexer.js';
import type { SqlToken } from '../script/sql-lexer.js';
import type { DumpOrigin } from './dump-origin.js';

type Server = Pick<DumpOrigin, 'flavour' | 'versionParts'>;

/** MariaDB takes these numbers for versions of MySQL that have what it has not. */
const OF_MYSQL_ALONE = { from: 50_700, to: 99_999 };

/**
 * Whether a server runs what stands in an executable comment, by the comment's opening: `/*!80023`, `/*M!100301`. Both products
 * skip those of later versions of their own; MariaDB those of MySQL 5.7 and newer, MySQL those of MariaDB (its numbers are higher).
 */
export function runsComment({ flavour, versionParts }: Server, opening: string): boolean {
  const [, ofMariadb = '', digits = ''] = /^\/\*(M?)!(\d*)/.exec(opening) ?? [];
  const mariadb = flavour === 'MariaDB';
  if (ofMariadb !== '' && !mariadb) return false;
  if (digits === '') return true;
  const number = Number(digits);
  if (mariadb && ofMariadb === '' && number >= OF_MYSQL_ALONE.from && number <= OF_MYSQL_ALONE.to) return false;
  const [major = 0, minor = 0, patch = 0] = versionParts;
  return number <= major * 10_000 + minor * 100 + patch;
}

/** An executable comment of a statement. */
export interface ExecutableComment {
  opening: string;
  /** With its brackets. */
  from: number;
  to: number;
}

/** A token that may matter to a server, and the innermost executable comment that it stands in. */
export type CodeToken = SqlToken & { comment?: ExecutableComment };

/** Without white space, plain comments and the brackets of executable ones. */
export function codeTokensOf(statement: string): CodeToken[] {
  const tokens: CodeToken[] = [];
  const around: ExecutableComment[] = [];
  for (const token of sqlTokens(statement)) {
    const { kind, source, at } = token;
    if (kind === 'space' || kind === 'comment') continue;
    if (/^\/\*M?!/.test(source)) {
      around.push({ opening: source, from: at, to: statement.length });
      continue;
    }
    if (source === '*/') {
      const ended = around.pop();
      if (ended !== undefined) ended.to = at + source.length;
      continue;
    }
    const comment = around.at(-1);
    tokens.push(comment === undefined ? token : { ...token, comment });
  }
  return tokens;
}
