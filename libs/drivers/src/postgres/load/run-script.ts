import { addAbortSignal } from 'node:stream';
import type { Readable } from 'node:stream';
import { DomainError } from '@app/domain';
import type { ToolInfo } from '@app/domain';
import type { DumpSource, LoadPlan } from '../../db-driver.js';
import { DumpCompleteness } from '../dump/dump-text.js';
import type { PostgresSession } from '../login/postgres-session.js';
import { DumpLoader } from './dump-loader.js';
import type { LoaderHelp, LoadShare } from './dump-loader.js';
import { readArchive } from '../archive/postgres-archive.js';
import { pathsOf } from './search-path-retry.js';
import type { PolicyOptions } from '../foreign/statement-policy.js';

export type ArchiveSection = 'pre-data' | 'data' | 'post-data';

export interface ScriptRun {
  signal: AbortSignal;
  /** The dump's own are let be, and none of ours is open. */
  ownTransactions: boolean;
  help?: LoaderHelp;
  share?: LoadShare;
  /** The sections of an archive; default: all. */
  sections?: readonly ArchiveSection[];
  /** Further arguments of pg_restore, which choose a part of an archive. */
  part?: readonly string[];
}

/**
 * Runs all that a dump holds, or the session's share of it, on one session. Rejects with `CommandFailure`, or a
 * `DomainError`.
 */
export async function runScript(
  plan: LoadPlan,
  source: DumpSource,
  session: PostgresSession,
  options: ScriptRun,
): Promise<void> {
  const { signal, ownTransactions, share, help } = options;
  const policy = { ...(await policyFor(session, plan, source)), ownTransactions };
  const loader = new DumpLoader(session, policy, share, help);
  if (source.format === 'plain') {
    // A file that stops in the middle of table data or after any command would otherwise be taken for whole (FAILURES 4).
    const completeness = new DumpCompleteness('plain');
    await withStream(source.open(), signal, (script) => loader.load(script, (chunk) => completeness.update(chunk)));
    if (loader.isOver) return;
    try {
      completeness.finish();
    } catch (error) {
      throw new DomainError('BACKUP_DAMAGED', 'The dump is cut off: its end mark is missing.', { cause: error });
    }
    return;
  }
  if (plan.tool === undefined) throw new DomainError('INTERNAL', 'An archive was prepared without pg_restore.');
  await runArchive(source, plan.tool, loader, options);
}

/** Returns the policy that says what a dump may do in this session. */
export async function policyFor(
  session: PostgresSession,
  {
    skipOwnership,
    skipTablespaces,
    confinement,
    strict = false,
  }: Pick<LoadPlan, 'skipOwnership' | 'skipTablespaces' | 'confinement' | 'strict'>,
  source: Pick<DumpSource, 'own' | 'searchPath' | 'searchPaths'>,
): Promise<PolicyOptions> {
  const settings = await session.query<{ name: string; superuser: boolean }>(
    `SELECT pg_catalog.lower(s.name) AS name, r.rolsuper AS superuser FROM pg_catalog.pg_settings s, pg_catalog.pg_roles r WHERE r.rolname = current_user`,
  );
  const knownSettings = new Set(settings.map((row) => row.name));
  const { searchPath } = source;
  const paths = { searchPath, searchPaths: pathsOf(source) };
  if (source.own) return { skipOwnership, skipTablespaces, knownSettings, ...paths };
  const foreign = { confined: confinement !== undefined, strict, superuser: settings[0]?.superuser !== false };
  return { skipOwnership, skipTablespaces, knownSettings, foreign, ...paths };
}

async function runArchive(
  source: DumpSource,
  tool: ToolInfo,
  loader: DumpLoader,
  { signal, sections = [], part = [] }: ScriptRun,
): Promise<void> {
  const giveUp = new AbortController();
  const args = ['--file=-', ...sections.map((section) => `--section=${section}`), ...part];
  const archive = await readArchive(source, tool, args, AbortSignal.any([signal, giveUp.signal]));
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
