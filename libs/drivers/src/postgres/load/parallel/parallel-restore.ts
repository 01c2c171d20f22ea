import { redactorOf } from '../../../redactor-of.js';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { ProcessFailure, startTool } from '@app/process';
import type { DumpSource, LoadPlan } from '../../../db-driver.js';
import { cancelled } from '../../../session/network-errors.js';
import { libpqAccess } from '../../login/libpq-environment.js';
import { LockWatch } from '../../login/lock-watch.js';
import { PostgresSession } from '../../login/postgres-session.js';
import { loadSettings } from '../../login/session-settings.js';
import type { LoadOptions } from '../load-options.js';
import { HARMLESS_EXTENSIONS, orderedTables } from './ordered-tables.js';
import type { ArchiveSection } from '../run-script.js';
import { explainWords } from '../restore-errors.js';

const JOBS_MAX = 4;
const WORDS_LIMIT = 1_000;

/**
 * Only what this service has written, and whose hash was checked: pg_restore runs all that an archive holds. And only with a
 * pg_restore that is not newer than the server, as it sets what an older server does not know.
 */
export function canRestoreInParallel(
  { tool, server }: LoadPlan,
  source: DumpSource,
): source is DumpSource & { file: string } {
  return (
    source.file !== undefined &&
    source.own &&
    source.format === 'custom' &&
    tool !== undefined &&
    (tool.versionParts[0] ?? 0) <= (server.versionParts[0] ?? 0)
  );
}

/**
 * `pg_restore` with several connections, into a database that is empty. Any error fails it (FAILURES 47). It knows nothing of
 * what functions read: where the archive holds functions, the rows come after all definitions and before all indexes, and
 * the answer is false, with only the definitions made, when rows must keep the order of the dump (FAILURES 58).
 */
export async function restoreInParallel(
  plan: LoadPlan,
  file: string,
  options: LoadOptions,
  signal: AbortSignal,
): Promise<boolean> {
  if (!(await holdsFunctions(plan, file, signal))) {
    await restorePart(plan, file, [], options, signal);
    return true;
  }
  await restorePart(plan, file, ['pre-data'], options, signal);
  if (await hasOrder(plan.connection, signal)) return false;
  await restorePart(plan, file, ['data'], options, signal);
  await restorePart(plan, file, ['post-data'], options, signal);
  return true;
}

/** Looks for functions in the table of contents, one object a line: `215; 1255 16386 FUNCTION public f(integer) owner`. */
async function holdsFunctions({ tool }: LoadPlan, file: string, signal: AbortSignal): Promise<boolean> {
  if (tool === undefined) throw new DomainError('INTERNAL', 'An archive was prepared without pg_restore.');
  const child = startTool({ command: tool.path, args: ['--format=custom', '--list', file], signal });
  let found = false;
  createInterface(child.stdout).on('line', (line) => {
    const [, kind, name] = /^\d+; \d+ \d+ (FUNCTION|PROCEDURE|EXTENSION) \S+ (\S+)/.exec(line) ?? [];
    found ||= kind !== undefined && !(kind === 'EXTENSION' && HARMLESS_EXTENSIONS.includes(name ?? ''));
  });
  await child.completed.catch((error: unknown) => {
    throw signal.aborted ? cancelled('The restore') : failure(error, tool.path);
  });
  return found;
}

export async function hasOrder(connection: ConnectionParams, signal: AbortSignal): Promise<boolean> {
  await using session = await PostgresSession.open(connection, signal);
  return (await orderedTables(session)).size > 0;
}

/** With `part`, further arguments of pg_restore. */
export async function restorePart(
  plan: LoadPlan,
  file: string,
  sections: readonly ArchiveSection[],
  options: LoadOptions,
  signal: AbortSignal,
  part: readonly string[] = [],
): Promise<void> {
  const { connection, tool, server, skipOwnership, skipTablespaces = false } = plan;
  if (tool === undefined) throw new DomainError('INTERNAL', 'An archive was prepared without pg_restore.');
  await using access = await libpqAccess(connection, options.runtimeDir, { settings: loadSettings(true), server });
  const { lockTimeoutMs } = options;
  const jobs = Math.min(JOBS_MAX, Math.max(availableParallelism(), 2));
  const watched = {
    ...{ connection, application: access.application, lockTimeoutMs, what: 'pg_restore' },
    // One session for each job, and one that distributes the work.
    sessions: jobs + 1,
  };
  await using watch = await LockWatch.open(watched, signal);
  const giveUp = new AbortController();
  let stuck: DomainError | undefined;
  const child = startTool({
    command: tool.path,
    args: [
      '--format=custom',
      '--exit-on-error',
      '--no-password',
      `--jobs=${jobs}`,
      ...sections.map((section) => `--section=${section}`),
      ...(skipOwnership ? ['--no-owner', '--no-acl'] : []),
      ...(skipTablespaces ? ['--no-tablespaces'] : []),
      ...part,
      ...access.args,
      file,
    ],
    env: access.env,
    signal: AbortSignal.any([signal, giveUp.signal]),
    redact: redactorOf(connection),
  });
  child.stdout.resume();
  void watch.stuck.then((error) => {
    stuck = error;
    giveUp.abort();
  });
  try {
    await child.completed;
  } catch (error) {
    if (signal.aborted) throw cancelled('The restore');
    if (stuck !== undefined) throw stuck;
    throw failure(error, tool.path);
  }
}

function failure(error: unknown, path: string): DomainError {
  if (!(error instanceof ProcessFailure)) {
    return new DomainError('RESTORE_FAILED', 'The archive could not be loaded. Nothing was changed.', { cause: error });
  }
  if (error.reason === 'not_started') {
    return new DomainError('TOOL_UNUSABLE', `${path} could not be started.`, { cause: error });
  }
  const words = wordsOf(error.stderr) || error.message;
  const { code, hint } = explainWords(words);
  return new DomainError(code, `The archive could not be loaded: ${words} Nothing was changed.`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** The first error is the reason; lines of context may quote data. */
function wordsOf(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const at = lines.findIndex((line) => line.includes('error: ') && !line.includes('a worker process died'));
  const error = lines[Math.max(at, 0)] ?? '';
  const item = lines.slice(0, Math.max(at, 0)).findLast((line) => line.includes('from TOC entry'));
  const words = error.replace(/^pg_restore: (error: )?/, '').replace(/\.$/, '');
  const where = item === undefined ? '' : ` (${item.replace(/^pg_restore: from TOC entry /, '')})`;
  return `${words}${where}.`.slice(0, WORDS_LIMIT);
}
