import { DomainError } from '@app/domain';
import type { ConnectionParams, RowCounts } from '@app/domain';
import type { DumpSource, LoadHooks, LoadPlan, LoadResult } from '../../db-driver.js';
import { cancelled } from '../../session/network-errors.js';
import { Administrator } from '../confinement/administrator.js';
import { definerWarnings, giveOwnersAndGrants } from '../confinement/owners-and-grants.js';
import { PostgresSession } from '../login/postgres-session.js';
import { loadSettings } from '../login/session-settings.js';
import { waitForLocks } from '../login/time-limits.js';
import { dropAbsentIn } from './absent-defaults.js';
import type { LoaderHelp } from './dump-loader.js';
import { explain } from './load-failure.js';
import type { LoadOptions } from './load-options.js';
import { clearDatabase } from './in-place/postgres-clear.js';
import { isRefreshFailure, tryingSearchPaths } from './search-path-retry.js';
import { canRestoreInParallel, hasOrder, restorePart, restoreInParallel } from './parallel/parallel-restore.js';
import { splitContents } from '../archive/archive-contents.js';
import { runScript } from './run-script.js';
import type { ArchiveSection, ScriptRun } from './run-script.js';
import { setSourceSettings } from './source-settings.js';
import { loadSessions, runInParallel } from './parallel/parallel-script.js';
import { analyzeInParallel } from './statistics.js';

/**
 * Loads into an empty staging database that nobody uses: not in one transaction, so that neither the number of objects nor the time has a
 * limit, and in parallel where the archive allows. What a failure leaves behind is the caller's to drop.
 */
export async function loadStaged(
  plan: LoadPlan,
  source: DumpSource,
  { signal, beforeCommit }: LoadHooks,
  options: LoadOptions,
): Promise<LoadResult> {
  const { confinement } = plan;
  await using administrator =
    confinement === undefined
      ? undefined
      : new Administrator(
          { administrator: confinement.administrator, account: plan.connection.username, foreign: !source.own },
          signal,
        );
  const help = { administrator, notes: new Set<string>(), deferred: [] as Buffer[], warnings: [] as string[] };
  // These run nothing of the dump, and may be a superuser's.
  const owner = confinement?.administrator ?? plan.connection;
  if (source.own) await setSourceSettings(plan.connection, owner, source, signal);
  const { value, searchPath, warnings } = await tryingSearchPaths(source, {
    load: async (path) => {
      const kept = await dropAbsentIn(owner, source.absent, 'before', signal);
      const rows = await loadRows(plan, { ...source, searchPath: path }, { ...options, help }, owner, signal);
      kept.push(...(await dropAbsentIn(owner, source.absent, 'after', signal)));
      return { rows, kept };
    },
    clear: () => clear(owner, help, signal),
    mayRetry: () => !signal.aborted,
  });
  const { rows, kept } = value;
  await beforeCommit();
  if (signal.aborted) throw cancelled('The restore');
  // Before objects get other owners, with whose rights their expressions would run.
  warnings.push(...kept, ...help.warnings);
  warnings.push(...(await analyzeInParallel(plan.connection, loadSessions(), signal, searchPath)));
  if (confinement !== undefined && !plan.skipOwnership) {
    warnings.push(...(await giveOwnersAndGrants(confinement, help.deferred, source, signal)));
  }
  if (confinement !== undefined && !source.own) warnings.push(...(await definerWarnings(confinement, signal)));
  warnings.push(...noteWarnings(help.notes), ...(administrator?.warnings ?? []));
  return { warnings, ...(rows === undefined ? {} : { rows }) };
}

type StagedOptions = LoadOptions & { help: LoaderHelp };

/** Loads our own dumps in parallel, as what they are made of is known; others as they come. */
async function loadRows(
  plan: LoadPlan,
  source: DumpSource,
  options: StagedOptions,
  owner: ConnectionParams,
  signal: AbortSignal,
): Promise<RowCounts | undefined> {
  // pg_restore knows only the search path of the archive.
  if (source.searchPath === undefined && canRestoreInParallel(plan, source)) {
    try {
      if (plan.confinement !== undefined) return await restoreInParts(plan, source, options, signal);
      if (await restoreInParallel(plan, source.file, options, signal)) return undefined;
    } catch (error) {
      if (signal.aborted || !isRefreshFailure(error)) throw error;
      await clear(owner, options.help, signal);
      return runShared(plan, source, signal, options.help);
    }
    return runShared(plan, source, signal, options.help, ['data', 'post-data']);
  }
  if (!source.own) {
    await loadByReader(plan, source, options, signal);
    return undefined;
  }
  return runShared(plan, source, signal, options.help);
}

/** Takes away what a failed attempt has left. */
async function clear(owner: ConnectionParams, help: LoaderHelp, signal: AbortSignal): Promise<void> {
  help.notes.clear();
  help.deferred.length = 0;
  if (help.warnings !== undefined) help.warnings.length = 0;
  await using session = await PostgresSession.open(owner, signal);
  await clearDatabase(session);
}

async function runShared(
  plan: LoadPlan,
  source: DumpSource,
  signal: AbortSignal,
  help: LoaderHelp,
  sections: readonly ArchiveSection[] = [],
): Promise<RowCounts> {
  try {
    return await runInParallel(plan, source, signal, help, sections);
  } catch (error) {
    if (signal.aborted) throw cancelled('The restore');
    throw await explain(error, plan.connection, source, undefined);
  }
}

/** Commands that need an administrator are run by our own reader, before and after what pg_restore does in parallel. */
async function restoreInParts(
  plan: LoadPlan,
  source: DumpSource & { file: string },
  options: StagedOptions,
  signal: AbortSignal,
): Promise<RowCounts | undefined> {
  if (plan.tool === undefined) throw new DomainError('INTERNAL', 'An archive was prepared without pg_restore.');
  await loadByReader(plan, source, options, signal, { sections: ['pre-data'] });
  if (await hasOrder(plan.connection, signal)) {
    return runShared(plan, source, signal, options.help, ['data', 'post-data']);
  }
  await using lists = await splitContents(source, plan.tool, options.runtimeDir, signal);
  const most = [`--use-list=${lists.most}`];
  await restorePart(plan, source.file, ['data'], options, signal, most);
  await restorePart(plan, source.file, ['post-data'], options, signal, most);
  if (lists.last !== undefined) {
    await loadByReader(plan, source, options, signal, { sections: ['post-data'], part: [`--use-list=${lists.last}`] });
  }
  return undefined;
}

async function loadByReader(
  plan: LoadPlan,
  source: DumpSource,
  { lockTimeoutMs, help }: StagedOptions,
  signal: AbortSignal,
  parts: Pick<ScriptRun, 'sections' | 'part'> = {},
): Promise<void> {
  await using session = await PostgresSession.open(plan.connection, signal, loadSettings(source.own));
  try {
    await waitForLocks(session, lockTimeoutMs);
    await session.query('RESET search_path');
    await runScript(plan, source, session, {
      signal,
      ownTransactions: true,
      help,
      ...parts,
    });
    if (session.client.getTransactionStatus() !== 'I') {
      throw new DomainError('BACKUP_UNSAFE', 'The dump began a transaction and did not end it.', {
        hint: 'What it holds is not a dump of pg_dump.',
      });
    }
  } catch (error) {
    if (signal.aborted) throw cancelled('The restore');
    throw await explain(error, session, source, undefined, plan.confinement !== undefined);
  }
}

/** Tells people what was left out of a dump. */
export function noteWarnings(notes: ReadonlySet<string>): string[] {
  if (notes.size === 0) return [];
  return [`Left out of the dump, as it was not written by this service: ${[...notes].toSorted().join('; ')}.`];
}
