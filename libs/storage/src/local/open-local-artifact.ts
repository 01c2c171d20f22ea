import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { DomainError, errorCodeOf } from '@app/domain';
import type { BytePart, OpenArtifact } from '../artifact-storage.js';
import { openRegularFile } from './regular-file.js';

/**
 * The size of a read, small enough that a large file makes little garbage: buffers live outside the heap, and V8 lets up to 64 MB
 * of them gather before it collects them.
 */
const STREAM_BYTES = 64 * 1024;
const SCAN_BYTES = 1024 * 1024;

/** Reads everything through one descriptor, so that the checked bytes are those that are restored. */
export async function openLocalArtifact(path: string): Promise<OpenArtifact> {
  let handle;
  try {
    handle = await openRegularFile(path);
  } catch (error) {
    throw openError(error, path);
  }
  if (handle === undefined) {
    throw new DomainError('STORAGE_FAILED', `${basename(path)} cannot be read: it is not a file.`);
  }
  const file = handle;
  const opened = await file.stat({ bigint: true });

  async function* chunks(onRead?: (bytes: number) => void, part?: BytePart): AsyncGenerator<Buffer> {
    const start = part?.start ?? 0;
    const end = part?.end ?? Infinity;
    for (let position = start; position < end;) {
      const length = Math.min(STREAM_BYTES, end - position);
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(length), 0, length, position);
      if (bytesRead === 0) {
        if (part === undefined) return;
        throw new DomainError('STORAGE_FAILED', 'The backup file became shorter while it was read.');
      }
      position += bytesRead;
      onRead?.(position - start);
      yield buffer.subarray(0, bytesRead);
    }
  }

  const close = async (): Promise<void> => file.close().catch(() => undefined);
  return {
    size: Number(opened.size),
    modifiedAt: opened.mtime,
    async head(length) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, 0);
      return buffer.subarray(0, bytesRead);
    },
    async scan(visit) {
      const shared = Buffer.allocUnsafeSlow(SCAN_BYTES);
      for (let position = 0; ;) {
        const { bytesRead } = await file.read(shared, 0, SCAN_BYTES, position);
        if (bytesRead === 0) return;
        position += bytesRead;
        visit(shared.subarray(0, bytesRead));
      }
    },
    stream: (onRead, part) => Readable.from(chunks(onRead, part), { objectMode: false, highWaterMark: STREAM_BYTES }),
    async unchanged() {
      const now = await file.stat({ bigint: true });
      if (now.size !== opened.size || now.mtimeNs !== opened.mtimeNs) return false;
      // A tool that read by name must have read the same file; a file that is gone by now was the same.
      const named = await stat(path, { bigint: true }).catch(() => opened);
      return named.ino === opened.ino && named.dev === opened.dev;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function openError(error: unknown, path: string): DomainError {
  const code = errorCodeOf(error);
  if (code === 'ENOENT') {
    return new DomainError('BACKUP_NOT_FOUND', `There is no backup file ${basename(path)} any more.`, {
      hint: 'GET /api/backups lists the files that there are.',
      cause: error,
    });
  }
  return new DomainError('STORAGE_FAILED', `The backup file cannot be read (${code ?? 'unknown fault'}).`, {
    hint: 'Check that the service may read it.',
    cause: error,
  });
}
