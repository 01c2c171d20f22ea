import { serverRefusal } from '../../login/mysql-errors.js';

/** The number of the clients' error for a broken session. */
const LOST = 2013;
/** How servers say that there is no room, or nothing to write to, where keys are sorted. */
const NO_ROOM_TO_SORT: ReadonlySet<number> = new Set([1, 3, 1021, 1026, 1030, 1878]);

/** A statement of a worker session that the server refused, or that was lost with its session. */
export class WorkerFailure extends Error {
  /** It was to add keys. */
  atKeys = false;

  constructor(
    readonly errno: number,
    readonly words: string,
    /** The line of the dump on which the statement begins. */
    readonly line: number,
  ) {
    super(words);
    this.name = 'LaneFailure';
  }

  /** For keys that come with their table no room is needed but where the table lies. */
  get lacksRoomToSort(): boolean {
    return this.atKeys && NO_ROOM_TO_SORT.has(this.errno);
  }

  /** The message, as `serverRefusal` wants it. */
  get sqlMessage(): string {
    return this.words;
  }
}

/** Without the statement, which client libraries hang on their errors: there are rows in it. */
export function workerFailure(error: unknown, line: number): unknown {
  const refusal = serverRefusal(error);
  if (refusal !== undefined) return new WorkerFailure(refusal.errno, refusal.words, line);
  // So the library marks what ends a session, whether or not it gives it a number. Not every error is of one realm.
  const broken = typeof error === 'object' && error !== null && 'fatal' in error && error.fatal === true;
  return broken ? new WorkerFailure(LOST, 'Lost connection to server during query', line) : error;
}
