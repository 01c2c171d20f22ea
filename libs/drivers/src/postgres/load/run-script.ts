import { addAbortSignal } from 'node:stream';
import type { Readable } from 'node:stream';
import { DomainError } from '@app/domain';
import type { ToolInfo } from '@app/domain';
import type { DumpSource, LoadPlan } from '../../db-driver.js';
import { DumpCompleteness } from '../dump/dump-text.js';
import type { PostgresSession } from '../login/postgres-session.js';
import { DumpLoader } from './dump-loader.js';
import type { LoadShare } from './dump-loader.js';
import { readArchive } from './postgres-archive.js';

export type ArchiveSection = 'pre-data' | 'data' | 'post-data';

export interface ScriptRun {
  signal: AbortSignal;
  ownTransactions: boolean;
  share?: LoadShare;
  /** Of an archive; default: all. */
  sections?: readonly ArchiveSection[];
}

/**
 * Runs all that a dump holds, or the session's share of it, on one session. `ownTransactions`: the dump's own are let be,
 * and none of ours is open. Rejects with `CommandFailure`, or a `DomainError`.
 */
export async function runScript(
  plan: LoadPlan,
  source: DumpSource,
  session: PostgresSession,
  { signal, ownTransactions, share, sections = [] }: ScriptRun,
): Promise<void> {
  const settings = await session.query<{ name: string }>(
    'SELECT pg_catalog.lower(name) AS name FROM pg_catalog.pg_settings',
  );
  const knownSettings = new Set(settings.map((row) => row.name));
  const { skipOwnership, skipTablespaces } = plan;
  const policy = { skipOwnership, skipTablespaces, knownSettings, ownTransactions };
  const loader = new DumpLoader(session, policy, share);
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
  const args = ['--file=-', ...sections.map((section) => `--section=${section}`)];
  await runArchive(source, plan.tool, args, loader, signal);
}

async function runArchive(
  source: DumpSource,
  tool: ToolInfo,
  args: readonly string[],
  loader: DumpLoader,
  signal: AbortSignal,
): Promise<void> {
  const giveUp = new AbortController();
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
