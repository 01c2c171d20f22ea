import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

/** The limit of a text, several times the manifest of a database with 100,000 tables. */
const MAX_TEXT_BYTES = 64 * 1024 * 1024;
const READ_BYTES = 64 * 1024;

/**
 * Opens a regular file for reading; undefined when the name belongs to something else. Anybody who can write into a storage could
 * put a named pipe there, which blocks everybody who opens or reads it for ever.
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

/** Returns the text of a regular file up to the limit; undefined when the name belongs to something else. */
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
