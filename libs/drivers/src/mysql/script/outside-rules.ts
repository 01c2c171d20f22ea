import { sqlTokens } from './sql-lexer.js';
import type { SqlToken } from './sql-lexer.js';
import { LIBRARIES_LINE, withLibraries } from './library-list.js';
import { unquoted } from './statement-tokens.js';
import { VIEW_LINES } from './line-rule.js';
import type { LineRule } from './line-rule.js';
import { isSameFolded } from '../server-names.js';
import { QUOTED_NAME } from './lexer/lexical-rules.js';

/** The object that the tools make in the place of a view until all tables are there: its columns. */
const PLACEHOLDER = new RegExp(`^(/\\*!50001 CREATE (?:VIEW|TABLE) )(${QUOTED_NAME})( AS SELECT\\s[^]*)$`);
const VIEW = new RegExp(`^/\\*!50001 (?:JSON RELATIONAL DUALITY )?VIEW (${QUOTED_NAME}) (?:\\([^)]*\\) )?AS `);
const SEQUENCE = new RegExp(`\\b(?:next|last)val\\((${QUOTED_NAME})\\.(${QUOTED_NAME})\\)`, 'g');

/**
 * For a load where databases other than the dumped one are not there, which is no fault of the dump. What refers to them
 * is noted in `outside`, in words for a list. All of it is Latin-1 text.
 */
export function outsideRules(dumped: string, outside: Set<string>, folds = false): LineRule[] {
  const own = Buffer.from(dumped, 'utf8').toString('latin1');
  const isOwn = (quoted: string): boolean => unquoted(quoted) === own || (folds && isSameFolded(shown(quoted), dumped));
  const columns = new Map<string, string>();
  return [
    {
      prefix: Buffer.from('/*!50001 CREATE VIEW `'),
      complete: (lines) => /\*\/;\r?$/.test(lines),
      replace: (lines) => {
        const [, , name, rest] = PLACEHOLDER.exec(lines) ?? [];
        if (name !== undefined && rest !== undefined) columns.set(name, rest.replace(/\s*\*\/;\s*$/, ''));
        return lines;
      },
    },
    ...VIEW_LINES.map((prefix) => ({
      prefix,
      replace: (line: string) => {
        const name = VIEW.exec(line)?.[1];
        const others = name === undefined ? [] : otherDatabases(line, isOwn);
        const placeholder = columns.get(name ?? '');
        if (name === undefined || others.length === 0 || placeholder === undefined) return line;
        outside.add(`view ${shown(name)}, which reads ${others.map(shown).join(', ')}`);
        return `/*!50001 VIEW ${name}${placeholder.replaceAll('\n', ' ')} */;`;
      },
    })),
    {
      prefix: LIBRARIES_LINE,
      replace: (line) =>
        withLibraries(line, ({ schema, name }) => {
          if (isOwn(schema)) return true;
          outside.add(`a routine that uses the library ${shown(schema)}.${shown(name)}`);
          return false;
        }),
    },
    {
      prefix: Buffer.from('  `'),
      replace: (line) =>
        line.replace(SEQUENCE, (call: string, database: string, sequence: string) => {
          if (isOwn(database)) return call;
          outside.add(`a default that draws from ${shown(database)}.${shown(sequence)}`);
          return '1';
        }),
    },
    {
      prefix: Buffer.from('  CONSTRAINT `'),
      replace: (line) => {
        const [, key, database, table] =
          new RegExp(
            `^  CONSTRAINT (${QUOTED_NAME}) FOREIGN KEY .* REFERENCES (${QUOTED_NAME})\\.(${QUOTED_NAME}) `,
          ).exec(line) ?? [];
        if (key !== undefined && database !== undefined && table !== undefined && !isOwn(database)) {
          outside.add(`foreign key ${shown(key)}, which refers to ${shown(database)}.${shown(table)}`);
        }
        return line;
      },
    },
  ];
}

/**
 * What a view names of other databases, quoted: columns have three parts there, tables two after FROM and JOIN, functions two
 * before a bracket.
 */
function otherDatabases(view: string, isOwn: (quoted: string) => boolean): string[] {
  const tokens = [...sqlTokens(view)].filter(({ kind }) => kind !== 'space' && kind !== 'comment');
  const isName = (token: SqlToken | undefined): token is SqlToken => token?.kind === 'name';
  const others = new Set<string>();
  const tablesFollow = beforeTables(tokens);
  for (const [at, token] of tokens.entries()) {
    if (!isName(token) || tokens[at - 1]?.source === '.' || tokens[at + 1]?.source !== '.') continue;
    const threeParts = isName(tokens[at + 2]) && tokens[at + 3]?.source === '.';
    let before = at - 1;
    while (tokens[before]?.source === '(') before -= 1;
    const isTable = tablesFollow.has(before);
    const isFunction = tokens[at + 3]?.source === '(';
    if ((threeParts || isTable || isFunction) && !isOwn(token.source)) others.add(token.source);
  }
  return [...others];
}

/** Where tables follow: JOIN, and FROM, but not the one of `extract(year from …)`, in whose brackets no SELECT precedes it. */
function beforeTables(tokens: readonly SqlToken[]): ReadonlySet<number> {
  const places = new Set<number>();
  let hasSelect = false;
  const around: boolean[] = [];
  for (const [at, { kind, source }] of tokens.entries()) {
    if (source === '(') {
      around.push(hasSelect);
      hasSelect = false;
    } else if (source === ')') {
      hasSelect = around.pop() ?? false;
    } else if (kind === 'word') {
      if (/^SELECT$/i.test(source)) hasSelect = true;
      if (/^(STRAIGHT_)?JOIN$/i.test(source) || (hasSelect && /^FROM$/i.test(source))) places.add(at);
    }
  }
  return places;
}

function shown(quoted: string): string {
  return Buffer.from(unquoted(quoted), 'latin1').toString('utf8');
}
