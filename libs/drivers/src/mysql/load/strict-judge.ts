import { pipeline } from 'node:stream/promises';
import { eventHead } from '../swap/program-text.js';
import { sqlTokens } from '../swap/sql-lexer.js';
import type { SqlToken } from '../swap/sql-lexer.js';
import { definedObject, logSettings, unquoted } from './foreign-statement.js';
import { DumpRewriter } from './mysql-dump-rewriter.js';
import { unsafe } from './mysql-script-guard.js';
import { bodyOfTrigger, writtenByTameTrigger } from './tame-trigger.js';
import { StatementCutter } from './statement-cutter.js';
import type { DumpSource } from '../../db-driver.js';

const NAME = '(?:``|[A-Z_$][A-Z0-9_$]*)';
const NAMES = `${NAME}(?: , ${NAME})*`;
/** In the answer of a SELECT without tables. */
const SHOWN = `(?:''|@ @ ${NAME})`;
const KINDS = '(?:TABLE|VIEW|SEQUENCE|TRIGGER|PROCEDURE|FUNCTION|EVENT|PACKAGE(?: BODY)?)';

/** The statements that are accepted: whole ones, in upper case, with `` for names, '' for texts and 0 for numbers. */
const SHAPES: readonly RegExp[] = [
  rule(`CREATE (?:OR REPLACE )?TABLE (?:IF NOT EXISTS )?${NAME} \\( .*`),
  rule(
    `CREATE SEQUENCE (?:IF NOT EXISTS )?${NAME}(?: (?:START|INCREMENT|WITH|BY|MINVALUE|MAXVALUE|CACHE|NOCACHE|CYCLE|NOCYCLE|NO|ENGINE|=|-|0|INNODB|MYISAM|ARIA))*`,
  ),
  rule(`CREATE (?:UNIQUE |FULLTEXT |SPATIAL )?INDEX ${NAME} (?:USING \\w+ )?ON ${NAME} \\( .*`),
  rule(`DROP ${KINDS}S? (?:IF EXISTS )?${NAMES}`),
  rule(
    `ALTER TABLE ${NAME} (?:ADD|MODIFY|CHANGE|ALTER|AUTO_INCREMENT|DISABLE|ENABLE|COMMENT|ENGINE|DEFAULT|CONVERT) .*`,
  ),
  rule(`LOCK TABLES? ${NAME} (?:READ|WRITE)(?: LOCAL)?(?: , ${NAME} (?:READ|WRITE)(?: LOCAL)?)*|UNLOCK TABLES?`),
  // Scripts say with it how far they are.
  rule(`SELECT (?:${SHOWN}|CONCAT \\( ${SHOWN}(?: , ${SHOWN})* \\))(?: AS (?:''|${NAME})| '')?`),
  rule(`(?:DO|SELECT) SETVAL \\( ${NAME} , -? ?0 , 0 \\)`),
  rule(`START TRANSACTION|BEGIN|COMMIT|COMMIT WORK|TRUNCATE (?:TABLE )?${NAME}`),
];
/** In what is made or altered: what reaches into other tables, files or servers. */
const NEVER: ReadonlySet<string> = new Set([
  ...['SELECT', 'UNION', 'CONNECTION', 'DIRECTORY', 'TABLESPACE', 'RENAME', 'EXCHANGE', 'DISCARD', 'IMPORT', 'LIKE'],
  ...['FEDERATED', 'CONNECT', 'SPIDER', 'MERGE', 'MRG_MYISAM', 'OUTFILE', 'DUMPFILE', 'INFILE', 'LOAD_FILE'],
]);
const FILES = /^(OUTFILE|DUMPFILE|INFILE|LOAD_FILE|SONAME)$/;

/** A session of a dump is set by these only. */
const SETTABLE =
  /^(names|character_set_(client|results|connection)|collation_connection|time_zone|(unique|foreign_key)_checks|sql_mode|sql_notes|note_verbosity|autocommit|system_versioning_insert_history|default_storage_engine|innodb_strict_mode|sql_auto_is_null|information_schema_stats_expiry|sql_require_primary_key|sql_quote_show_create|default_tmp_storage_engine|sql_safe_updates|use_stat_tables)$/;
/** In the others a byte of a character may look like a quote or a backslash. */
const PLAIN_SETS =
  /^(utf8|utf8mb3|utf8mb4|latin[1257]|ascii|binary|cp125[0167]|cp85[02]|koi8[ru]|armscii8|greek|hebrew|default|null)(_\w+)?$/i;

const TEXT = `'(?:[^'\\\\]|\\\\[^]|'')*'|"(?:[^"\\\\]|\\\\[^]|"")*"`;
const PLAIN = `(?:[-+]?[\\d.]+(?:e[-+]?\\d+)?|(?:_\\w+ ?)?0x[\\da-f]+|(?:_\\w+ ?|[xbn]|DATE ?|TIME(?:STAMP)? ?)?(?:${TEXT})|NULL|TRUE|FALSE|DEFAULT)`;
/** What Adminer, phpMyAdmin and others write for bits, geometry, JSON and bytes, and people for times. No stored function can take their names. */
const CALL =
  `(?:CONV|ST_Geom(?:etry)?FromText|GeomFromText|ST_GeomFromWKB|UNHEX|FROM_BASE64|STR_TO_DATE|NOW|CURDATE|CURRENT_DATE|CURRENT_TIMESTAMP|UUID|CONCAT|CHAR)` +
  `\\(\\s*(?:${PLAIN}(?:\\s*,\\s*${PLAIN})*)?\\s*\\)(?: ?\\+ ?0)?|CAST\\(\\s*${PLAIN} AS \\w+\\s*\\)|CURRENT_(?:TIMESTAMP|DATE)`;
const VALUE = `(?:${CALL}|${PLAIN})`;
/** One that only newer servers read may come before it, as in the geometry of sakila. */
const ITEM = `(?:/\\*!\\d{5,6}\\s+${PLAIN}\\s*,\\s*\\*/\\s*)?${VALUE}`;
const ROW = new RegExp(`\\s*\\(\\s*${ITEM}(?:\\s*,\\s*${ITEM})*\\s*\\)\\s*(?:,|$)`, 'iy');
const QUOTED = '`(?:[^`]|``)+`';
const ROWS = new RegExp(
  `^(?:/\\*!\\d+ )?(?:INSERT|REPLACE)(?:\\s+(?:IGNORE|LOW_PRIORITY|HIGH_PRIORITY|DELAYED))*(?:\\s+INTO)?\\s+(${QUOTED}|[\\w$]+)\\s*` +
    `(?:\\(\\s*(?:${QUOTED}|[\\w$]+)(?:\\s*,\\s*(?:${QUOTED}|[\\w$]+))*\\s*\\)\\s*)?VALUES?`,
  'iy',
);

/**
 * Judges a foreign dump by the whole text of each statement, for loads with the rights of a connection that reach further than
 * the database. What has no known shape is refused, with BACKUP_UNSAFE and the line, before anything is touched.
 */
export async function judgeStrictly(
  source: DumpSource,
  { database, aside }: { database: string; aside: boolean },
  signal: AbortSignal,
): Promise<void> {
  const judge = new StrictJudge(database, aside);
  const input = source.open();
  const rewriter = new DumpRewriter(database, { holdEvents: aside });
  const cutter = new StatementCutter(async (bytes, { line, text }) => {
    const why = judge.refusal(bytes.toString('latin1'));
    if (why !== undefined) throw unsafe(line, text.replace(/\s+/g, ' ').trim(), why);
  });
  try {
    await pipeline(input, rewriter, cutter, { signal });
  } finally {
    input.destroy();
  }
}

export class StrictJudge {
  /** Made by the dump: rows go into nothing else. */
  private readonly tables = new Set<string>();
  /** By table: where its triggers write to; undefined where one may do anything. */
  private readonly triggers = new Map<string, Set<string> | undefined>();

  constructor(
    private readonly database: string,
    private readonly aside: boolean,
  ) {}

  /** Why a statement is not sent, to go on after "line 5 …"; undefined for those that are. */
  refusal(statement: string): string | undefined {
    const rows = this.rows(statement);
    if (rows !== false) return rows;
    if (logSettings(statement) !== undefined) return undefined;
    const tokens = code(statement);
    const words = tokens.map(shown);
    if (words.some((word) => FILES.test(word))) return 'reads or writes files of the server';
    const [verb] = words;
    if (verb === 'SET') return settingsRefusal(tokens);
    const object = definedObject(statement);
    if (object !== undefined) return this.object(object.kind, statement, tokens);
    if (/^ALTER DATABASE CHARACTER SET \w+ COLLATE \w+$/.test(words.join(' '))) return undefined;
    if (new RegExp(`^ALTER (DATABASE|SCHEMA) ${NAME} CHARACTER SET \\w+ COLLATE \\w+$`).test(words.join(' '))) {
      return unquoted(tokens[2]?.source ?? '') === Buffer.from(this.database, 'utf8').toString('latin1')
        ? undefined
        : 'names another database';
    }
    if (isQualified(tokens)) return 'names something of another database, or of this one by its name';
    const text = words.join(' ');
    if (!SHAPES.some((shape) => shape.test(text))) return 'is not a statement that dump programs write';
    const never = verb === 'CREATE' || verb === 'ALTER' ? words.find((word) => NEVER.has(word)) : undefined;
    if (never !== undefined) return `holds ${never}, which reaches beyond the table`;
    this.note(words, tokens);
    return undefined;
  }

  /** False where it is no statement of rows. */
  private rows(statement: string): string | false | undefined {
    ROWS.lastIndex = 0;
    const name = ROWS.exec(statement)?.[1];
    if (name === undefined)
      return /^\s*(\/\*!\d*\s*)?(INSERT|REPLACE)\b/i.test(statement) ? 'fills a table in an unknown way' : false;
    let at = ROWS.lastIndex;
    while (at < statement.length) {
      ROW.lastIndex = at;
      if (!ROW.test(statement)) break;
      at = ROW.lastIndex;
    }
    if (!/^\s*(\*\/)?\s*$/.test(statement.slice(at)) || at === 0) return 'holds other rows than of plain values';
    const key = unquoted(name).toLowerCase();
    if (!this.tables.has(key)) return 'fills a table that the dump has not made';
    return this.isTame(key, new Set()) ? undefined : 'fills a table whose triggers would act';
  }

  private object(kind: string, statement: string, tokens: readonly SqlToken[]): string | undefined {
    const at = tokens.findIndex(({ source, kind: is }) => is === 'word' && source.toUpperCase() === kind.split(' ')[0]);
    const head = tokens.slice(at + 1).filter(({ source }) => !/^(IF|NOT|EXISTS|BODY)$/i.test(source));
    if (head[1]?.source === '.') return 'names something of another database, or of this one by its name';
    const [first] = tokens;
    if (/^ALTER$/i.test(first?.source ?? '')) return 'is not a statement that dump programs write';
    if (kind === 'FUNCTION' && head[1]?.source !== '(') return 'loads a library into the server';
    if (kind === 'TRIGGER') {
      const on = head.findIndex(({ source }) => /^ON$/i.test(source));
      if (on === -1 || head[on + 2]?.source === '.') return 'makes a trigger of another database';
      this.noteTrigger(unquoted(head[on + 1]?.source ?? '').toLowerCase(), statement);
    }
    if (kind === 'VIEW') this.tables.delete(unquoted(head[0]?.source ?? '').toLowerCase());
    const sleeps = eventHead(statement)?.status.endsWith(' DISABLE') === true;
    if (kind === 'EVENT' && !this.aside && !sleeps) return 'makes an event that would run at once';
    return undefined;
  }

  private noteTrigger(table: string, statement: string): void {
    const body = bodyOfTrigger(statement);
    const written = body === undefined ? undefined : writtenByTameTrigger(body);
    const known = this.triggers.has(table) ? this.triggers.get(table) : new Set<string>();
    this.triggers.set(
      table,
      written === undefined || known === undefined ? undefined : new Set([...known, ...written]),
    );
  }

  /** Whether rows of a table go into nothing but tables of the dump, by whatever triggers. */
  private isTame(table: string, seen: Set<string>): boolean {
    if (seen.has(table)) return true;
    seen.add(table);
    if (!this.triggers.has(table)) return true;
    const written = this.triggers.get(table);
    return written !== undefined && [...written].every((name) => this.tables.has(name) && this.isTame(name, seen));
  }

  private note(words: readonly string[], tokens: readonly SqlToken[]): void {
    const table = words.indexOf('TABLE') === -1 ? words.indexOf('TABLES') : words.indexOf('TABLE');
    if (words[0] === 'CREATE' && table !== -1 && table < 4) {
      const at = words[table + 1] === 'IF' ? table + 4 : table + 1;
      this.tables.add(unquoted(tokens[at]?.source ?? '').toLowerCase());
    }
    if (words[0] !== 'DROP') return;
    for (const token of tokens.slice(1)) this.tables.delete(unquoted(token.source).toLowerCase());
  }
}

function settingsRefusal(tokens: readonly SqlToken[]): string | undefined {
  const list: SqlToken[][] = [[]];
  let depth = 0;
  for (const token of tokens.slice(1)) {
    if (token.source === '(') depth += 1;
    if (token.source === ')') depth -= 1;
    if (token.source === ',' && depth === 0) list.push([]);
    else list.at(-1)?.push(token);
  }
  for (const assignment of list) {
    const text = assignment.map(({ source }) => source).join(' ');
    const names = /^(?:NAMES|CHARACTER SET|CHARSET) '?(\w+)'?(?: COLLATE '?(\w+)'?)?$/i.exec(text);
    if (names !== null) {
      if (!PLAIN_SETS.test(names[1] ?? '')) return 'sets a character set in which a byte may look like a quote';
      continue;
    }
    const [, noted] = /^@ (?:[\w$]+|`\w+`|'\w+') :? ?= @ @ (?:(?:SESSION|LOCAL) \. )?([\w$]+)$/i.exec(text) ?? [];
    // Of the session, as anything else may hold what could not be set itself.
    if (noted !== undefined && (isHarmless(noted) || /^sql_log_bin$/i.test(noted))) continue;
    const [, name = '', given = ''] = /^(?:@ @ )?(?:(?:SESSION|LOCAL) (?:\. )?)?(\w+) :? ?= (.*)$/is.exec(text) ?? [];
    if (!SETTABLE.test(name.toLowerCase())) return 'sets what dump programs do not set';
    // HeidiSQL puts back what it has noted, and where it has noted nothing the default.
    const [, value = given] = /^IFNULL \( @ [\w$]+ , (.*) \)$/is.exec(given) ?? [];
    const known = /^(@ @ (?:(?:SESSION|LOCAL) \. )?\w+|@ [\w$]+|-?\d+|\w+|'[^'\\]*'|"[^"\\]*")$/i.test(value);
    const [, copied] = /^@ @ .*?(\w+)$/.exec(value) ?? [];
    if (!known || (copied !== undefined && !isHarmless(copied))) return 'sets something to what cannot be judged';
    if (/^sql_mode$/i.test(name) && /NO_BACKSLASH_ESCAPES|ANSI|^\d|DB2|MAXDB|MSSQL|ORACLE|POSTGRESQL/i.test(value)) {
      return 'changes how texts are quoted, so the rest cannot be judged';
    }
    if (
      /^(character_set|collation)/i.test(name) &&
      /^['"\w]/.test(value) &&
      !PLAIN_SETS.test(value.replace(/['"]/g, ''))
    ) {
      return 'sets a character set in which a byte may look like a quote';
    }
  }
  return undefined;
}

/** Whether its value may be given to any other: as a number of many digits it would be a sql_mode of the dump's choice. */
function isHarmless(setting: string): boolean {
  return SETTABLE.test(setting.toLowerCase()) && !/^information_schema_stats_expiry$/i.test(setting);
}

function isQualified(tokens: readonly SqlToken[]): boolean {
  return tokens.some(
    ({ source, kind }, at) =>
      source === '.' &&
      kind === 'other' &&
      [tokens[at - 1], tokens[at + 1]].some((side) => side !== undefined && !/^\d/.test(side.source)),
  );
}

function shown({ kind, source }: SqlToken): string {
  if (kind === 'name') return '``';
  if (kind === 'text') return `''`;
  if (kind === 'word') return /^\d+$/.test(source) ? '0' : source.toUpperCase();
  return source;
}

function code(statement: string): SqlToken[] {
  return [...sqlTokens(statement)].filter(
    ({ kind, source }) => kind !== 'space' && kind !== 'comment' && !/^\/\*M?!|^\*\/$/.test(source),
  );
}

function rule(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, 's');
}
