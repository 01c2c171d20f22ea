import { DomainError } from '@app/domain';
import { judgeForeign } from './foreign-policy.js';
import type { ForeignRights } from './foreign-policy.js';
import { skeleton } from '../script/skeleton.js';
import { copiesFromStdin, tokensOf } from '../script/statement-tokens.js';
import { movesToTablespace, TABLESPACE_SETTINGS } from '../script/tablespaces.js';

/** The judgement of a command of a dump. `refuse` says why, to go after "The dump". */
export type Verdict =
  | { do: 'run' }
  | { do: 'copy' }
  | { do: 'skip' }
  /** Left out, which people are told. */
  | { do: 'note'; what: string }
  /** For somebody with more rights, when all is loaded. */
  | { do: 'defer' }
  | { do: 'refuse'; why: string; instead?: string };

export interface PolicyOptions {
  /** Leave out owners and grants. */
  skipOwnership: boolean;
  /** Leave out where things are to lie. Default false. */
  skipTablespaces?: boolean | undefined;
  /** Names of the server's settings, lower case: a dump of a newer version sets some that an older server lacks. */
  knownSettings: ReadonlySet<string>;
  /** Let the dump's own transactions be; otherwise one of ours is round everything. Default false. */
  ownTransactions?: boolean;
  /** In place of the empty one that the dump sets. */
  searchPath?: string | undefined;
  /** To be tried for what cannot be refreshed without. */
  searchPaths?: readonly string[];
  /** The dump was written by somebody else: whole statements are judged, before all other rules. */
  foreign?: ForeignRights;
}

const RUN: Verdict = { do: 'run' };
const COPY: Verdict = { do: 'copy' };
const SKIP: Verdict = { do: 'skip' };

/** First words of what a dump is made of. Whatever else there is has no business in one. */
const DUMP_WORDS = new Set(
  'ALTER ANALYZE CALL CLUSTER COMMENT COPY CREATE DELETE DO DROP GRANT IMPORT INSERT LOCK MERGE REASSIGN REFRESH REINDEX RESET REVOKE SECURITY SELECT SET SHOW TABLE TRUNCATE UPDATE VALUES WITH'.split(
    ' ',
  ),
);

/** pg_dump puts BEGIN and COMMIT round large objects. */
const TRANSACTION_BRACKETS =
  /^(BEGIN( (WORK|TRANSACTION))?|START TRANSACTION)( (ISOLATION LEVEL|READ|SERIALIZABLE|REPEATABLE|COMMITTED|UNCOMMITTED|ONLY|WRITE|NOT|DEFERRABLE|,)+)*$|^(COMMIT|END)( (WORK|TRANSACTION))?( AND NO CHAIN)?$/;

const BEYOND_THE_DATABASE = /^(CREATE|ALTER|DROP) (DATABASE|ROLE|USER(?! MAPPING)|GROUP|TABLESPACE|SYSTEM)\b/;

/** Ours stand for the whole load. */
const OWN_TIMEOUTS = new Set([
  'lock_timeout',
  'statement_timeout',
  'idle_in_transaction_session_timeout',
  'transaction_timeout',
]);

/** Words that follow SET without being the name of a setting. */
const SET_SYNTAX = new Set(
  'session local transaction time names schema role constraints xml seed authorization characteristics'.split(' '),
);

/** Each of its tokens is looked at, for which there must be room. */
const MAX_JUDGED_BYTES = 16 * 1024 * 1024;
/**
 * Decides by the words outside of quotes and comments; quoted names and texts never count. `standardStrings` as the setting
 * `standard_conforming_strings` is at this place of the dump.
 */
export function judge(command: Buffer, options: PolicyOptions, standardStrings = true): Verdict {
  if (command.includes(0)) return { do: 'refuse', why: 'holds a NUL byte, which no SQL command can' };
  if (options.foreign !== undefined && !(options.foreign.confined && isInsert(command))) {
    if (command.length > MAX_JUDGED_BYTES)
      return { do: 'refuse', why: 'holds a command that is too long to be judged' };
    const { confined, strict } = options.foreign;
    const rights = { ...options.foreign, confined: confined || !strict };
    const verdict = judgeForeign(tokensOf(command, standardStrings), command, rights);
    if (verdict.do === 'refuse' || (verdict.do === 'note' && (confined || strict))) return verdict;
    if (verdict.do === 'own' && options.skipOwnership) return SKIP;
    if (verdict.do === 'own' && confined) return { do: 'defer' };
  }
  const text = skeleton(command, { standardStrings });
  const word = /^[A-Z]+/.exec(text)?.[0] ?? '';
  if (TRANSACTION_BRACKETS.test(text)) return options.ownTransactions === true ? RUN : SKIP;
  if (BEYOND_THE_DATABASE.test(text)) {
    return { do: 'refuse', why: `acts beyond the database it is loaded into (${words(text, 3)})` };
  }
  if (!DUMP_WORDS.has(word)) {
    return { do: 'refuse', why: `holds a command that has no place in a dump of one database (${words(text, 2)})` };
  }
  if (word === 'COPY') {
    if (copiesFromStdin(tokensOf(command, standardStrings))) return COPY;
    return { do: 'refuse', why: 'makes the database server read or write files or programs (COPY)' };
  }
  if (word === 'SET') return judgeSet(text, options);
  if (options.skipOwnership && isOwnership(text)) return SKIP;
  if (options.skipTablespaces === true && movesToTablespace(text)) return SKIP;
  return RUN;
}

/** Recognises an INSERT. There may be many, and long ones. */
function isInsert(command: Buffer): boolean {
  return /^INSERT\s/i.test(command.toString('latin1', 0, 7));
}

function judgeSet(text: string, options: PolicyOptions): Verdict {
  if (options.skipOwnership && /^SET (SESSION |LOCAL )?(SESSION AUTHORIZATION|ROLE)\b/.test(text)) return SKIP;
  const name = /^SET (?:SESSION |LOCAL )?([A-Z_][A-Z0-9_.]*)/.exec(text)?.[1]?.toLowerCase();
  if (name === undefined || SET_SYNTAX.has(name)) return RUN;
  if (OWN_TIMEOUTS.has(name)) return SKIP;
  if (options.skipTablespaces === true && TABLESPACE_SETTINGS.has(name)) return SKIP;
  // A name with a dot belongs to an extension and is the server's to accept.
  return name.includes('.') || options.knownSettings.has(name) ? RUN : SKIP;
}

function isOwnership(text: string): boolean {
  return (
    /^(GRANT|REVOKE|ALTER DEFAULT PRIVILEGES|REASSIGN)\b/.test(text) ||
    /^ALTER .* OWNER TO ([A-Z_0-9$.]+|"")( GRANTED BY .*)?$/.test(text)
  );
}

function words(text: string, count: number): string {
  return text.split(' ').slice(0, count).join(' ').slice(0, 60);
}

/** The error for a dump with a command of psql. */
export function commandForPsql(command: string): DomainError {
  return unsafe(`holds a command for psql (${command.slice(0, 80)}), which would run on the machine of this service`);
}

const OF_ONE_DATABASE = 'A dump of a single database made by pg_dump without --create has nothing of the kind.';

/** The error for a dump that is refused for what it holds. `instead`: the way out. */
export function unsafe(why: string, instead = OF_ONE_DATABASE): DomainError {
  return new DomainError('BACKUP_UNSAFE', `The dump ${why}.`, {
    hint: `Nothing was run from it. ${instead}`,
  });
}
