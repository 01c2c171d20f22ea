import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

/** Several times what the manifest of a database with 100,000 tables takes up. */
const MAX_TEXT_BYTES = 64 * 1024 * 1024;
const READ_BYTES = 64 * 1024;

/**
 * Opens a file for reading; undefined when there is something else under its name. Whoever can write into a storage could put a named
 * pipe there, which keeps everybody who opens or reads it waiting for ever.
 */
export async function openRegularFile(path: string): Promise<FileHandle | undefined> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if ((await handle.stat()).isFile()) return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return undefined;
}

/** The text of a regular file, without what is beyond the limit; undefined when there is something else under its name. */
export async function readRegularFile(path: string, maxBytes = MAX_TEXT_BYTES): Promise<string | undefined> {
  const handle = await openRegularFile(path);
  if (handle === undefined) return undefined;
  try {
    const chunks: Buffer[] = [];
    for (let length = 0; length < maxBytes;) {
      const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, maxBytes - length));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, length);
      if (bytesRead === 0) break;
      chunks.push(buffer.subarray(0, bytesRead));
      length += bytesRead;
    }
    return Buffer.concat(chunks).toString('utf8');
  } finally {
    await handle.close();
  }
}
