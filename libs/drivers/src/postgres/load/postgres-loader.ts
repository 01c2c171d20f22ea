import { DomainError } from '@app/domain';
import type { DumpSource, LoadHooks, LoadPlan, LoadResult } from '../../db-driver.js';
import { cancelled } from '../../session/network-errors.js';
import { isServerError, serverWords } from '../login/postgres-errors.js';
import { PostgresSession } from '../login/postgres-session.js';
import { loadSettings } from '../login/session-settings.js';
import { dropAbsent } from './absent-defaults.js';
import { loadStaged } from './staged-load.js';
import type { LoadOptions } from './load-options.js';
import { explain, isLockTrouble } from './load-failure.js';
import { LoadTransaction } from './load-transaction.js';
import { checkDatabase } from './loaded-rows.js';
import { clearDatabase } from './in-place/postgres-clear.js';
import { publishedIn, unpublishedSince } from './in-place/replication-in-place.js';
import { runScript } from './run-script.js';
import { useSourceSettings } from './source-settings.js';
import { tryingSearchPaths } from './search-path-retry.js';

/**
 * Replaces the content of the target in one transaction: clear it, run the dump, ask the caller, commit. Whatever goes
 * wrong before the commit, a lost connection or our own death included, the server rolls everything back.
 */
export async function loadDump(
  plan: LoadPlan,
  source: DumpSource,
  hooks: LoadHooks,
  options: LoadOptions,
): Promise<LoadResult> {
  if (plan.staged === true) return loadStaged(plan, source, hooks, options);
  const { database } = plan.connection;
  await using session = await PostgresSession.open(plan.connection, hooks.signal, loadSettings(source.own));
  const transaction = new LoadTransaction(session, options.lockTimeoutMs);
  let caller: unknown;
  try {
    if (source.own) await useSourceSettings(session, source);
    const help = { notes: new Set<string>(), deferred: [], warnings: [] as string[] };
    const run = { signal: hooks.signal, ownTransactions: false, help };
    const { value, warnings } = await tryingSearchPaths(source, {
      load: async (searchPath) => {
        await transaction.begin();
        const published = await publishedIn(session);
        const { warnings: cleared, lostCopies } = await clearTarget(session);
        const before = await dropAbsent(session, source.absent, 'before');
        help.warnings.length = 0;
        await runScript(plan, { ...source, searchPath }, session, run);
        await transaction.assertUnbroken();
        const after = await dropAbsent(session, source.absent, 'after');
        const unpublished = await unpublishedSince(session, published);
        return { lostCopies, warnings: [...cleared, ...before, ...help.warnings, ...after, ...unpublished] };
      },
      clear: () => transaction.rollBack(),
      mayRetry: () => !hooks.signal.aborted,
    });
    warnings.push(...value.warnings);
    const refused = (error: unknown): never => {
      caller = error;
      throw error;
    };
    if (hooks.check !== undefined) {
      const judged = checkDatabase(session, hooks.check, hooks.signal);
      const said = await judged.catch((error: unknown) => {
        // The words of the server are not those of the caller.
        if (error instanceof DomainError) return refused(error);
        throw error;
      });
      warnings.push(...said);
    }
    await hooks.beforeCommit().catch(refused);
    hooks.signal.throwIfAborted();
    await transaction.commit();
    warnings.push(...(await transaction.analyze()));
    return { warnings, lostCopies: value.lostCopies };
  } catch (error) {
    await transaction.rollBack();
    if (caller !== undefined) throw caller;
    if (hooks.signal.aborted && !transaction.committed) throw cancelled(`The restore of "${database}"`);
    throw await explain(error, session, source, database);
  }
}

async function clearTarget(session: PostgresSession): ReturnType<typeof clearDatabase> {
  try {
    const cleared = await clearDatabase(session);
    await session.query('RESET search_path');
    await session.query('RESET client_min_messages');
    return cleared;
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
