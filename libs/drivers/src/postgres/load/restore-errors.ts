import { DomainError } from '@app/domain';
import type { ErrorCode } from '@app/domain';
import { isConnectionLoss, isServerError, serverWords } from '../login/postgres-errors.js';
import { placedTokensOf } from '../script/statement-tokens.js';

const COMMAND_SHOWN = 120;
/** Enough for what is shown, and for comments and short texts in it. */
const SHOWN_BYTES = 600;

/** Where in the dump an error came up. */
export interface DumpPlace {
  /** Counted from 1; undefined where the text is not the file's own (archives). */
  line: number | undefined;
  command: string;
}

/** The beginning of a command, on one line, without what it holds in quotes: it may be data. */
export function shorten(command: Buffer): string {
  const head = command.subarray(0, SHOWN_BYTES);
  let shown = '';
  let at = 0;
  for (const { token, from, to } of placedTokensOf(head, true)) {
    if (token.kind !== 'text') continue;
    shown += `${head.toString('utf8', at, from)}'…'`;
    at = to;
  }
  const text = (shown + head.toString('utf8', at)).replaceAll(/\s+/g, ' ').trim();
  return text.length > COMMAND_SHOWN ? `${text.slice(0, COMMAND_SHOWN)}…` : text;
}

/**
 * A load that failed and was rolled back, or went into a staging database (`database` is undefined then). `place` is undefined when it
 * failed outside of a command of the dump.
 */
export function restoreError(error: unknown, database: string | undefined, place: DumpPlace | undefined): DomainError {
  const unchanged = database === undefined ? 'Nothing was changed.' : `Nothing was changed in "${database}".`;
  const at =
    place === undefined ? '' : `${place.line === undefined ? '' : ` at line ${place.line}`} in "${place.command}"`;
  if (error instanceof DomainError) return error;
  if (isConnectionLoss(error)) {
    return new DomainError('CONNECTION_LOST', `The connection was lost while the dump was loaded${at}. ${unchanged}`, {
      hint: 'Look into the log of the server, and try again.',
      cause: error,
    });
  }
  if (!isServerError(error)) {
    return new DomainError('RESTORE_FAILED', `The dump could not be loaded${at}: ${serverWords(error)}. ${unchanged}`, {
      cause: error,
    });
  }
  const { code, hint } = explain(error.code, serverWords(error));
  const row = /^COPY [^,]+, line \d+(, column [^:]+)?/.exec(error.where ?? '')?.[0];
  const words = `${serverWords(error)} (SQLSTATE ${error.code}${row === undefined ? '' : `; ${row}`})`;
  return new DomainError(code, `The dump could not be loaded${at}: ${words}. ${unchanged}`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** SQLSTATEs of statements that name a relation, function, type or schema that is not there. */
const MISSING = new Set(['42P01', '42883', '42704', '3F000']);

/**
 * A hint for a foreign dump that pg_dump was told to make of parts of a database: a dump of a whole one makes each object before
 * it names it. Undefined where something else is wrong, as when a function does not find what it reads.
 */
export function partsOnly(error: unknown): string | undefined {
  if (!isServerError(error) || !MISSING.has(error.code) || (error.where ?? '') !== '') return undefined;
  if (!/^(relation|type|function|schema|sequence) .*does not exist$/s.test(error.message)) return undefined;
  return 'The dump names something that it does not make: it seems to hold single tables or schemas only (pg_dump -t, -n). Make a dump of the whole database, or of everything that its tables need.';
}

function explain(sqlstate: string, words: string): { code: ErrorCode; hint?: string } {
  if (sqlstate === '42704' && words.startsWith('role ')) {
    return {
      code: 'RESTORE_FAILED',
      hint: 'The dump wants a role that this server lacks: create it, or restore without owners and grants (no_owner).',
    };
  }
  if (/tablespace/.test(words) && /default_tablespace|temp_tablespaces|does not exist/.test(words)) {
    return {
      code: 'RESTORE_FAILED',
      hint: 'The dump wants a tablespace that this server lacks: create it, or restore with no_tablespaces, which puts everything into that of the database.',
    };
  }
  if (/^can only create extension in database|cron\.database_name/.test(words)) {
    return {
      code: 'RESTORE_FAILED',
      hint: 'That extension works in one database alone, by its name: restore into that database with "strategy": "transaction", or set cron.database_name.',
    };
  }
  if (sqlstate === '42501') {
    return {
      code: 'RESTORE_FAILED',
      hint: 'Restore as a superuser, or without owners and grants (no_owner).',
    };
  }
  if (sqlstate === '23514') {
    return {
      code: 'RESTORE_FAILED',
      hint: 'A CHECK that reads other rows or tables, by a function, may not hold while a dump is loaded, whose order does not know of it. In the source, make a trigger of it, or add it as NOT VALID: a dump makes such a CHECK when all rows are there.',
    };
  }
  if (sqlstate === '53200') {
    return {
      code: 'RESTORE_FAILED',
      hint: 'One transaction holds a lock for each object: raise max_locks_per_transaction on the server and restart it.',
    };
  }
  if (sqlstate === '53100') return { code: 'NO_SPACE', hint: 'Free space on the disk of the database server.' };
  if (sqlstate === '0A000' || sqlstate === '58P01') {
    return {
      code: 'RESTORE_FAILED',
      hint: 'Install on this server the extensions that the source has, or a newer version.',
    };
  }
  if (['42P01', '42883', '42704', '3F000'].includes(sqlstate)) {
    return {
      code: 'RESTORE_FAILED',
      hint: 'If a function of the dump names it without its schema: give that function a SET search_path in the source, or qualify the name. The backup itself is whole.',
    };
  }
  return { code: 'RESTORE_FAILED' };
}

/** The SQLSTATE for words of a tool that shows none. */
const SQLSTATE_OF_WORDS: readonly [RegExp, string][] = [
  [/ERROR: +role ".*" does not exist/, '42704'],
  [/ERROR: +(permission denied|must be )/, '42501'],
  [
    /ERROR: +new row for relation .* violates check constraint|ERROR: +value for domain .* violates check constraint/,
    '23514',
  ],
  [/ERROR: +out of shared memory/, '53200'],
  [/No space left on device|disk full/, '53100'],
  [/default_tablespace|tablespace ".*" does not exist/, '22023'],
  [/ERROR: +can only create extension in database/, 'P0001'],
  [/ERROR: +extension ".*" is not available|could not open extension control file|could not access file/, '0A000'],
];

/** The code, and what to do about it, of what pg_restore said. */
export function explainWords(words: string): { code: ErrorCode; hint?: string } {
  const sqlstate = SQLSTATE_OF_WORDS.find(([pattern]) => pattern.test(words))?.[1];
  if (sqlstate !== undefined) return explain(sqlstate, words.replace(/^.*?ERROR: +/, ''));
  if (/server closed the connection|terminating connection|connection to (the )?server/i.test(words)) {
    return { code: 'CONNECTION_LOST', hint: 'Look into the log of the server, and try again.' };
  }
  return { code: 'RESTORE_FAILED' };
}
