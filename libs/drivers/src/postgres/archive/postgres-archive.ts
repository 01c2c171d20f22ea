import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DomainError, formatBytes } from '@app/domain';
import type { DumpFormat, ToolInfo } from '@app/domain';
import { largeWrites, ProcessFailure, startTool } from '@app/process';
import type { RunningProcess } from '@app/process';
import type { DumpSource } from '../../db-driver.js';
import { cancelled } from '../../session/network-errors.js';
import { TarStructure } from './tar-structure.js';

/**
 * `pg_restore` reading the archive from its stdin, so that no decompressed copy of it is ever on disk; from a folder where it
 * cannot read it otherwise.
 */
export interface ArchiveReader {
  /** The output of pg_restore. It must be read or destroyed. */
  output: Readable;
  /** Settles when the archive was read and pg_restore is gone; rejects with a `DomainError`. */
  completed: Promise<void>;
  /** Returns what is wrong with the archive itself, from the moment that it is seen; then the output breaks off. */
  damage(): unknown;
}

export async function readArchive(
  archive: DumpSource,
  tool: ToolInfo,
  args: readonly string[],
  signal: AbortSignal,
): Promise<ArchiveReader> {
  const giveUp = new AbortController();
  const { folder } = archive;
  const child = startTool({
    command: tool.path,
    args: [`--format=${archive.format}`, ...args, ...(folder === undefined ? [] : [folder])],
    env: await largeWrites(),
    stdin: folder === undefined ? 'pipe' : 'ignore',
    signal: AbortSignal.any([signal, giveUp.signal]),
    // People know nothing of where it lies here.
    ...(folder === undefined ? {} : { redact: (text: string) => withoutFolder(text, folder) }),
  });
  const input = folder === undefined ? new CheckedInput(archive) : undefined;
  const completed = (input === undefined ? child.completed : feed(input, child, giveUp)).then(
    () => undefined,
    (error: unknown) => {
      throw archiveError(error, archive.format, tool, signal);
    },
  );
  completed.catch(() => undefined);
  return { output: child.stdout, completed, damage: () => input?.failure };
}

function withoutFolder(text: string, folder: string): string {
  return text.replaceAll(`${folder}/`, '').replaceAll(folder, 'the folder');
}

async function feed(input: CheckedInput, child: RunningProcess, giveUp: AbortController): Promise<void> {
  if (child.stdin === undefined) throw new Error('pg_restore was started without stdin.');
  // pg_restore may stop reading early, the table of contents being all it needs: that is its own affair.
  const fed = pipeline(input.chunks(), child.stdin).catch(() => {
    if (input.failure !== undefined) giveUp.abort();
  });
  try {
    await child.completed;
  } catch (error) {
    throw input.failure ?? error;
  } finally {
    child.stdin.destroy();
    await fed;
  }
  if (input.failure !== undefined) throw input.failure;
}

/** The archive's bytes, and what is wrong with them, as opposed to with the one who reads them. */
class CheckedInput {
  failure: unknown;

  constructor(private readonly archive: DumpSource) {}

  async *chunks(): AsyncGenerator<Buffer> {
    const tar = this.archive.format === 'tar' ? new TarStructure() : undefined;
    try {
      for await (const chunk of this.archive.open() as AsyncIterable<Buffer>) {
        tar?.update(chunk);
        yield chunk;
      }
      tar?.finish();
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }
}

/**
 * Whether pg_restore can read it: our own, whose hash is known, by the table of contents; a foreign one from beginning to end
 * (FAILURES 7).
 */
export async function checkArchive(archive: DumpSource, tool: ToolInfo, signal: AbortSignal): Promise<void> {
  if (!archive.own) return readForeignArchive(archive, tool, signal, () => undefined);
  const reader = await readArchive(archive, tool, ['--list'], signal);
  reader.output.resume();
  reader.output.on('error', () => undefined);
  await reader.completed;
}

/** Reads an archive as a script, to its end, and no further than {@link DumpSource.limitBytes}. */
export async function readForeignArchive(
  archive: DumpSource,
  tool: ToolInfo,
  signal: AbortSignal,
  onChunk: (chunk: Buffer) => void,
): Promise<void> {
  const giveUp = new AbortController();
  const reader = await readArchive(archive, tool, ['--file=-'], AbortSignal.any([signal, giveUp.signal]));
  const { limitBytes = Infinity } = archive;
  let bytes = 0;
  let refusal: unknown;
  const take = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > limitBytes) throw tooLarge(limitBytes);
    onChunk(chunk);
  };
  try {
    for await (const chunk of reader.output as AsyncIterable<Buffer>) {
      try {
        take(chunk);
      } catch (error) {
        refusal = error;
        throw error;
      }
    }
    await reader.completed;
  } catch (error) {
    // Output that broke off is the consequence.
    if (refusal === undefined) await reader.completed;
    throw error;
  } finally {
    giveUp.abort();
    await reader.completed.catch(() => undefined);
  }
}

function tooLarge(limitBytes: number): DomainError {
  return new DomainError(
    'BACKUP_UNSAFE',
    `The archive holds more than ${formatBytes(limitBytes)}, which is far more than a dump of its size does.`,
    {
      hint: 'It may be made to exhaust this machine. If you know what it is, make a script of it (pg_restore -f dump.sql), and restore that.',
    },
  );
}

function archiveError(error: unknown, format: DumpFormat, tool: ToolInfo, signal: AbortSignal): unknown {
  if (error instanceof DomainError) return error;
  if (signal.aborted) return cancelled('Reading the archive');
  if (!(error instanceof ProcessFailure)) return error;
  if (error.reason === 'not_started') {
    return new DomainError('TOOL_UNUSABLE', `${tool.path} could not be started.`, { cause: error });
  }
  if (error.reason === 'signal') {
    // Says nothing of the archive, which may be somebody's only one.
    return new DomainError('TOOL_UNUSABLE', `${error.message} while it read the ${format} archive.`, {
      hint: 'Try again; the log of the system may say who ended it, for want of memory for instance.',
      cause: error,
    });
  }
  const words = error.lastWords.replace(/^pg_restore: (error: )?/, '');
  if (words.includes('unsupported version')) {
    return new DomainError('TOOL_TOO_OLD', `pg_restore ${tool.version} is too old for this archive: ${words}.`, {
      hint: 'Install the PostgreSQL client of the version that made the dump, or a newer one.',
      cause: error,
    });
  }
  const [, algorithm] =
    /compress(?:ion|ed) .*\b(lz4|zstd|gzip)\b|\b(?:lz4|zstd|gzip)\b.*not supported/i.exec(words) ?? [];
  if (/support/.test(words) && algorithm !== undefined) {
    return new DomainError('TOOL_UNUSABLE', `pg_restore ${tool.version} cannot read this archive: ${words}.`, {
      hint: `Install a PostgreSQL client that was built with ${algorithm}, as the packages of postgresql.org are.`,
      cause: error,
    });
  }
  return new DomainError('BACKUP_DAMAGED', `The ${format} archive cannot be read: ${words}.`, {
    hint: 'The file is cut off or altered: use another backup.',
    cause: error,
  });
}
