import type { StoredObject } from '../stored-objects/stored-object.js';
import { saysSomething, sqlTokens } from '../script/sql-lexer.js';

/** Words of statements that act on the server, on accounts, files or other databases, or run a text that is not known yet. */
const REACHES: ReadonlySet<string> = new Set([
  ...['PREPARE', 'EXECUTE', 'IMMEDIATE', 'GRANT', 'REVOKE', 'USER', 'ROLE', 'DATABASE', 'SCHEMA', 'GLOBAL', 'PERSIST'],
  ...['PERSIST_ONLY', 'PASSWORD', 'OUTFILE', 'DUMPFILE', 'INFILE', 'LOAD_FILE', 'PLUGIN', 'SONAME', 'SERVER', 'KILL'],
  ...[
    'SHUTDOWN',
    'FLUSH',
    'RESET',
    'PURGE',
    'CHANGE',
    'INSTALL',
    'UNINSTALL',
    'TABLESPACE',
    'BINLOG',
    'INSTANCE',
    'USE',
  ],
]);
/** Questions that are asked by words that otherwise act: `DATABASE()`. */
const ASKED: ReadonlySet<string> = new Set(['USER', 'DATABASE', 'SCHEMA', 'PASSWORD', 'EXISTS']);
const PLAIN_CHARACTER_SETS = /^(utf8|utf8mb3|utf8mb4|latin1|ascii|binary)$/;

/**
 * Whether nothing in the text of an object says that it acts beyond its database. `others`: the other databases of the server, in
 * lower case. A text that cannot be read for certain does not stay within.
 */
export function staysWithin({ text, characterSet, sqlMode }: StoredObject, others: ReadonlySet<string>): boolean {
  if (!PLAIN_CHARACTER_SETS.test(characterSet) || /NO_BACKSLASH_ESCAPES/i.test(sqlMode)) return false;
  // Whether `"` is a quote of names or of texts: both ways.
  return [true, false].every((ansiQuotes) => {
    const tokens = [...sqlTokens(text.toString('utf8'), ansiQuotes)].filter(saysSomething);
    return tokens.every(({ kind, source }, at) => {
      if (kind === 'text' || kind === 'other') return true;
      const next = tokens[at + 1]?.source;
      const word = source.toUpperCase();
      if (kind === 'word' && REACHES.has(word) && !(ASKED.has(word) && next === '(')) return false;
      const name =
        kind === 'name' ? source.slice(1, -1).replaceAll(source.charAt(0).repeat(2), source.charAt(0)) : source;
      return next !== '.' || !others.has(name.toLowerCase());
    });
  });
}
