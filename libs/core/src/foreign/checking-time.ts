import { DomainError } from '@app/domain';

const ALWAYS_ALLOWED_MS = 5 * 60_000;
/** The least speed for the packed file. A dump that became 100 times smaller is then read with 10 MB a second. */
const BYTES_A_SECOND = 100_000;

/** How long a foreign file of this size may be checked. `ratio` is the permitted ratio of its content to its size. */
export function checkingTimeFor(fileBytes: number, ratio = 1_000): number {
  return ALWAYS_ALLOWED_MS + (fileBytes / BYTES_A_SECOND) * 1_000 * Math.max(1, ratio / 1_000);
}

/**
 * Ends a check that takes longer, with BACKUP_UNSAFE: somebody can make a file whose check costs far more time than its size
 * explains. `work` gets a signal that fires then, and when `signal` fires.
 */
export async function withinCheckingTime<T>(
  display: string,
  limitMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(tooLong(display, limitMs)), Math.min(limitMs, 2 ** 31 - 1));
  try {
    return await work(AbortSignal.any([signal, over.signal]));
  } catch (error) {
    throw over.signal.aborted && !signal.aborted ? over.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

function tooLong(display: string, limitMs: number): DomainError {
  const minutes = Math.max(1, Math.round(limitMs / 60_000));
  return new DomainError(
    'BACKUP_UNSAFE',
    `Checking ${display} was given up after ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}: that is far more than a dump of its size takes.`,
    {
      hint: 'Nothing was changed. The file may be made to keep this machine busy, or its storage answers too slowly. If you know what it is, unpack it yourself and restore the result.',
    },
  );
}
