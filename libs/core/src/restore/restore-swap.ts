import { DomainError, messageOf } from '@app/domain';
import type { ConnectionParams, JsonObject } from '@app/domain';
import { whyNotDropped } from '@app/drivers';
import type { DatabaseSwap, DbDriver, SwapResult } from '@app/drivers';
import type { JobContext } from '@app/jobs';
import type { RestoreJournal } from './restore-journal.js';

/** How long a database is kept that somebody wrote into meanwhile: no setting says so, as nobody asked to keep it. */
const USED_KEPT_MS = 7 * 86_400_000;
/** The limit for measuring the previous database, since the swap is done by then. */
const MEASURED_WITHIN_MS = 10_000;

/** The steps of a swap after the load, which are the same for a whole database and for some of its tables. */
export type Swap = Pick<DatabaseSwap, 'copyName' | 'swap' | 'recover' | 'dropCopy' | 'copyBytes'>;

/** Returns the swap for a restore. `tables` is null for a whole database. */
export function swapOf(driver: DbDriver, { tables }: { tables: readonly string[] | null }): Swap {
  return tables === null ? driver.swap : driver.tables;
}

export interface SwapOrder {
  swap: Swap;
  /** The target. */
  connection: ConnectionParams;
  incoming: string;
  outgoing: string;
  journal: RestoreJournal;
  /** The target was created for this restore, empty. */
  created: boolean;
  /** 0: the previous database is dropped. */
  keepForMs: number;
  /** Tells whether somebody has written into a target that was created for this restore and could be entered meanwhile. */
  wasUsed?: (outgoing: string) => Promise<boolean>;
  work: JobContext;
}

export interface SwapOutcome extends Omit<SwapResult, 'lockoutMs'> {
  /** Undefined when the connection broke before the time was known. */
  lockoutMs?: number;
  copy?: { name: string; bytes: number | null };
}

/** A swap failed and left the server in an unknown state: the service recovers it when the server answers again. */
export class UnfinishedSwap extends Error {
  constructor(override readonly cause: unknown) {
    super(messageOf(cause));
  }
}

/**
 * Puts the loaded staging database in the place of the target, and keeps or drops the previous database. Rejects with the
 * target as it was and the staging database still there, or with {@link UnfinishedSwap}.
 */
export async function swapIn(order: SwapOrder): Promise<SwapOutcome> {
  const { swap, connection, incoming, outgoing, journal, created, keepForMs, work } = order;
  const { database } = connection;
  work.progress({ phase: 'swap' });
  work.signal.throwIfAborted();
  work.noRetry();
  let state: JsonObject | undefined;
  const noteState = async (driver: JsonObject): Promise<void> => {
    state = driver;
    await journal.begins({ step: 'swap', incoming, created, outgoing, keepForMs, driver });
  };
  const onMoved = movingProgress(work);
  let result: Omit<SwapResult, 'lockoutMs'> & { lockoutMs?: number };
  try {
    result = await swap.swap({
      connection,
      incoming,
      outgoing,
      created,
      signal: work.signal,
      journal: noteState,
      onMoved,
    });
  } catch (error) {
    if (state === undefined) throw error;
    const told: string[] = [];
    if ((await endOf(order, state, error, (warning) => void told.push(warning))) === 'unchanged') {
      throw told.length === 0 ? error : withSentences(error, told);
    }
    const broken = `The connection broke at the very end of the swap: ${messageOf(error)}`;
    result = { sessionsEnded: 0, warnings: [broken, ...told] };
  }
  const locked = result.lockoutMs === undefined ? '' : `, which could not be used for ${result.lockoutMs} ms`;
  work.log(`"${incoming}" took the place of "${database}"${locked}`);
  return await withPrevious(order, result);
}

/** Reports the progress while tables move one by one and nobody can use them. */
export function movingProgress(work: JobContext): (moved: number, total: number) => void {
  return (tables, totalTables) => work.progress({ phase: 'swap', tables, totalTables });
}

function withSentences(error: unknown, sentences: readonly string[]): DomainError {
  const known = error instanceof DomainError ? error : undefined;
  const message = [messageOf(error), ...sentences].join(' ');
  const hint = known?.hint === undefined ? {} : { hint: known.hint };
  return new DomainError(known?.code ?? 'RESTORE_FAILED', message, { ...hint, cause: error });
}

/** The swap is done, so a failure now is a warning: what is left stays in the journal, and the recovery finishes it later. */
async function withPrevious(
  { swap, connection, outgoing, journal, created, keepForMs, wasUsed, work }: SwapOrder,
  result: Omit<SwapOutcome, 'copy'>,
): Promise<SwapOutcome> {
  try {
    if (keepForMs === 0 && (await wasUsed?.(outgoing)) === true) {
      const bytes = await measured(swap, connection, outgoing);
      await journal.keeps({ name: outgoing, bytes, forMs: USED_KEPT_MS }, result.lockoutMs ?? null);
      const warning = `Somebody wrote into "${connection.database}" while it was restored: that is kept as "${outgoing}".`;
      work.log(`warning: ${warning}`);
      return { ...result, copy: { name: outgoing, bytes }, warnings: [...result.warnings, warning] };
    }
    if (keepForMs === 0) {
      const why = await whyNotDropped(swap, connection, outgoing);
      if (why !== undefined) journal.leaves(outgoing);
      await journal.ends({ strategy: created ? 'new' : 'swap' });
      if (why === undefined) return result;
      const warning = `"${outgoing}", what "${connection.database}" held before, is still to be dropped: ${why}`;
      work.log(`warning: ${warning}`);
      return { ...result, warnings: [...result.warnings, warning] };
    }
    const bytes = await measured(swap, connection, outgoing);
    await journal.keeps({ name: outgoing, bytes, forMs: keepForMs }, result.lockoutMs ?? null);
    work.log(`what "${connection.database}" held before is kept as "${outgoing}"`);
    return { ...result, copy: { name: outgoing, bytes } };
  } catch (error) {
    const warning = `What "${connection.database}" held before, "${outgoing}", is dealt with later: ${messageOf(error)}`;
    work.log(`warning: ${warning}`);
    return { ...result, warnings: [...result.warnings, warning] };
  }
}

/** Returns null when the server takes longer than the limit: the database can be swapped back all the same. */
export async function measured(swap: Swap, connection: ConnectionParams, name: string): Promise<number | null> {
  const limit = AbortSignal.timeout(MEASURED_WITHIN_MS);
  try {
    return (await swap.copyBytes(connection, name, limit)) ?? null;
  } catch (error) {
    if (limit.aborted) return null;
    throw error;
  }
}

/** Finds out how an interrupted swap ended. A driver rolls back by itself; after a lost connection only a new one can tell. */
async function endOf(
  { swap, connection, work }: SwapOrder,
  state: JsonObject,
  error: unknown,
  tell: (warning: string) => void,
): Promise<'swapped' | 'unchanged'> {
  const why = error instanceof DomainError ? error : undefined;
  const { aborted } = work.signal;
  try {
    // A cancelled job does not wait for one more login that the server does not answer.
    if (aborted && ['CONNECTION_LOST', 'CONNECTION_TIMEOUT'].includes(why?.code ?? '')) throw error;
    return await swap.recover(connection, state, tell);
  } catch {
    throw new UnfinishedSwap(
      new DomainError(
        // Only under the code CANCELLED does a cancelled job keep this message.
        aborted ? 'CANCELLED' : (why?.code ?? 'CONNECTION_LOST'),
        `${messageOf(error)} The server does not answer, so that it is not known whether "${connection.database}" was swapped.`,
        {
          hint: 'It is wholly the old or wholly the new one. The service brings it to an end as soon as the server answers; GET /api/restores tells.',
          cause: error,
        },
      ),
    );
  }
}
