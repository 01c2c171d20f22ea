import type { CrossingTarget } from './crossing-target.js';
import type { CodeToken } from './executable-comments.js';
import type { Edit } from './findings.js';
import { isWord } from './table-items.js';
import { isAtLeast } from './crossing-target.js';

/** Modes of sql_mode that concern GRANT, or how definitions are shown, and nothing that a dump holds. */
const WITHOUT_EFFECT =
  /^(NO_AUTO_CREATE_USER|NO_KEY_OPTIONS|NO_TABLE_OPTIONS|NO_FIELD_OPTIONS|POSTGRESQL|MSSQL|DB2|MAXDB|MYSQL323|MYSQL40)$/i;
const OF_MARIADB = /^(ORACLE|SIMULTANEOUS_ASSIGNMENT|EMPTY_STRING_IS_NULL|TIME_ROUND_FRACTIONAL)$/i;
const OF_MYSQL = /^TIME_TRUNCATE_FRACTIONAL$/i;

/**
 * `SET sql_mode = '…'` without the modes that the target does not know (error 1231). `lost`: those of them that say what the
 * code means that follows.
 */
export function adaptMode(
  tokens: readonly CodeToken[],
  target: CrossingTarget,
): { edits: Edit[]; lost: string[] } | undefined {
  const at = tokens.findIndex((token, index) => /^(@@)?sql_mode$/i.test(token.source) && isText(tokens[index + 2]));
  const value = tokens[at + 2];
  if (at === -1 || value === undefined) return undefined;
  const mysql = target.flavour === 'MySQL';
  const quote = value.source.charAt(0);
  const modes = value.source.slice(1, -1).split(',');
  const isUnknown = (mode: string): boolean =>
    mysql ? OF_MARIADB.test(mode) || (isAtLeast(target, 8) && WITHOUT_EFFECT.test(mode)) : OF_MYSQL.test(mode);
  const known = modes.filter((mode) => !isUnknown(mode.trim()));
  const lost = modes
    .map((mode) => mode.trim().toUpperCase())
    .filter((mode) => isUnknown(mode) && !WITHOUT_EFFECT.test(mode));
  if (known.length === modes.length) return { edits: [], lost };
  return {
    edits: [{ from: value.at, to: value.at + value.source.length, by: `${quote}${known.join(',')}${quote}` }],
    lost,
  };
}

export function setsMode(tokens: readonly CodeToken[]): boolean {
  return isWord(tokens[0], 'SET') && tokens.some(({ source }) => /^(@@)?sql_mode$/i.test(source));
}

function isText(token: CodeToken | undefined): boolean {
  return token?.kind === 'text' && /^['"]/.test(token.source);
}
