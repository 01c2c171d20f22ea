import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { DomainError } from '@app/domain';
import { DumpPosition } from '../dump-position.js';
import { quotedName } from '../login/mysql-account.js';
import { LIBRARIES_LINE, withLibrariesOf } from './library-list.js';
import { HELD_STATUS, eventHead, eventWithStatus, triggerHead, triggerOn } from './stored-object-text.js';
import { requalified } from './sql-lexer.js';
import { definedObject, unquoted } from './statement-tokens.js';
import { outsideRules } from './outside-rules.js';
import { VIEW_LINES } from './line-rule.js';
import type { LineRule } from './line-rule.js';
import { isSameFolded, takenForOne } from '../server-names.js';
import { readHeader } from './mysql-script-guard.js';
import { TableDirectories } from './table-directories.js';

const LF = 0x0a;
/** A longer line of these kinds does not exist; it would be passed on as it is. */
const LINE_LIMIT = 4 * 1024 * 1024;

const SANDBOX_LINE = /^(\xef\xbb\xbf)?\/\*M?!999999\\- [^\n]*/;

export interface RewriterOptions {
  /** Keeps events from running, and notes how they are to be later. */
  holdEvents?: boolean;
  /**
   * Set where databases other than the dumped one are not there: views that read them get the columns that they had, and defaults
   * that draw from their sequences a number.
   */
  alone?: boolean;
  /** Objects are made in the name of who makes them. */
  withoutDefiners?: boolean;
  /** The server that loads it does not tell names apart by their case: nor does the one that wrote it, or both fit. */
  folds?: boolean;
}

/**
 * Makes a dump loadable where it is to go, as it streams by, and keeps every line on its line:
 *
 * - takes out the sandbox line, which older and Oracle's clients cannot read (FAILURES 27); the sandbox is asked for on
 *   the command line instead;
 * - puts the target's name where the tools write the dumped database's: `ALTER DATABASE` around routines of another
 *   collation, `nextval()` of sequences in defaults, libraries of routines, and views that name other databases, too. Without
 *   that, a restore under another name alters, shows or uses the original;
 * - takes the database out of the heads of triggers, which are kept as somebody once wrote them;
 * - takes the CHECK OPTION out of views, which could not be made over views that come later in the dump;
 * - takes the directories of their own out of tables; see {@link TableDirectories};
 * - where events are held: makes each one disabled and lasting, so that it neither runs nor ends in a copy.
 */
export class DumpRewriter extends Transform {
  private held: Buffer[] = [];
  private heldBytes = 0;
  private atLineStart = true;
  private rules: LineRule[] | undefined;

  /** The events that were held, by name, with the status that the dump gives them; see {@link EventHead}. */
  readonly heldEvents = new Map<string, string>();
  /** With `alone`: what was made otherwise, as it refers to other databases. */
  readonly outside = new Set<string>();
  /** The views whose CHECK OPTION was taken out, by name; see {@link giveCheckOptions}. */
  readonly checkOptions = new Map<string, string>();
  readonly directories = new TableDirectories();
  readonly position = new DumpPosition();
  private view: string | undefined;

  constructor(
    private readonly target: string,
    private readonly options: RewriterOptions = {},
  ) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.rules === undefined) {
      const { database } = readHeader(chunk);
      const { folds = false } = this.options;
      this.rules = [
        ...rulesFor(database, this.target, folds),
        ...this.triggerRules(database),
        ...this.eventRules(),
        ...this.viewRules(),
      ];
      if (this.options.withoutDefiners === true) this.rules.push(...DEFINERS);
      if (this.options.alone === true)
        this.rules.unshift(...outsideRules(database ?? this.target, this.outside, folds));
    }
    this.position.see(chunk);
    let data = chunk;
    if (this.held.length > 0) {
      data = Buffer.concat([...this.held, chunk]);
      this.held = [];
      this.heldBytes = 0;
    }
    try {
      this.pass(data);
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  override _flush(done: TransformCallback): void {
    try {
      if (this.held.length > 0) this.push(this.rewritten(Buffer.concat(this.held)));
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  /** Hands on everything up to an unfinished line that might have to be rewritten. */
  private pass(data: Buffer): void {
    let unchangedFrom = 0;
    let at = 0;
    while (at < data.length) {
      let newline = data.indexOf(LF, at);
      if (this.atLineStart && this.mayNeedRewriting(data[at])) {
        while (newline !== -1 && newline - at < LINE_LIMIT && this.goesOn(data.subarray(at, newline))) {
          newline = data.indexOf(LF, newline + 1);
        }
      }
      const end = newline === -1 ? data.length : newline;
      if (this.atLineStart && this.mayNeedRewriting(data[at])) {
        if (newline === -1 && data.length - at < LINE_LIMIT) {
          this.pushIfAny(data.subarray(unchangedFrom, at));
          this.hold(data.subarray(at));
          return;
        }
        const line = data.subarray(at, end);
        const rewritten = this.rewritten(line);
        if (rewritten !== line) {
          this.pushIfAny(data.subarray(unchangedFrom, at));
          this.pushIfAny(rewritten);
          unchangedFrom = end;
        }
      }
      this.atLineStart = newline !== -1;
      at = end + 1;
    }
    this.pushIfAny(data.subarray(unchangedFrom));
  }

  /** Whether what a rule is about continues on the next line. */
  private goesOn(lines: Buffer): boolean {
    return (this.rules ?? []).some(
      ({ prefix, complete }) =>
        complete !== undefined && lines.indexOf(prefix) === 0 && !complete(lines.toString('latin1')),
    );
  }

  private eventRules(): LineRule[] {
    if (this.options.holdEvents !== true) return [];
    const hold = (line: string): string => {
      if (!/^\/\*!50106 CREATE(\*\/)? (\/\*!50117 )?(DEFINER|EVENT|\/\*!50106)/.test(line)) return line;
      const head = eventHead(line);
      if (head === undefined) throw unknownEvent();
      this.heldEvents.set(decoded(head.name), head.status);
      return eventWithStatus(line, HELD_STATUS);
    };
    return [{ prefix: Buffer.from('/*!50106 CREATE'), replace: hold }];
  }

  /**
   * `CREATE TRIGGER shop.t … ON shop.orders` would be made in that very database, whichever is being loaded. `ON Orders` was typed
   * on a server that took it for `orders`, and another one knows no such table.
   */
  private triggerRules(dumped: string | undefined): LineRule[] {
    const tables = new Set<string>();
    const spellings = new Map<string, string>();
    const note = (table: string): void => {
      tables.add(table);
      const other = spellings.get(table.toLowerCase());
      if (this.options.folds === true && other !== undefined && other !== table) throw takenForOne([[other, table]]);
      spellings.set(table.toLowerCase(), table);
    };
    const known = (source: string): string => {
      const lower = decoded(unquoted(source)).toLowerCase();
      const isOther = !tables.has(decoded(unquoted(source))) && tables.has(lower);
      return isOther ? latin1(quotedName(lower)) : source;
    };
    return [
      {
        prefix: Buffer.from('CREATE TABLE `'),
        replace: (line) => {
          const [, quoted] = /^CREATE TABLE (`(?:[^`]|``)+`)/.exec(line) ?? [];
          if (quoted !== undefined) note(decoded(unquoted(quoted)));
          return line;
        },
      },
      {
        prefix: Buffer.from('/*!50003 CREATE'),
        complete: (lines) => !isTrigger(lines) || triggerHead(lines) !== undefined,
        replace: (lines) => {
          const head = isTrigger(lines) ? triggerHead(lines) : undefined;
          if (head === undefined) return lines;
          const schemas = [head.trigger.schema, head.table.schema].filter((name) => name !== undefined);
          const isOwn = schemas.every((name) => mayName(name, dumped));
          return isOwn ? triggerOn(lines, head, known(head.table.name)) : lines;
        },
      },
    ];
  }

  private viewRules(): LineRule[] {
    const name = (line: string): string => {
      const [, quoted] = /^\/\*!50001 VIEW (`(?:[^`]|``)+`)/.exec(line) ?? [];
      // A stand-in for a view that reads other databases ends here, and has no such option.
      const isWhole = /\*\/;\r?$/.test(line);
      this.view = quoted === undefined || isWhole ? undefined : decoded(unquoted(quoted));
      return line;
    };
    const takeOut = (line: string): string => {
      const [, option, end] = /^\/\*!50002 WITH (CASCADED|LOCAL) CHECK OPTION \*\/(;\r?)$/.exec(line) ?? [];
      if (option === undefined || end === undefined) return line;
      if (this.view !== undefined) this.checkOptions.set(this.view, option);
      return end;
    };
    return [
      { prefix: Buffer.from('/*!50001 VIEW `'), replace: name },
      { prefix: Buffer.from('/*!50002 WITH '), replace: takeOut },
    ];
  }

  /** `A`LTER DATABASE, `C`REATE, `D`ELIMITER, a column definition, an executable comment, a byte order mark; the end of a table. */
  private mayNeedRewriting(first: number | undefined): boolean {
    if (first === 0x41 || first === 0x43 || first === 0x44 || first === 0x20 || first === 0x2f || first === 0xef)
      return true;
    return this.directories.inTable && (first === 0x28 || first === 0x29);
  }

  private rewritten(line: Buffer): Buffer {
    const rules = (this.rules ?? []).filter(({ prefix }) => line.indexOf(prefix) === 0);
    const before = line.toString('latin1');
    const after = this.directories.withoutDirectories(rules.reduce((text, { replace }) => replace(text), before));
    return after === before ? line : Buffer.from(after, 'latin1');
  }

  private hold(part: Buffer): void {
    this.held.push(part);
    this.heldBytes += part.length;
  }

  private pushIfAny(part: Buffer): void {
    if (part.length > 0) this.push(part);
  }
}

const ACCOUNT = 'DEFINER=`(?:[^`]|``)*`(?:@`(?:[^`]|``)*`)?';
const withoutDefiner = (prefix: string, clause: string, instead = ''): LineRule => ({
  prefix: Buffer.from(prefix),
  replace: (line) => line.replace(new RegExp(`^(${literal(prefix)}.{0,80}?)${clause}`), `$1${instead}`),
});
/** The lines with definers as the tools write them: of triggers, events, views, routines. */
const DEFINERS: readonly LineRule[] = [
  withoutDefiner('/*!50003 CREATE*/ ', `/\\*!50017 ${ACCOUNT}\\*/ `),
  withoutDefiner('/*!50106 CREATE*/ ', `/\\*!50117 ${ACCOUNT}\\*/ `),
  withoutDefiner('/*!50013 ', `${ACCOUNT} `),
  withoutDefiner('CREATE ', `${ACCOUNT} (?=(?:AGGREGATE )?(?:PROCEDURE|FUNCTION|PACKAGE) )`),
];

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** On some servers case says nothing. What a client of another character set has typed cannot be compared. */
function mayName(source: string, database: string | undefined): boolean {
  const name = unquoted(source);
  return database === undefined || /[\x80-\xff]/.test(name) || name.toLowerCase() === database.toLowerCase();
}

function isTrigger(lines: string): boolean {
  return /\bTRIGGER\b/i.test(lines) && (definedObject(lines)?.kind ?? 'TRIGGER') === 'TRIGGER';
}

const SEQUENCE = /\b((?:next|last)val\()(`(?:[^`]|``)+`)\./g;
const COLLATION = /^ALTER DATABASE (`(?:[^`]|``)+`) (CHARACTER SET \w+ COLLATE \w+ ;{1,2}\r?)$/;

function rulesFor(dumped: string | undefined, target: string, folds: boolean): LineRule[] {
  const sandbox = (prefix: string): LineRule => ({
    prefix: Buffer.from(prefix, 'latin1'),
    replace: (line) => line.replace(SANDBOX_LINE, ''),
  });
  const rules = [sandbox('/*M!999999\\-'), sandbox('/*!999999\\-'), sandbox('\xef\xbb\xbf/*')];
  if (dumped === undefined || dumped === target) return rules;
  const after = latin1(quotedName(target));
  /** The name is in Latin-1. */
  const isDumped = (name: string): boolean => name === latin1(dumped) || (folds && isSameFolded(decoded(name), dumped));
  const unqualify = (line: string): string =>
    line.replace(SEQUENCE, (call: string, draw: string, schema: string) => (isDumped(unquoted(schema)) ? draw : call));
  return [
    ...rules,
    {
      prefix: Buffer.from('ALTER DATABASE `'),
      replace: (line) => {
        const [, name, settings] = COLLATION.exec(line) ?? [];
        return name !== undefined && isDumped(unquoted(name)) ? `ALTER DATABASE ${after} ${settings}` : line;
      },
    },
    { prefix: Buffer.from('  `'), replace: unqualify },
    {
      prefix: LIBRARIES_LINE,
      replace: (line) => withLibrariesOf(line, isDumped, latin1(target)),
    },
    ...VIEW_LINES.map((prefix) => ({
      prefix,
      replace: (line: string) => requalified(unqualify(line), isDumped, latin1(target)),
    })),
  ];
}

function unknownEvent(): DomainError {
  return new DomainError('UNSUPPORTED', 'The dump makes an event in a form in which it cannot be kept from running.', {
    hint: 'Restore in place instead of into a staging database.',
  });
}

/** Names are UTF-8, but for events that were made by a client of another character set. */
function decoded(name: string): string {
  const bytes = Buffer.from(name, 'latin1');
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') ? name : text;
}

function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
