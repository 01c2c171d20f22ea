import { buffer } from 'node:stream/consumers';
import type { OpenArtifact } from '@app/storage';
import { ZIP_TAIL_BYTES, firstZipEntries, longDirectory, zipEntries } from './zip-directory.js';

export interface ZippedFiles {
  /** The names of the files; only the first ones of an archive of thousands of files. */
  names: string[];
  count: number;
}

/** Lists the files of a zip archive; undefined when its directory cannot be read. */
export async function filesInZip(artifact: Pick<OpenArtifact, 'size' | 'stream'>): Promise<ZippedFiles | undefined> {
  const start = Math.max(0, artifact.size - ZIP_TAIL_BYTES);
  const tail = await buffer(artifact.stream(undefined, { start, end: artifact.size }));
  const names = zipEntries(tail)?.map(({ name }) => name);
  if (names !== undefined) return { names, count: names.length };
  const long = longDirectory(tail);
  const from = start - (long?.before ?? 0);
  if (long === undefined || from < 0) return undefined;
  const first = await buffer(artifact.stream(undefined, { start: from, end: from + ZIP_TAIL_BYTES }));
  const some = firstZipEntries(first).map(({ name }) => name);
  return some.length < 2 ? undefined : { names: some, count: Math.max(long.entries, some.length) };
}
