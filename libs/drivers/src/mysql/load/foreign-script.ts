import { Readable } from 'node:stream';
import type { DumpContents, DumpSource, TidiedDump, TidyOptions } from '../../db-driver.js';
import { EditedText } from '../../edited-text.js';
import { TOOL_WARNINGS } from '../dump/mysql-dump.js';
import { triggerHead } from '../swap/program-text.js';
import { readHeader } from './mysql-script-guard.js';
import { ScriptContents } from './script-contents.js';
import { ScriptReader } from './mysql-script-reader.js';
import type { ScriptStatement } from './mysql-script-reader.js';

const TAIL_BYTES = 512;
const END = /(^|\n)-- Dump completed[^\n]*\s*$/;
const END_MARK = Buffer.from('\n-- Dump completed\n');
const OF_DATABASE =
  /^(USE|(?:CREATE|DROP)(?: OR REPLACE)? (?:DATABASE|SCHEMA)(?: IF (?:NOT )?EXISTS)?) (`(?:[^`]|``)+`|"(?:[^"]|"")+"|[\w$\x80-\xff]+)/i;
/** Where a replica would begin (`--source-data=1`, `--dump-replica`), and logs: about the server, and nothing of the database. */
const OF_THE_SERVER =
  /^(?:CHANGE (?:MASTER|REPLICATION SOURCE)(?: '[^']*')? TO|(?:START|STOP) (?:ALL )?(?:SLAVE|REPLICA)S?|FLUSH (?:BINARY )?LOGS)\b/i;
const CREATES_TRIGGER = /^CREATE\b(?: (?!TABLE|VIEW|PROCEDURE|FUNCTION|EVENT|PACKAGE|SEQUENCE)\S+)* TRIGGER\b/i;
const HEADER_BYTES = 4096;
const PHPMYADMIN_HEADER = /^-- Database: `(.+?)`\r?$/m;
const MAKES_OR_FILLS =
  /^(?:INSERT|REPLACE|CREATE (?:OR REPLACE )?(?:TEMPORARY )?(?:TABLE|VIEW|SEQUENCE|PROCEDURE|FUNCTION|TRIGGER|EVENT))\b/i;

/**
 * A foreign script as it can be loaded: without how its own database was made and entered (`mysqldump --databases`, MySQL
 * Workbench, phpMyAdmin). Of several databases only `sourceDatabase` stays, each line still on its line.
 */
export function tidyForeignScript(source: DumpSource, options: TidyOptions): TidiedDump {
  const contents: DumpContents = { tables: 0, rows: false, withoutRows: [] };
  const outcome = { notes: new Set<string>(), ended: false, contents, databases: new Set<string>() };
  async function* tidied(): AsyncGenerator<Buffer> {
    const script = new Tidier(outcome, options.sourceDatabase);
    const input = source.open();
    try {
      for await (const chunk of input as AsyncIterable<Buffer>) yield* script.push(chunk);
      yield* script.end();
    } finally {
      input.destroy();
    }
    outcome.ended = script.ended;
    outcome.contents = script.contents.result;
    // The mark of the whole file may have stood behind another database.
    if (script.ended && options.sourceDatabase !== undefined) yield END_MARK;
  }
  return { open: () => Readable.from(tidied(), { objectMode: false }), outcome };
}

class Tidier {
  readonly contents = new ScriptContents();
  private madeSomething = false;
  private tail = '';
  /** The database that the dump says to be of. */
  private header: string | undefined;
  private current: string | undefined;
  /** Where something of another database began that is left out. */
  private leftOutFrom: number | undefined;
  private readonly text = new EditedText();
  private readonly reader = new ScriptReader({
    statement: (statement) => this.judge(statement),
    command: () => undefined,
    comment: (text) => {
      if (this.leftOutFrom === undefined) this.contents.comment(text);
    },
  });

  constructor(
    private readonly outcome: { notes: Set<string>; databases: Set<string> },
    private readonly wanted: string | undefined,
  ) {}

  get ended(): boolean {
    return END.test(this.tail);
  }

  *push(chunk: Buffer): Generator<Buffer> {
    this.tail = (this.tail + chunk.toString('latin1', Math.max(0, chunk.length - TAIL_BYTES))).slice(-TAIL_BYTES);
    // Of a dump of several databases it names the first alone.
    if (this.text.end === 0) this.header = readHeader(chunk).database ?? PHPMYADMIN_HEADER.exec(headOf(chunk))?.[1];
    const from = this.text.end;
    this.text.push(chunk);
    const messages = from > 0 ? undefined : TOOL_WARNINGS.exec(chunk.toString('latin1', 0, HEADER_BYTES))?.[0];
    if (messages === undefined) {
      this.reader.push(chunk);
    } else {
      this.outcome.notes.add('messages of the dump program');
      this.text.replace(0, messages.length);
      const blank = Buffer.from(messages.replace(/[^\n]/g, ' '), 'latin1');
      this.reader.push(Buffer.concat([blank, chunk.subarray(messages.length)]));
    }
    yield* this.handOn(this.reader.settledOffset);
  }

  *end(): Generator<Buffer> {
    this.reader.end();
    yield* this.handOn(this.text.end);
  }

  private judge({ text, from, to }: ScriptStatement): void {
    const words = text.replace(/\s+/g, ' ').trim();
    const server = OF_THE_SERVER.exec(words)?.[0];
    if (server !== undefined) {
      if (this.leftOutFrom === undefined) {
        this.outcome.notes.add(server.toUpperCase());
        this.text.replace(from, to);
      }
      return;
    }
    const [, verb, quoted] = OF_DATABASE.exec(words) ?? [];
    if (verb === undefined || quoted === undefined) {
      if (CREATES_TRIGGER.test(words)) this.unqualifyTrigger(from, to);
      return this.note(words);
    }
    const name = plain(quoted);
    if (this.wanted === undefined) {
      const { databases, notes } = this.outcome;
      // What was made before is made elsewhere than what follows: the loader refuses that.
      if (this.madeSomething && databases.size === 0) return;
      databases.add(name);
      notes.add(`${verb.toUpperCase()} ${name}`);
      this.text.replace(from, to);
      return;
    }
    this.outcome.databases.add(name);
    if (!/^USE$/i.test(verb)) {
      if (this.leftOutFrom === undefined) this.text.replace(from, to);
      return;
    }
    this.current = name;
    if (this.current === this.wanted) {
      this.text.replace(this.leftOutFrom ?? from, to);
      this.leftOutFrom = undefined;
    } else this.leftOutFrom ??= from;
  }

  /**
   * Triggers are dumped as somebody once typed them: `CREATE TRIGGER shop.t … ON shop.orders`. The name of the dumped database
   * is taken out, so that the trigger comes to where the dump is loaded. Other names stay, and are a matter of rights.
   */
  private unqualifyTrigger(from: number, to: number): void {
    if (this.leftOutFrom !== undefined) return;
    const head = triggerHead(this.text.latin1(from, to));
    if (head === undefined) return;
    const names = [head.trigger.schema, head.table.schema].filter((name) => name !== undefined);
    if (!names.every((name) => this.isDumped(plain(name)))) return;
    for (const { from: start, to: end, name, schema } of [head.trigger, head.table]) {
      if (schema !== undefined) this.text.replace(from + start, from + end - name.length);
    }
  }

  /** By the dump's header or its own USE. Case is not looked at: on some servers it says nothing. */
  private isDumped(name: string): boolean {
    const { wanted, current, header } = this;
    const own = wanted === undefined ? [header, ...this.outcome.databases] : [current];
    return own.some((database) => database?.toLowerCase() === name.toLowerCase());
  }

  private note(words: string): void {
    if (this.leftOutFrom !== undefined) return;
    this.contents.note(words);
    if (MAKES_OR_FILLS.test(words)) this.madeSomething = true;
  }

  private *handOn(to: number): Generator<Buffer> {
    if (this.leftOutFrom !== undefined && to > this.leftOutFrom) {
      this.text.replace(this.leftOutFrom, to);
      this.leftOutFrom = to;
    }
    yield* this.text.handOn(to);
  }
}

function headOf(chunk: Buffer): string {
  return chunk.subarray(0, HEADER_BYTES).toString('utf8');
}

function plain(quoted: string): string {
  const quote = quoted.charAt(0);
  const name = /[`"]/.test(quote) ? quoted.slice(1, -1).replaceAll(quote + quote, quote) : quoted;
  return Buffer.from(name, 'latin1').toString('utf8');
}
