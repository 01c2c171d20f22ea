import { addAbortSignal } from 'node:stream';
import type { Readable } from 'node:stream';
import { DomainError } from '@app/domain';
import type { ToolInfo } from '@app/domain';
import type { DumpSource, LoadHooks, LoadPlan, LoadResult } from '../../db-driver.js';
import { CommandFailure, DumpLoader } from './dump-loader.js';
import { DumpCompleteness } from '../dump/dump-text.js';
import { LoadTransaction } from './load-transaction.js';
import { lockHolders } from '../login/lock-holders.js';
import { readArchive } from './postgres-archive.js';
import { clearDatabase } from './postgres-clear.js';
import { cancelled } from '../../network-errors.js';
import { isServerError, serverWords } from '../login/postgres-errors.js';
import { PostgresSession } from '../login/postgres-session.js';
import { restoreError, shorten } from './restore-errors.js';
import type { DumpPlace } from './restore-errors.js';

/**
 * Replaces the content of the target in one transaction: clear it, run the dump, ask the caller, commit. Whatever goes
 * wrong before the commit, a lost connection or our own death included, the server rolls everything back.
 */
export async function loadDump(
  plan: LoadPlan,
  source: DumpSource,
  hooks: LoadHooks,
  lockTimeoutMs: number,
): Promise<LoadResult> {
  const { database } = plan.connection;
  await using session = await PostgresSession.open(plan.connection, hooks.signal);
  const transaction = new LoadTransaction(session, lockTimeoutMs);
  let caller: unknown;
  try {
    await transaction.begin();
    const warnings = await clearTarget(session);
    await runScript(plan, source, session, hooks.signal);
    await transaction.assertUnbroken();
    await hooks.beforeCommit().catch((error: unknown) => {
      caller = error;
      throw error;
    });
    hooks.signal.throwIfAborted();
    await transaction.commit();
    warnings.push(...(await transaction.analyze()));
    return { warnings };
  } catch (error) {
    await transaction.rollBack();
    if (caller !== undefined) throw caller;
    if (hooks.signal.aborted && !transaction.committed) throw cancelled(`The restore of "${database}"`);
    throw await explain(error, session, source, database);
  }
}

async function clearTarget(session: PostgresSession): Promise<string[]> {
  try {
    const warnings = await clearDatabase(session);
    await session.query('RESET search_path');
    await session.query('RESET client_min_messages');
    return warnings;
  } catch (error) {
    if (!isServerError(error) || isLockTrouble(error) || error.code === '57014') throw error;
    const { database } = session.connection;
    throw new DomainError(
      error.code === '42501' ? 'MISSING_PRIVILEGE' : 'RESTORE_FAILED',
      `What "${database}" holds now could not be replaced: ${serverWords(error)} (SQLSTATE ${error.code}). Nothing was changed.`,
      {
        cause: error,
        hint: error.code === '53200' ? LOCK_TABLE_HINT : 'Restore into another database, or as a superuser.',
      },
    );
  }
}

const LOCK_TABLE_HINT = 'Raise max_locks_per_transaction on the server and restart it.';

async function runScript(
  plan: LoadPlan,
  source: DumpSource,
  session: PostgresSession,
  signal: AbortSignal,
): Promise<void> {
  const settings = await session.query<{ name: string }>(
    'SELECT pg_catalog.lower(name) AS name FROM pg_catalog.pg_settings',
  );
  const knownSettings = new Set(settings.map((row) => row.name));
  const loader = new DumpLoader(session, { skipOwnership: plan.skipOwnership, knownSettings });
  if (source.format === 'plain') {
    // A file that stops in the middle of table data or after any command would otherwise be taken for whole (FAILURES 4).
    const completeness = new DumpCompleteness('plain');
    await withStream(source.open(), signal, (script) => loader.load(script, (chunk) => completeness.update(chunk)));
    try {
      completeness.finish();
    } catch (error) {
      throw new DomainError('BACKUP_DAMAGED', 'The dump is cut off: its end mark is missing.', { cause: error });
    }
    return;
  }
  if (plan.tool === undefined) throw new DomainError('INTERNAL', 'An archive was prepared without pg_restore.');
  await runArchive(source, plan.tool, loader, signal);
}

async function runArchive(source: DumpSource, tool: ToolInfo, loader: DumpLoader, signal: AbortSignal): Promise<void> {
  const giveUp = new AbortController();
  const archive = readArchive(source, tool, ['--file=-'], AbortSignal.any([signal, giveUp.signal]));
  try {
    await withStream(archive.output, signal, (script) => loader.load(script));
    await archive.completed;
  } catch (error) {
    if (archive.damage() !== undefined) throw archive.damage();
    // A script that stopped short is the consequence; why pg_restore stopped writing it is the reason.
    if (archive.output.readableEnded) await archive.completed;
    throw error;
  } finally {
    giveUp.abort();
    await archive.completed.catch(() => undefined);
  }
}

async function withStream(
  stream: Readable,
  signal: AbortSignal,
  work: (stream: Readable) => Promise<void>,
): Promise<void> {
  addAbortSignal(signal, stream);
  try {
    await work(stream);
  } finally {
    stream.destroy();
  }
}

function isLockTrouble(error: unknown): boolean {
  return isServerError(error) && (error.code === '55P03' || error.code === '40P01');
}

/** After the rollback. The session may be gone by now. */
async function explain(
  error: unknown,
  session: PostgresSession,
  source: DumpSource,
  database: string,
): Promise<DomainError> {
  const command = error instanceof CommandFailure ? error : undefined;
  const cause = command === undefined ? error : command.cause;
  if (isLockTrouble(cause)) {
    const holders = await lockHolders(session, false).catch(() => 'they could not be listed');
    return new DomainError('BUSY', `"${database}" is in use: a lock on it was not to be had. Nothing was changed.`, {
      hint: `Let these sessions finish, or end them: ${holders}.`,
      cause,
    });
  }
  const line = command === undefined || source.format !== 'plain' ? undefined : await lineAt(source, command.offset);
  const place: DumpPlace | undefined = command === undefined ? undefined : { line, command: shorten(command.command) };
  if (cause instanceof DomainError && cause.code === 'BACKUP_UNSAFE' && line !== undefined) {
    const hint = cause.hint === undefined ? {} : { hint: cause.hint };
    return new DomainError(cause.code, `${cause.message.replace(/\.$/, '')}, at line ${line}.`, { ...hint, cause });
  }
  return restoreError(cause, database, place);
}

/** Counted only when it is needed: counting while loading would cost more than finding the rows does. */
async function lineAt(source: DumpSource, offset: number): Promise<number | undefined> {
  let line = 1;
  let seen = 0;
  const stream = source.open();
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const limit = Math.min(chunk.length, offset - seen);
      for (let at = chunk.indexOf(10); at !== -1 && at < limit; at = chunk.indexOf(10, at + 1)) line += 1;
      seen += chunk.length;
      if (seen >= offset) return line;
    }
    return line;
  } catch {
    return undefined;
  } finally {
    stream.destroy();
  }
}
