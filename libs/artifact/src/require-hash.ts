import { createHash } from 'node:crypto';

/**
 * Passes stored bytes on as they are read, and holds their end back until the hash of all of them is right, so that whoever
 * receives them never takes a damaged file for a whole one. `onDamage` returns the error for another hash.
 */
export async function* requireHash(
  chunks: AsyncIterable<Buffer>,
  sha256: string,
  onDamage: () => Promise<Error>,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let held: Buffer | undefined;
  for await (const chunk of chunks) {
    hash.update(chunk);
    if (held !== undefined) yield held;
    held = chunk;
  }
  if (hash.digest('hex') !== sha256) throw await onDamage();
  if (held !== undefined) yield held;
}
