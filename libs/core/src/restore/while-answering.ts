import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '@app/domain';
import type { ConnectionParams, ErrorCode } from '@app/domain';
import type { DbDriver } from '@app/drivers';

export interface AnsweringTimes {
  askEveryMs: number;
  answerWithinMs: number;
  /** The number of questions without an answer after which the work is given up. */
  unanswered: number;
  /** The same number after the work was told to stop. */
  unansweredOnceAsked: number;
}

/** The work is given up within 14 seconds after it was told to stop, else after about two minutes. */
const TIMES: AnsweringTimes = { askEveryMs: 3_000, answerWithinMs: 4_000, unanswered: 16, unansweredOnceAsked: 2 };
const WITHOUT_ANSWER: readonly ErrorCode[] = ['CANCELLED', 'CONNECTION_LOST', 'CONNECTION_TIMEOUT', 'HOST_UNREACHABLE'];

/** Whether the network or the server is the cause of the failure, so that another try may succeed later. */
export function isWithoutAnswer(failure: unknown): boolean {
  return failure instanceof DomainError && WITHOUT_ANSWER.includes(failure.code);
}

/**
 * Runs work that must not be interrupted while it can go on. Its signal fires only when the server does not answer new
 * connections any more: soon when `asked` has fired (a cancel, or the end of the service), else after minutes. The call
 * rejects with CONNECTION_TIMEOUT then.
 */
export async function whileAnswering<T>(
  driver: Pick<DbDriver, 'probe'>,
  connection: ConnectionParams,
  asked: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
  times: AnsweringTimes = TIMES,
): Promise<T> {
  const silent = new AbortController();
  const over = new AbortController();
  const watching = watch(driver, connection, asked, { silent, over, times });
  try {
    return await work(silent.signal);
  } catch (error) {
    if (!silent.signal.aborted) throw error;
    throw new DomainError('CONNECTION_TIMEOUT', 'The server does not answer any more.', { cause: error });
  } finally {
    over.abort();
    await watching;
  }
}

async function watch(
  driver: Pick<DbDriver, 'probe'>,
  connection: ConnectionParams,
  asked: AbortSignal,
  { silent, over, times }: { silent: AbortController; over: AbortController; times: AnsweringTimes },
): Promise<void> {
  for (let unanswered = 0; ;) {
    await sleep(times.askEveryMs, undefined, { signal: over.signal }).catch(() => undefined);
    if (over.signal.aborted) return;
    const limit = AbortSignal.any([over.signal, AbortSignal.timeout(times.answerWithinMs)]);
    const failure: unknown = await driver.probe(connection, limit).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (over.signal.aborted) return;
    unanswered = isWithoutAnswer(failure) ? unanswered + 1 : 0;
    if (unanswered < (asked.aborted ? times.unansweredOnceAsked : times.unanswered)) continue;
    silent.abort();
    return;
  }
}
