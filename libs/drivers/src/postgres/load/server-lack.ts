import type { ServerLack } from '../../db-driver.js';
import { isConnectionLoss, isServerError, serverWords } from '../login/postgres-errors.js';

/** Deep enough for a statement's error inside of those that say where it came up. */
const MOST_CAUSES = 6;
const MISSING_ROLE = /^role "(.*)" does not exist$/s;

/** What only the server can be short of, whatever is asked of it: privileges, resources, its own life. */
const OF_THE_SERVER = /^(42501|53\w{3}|57P\w{2}|58030|F0000)$/;
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
  ].join('|'),
);

/** See `DbDriver.lackOf`. */
export function serverLack(failure: unknown): ServerLack | undefined {
  let error = failure;
  for (let depth = 0; depth < MOST_CAUSES && error instanceof Error; depth += 1, error = error.cause) {
    if (isConnectionLoss(error)) return { message: `the connection to the server was lost: ${serverWords(error)}` };
    if (!isServerError(error)) continue;
    const role = error.code === '42704' ? MISSING_ROLE.exec(error.message)?.[1] : undefined;
    if (role !== undefined) return { message: serverWords(error), role };
    const detail = 'detail' in error && typeof error.detail === 'string' ? error.detail : '';
    const words = `${error.message}\n${detail}`;
    if (!OF_THE_SERVER.test(error.code) && !NOT_INSTALLED.test(words)) return undefined;
    return { message: serverWords(error) };
  }
  return undefined;
}
