import { ProcessFailure } from '@app/process';
import type { ServerLack } from '../../db-driver.js';
import { serverRefusal } from '../login/mysql-errors.js';

const MOST_CAUSES = 6;

/** Error numbers that tell of the server, and of no statement in particular. */
const OF_THE_SERVER: ReadonlySet<number> = new Set([
  ...[3, 1021, 1026, 1114], // no space left, in four ways
  ...[1030, 1037, 1041, 5], // a storage engine, or memory, gave up
  ...[1040, 1053, 1077, 1129, 1130, 1203, 1226], // no more connections, or it is ending
  ...[1317, 1927, 1969, 3024], // somebody, or a limit of time, ended the statement or the session
  ...[2002, 2003, 2006, 2013, 2026, 2055], // the client lost it
  ...[1205, 1206], // locks, or room for them
  1153, // max_allowed_packet
  ...[1044, 1045, 1142, 1143, 1227, 1370, 1410, 1418, 1419], // privileges
  ...[1115, 1273], // a character set or collation that it does not know
  ...[1126, 1127, 1286, 1524], // a function library, storage engine or plugin that it does not have
  1298, // a time zone that was never loaded
]);

/** See `DbDriver.lackOf`. */
export function serverLack(failure: unknown): ServerLack | undefined {
  let error = failure;
  for (let depth = 0; depth < MOST_CAUSES && error instanceof Error; depth += 1, error = error.cause) {
    const refusal = serverRefusal(error);
    if (refusal !== undefined) return lackOf(refusal.errno, refusal.words);
    if (!(error instanceof ProcessFailure)) continue;
    const [, number, words = ''] = /ERROR (\d+) \([^)]*\)(?: at line \d+)?: (.*)/.exec(error.stderr) ?? [];
    if (number !== undefined) return lackOf(Number(number), words.trim());
    // Somebody ended the client: it has said nothing of the dump.
    return error.reason === 'signal' || error.reason === 'not_started' ? { message: error.message } : undefined;
  }
  return undefined;
}

function lackOf(errno: number, words: string): ServerLack | undefined {
  return OF_THE_SERVER.has(errno) ? { message: `${words.replace(/\.$/, '')} (${errno})` } : undefined;
}
