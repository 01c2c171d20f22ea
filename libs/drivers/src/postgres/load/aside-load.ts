import { DomainError } from '@app/domain';
import type { RowCounts } from '@app/domain';
import type { DumpSource, LoadHooks, LoadPlan, LoadResult } from '../../db-driver.js';
import { cancelled } from '../../network-errors.js';
import { PostgresSession } from '../login/postgres-session.js';
import { loadSettings } from '../login/session-settings.js';
import { waitForLocks } from '../login/time-limits.js';
import { dropAbsentIn } from './absent-defaults.js';
import { explain } from './load-failure.js';
import type { LoadOptions } from './load-options.js';
import { canRestoreSideBySide, restoreSideBySide } from './parallel-restore.js';
import { runScript } from './run-script.js';
import type { ArchiveSection } from './run-script.js';
import { loadSessions, runSideBySide } from './side-by-side-script.js';
import { analyzeSideBySide } from './statistics.js';

/**
 * Loads into an empty copy that nobody uses: not in one transaction, so that neither the number of objects nor the time has a
 * limit, and side by side where the archive allows. What a failure leaves behind is the caller's to drop.
 */
export async function loadAside(
  plan: LoadPlan,
  source: DumpSource,
  { signal, beforeCommit }: LoadHooks,
  options: LoadOptions,
): Promise<LoadResult> {
  const { connection } = plan;
  const kept = await dropAbsentIn(connection, source.absent, 'before', signal);
  const rows = await loadRows(plan, source, options, signal);
  kept.push(...(await dropAbsentIn(connection, source.absent, 'after', signal)));
  await beforeCommit();
  if (signal.aborted) throw cancelled('The restore');
  const warnings = [...kept, ...(await analyzeSideBySide(connection, loadSessions(), signal))];
  return { warnings, ...(rows === undefined ? {} : { rows }) };
}

/** Our own dumps side by side, as what they are made of is known; others as they come. */
async function loadRows(
  plan: LoadPlan,
  source: DumpSource,
  options: LoadOptions,
  signal: AbortSignal,
): Promise<RowCounts | undefined> {
  if (canRestoreSideBySide(plan, source)) {
    if (await restoreSideBySide(plan, source.file, options, signal)) return undefined;
    return runShared(plan, source, signal, ['data', 'post-data']);
  }
  if (!source.own) {
    await loadByReader(plan, source, options, signal);
    return undefined;
  }
  return runShared(plan, source, signal);
}

async function runShared(
  plan: LoadPlan,
  source: DumpSource,
  signal: AbortSignal,
  sections: readonly ArchiveSection[] = [],
): Promise<RowCounts> {
  try {
    return await runSideBySide(plan, source, signal, sections);
  } catch (error) {
    if (signal.aborted) throw cancelled('The restore');
    throw await explain(error, plan.connection, source, undefined);
  }
}

async function loadByReader(
  plan: LoadPlan,
  source: DumpSource,
  { lockTimeoutMs }: LoadOptions,
  signal: AbortSignal,
): Promise<void> {
  await using session = await PostgresSession.open(plan.connection, signal, loadSettings(source.own));
  try {
    await waitForLocks(session, lockTimeoutMs);
    await session.query('RESET search_path');
    await runScript(plan, source, session, { signal, ownTransactions: true });
    if (session.client.getTransactionStatus() !== 'I') {
      throw new DomainError('BACKUP_UNSAFE', 'The dump began a transaction and did not end it.', {
        hint: 'What it holds is not a dump of pg_dump.',
      });
    }
  } catch (error) {
    if (signal.aborted) throw cancelled('The restore');
    throw await explain(error, session, source, undefined);
  }
}
