import type { Readable } from 'node:stream';
import { DomainError } from '@app/domain';
import { HELD_STATUS, eventHead } from './stored-object-text.js';
import { setsModeByText } from './lexer/script-quoting.js';
import { sqlTokens } from './sql-lexer.js';
import { isSameFolded } from '../server-names.js';
import { ScriptReader } from './mysql-script-reader.js';
import type { ScriptStatement } from './mysql-script-reader.js';

/** The facts that a dump tells of itself in its first lines. */
export interface DumpHeader {
  /** The database that was dumped. */
  database: string | undefined;
}

const HEADER_BYTES = 4096;

export function readHeader(head: Buffer): DumpHeader {
  const text = head.subarray(0, HEADER_BYTES).toString('utf8');
  return { database: /^-- Host: .*? {4}Database: (.+?)\r?$/m.exec(text)?.[1] };
}

/** The demands of a dump on the account that restores it. */
export interface DumpDemands {
  /** Accounts named as DEFINER, `user@host`. */
  definers: Set<string>;
  /** Whether it makes triggers or functions, which binary logging makes a matter of privilege (FAILURES 36). */
  createsLoggedRoutines: boolean;
}

export interface InspectOptions {
  signal: AbortSignal;
  /** The target's server does not tell names apart by their case. */
  folds?: boolean;
  eventsHeld?: boolean;
}

/** The statements that `mysqldump` and `mariadb-dump` write about one database, all versions. */
const KNOWN = new RegExp(
  `^(${[
    'SET',
    '(CREATE|DROP) (OR REPLACE )?((AGGREGATE|ALGORITHM|DEFINER|SQL SECURITY|UNIQUE|FULLTEXT|SPATIAL|TEMPORARY|LOGFILE|UNDO) ?.*?)?\\b(TABLE|VIEW|TRIGGER|EVENT|PROCEDURE|FUNCTION|PACKAGE|LIBRARY|SEQUENCE|INDEX)S?\\b',
    'ALTER (TABLE|DATABASE|SCHEMA|SEQUENCE|VIEW)',
    '(INSERT|REPLACE)',
    '(LOCK|UNLOCK) TABLES?',
    '(DO|SELECT) ',
    'START TRANSACTION',
    'BEGIN$',
    'COMMIT',
    'FLUSH TABLES',
    '(ANALYZE|TRUNCATE|UPDATE|DELETE)\\b',
  ].join('|')})`,
  'is',
);

const OTHER_DATABASE = /^(?:USE\b|(?:CREATE|DROP)(?: OR REPLACE)? (?:DATABASE|SCHEMA)\b|ALTER (?:DATABASE|SCHEMA)\b)/i;

const QUALIFIED = new RegExp(
  `^(?:(?:INSERT|REPLACE)(?: (?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE))*(?: INTO)?|(?:CREATE|DROP|ALTER|LOCK|TRUNCATE)` +
    `(?: OR REPLACE)?(?: TEMPORARY)? (?:TABLES?|VIEW|SEQUENCE)(?: IF (?:NOT )?EXISTS)?|UPDATE|DELETE FROM)` +
    ` (\`(?:[^\`]|\`\`)+\`|[\\w$]+) ?\\.`,
  'i',
);

const SHOWN_LENGTH = 80;

/**
 * Reads a dump from end to end before anything is touched, and says what it demands. With `target` given it refuses, with
 * BACKUP_UNSAFE and the line, what a dump of one database does not hold: statements that would reach another database
 * than `target`, statements that no dump tool writes, and commands to the client (FAILURES 34).
 *
 * With `eventsHeld`, the source is what a rewriter has made of the dump, and an event that would run is refused, too.
 *
 * It keeps mistakes and crude attacks out. It does not confine a hostile dump: routines and triggers can do whatever the
 * account may do, so a foreign dump deserves an account that may do little.
 */
export async function inspectDump(
  source: Readable,
  target: string | undefined,
  { signal, folds = false, eventsHeld = false }: InspectOptions,
): Promise<DumpDemands> {
  const isTarget = (name: string): boolean => (folds ? isSameFolded(name, target ?? '') : name === target);
  const demands: DumpDemands = { definers: new Set(), createsLoggedRoutines: false };
  let header: DumpHeader | undefined;
  const reader = new ScriptReader({
    statement: (statement) => {
      const text = normalised(statement.text);
      if (target !== undefined) requireHarmless(text, statement, isTarget, header?.database);
      if (eventsHeld) requireHeldEvent(text, statement);
      noteDemands(text, demands);
    },
    command: (command, line) => {
      if (target !== undefined) throw unsafe(line, command, 'is a command to the client program, not SQL');
    },
  });
  for await (const chunk of source as AsyncIterable<Buffer>) {
    signal.throwIfAborted();
    header ??= readHeader(chunk);
    reader.push(chunk);
  }
  reader.end();
  return demands;
}

function requireHarmless(
  text: string,
  statement: ScriptStatement,
  isTarget: (name: string) => boolean,
  dumped: string | undefined,
): void {
  const refuse = (why: string): DomainError => unsafe(statement.line, text, why);
  if (OTHER_DATABASE.test(text)) {
    const renamed = /^ALTER DATABASE (`(?:[^`]|``)+`) CHARACTER SET \w+ COLLATE \w+$/i.exec(text)?.[1];
    // The tools write this around routines of another collation; the loader puts the target's name in.
    if (renamed !== undefined && (isTarget(unquoted(renamed)) || unquoted(renamed) === dumped)) return;
    // This alters the current database.
    if (/^ALTER DATABASE CHARACTER SET \w+ COLLATE \w+$/i.test(text)) return;
    throw refuse('names a database of its own, so it would not load into the target');
  }
  if (!KNOWN.test(text)) throw refuse('is not a statement that dump programs write');
  const database = QUALIFIED.exec(text)?.[1];
  if (database !== undefined && !isTarget(unquoted(database))) throw refuse('reaches into another database');
  if (/^SET\b/i.test(text) && /NO_BACKSLASH_ESCAPES/i.test(text) && !setsModeByText(text)) {
    throw refuse('changes how texts are quoted, so the rest cannot be checked');
  }
}

/** The pattern goes by the words, whatever is quoted between them. */
const CREATES_EVENT =
  /^(?:ALTER|CREATE (?:(?!(?:TABLE|VIEW|TRIGGER|PROCEDURE|FUNCTION|PACKAGE|SEQUENCE|INDEX)\b)\w+ )*)EVENT\b/i;

function requireHeldEvent(text: string, statement: ScriptStatement): void {
  if (!/\bEVENT\b/i.test(text)) return;
  const words = [...sqlTokens(text, true)].filter(({ kind }) => kind === 'word').map(({ source }) => source);
  if (!CREATES_EVENT.test(words.join(' ')) || eventHead(text)?.status === HELD_STATUS) return;
  throw unsafe(
    statement.line,
    text,
    'makes an event in a form in which it could not be kept from running in a staging database',
  );
}

function noteDemands(text: string, demands: DumpDemands): void {
  if (!/^CREATE\b/i.test(text)) return;
  const account =
    /\bDEFINER ?= ?(`(?:[^`]|``)*`|"(?:[^"]|"")*"|'(?:[^']|'')*'|\w+) ?@ ?(`(?:[^`]|``)*`|"(?:[^"]|"")*"|'(?:[^']|'')*'|[\w.%-]+)/i;
  const [, user, host] = account.exec(text) ?? [];
  if (user !== undefined && host !== undefined) demands.definers.add(`${unquoted(user)}@${unquoted(host)}`);
  if (/^CREATE (OR REPLACE )?(DEFINER ?= ?\S+ )?(AGGREGATE )?(TRIGGER|FUNCTION)\b/i.test(text)) {
    demands.createsLoggedRoutines = true;
  }
}

function normalised(statement: string): string {
  return statement.replace(/\s+/g, ' ').trim();
}

function unquoted(identifier: string): string {
  const quote = identifier.charAt(0);
  const plain = /[`"']/.test(quote) ? identifier.slice(1, -1).replaceAll(quote + quote, quote) : identifier;
  return Buffer.from(plain, 'latin1').toString('utf8');
}

export function unsafe(line: number, text: string, why: string): DomainError {
  const shown = Buffer.from(text, 'latin1').toString('utf8');
  const cut = shown.length > SHOWN_LENGTH ? `${shown.slice(0, SHOWN_LENGTH)}…` : shown;
  return new DomainError('BACKUP_UNSAFE', `The dump was not written by this service, and line ${line} ${why}: ${cut}`, {
    hint: 'Nothing was loaded. Of a dump of several databases name one with "source_database"; else take the statement out of the file.',
  });
}
