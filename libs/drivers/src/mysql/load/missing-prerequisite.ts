import { ProcessFailure } from '@app/process';
import type { MissingPrerequisite } from '../../db-driver.js';
import { serverRefusal } from '../login/mysql-errors.js';
import type { ServerRefusal } from '../login/mysql-errors.js';
import { ValueTooLong } from '../script/value-too-long.js';

const MOST_CAUSES = 6;

/** Error numbers that tell of the server, and of no statement in particular. */
const OF_THE_SERVER: ReadonlySet<number> = new Set([
  ...[3, 1021, 1026, 1114], // no space left
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

/** Four error numbers say that no space is left. */
const NO_ROOM: ReadonlySet<number> = new Set([3, 1021, 1026, 1114]);

/** See `DbDriver.missingPrerequisite`. */
export function missingPrerequisite(failure: unknown): MissingPrerequisite | undefined {
  const tooLong = causes(failure).find((error) => error instanceof ValueTooLong);
  if (tooLong !== undefined) return { message: tooLong.message.replace(/\.$/, '') };
  const found = refusalIn(failure);
  if (found === undefined) return undefined;
  if (found instanceof ProcessFailure) {
    // Somebody ended the client: it has said nothing of the dump.
    return found.reason === 'signal' || found.reason === 'not_started' ? { message: found.message } : undefined;
  }
  const { errno, words } = found;
  return OF_THE_SERVER.has(errno) ? { message: `${words.replace(/\.$/, '')} (${errno})` } : undefined;
}

/** Whether a load failed because the server has no room for what it loads. */
export function lacksRoom(failure: unknown): boolean {
  const found = refusalIn(failure);
  return found !== undefined && 'errno' in found && NO_ROOM.has(found.errno);
}

/** The error that the server gave, to us or to the client; or the failure of a client that does not say it. */
function refusalIn(failure: unknown): ServerRefusal | ProcessFailure | undefined {
  for (const error of causes(failure)) {
    const refusal = serverRefusal(error);
    if (refusal !== undefined) return refusal;
    if (!(error instanceof ProcessFailure)) continue;
    const [, number, words = ''] = /ERROR (\d+) \([^)]*\)(?: at line \d+)?: (.*)/.exec(error.stderr) ?? [];
    return number === undefined ? error : { errno: Number(number), words: words.trim() };
  }
  return undefined;
}

function causes(failure: unknown): Error[] {
  const found: Error[] = [];
  for (let error = failure; found.length < MOST_CAUSES && error instanceof Error; error = error.cause)
    found.push(error);
  return found;
}
