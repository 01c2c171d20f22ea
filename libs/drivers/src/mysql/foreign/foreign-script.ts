import { Readable } from 'node:stream';
import { DomainError } from '@app/domain';
import type { DumpContents, DumpSource, TidiedDump, TidyOptions } from '../../db-driver.js';
import { EditedText } from '../../edited-text.js';
import { TOOL_WARNINGS } from '../dump/mysql-dump.js';
import { triggerHead } from '../script/stored-object-text.js';
import { ownQualifiers, qualifierOf, without } from '../script/own-names.js';
import { ScriptContents } from '../script/script-contents.js';
import { ScriptEncoding } from '../script/script-encoding.js';
import { ScriptReader, oneLine } from '../script/mysql-script-reader.js';
import type { ScriptStatement } from '../script/mysql-script-reader.js';

const TAIL_BYTES = 512;
/** The second is mysqlpump's. */
const END = /(^|\n)-- Dump (?:completed|end time: )[^\n]*\s*$/;
const END_MARK = Buffer.from('\n-- Dump completed\n');
const QUOTED_NAME = '(`(?:[^`]|``)+`|"(?:[^"]|"")+"|[\\w$\\x80-\\xff]+)';
/** The clause of MySQL Workbench matches also where it gives the database another character set. */
const OF_DATABASE = new RegExp(
  `^(USE|(?:CREATE|DROP)(?: OR REPLACE)? (?:DATABASE|SCHEMA)(?: IF (?:NOT )?EXISTS)?|ALTER (?:DATABASE|SCHEMA)(?=.* DEFAULT ))` +
    ` ${QUOTED_NAME}`,
  'i',
);
/** Around routines of another collation. */
const COLLATION = new RegExp(`^ALTER (?:DATABASE|SCHEMA) ${QUOTED_NAME} CHARACTER SET \\w+ COLLATE \\w+$`, 'i');
/** Where a replica would begin (`--source-data=1`, `--dump-replica`), and logs: about the server, and nothing of the database. */
const OF_THE_SERVER =
  /^(?:CHANGE (?:MASTER|REPLICATION SOURCE)(?: '[^']*')? TO|(?:START|STOP) (?:ALL )?(?:SLAVE|REPLICA)S?|FLUSH (?:BINARY )?LOGS)\b/i;
/**
 * Percona's mysqldump writes them into every dump, so that tables of RocksDB load faster where the server has that engine. They run
 * statements that stand in texts, which the guard does not see.
 */
const OF_ROCKSDB = new RegExp(
  [
    '^SELECT COUNT\\(\\*\\) INTO @\\w*rocksdb\\w* FROM (?:INFORMATION|performance)_schema\\.\\w+ WHERE ',
    '^SET @\\w*(?:rocksdb|bulk_load)\\w* ?= ?IF ?\\(@',
    '^PREPARE s FROM @\\w*(?:rocksdb|bulk_load)\\w*$',
  ].join('|'),
  'i',
);
/** They run and drop the statement that {@link OF_ROCKSDB} prepares. */
const RUNS_PREPARED = /^(?:EXECUTE|DEALLOCATE PREPARE) s$/i;
const CREATES_TRIGGER = /^CREATE\b(?: (?!TABLE|VIEW|PROCEDURE|FUNCTION|EVENT|PACKAGE|SEQUENCE)\S+)* TRIGGER\b/i;
const BYTE_ORDER_MARK = /^\xef\xbb\xbf/;
const BEFORE_ALL = new RegExp(`${BYTE_ORDER_MARK.source}|${TOOL_WARNINGS.source}`);
/** Messages of the tool in the middle of its dump that are no reason to call it incomplete. */
const TOOL_ERROR = /^(?:mysqldump|mariadb-dump)(?:\.exe)?: Error: '[^']*' when trying to dump tablespaces/i;
/** The client takes such a line for all of a command, with or without what ends statements. */
const LINE_ALONE = new RegExp(
  `^use[ \\t]+[^\\t-\\r ;]+[ \\t]*(?:\\r?\\n|(?=[\\t-\\r ]))|${TOOL_ERROR.source}[^\\n]*\\n?`,
  'i',
);
const ROWS_HEAD_BYTES = 64 * 1024;
const MAKES_OR_FILLS_ROWS = /^(?:INSERT|REPLACE)\b/i;
const HEADER_BYTES = 4096;
/** The headers of mysqldump and mariadb-dump, phpMyAdmin, Sequel Pro and Sequel Ace, and DBeaver. */
const IN_HEADER = [
  /^ Host: .*? {4}Database: ([^\t-\r ].*?)[\t-\r ]*$/,
  /^ Database: `(.+?)`[\t-\r ]*$/,
  /^ Database: ([^`\t-\r ]+)[\t-\r ]*$/,
  /^ ([^\t-\r .]+)\.[^\t-\r ]+ definition[\t-\r ]*$/,
];
/** The statements that stand before the first of several databases and hold for all of them. */
const FOR_ALL = /^(?:SET|START TRANSACTION|BEGIN$|COMMIT|UNLOCK TABLES)/i;
/** They belong to the server. */
const OF_THE_PRODUCT: ReadonlySet<string> = new Set([
  ...['mysql', 'information_schema', 'performance_schema', 'sys', 'ndbinfo'],
]);
const MAKES_OR_FILLS =
  /^(?:INSERT|REPLACE|CREATE (?:OR REPLACE )?(?:TEMPORARY )?(?:TABLE|VIEW|SEQUENCE|PROCEDURE|FUNCTION|TRIGGER|EVENT))\b/i;

/**
 * A foreign script as it can be loaded: without how its own database was made, entered and named (`mysqldump --databases`, MySQL
 * Workbench, phpMyAdmin, mysqlpump). Of several databases only `sourceDatabase` stays, each line still on its line.
 */
export function tidyForeignScript(source: DumpSource, options: TidyOptions): TidiedDump {
  const { sourceDatabase } = options;
  if (sourceDatabase !== undefined && OF_THE_PRODUCT.has(sourceDatabase.toLowerCase()))
    throw ofTheServer(sourceDatabase);
  const contents: DumpContents = { tables: 0, rows: false, withoutRows: [] };
  const outcome = {
    ...{ notes: new Set<string>(), ended: false, contents },
    ...{ databases: new Set<string>(), serverDatabases: new Set<string>() },
  };
  async function* tidied(): AsyncGenerator<Buffer> {
    const script = new Tidier(outcome, sourceDatabase);
    const input = source.open();
    try {
      for await (const chunk of input as AsyncIterable<Buffer>) yield* script.push(chunk);
      yield* script.end();
    } finally {
      input.destroy();
    }
    outcome.ended = script.ended;
    outcome.contents = script.contents.result;
    // The mark of the whole file may have stood behind another database, be mysqlpump's, or not be there.
    if (options.acceptIncomplete || (script.ended && !script.hasOwnMark)) yield END_MARK;
  }
  return { open: () => Readable.from(withHeadInOne(tidied()), { objectMode: false }), outcome };
}

/** The first comments come in one piece, as those who read them expect. */
async function* withHeadInOne(content: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of content) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < HEADER_BYTES) continue;
    yield head;
    head = undefined;
  }
  if (head !== undefined && head.length > 0) yield head;
}

interface Outcome {
  notes: Set<string>;
  databases: Set<string>;
  serverDatabases: Set<string>;
}

class Tidier {
  readonly contents = new ScriptContents();
  /** Something that it did not put into a database of which it says the name. */
  private madeSomething = false;
  private tail = '';
  /** The database that the dump says to be of. */
  private header: string | undefined;
  private current: string | undefined;
  /** Whether its databases are known by nothing but the names before those of its tables. */
  private isInferred = true;
  /** Where rows of another database began that are left out. */
  private leftOutFrom: number | undefined;
  private readonly text = new EditedText();
  private readonly encoding = new ScriptEncoding();
  private readonly reader = new ScriptReader({
    statement: (statement) => {
      this.encoding.note(statement);
      this.judge(statement);
    },
    rows: ({ text, from }) => this.judgeRows(oneLine(text), from, this.text.end),
    command: (command, line) => {
      if (command === '\\.') throw readsFiles('\\.', line);
    },
    comment: (text) => {
      this.contents.comment(text);
      // In a dump of several databases the header names the first one alone.
      if (!this.madeSomething) this.header ??= databaseIn(text);
    },
  });
  /** Whether a statement of {@link OF_ROCKSDB} that prepares another was left out. */
  private preparesForRocksdb = false;
  /** The statement whose beginning was judged already. */
  private judgedFrom: number | undefined;

  constructor(
    private readonly outcome: Outcome,
    private readonly wanted: string | undefined,
  ) {}

  get ended(): boolean {
    return END.test(this.tail);
  }

  /** The mark that those who read on look for stands at the end of what is handed on. */
  get hasOwnMark(): boolean {
    return this.wanted === undefined && /-- Dump completed/.test(this.tail);
  }

  *push(chunk: Buffer): Generator<Buffer> {
    this.tail = (this.tail + chunk.toString('latin1', Math.max(0, chunk.length - TAIL_BYTES))).slice(-TAIL_BYTES);
    const from = this.text.end;
    this.text.push(chunk);
    const head = from > 0 ? '' : (BEFORE_ALL.exec(chunk.toString('latin1', 0, HEADER_BYTES))?.[0] ?? '');
    if (head === '') {
      this.reader.push(chunk);
    } else {
      if (/\S/.test(head.replace(BYTE_ORDER_MARK, ''))) this.outcome.notes.add('messages of the dump program');
      this.text.replace(0, head.length);
      const blank = Buffer.from(head.replace(/[^\n]/g, ' '), 'latin1');
      this.reader.push(Buffer.concat([blank, chunk.subarray(head.length)]));
    }
    this.encoding.read(chunk);
    yield* this.handOn(this.reader.finishedOffset);
  }

  *end(): Generator<Buffer> {
    this.reader.end();
    this.encoding.read(Buffer.alloc(0));
    yield* this.handOn(this.text.end);
  }

  private judge({ text, from, to, line }: ScriptStatement): void {
    const words = oneLine(text);
    if (this.judgedFrom === from) return this.endRows(to);
    const reads = /^source (\S+)/i.exec(words)?.[1];
    if (reads !== undefined) throw readsFiles(`source ${reads}`, line);
    const alone = LINE_ALONE.test(words) ? LINE_ALONE.exec(this.text.latin1(from, to))?.[0] : undefined;
    if (alone !== undefined && alone.length < to - from && alone.endsWith('\n')) {
      this.judge({ text: alone, from, to: from + alone.length, line });
      const rest = oneLine(words.slice(oneLine(alone).length));
      return rest === '' ? undefined : this.judge({ text: rest, from: from + alone.length, to, line });
    }
    if (TOOL_ERROR.test(words)) {
      this.outcome.notes.add('messages of the dump program');
      this.text.replace(from, to);
      return;
    }
    const server = OF_THE_SERVER.exec(words)?.[0];
    if (server !== undefined) {
      this.outcome.notes.add(server.toUpperCase());
      this.text.replace(from, to);
      return;
    }
    if (OF_ROCKSDB.test(words) || (this.preparesForRocksdb && RUNS_PREPARED.test(words))) {
      this.preparesForRocksdb ||= /^PREPARE/i.test(words);
      this.outcome.notes.add('SET rocksdb_bulk_load');
      this.text.replace(from, to);
      return;
    }
    const [, verb, quoted] = OF_DATABASE.exec(words) ?? [];
    if (verb !== undefined && quoted !== undefined) return this.judgeDatabase(verb, plain(quoted), from, to);
    if (MAKES_OR_FILLS_ROWS.test(words)) {
      this.judgeRows(words, from, to);
      return this.endRows(to);
    }
    if (!this.belongs(words)) {
      this.text.replace(from, to);
      return;
    }
    if (CREATES_TRIGGER.test(words)) this.unqualifyTrigger(from, to);
    const collated = COLLATION.exec(words)?.[1];
    // Without a name it is the current one.
    if (collated !== undefined && this.isDumped(plain(collated))) {
      const raw = this.text.latin1(from, to);
      const at = raw.indexOf(collated);
      if (at !== -1) this.text.replace(from + at, from + at + collated.length);
    }
    this.note(this.unqualify(words, from, to));
  }

  private judgeDatabase(verb: string, name: string, from: number, to: number): void {
    const { databases, serverDatabases, notes } = this.outcome;
    if (this.wanted === undefined) {
      // The objects made before belong elsewhere than those that follow: the loader refuses that.
      if (this.madeSomething && name !== this.header) return;
      notes.add(`${verb.toUpperCase()} ${name}`);
    }
    this.isInferred = false;
    if (OF_THE_PRODUCT.has(name.toLowerCase())) serverDatabases.add(name);
    else databases.add(name);
    this.text.replace(from, to);
    if (/^USE$/i.test(verb)) this.current = name;
  }

  /** A statement of rows, of which perhaps only the beginning is there. */
  private judgeRows(words: string, from: number, to: number): void {
    this.judgedFrom = from;
    if (this.belongs(words)) this.note(this.unqualify(words, from, Math.min(to, from + ROWS_HEAD_BYTES)));
    else this.leftOutFrom = from;
  }

  private endRows(to: number): void {
    if (this.leftOutFrom !== undefined) this.text.replace(this.leftOutFrom, to);
    this.leftOutFrom = undefined;
    this.judgedFrom = undefined;
  }

  /** Whether a statement is for the database that is asked for. */
  private belongs(words: string): boolean {
    const qualifier = qualifierOf(words);
    const named = qualifier === undefined ? undefined : plain(qualifier);
    this.infer(words, named);
    if (this.wanted === undefined) return true;
    const owner = named !== undefined && this.outcome.databases.has(named) ? named : this.current;
    if (owner !== undefined) return owner === this.wanted;
    if (FOR_ALL.test(words)) return true;
    this.outcome.notes.add('what the dump makes before it names a database');
    return false;
  }

  /** Exports of single tables name the database before each of them, and nowhere else. */
  private infer(words: string, named: string | undefined): void {
    const { databases } = this.outcome;
    if (named === undefined || !this.isInferred || this.madeSomething || this.header !== undefined) return;
    if (/^(?:CREATE|DROP|INSERT|REPLACE)\b/i.test(words)) databases.add(named);
  }

  /** Takes the names of the dump's own database out of a statement, and gives its words without them. */
  private unqualify(words: string, from: number, to: number): string {
    if (!this.mayNameOwn(words)) return words;
    const { backslashEscapes } = this.reader;
    const rules = { isOwn: (name: string) => this.isDumped(plain(name)), backslashEscapes };
    const shown = ownQualifiers(words, rules);
    if (shown.length === 0) return words;
    for (const span of ownQualifiers(this.text.latin1(from, to), rules))
      this.text.replace(from + span.from, from + span.to);
    const [first] = shown;
    if (first !== undefined) {
      const name = plain(oneLine(words.slice(first.from, first.to - 1)));
      this.outcome.notes.add(`"${name}." before the names of its tables and other objects`);
    }
    return without(words, shown);
  }

  /**
   * Triggers are dumped as somebody once typed them: `CREATE TRIGGER shop.t … ON shop.orders`. The name of the dumped database
   * is taken out, so that the trigger comes to where the dump is loaded. Other names stay, and are a matter of rights.
   */
  private unqualifyTrigger(from: number, to: number): void {
    const head = triggerHead(this.text.latin1(from, to));
    if (head === undefined) return;
    const names = [head.trigger.schema, head.table.schema].filter((name) => name !== undefined);
    if (!names.every((name) => this.isDumped(plain(name)))) return;
    for (const { from: start, to: end, name, schema } of [head.trigger, head.table]) {
      if (schema !== undefined) this.text.replace(from + start, from + end - name.length);
    }
  }

  /** Whether the dump's header or its own statements name the database. Case is ignored: on some servers it says nothing. */
  private isDumped(name: string): boolean {
    return this.own.some((database) => database.toLowerCase() === name.toLowerCase());
  }

  private get own(): string[] {
    const { wanted, header } = this;
    if (wanted !== undefined) return [wanted];
    return header === undefined ? [...this.outcome.databases] : [header, ...this.outcome.databases];
  }

  /** Most statements do not, and need not be taken apart. */
  private mayNameOwn(words: string): boolean {
    const { own } = this;
    if (own.length === 0 || !words.includes('.')) return false;
    const lower = words.toLowerCase();
    return own.some((database) => !/^[\w$-]+$/.test(database) || lower.includes(database.toLowerCase()));
  }

  private note(words: string): void {
    this.contents.note(words);
    const { databases, serverDatabases } = this.outcome;
    if (MAKES_OR_FILLS.test(words) && databases.size + serverDatabases.size === 0) this.madeSomething = true;
  }

  private *handOn(to: number): Generator<Buffer> {
    if (this.leftOutFrom !== undefined && to > this.leftOutFrom) {
      this.text.replace(this.leftOutFrom, to);
      this.leftOutFrom = to;
    }
    yield* this.text.handOn(to);
  }
}

function databaseIn(comment: string): string | undefined {
  const [, name] = IN_HEADER.map((pattern) => pattern.exec(comment)).find((found) => found !== null) ?? [];
  return name === undefined ? undefined : Buffer.from(name, 'latin1').toString('utf8');
}

function plain(quoted: string): string {
  const quote = quoted.charAt(0);
  const name = /[`"]/.test(quote) ? quoted.slice(1, -1).replaceAll(quote + quote, quote) : quoted;
  return Buffer.from(name, 'latin1').toString('utf8');
}

function ofTheServer(name: string): DomainError {
  const message = `"${name}" belongs to the server that was dumped, and is not restored: it holds accounts and settings of that server.`;
  return new DomainError('INVALID_INPUT', message, {
    hint: 'Nothing was changed. Make the accounts anew on the target server, and restore the other databases one by one.',
    fields: [{ field: 'source_database', message: 'names a database of the server itself' }],
  });
}

function readsFiles(command: string, line: number): DomainError {
  return new DomainError(
    'UNSUPPORTED',
    `The script reads other files, by a command of the client program on line ${line}: ${command}.`,
    {
      hint:
        'Nothing was changed. Put all of it into one file, in the folder of the script, and restore that: ' +
        `perl -pe 's/^(?:source|\\\\\\.)\\s+(\\S+?)\\s*;?\\s*$/\`cat $1\`/e' script.sql > whole.sql`,
    },
  );
}
