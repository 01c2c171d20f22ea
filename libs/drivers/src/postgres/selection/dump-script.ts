import { addAbortSignal } from 'node:stream';
import type { Readable } from 'node:stream';
import { DomainError } from '@app/domain';
import type { ToolInfo } from '@app/domain';
import type { DumpSource } from '../../db-driver.js';
import { DumpCompleteness } from '../dump/dump-text.js';
import { readArchive } from '../archive/postgres-archive.js';

/** Which half of an archive pg_restore shall write. A plain dump is one script with both. */
export type ScriptHalf = '--schema-only' | '--data-only';

/**
 * Reads a dump as a script, to its end. `tool`: pg_restore, for archives. Rejects with BACKUP_DAMAGED when it is cut off,
 * and with whatever `work` rejects with.
 */
export async function withScript<T>(
  source: DumpSource,
  tool: ToolInfo | undefined,
  half: ScriptHalf,
  signal: AbortSignal,
  work: (script: AsyncIterable<Buffer>) => Promise<T>,
): Promise<T> {
  if (source.format === 'plain') {
    const completeness = new DumpCompleteness('plain');
    const result = await reading(source.open(), signal, (script) => work(observed(script, completeness)));
    try {
      completeness.finish();
    } catch (error) {
      throw new DomainError('BACKUP_DAMAGED', 'The dump is cut off: its end mark is missing.', { cause: error });
    }
    return result;
  }
  if (tool === undefined) throw new DomainError('INTERNAL', 'An archive was prepared without pg_restore.');
  const giveUp = new AbortController();
  const archive = await readArchive(source, tool, [half, '--file=-'], AbortSignal.any([signal, giveUp.signal]));
  try {
    const result = await reading(archive.output, signal, work);
    await archive.completed;
    return result;
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

async function* observed(script: AsyncIterable<Buffer>, completeness: DumpCompleteness): AsyncGenerator<Buffer> {
  for await (const chunk of script) {
    completeness.update(chunk);
    yield chunk;
  }
}

async function reading<T>(
  stream: Readable,
  signal: AbortSignal,
  work: (script: AsyncIterable<Buffer>) => Promise<T>,
): Promise<T> {
  addAbortSignal(signal, stream);
  try {
    return await work(stream as AsyncIterable<Buffer>);
  } finally {
    stream.destroy();
  }
}
