import { devNull } from 'node:os';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DomainError } from '@app/domain';
import type { DumpFormat, ToolInfo } from '@app/domain';
import { ProcessFailure, startProcess } from '@app/process';
import type { RunningProcess } from '@app/process';
import type { DumpSource } from '../db-driver.js';
import { cancelled } from './postgres-errors.js';

/** `pg_restore` reading the archive from its stdin, so that no decompressed copy of it is ever on disk. */
export interface ArchiveReader {
  /** What pg_restore prints. Must be read or destroyed. */
  output: Readable;
  /** Settles when the archive was read and pg_restore is gone; rejects with a `DomainError`. */
  completed: Promise<void>;
}

export function readArchive(
  archive: DumpSource,
  tool: ToolInfo,
  args: readonly string[],
  signal: AbortSignal,
): ArchiveReader {
  const child = startProcess({
    command: tool.path,
    args: [`--format=${archive.format === 'tar' ? 'tar' : 'custom'}`, ...args],
    stdin: 'pipe',
    signal,
  });
  const completed = feed(archive, child, signal).then(
    () => undefined,
    (error: unknown) => {
      throw archiveError(error, archive.format, tool, signal);
    },
  );
  completed.catch(() => undefined);
  return { output: child.stdout, completed };
}

async function feed(archive: DumpSource, child: RunningProcess, signal: AbortSignal): Promise<void> {
  const source = archive.open();
  let sourceError: unknown;
  let pipeError: unknown;
  child.stdin?.once('error', (error) => {
    pipeError = error;
  });
  // pg_restore may stop reading early, the table of contents being all it needs: its exit status alone says how it went.
  // A pipe that breaks so is passed on to the source, which is no fault of the source.
  source.once('error', (error) => {
    if (error !== pipeError) sourceError = error;
  });
  const fed = child.stdin === undefined ? undefined : pipeline(source, child.stdin, { signal }).catch(() => undefined);
  try {
    await child.completed;
    if (sourceError !== undefined) throw sourceError;
  } finally {
    source.destroy();
    await fed;
  }
}

/**
 * Whether pg_restore can read it: our own, whose hash is known, by the table of contents; a foreign one from beginning to end
 * (FAILURES 7).
 */
export async function checkArchive(archive: DumpSource, tool: ToolInfo, signal: AbortSignal): Promise<void> {
  const reader = readArchive(archive, tool, archive.own ? ['--list'] : [`--file=${devNull}`], signal);
  reader.output.resume();
  reader.output.on('error', () => undefined);
  await reader.completed;
}

function archiveError(error: unknown, format: DumpFormat, tool: ToolInfo, signal: AbortSignal): unknown {
  if (error instanceof DomainError) return error;
  if (signal.aborted) return cancelled('Reading the archive');
  if (!(error instanceof ProcessFailure)) return error;
  if (error.reason === 'not_started') {
    return new DomainError('TOOL_UNUSABLE', `${tool.path} could not be started.`, { cause: error });
  }
  const words = error.lastWords.replace(/^pg_restore: (error: )?/, '');
  if (words.includes('unsupported version')) {
    return new DomainError('TOOL_TOO_OLD', `pg_restore ${tool.version} is too old for this archive: ${words}.`, {
      hint: 'Install the PostgreSQL client of the version that made the dump, or a newer one.',
      cause: error,
    });
  }
  return new DomainError('BACKUP_DAMAGED', `The ${format} archive cannot be read: ${words}.`, {
    hint: 'The file is cut off or altered: use another backup.',
    cause: error,
  });
}
