import { pipeline } from 'node:stream/promises';
import { eventHead } from '../script/stored-object-text.js';
import { saysSomething, sqlTokens } from '../script/sql-lexer.js';
import type { SqlToken } from '../script/sql-lexer.js';
import { isDoubtful, isReadAlike, readings } from '../script/statement-readings.js';
import { definedObject, logSettings, unquoted } from '../script/statement-tokens.js';
import type { DefinedObject } from '../script/statement-tokens.js';
import { DumpRewriter } from '../script/mysql-dump-rewriter.js';
import { unsafe } from '../script/mysql-script-guard.js';
import { isCalledByRows, plainRows } from './plain-rows.js';
import { StatementCutter } from '../script/statement-cutter.js';
import { ENGINES, StrictSettings } from './strict-settings.js';
import { FUNCTIONS, bodyOfTrigger, writtenByTameTrigger } from './tame-trigger.js';
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
    `CREATE SEQUENCE (?:IF NOT EXISTS )?${NAME}(?: AS (?:TINYINT|SMALLINT|MEDIUMINT|INT|BIGINT)(?: UNSIGNED)?)?(?: (?:START|INCREMENT|WITH|BY|MINVALUE|MAXVALUE|CACHE|NOCACHE|CYCLE|NOCYCLE|NO|ENGINE|=|-|0|INNODB|MYISAM|ARIA))*`,
  ),
  rule(`CREATE (?:UNIQUE |FULLTEXT |SPATIAL )?INDEX ${NAME} (?:USING \\w+ )?ON ${NAME} \\( .*`),
  rule(`DROP ${KINDS}S? (?:IF EXISTS )?${NAMES}(?: CASCADE| RESTRICT)?`),
  rule(
    `ALTER TABLE ${NAME} (?:ADD|MODIFY|CHANGE|ALTER|AUTO_INCREMENT|DISABLE|ENABLE|COMMENT|ENGINE|DEFAULT|CONVERT) .*`,
  ),
  rule(`LOCK TABLES? ${NAME} (?:READ|WRITE)(?: LOCAL)?(?: , ${NAME} (?:READ|WRITE)(?: LOCAL)?)*|UNLOCK TABLES?`),
  // Scripts say with it how far they are.
  rule(`SELECT (?:${SHOWN}|CONCAT \\( ${SHOWN}(?: , ${SHOWN})* \\))(?: AS (?:''|${NAME})| '')?`),
  // The first argument is a name, and no value: where the server has no sequences, a function of the dump would be called.
  rule('(?:DO|SELECT) SETVAL \\( `` , -? ?0 , 0 \\)'),
  rule(`START TRANSACTION|BEGIN|COMMIT|COMMIT WORK|TRUNCATE (?:TABLE )?${NAME}`),
];
/** In what is made or altered: what reaches into other tables, files or servers. */
const NEVER: ReadonlySet<string> = new Set([
  ...['SELECT', 'UNION', 'CONNECTION', 'DIRECTORY', 'TABLESPACE', 'RENAME', 'EXCHANGE', 'DISCARD', 'IMPORT'],
  ...['TABLE', 'FEDERATED', 'CONNECT', 'SPIDER', 'MERGE', 'MRG_MYISAM', 'OUTFILE', 'DUMPFILE', 'INFILE', 'LOAD_FILE'],
]);
const FILES = /^(OUTFILE|DUMPFILE|INFILE|LOAD_FILE|SONAME)$/;

/** Between the name of a trigger and its body. */
const ON_TABLE = new RegExp(`^(?:BEFORE|AFTER) (?:INSERT|UPDATE|DELETE) ON ${NAME} FOR EACH ROW `);

/**
 * Judges a foreign dump by the whole text of each statement, for loads with the rights of a connection that reach further than
 * the database. What has no known shape is refused, with BACKUP_UNSAFE and the line, before anything is touched.
 */
export async function judgeStrictly(
  source: DumpSource,
  { database, staged, folds }: { database: string; staged: boolean; folds: boolean },
  signal: AbortSignal,
): Promise<void> {
  const judge = new StrictJudge(database);
  const input = source.open();
  const rewriter = new DumpRewriter(database, { holdEvents: staged, folds });
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
  /** Names that were once a view's. */
  private readonly views = new Set<string>();
  /** The tables into which the triggers of each table write; undefined where a trigger may do anything. */
  private readonly triggers = new Map<string, Set<string> | undefined>();
  private readonly settings = new StrictSettings();

  constructor(private readonly database: string) {}

  /** Why a statement is not sent, to go on after "line 5 …"; undefined for those that are. */
  refusal(statement: string): string | undefined {
    const rows = plainRows(statement);
    if (rows !== undefined) return 'why' in rows ? rows.why : this.rows(rows.table);
    if (logSettings(statement) !== undefined) return undefined;
    const words = code(statement).map(shown);
    if (words.some((word) => FILES.test(word))) return 'reads or writes files of the server';
    const object = definedObject(statement);
    if (object !== undefined) return this.object(object, statement);
    const ways = readings(statement)?.map(({ tokens }) => tokens);
    if (ways === undefined) return 'holds comments that servers read differently';
    if (ways.some((tokens) => tokens.some(isDoubtful))) return 'holds characters that dump programs do not write there';
    if (ways.every(([first]) => first === undefined || /^SET$/i.test(first.source))) return this.settings.refusal(ways);
    const makes = ways.map((tokens) => this.plain(tokens));
    const why = makes.find((each) => each.why !== undefined)?.why;
    if (why !== undefined) return why;
    const [table] = makes.map((each) => each.table);
    if (table === undefined) {
      return makes.every((each) => each.table === undefined)
        ? undefined
        : 'holds comments that servers read differently';
    }
    if (this.views.has(table)) return 'makes a table in the place of a view';
    // Nobody knows whether a statement that only some servers read has made its table.
    if (makes.every((each) => each.table === table)) this.tables.add(table);
    return undefined;
  }

  /** One way in which a statement may be read. */
  private plain(tokens: readonly SqlToken[]): { why?: string; table?: string } {
    if (tokens.length === 0) return {};
    const words = tokens.map(shown);
    const [verb] = words;
    if (/^ALTER DATABASE CHARACTER SET \w+ COLLATE \w+$/.test(words.join(' '))) return {};
    if (new RegExp(`^ALTER (DATABASE|SCHEMA) ${NAME} CHARACTER SET \\w+ COLLATE \\w+$`).test(words.join(' '))) {
      return unquoted(tokens[2]?.source ?? '') === Buffer.from(this.database, 'utf8').toString('latin1')
        ? {}
        : { why: 'names another database' };
    }
    if (isQualified(tokens)) return { why: 'names something of another database, or of this one by its name' };
    const text = words.join(' ');
    if (!SHAPES.some((shape) => shape.test(text))) return { why: 'is not a statement that dump programs write' };
    if (verb !== 'CREATE' && verb !== 'ALTER') return {};
    const table = words.indexOf('TABLE');
    const never = words.find(
      (word, at) => (NEVER.has(word) && at !== table) || isQuery(words, at) || isOtherTable(words, at),
    );
    if (never !== undefined) return { why: `holds ${never}, which reaches beyond the table` };
    if (namesOtherEngine(tokens, words)) return { why: 'names an engine that may keep rows elsewhere' };
    if (verb !== 'CREATE' || table === -1 || table > 3) return {};
    const name = this.key(tokens[words[table + 1] === 'IF' ? table + 4 : table + 1]?.source ?? '');
    return name === undefined ? { why: UNKNOWN_NAME } : { table: name };
  }

  private rows(name: string): string | undefined {
    const key = this.key(name);
    if (key === undefined) return UNKNOWN_NAME;
    if (!this.tables.has(key) || this.views.has(key)) return 'fills a table that the dump has not made';
    return this.isTame(key, new Set()) ? undefined : 'fills a table whose triggers would act';
  }

  private object({ kind, at, isQualified: isElsewhere }: DefinedObject, statement: string): string | undefined {
    if (isElsewhere) return 'names something of another database, or of this one by its name';
    const [first] = code(statement);
    if (/^ALTER$/i.test(first?.source ?? '')) return 'is not a statement that dump programs write';
    const [name, ...rest] = code(statement).filter((token) => token.at >= at);
    if (kind === 'FUNCTION' && rest[0]?.source !== '(') return 'loads a library into the server';
    if (kind === 'FUNCTION') {
      const called = this.key(name?.source ?? '');
      if (called === undefined) return UNKNOWN_NAME;
      if (isCalledByRows(called) || FUNCTIONS.has(called.toUpperCase()))
        return 'makes a function with the name of one of the server';
    }
    const head = kind === 'TRIGGER' ? rest.slice(0, 7) : [];
    const last = head.at(-1) ?? name;
    const before = code(statement).filter((token) => token.at <= (last?.at ?? 0));
    if (!isReadAlike(statement, last?.at ?? 0)) return 'holds comments that servers read differently';
    if (before.some(isDoubtful)) return 'holds characters that dump programs do not write there';
    if (kind === 'VIEW' || kind === 'TRIGGER') {
      if (kind === 'TRIGGER' && !ON_TABLE.test(`${head.map(shown).join(' ')} `))
        return 'makes a trigger of another database';
      const key = this.key((kind === 'VIEW' ? name : head[3])?.source ?? '');
      if (key === undefined) return UNKNOWN_NAME;
      if (kind === 'VIEW') this.views.add(key);
      else this.noteTrigger(key, statement);
    }
    // Beside the target it was put to sleep before it was judged.
    if (kind === 'EVENT' && eventHead(statement)?.status.endsWith(' DISABLE') !== true)
      return 'makes an event that would run at once';
    return undefined;
  }

  private noteTrigger(table: string, statement: string): void {
    const body = isReadAlike(statement) ? bodyOfTrigger(statement) : undefined;
    const names = body === undefined || body.some(isDoubtful) ? undefined : writtenByTameTrigger(body);
    const written = names === undefined ? [undefined] : [...names].map((name) => this.key(name));
    const known = this.triggers.has(table) ? this.triggers.get(table) : new Set<string>();
    const all = written.filter((name) => name !== undefined);
    const isTame = known !== undefined && all.length === written.length;
    this.triggers.set(table, isTame ? new Set([...known, ...all]) : undefined);
  }

  /** Whether rows of a table go into nothing but tables of the dump, by whatever triggers. */
  private isTame(table: string, seen: Set<string>): boolean {
    if (seen.has(table)) return true;
    seen.add(table);
    if (!this.triggers.has(table)) return true;
    const written = this.triggers.get(table);
    const isOurs = (name: string): boolean => this.tables.has(name) && !this.views.has(name);
    return written !== undefined && [...written].every((name) => isOurs(name) && this.isTame(name, seen));
  }

  /** The same for all that some server takes for one name; undefined where its characters are not known. */
  private key(quoted: string): string | undefined {
    const name = unquoted(quoted);
    if (/^[\0-\x7f]*$/.test(name)) return name.toLowerCase();
    const { encoding } = this.settings;
    if (encoding === undefined) return undefined;
    const text = new TextDecoder(encoding).decode(Buffer.from(name, 'latin1'));
    return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('ß', 's').replaceAll('ı', 'i');
  }
}

const UNKNOWN_NAME = 'holds a name of which it is not sure in which character set it is';

/** A query in the place of columns; not the values of a partition. */
function isQuery(words: readonly string[], at: number): boolean {
  return words[at] === 'VALUES' && !/^(LESS|IN)$/.test(words[at + 1] ?? '');
}

/** In the place of columns, and not in a condition. */
function isOtherTable(words: readonly string[], at: number): boolean {
  return words[at] === 'LIKE' && words[at - 1] === '(';
}

/** Whether an engine is named for a table or a partition. In brackets the word may be the name of a column. */
function namesOtherEngine(tokens: readonly SqlToken[], words: readonly string[]): boolean {
  let depth = 0;
  return words.some((word, at) => {
    if (word === '(') depth += 1;
    if (word === ')') depth -= 1;
    if (word !== 'ENGINE' || (depth > 0 && /^[,(.]$/.test(words[at - 1] ?? ''))) return false;
    const named = tokens[words[at + 1] === '=' ? at + 2 : at + 1]?.source ?? '';
    return !ENGINES.has(unquoted(named).toUpperCase());
  });
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
  return [...sqlTokens(statement)].filter(saysSomething);
}

function rule(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, 's');
}
