import { availableParallelism } from 'node:os';
import { DomainError } from '@app/domain';
import { ProcessFailure, startTool } from '@app/process';
import type { DumpSource, LoadPlan } from '../../db-driver.js';
import { cancelled } from '../../network-errors.js';
import { libpqAccess } from '../login/libpq-environment.js';
import { loadSettings } from '../login/session-settings.js';
import type { LoadOptions } from './load-options.js';
import { explainWords } from './restore-errors.js';

const JOBS_MAX = 4;
const WORDS_LIMIT = 1_000;

/**
 * Only what this service has written, and whose hash was checked: pg_restore runs all that an archive holds. And only with a
 * pg_restore that is not newer than the server, as it sets what an older server does not know.
 */
export function canRestoreSideBySide(
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

/** `pg_restore` with several connections, into a database that is empty. Any error fails it (FAILURES 47). */
export async function restoreSideBySide(
  plan: LoadPlan,
  file: string,
  options: LoadOptions,
  signal: AbortSignal,
): Promise<void> {
  const { connection, tool, server, skipOwnership } = plan;
  if (tool === undefined) throw new DomainError('INTERNAL', 'An archive was prepared without pg_restore.');
  await using access = await libpqAccess(connection, options.runtimeDir, { settings: loadSettings(true), server });
  const child = startTool({
    command: tool.path,
    args: [
      '--format=custom',
      '--exit-on-error',
      '--no-password',
      `--jobs=${Math.min(JOBS_MAX, Math.max(availableParallelism(), 2))}`,
      ...(skipOwnership ? ['--no-owner', '--no-acl'] : []),
      ...access.args,
      file,
    ],
    env: access.env,
    signal,
    redact: (text) => (connection.password === '' ? text : text.replaceAll(connection.password, '********')),
  });
  child.stdout.resume();
  try {
    await child.completed;
  } catch (error) {
    if (signal.aborted) throw cancelled('The restore');
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
