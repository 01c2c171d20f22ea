import { ProcessFailure } from '@app/process';
import type { MissingPrerequisite } from '../../db-driver.js';
import { isNotFound } from './search-path-retry.js';
import { isConnectionLoss, isServerError, serverWords } from '../login/postgres-errors.js';

/** Deep enough for a statement's error inside of those that say where it came up. */
const MOST_CAUSES = 6;
const MISSING_ROLE = /^role "(.*)" does not exist$/s;

/** Errors for what only the server can be short of, whatever is asked of it: privileges, resources, its own life. */
const OF_THE_SERVER = /^(42501|53\w{3}|57P\w{2}|58030|F0000)$/;
/** The same where a tool has words only. */
const WORDS_OF_THE_SERVER =
  /permission denied|must be (a )?(superuser|owner)|out of (shared )?memory|No space left|terminating connection|server closed the connection|too many clients|connection (to|with) (the )?server|could not connect/i;
/** Their messages hold values of the rows that they refuse. */
const QUOTES_DATA = /^(22P|23)/;
/** Words of what the source's server had installed and this one has not. */
const NOT_INSTALLED = new RegExp(
  [
    '^extension ".*" (is not available|has no installation script)',
    'could not (open|read) extension control file',
    'could not (access|load|find) (file|library|function)',
    'must be (pre)?loaded|shared_preload_libraries',
    'not supported (by|in) this build|built with',
    'could not create locale|could not open collator|locale ".*" (is not|does not)|collation ".*" for encoding',
    '^tablespace ".*" does not exist|invalid value for parameter "default_(tablespace|table_access_method)"',
    'could not open (dictionary|stop-word|thesaurus|synonym|affix)',
    // Bound to the name of the database, as pg_cron is.
    '^can only create extension in database|cron\\.database_name',
  ].join('|'),
  'm',
);

/** See `DbDriver.missingPrerequisite`. */
export function missingPrerequisite(failure: unknown): MissingPrerequisite | undefined {
  let error = failure;
  for (let depth = 0; depth < MOST_CAUSES && error instanceof Error; depth += 1, error = error.cause) {
    if (error instanceof ProcessFailure) return lackOfTool(error);
    if (isConnectionLoss(error)) return { message: `the connection to the server was lost: ${serverWords(error)}` };
    if (!isServerError(error)) continue;
    const detail = 'detail' in error && typeof error.detail === 'string' ? error.detail : '';
    const notInstalled = !QUOTES_DATA.test(error.code) && NOT_INSTALLED.test(`${error.message}\n${detail}`);
    const here = OF_THE_SERVER.test(error.code) || notInstalled || needsSearchPath(error);
    return missing(error.message, here);
  }
  return undefined;
}

/** A function, or an operator without a name of its own (IS DISTINCT FROM), finds things only with a search path: the dump is whole. */
function needsSearchPath(error: Error & { where?: string | undefined }): boolean {
  return (
    isNotFound(error) && (/function/.test(error.where ?? '') || error.message.startsWith('operator does not exist'))
  );
}

/** Judges by what pg_restore printed: its first error is the reason, and the statement that it quotes is none. */
function lackOfTool({ stderr, reason, message }: ProcessFailure): MissingPrerequisite | undefined {
  // Somebody ended it: it has said nothing of the dump.
  if (reason === 'signal' || reason === 'not_started') return { message };
  const lines = stderr.split('\n').filter((line) => !line.includes('a worker process died'));
  const at = lines.findIndex((line) => line.includes('error: '));
  const end = lines.findIndex((line, index) => index > at && /^Command was:|^pg_restore: /.test(line));
  const words = lines
    .slice(Math.max(at, 0), end === -1 ? undefined : end)
    .map((line) => line.replace(/^pg_restore: (error: )?(.*?(ERROR|FATAL): +)?|^DETAIL: +/, '').trim());
  const text = words.join('\n');
  return missing(words[0] ?? '', WORDS_OF_THE_SERVER.test(text) || NOT_INSTALLED.test(text));
}

function missing(message: string, here: boolean): MissingPrerequisite | undefined {
  const role = MISSING_ROLE.exec(message)?.[1];
  if (role !== undefined) return { message, role };
  return here ? { message: serverWords(new Error(message)) } : undefined;
}
