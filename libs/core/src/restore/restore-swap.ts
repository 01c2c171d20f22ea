import { DomainError, messageOf } from '@app/domain';
import type { ConnectionParams, JsonObject } from '@app/domain';
import { whyNotDropped } from '@app/drivers';
import type { DatabaseSwap, DbDriver, SwapResult } from '@app/drivers';
import type { JobContext } from '@app/jobs';
import type { RestoreJournal } from './restore-journal.js';

/** Nobody asked for it to be kept, so that nobody set for how long. */
const USED_KEPT_MS = 7 * 86_400_000;
/** Nobody waits longer for the size of a copy, since the swap is done by then. */
const MEASURED_WITHIN_MS = 10_000;

/** What whole databases and some of their tables have in common, once their copies are loaded. */
export type Swap = Pick<DatabaseSwap, 'copyName' | 'swap' | 'recover' | 'dropCopy' | 'copyBytes'>;

/** For the copies of a restore. `tables` null: of the whole database. */
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
  /** The target was made for this, empty. */
  created: boolean;
  /** 0: what goes out is dropped. */
  keepForMs: number;
  /** For a target that was made for this and could be entered meanwhile: whether somebody has put anything into it. */
  wasUsed?: (outgoing: string) => Promise<boolean>;
  work: JobContext;
}

export interface SwapOutcome extends Omit<SwapResult, 'lockoutMs'> {
  /** Undefined where a broken connection hid it. */
  lockoutMs?: number;
  copy?: { name: string; bytes: number | null };
}

/** An exchange that failed with the server in an unknown state: it is brought to an end when the server answers again. */
export class UnfinishedSwap extends Error {
  constructor(override readonly cause: unknown) {
    super(messageOf(cause));
  }
}

/**
 * Swaps a loaded copy in, and keeps or drops what went out. Rejects with the target as it was and the incoming copy
 * still there, or with {@link UnfinishedSwap}.
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
  return await withCopy(order, result);
}

/** For who waits while tables move one by one, and nobody can use them. */
export function movingProgress(work: JobContext): (moved: number, total: number) => void {
  return (tables, totalTables) => work.progress({ phase: 'swap', tables, totalTables });
}

function withSentences(error: unknown, sentences: readonly string[]): DomainError {
  const known = error instanceof DomainError ? error : undefined;
  const message = [messageOf(error), ...sentences].join(' ');
  const hint = known?.hint === undefined ? {} : { hint: known.hint };
  return new DomainError(known?.code ?? 'RESTORE_FAILED', message, { ...hint, cause: error });
}

/** The swap is done, whatever fails now: what is left over stays in the journal, and is settled later. */
async function withCopy(
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

/** Null where the server takes longer than that: the copy can be swapped back all the same. */
export async function measured(swap: Swap, connection: ConnectionParams, copy: string): Promise<number | null> {
  const limit = AbortSignal.timeout(MEASURED_WITHIN_MS);
  try {
    return (await swap.copyBytes(connection, copy, limit)) ?? null;
  } catch (error) {
    if (limit.aborted) return null;
    throw error;
  }
}

/** What became of a swap that broke off. A driver rolls back itself; after a lost connection only a new one can tell. */
async function endOf(
  { swap, connection, work }: SwapOrder,
  state: JsonObject,
  error: unknown,
  tell: (warning: string) => void,
): Promise<'swapped' | 'unchanged'> {
  const why = error instanceof DomainError ? error : undefined;
  const { aborted } = work.signal;
  try {
    // Nobody who waits for the end waits for one more login that the server does not answer.
    if (aborted && ['CONNECTION_LOST', 'CONNECTION_TIMEOUT'].includes(why?.code ?? '')) throw error;
    return await swap.recover(connection, state, tell);
  } catch {
    throw new UnfinishedSwap(
      new DomainError(
        // Under another code a cancelled job says no more than that it was cancelled.
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
