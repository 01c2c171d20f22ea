import { buffer } from 'node:stream/consumers';
import type { DbType, DumpFormat, FileCompression } from '@app/domain';
import type { DriverRegistry } from '@app/drivers';
import type { ArtifactStorage, OpenArtifact } from '@app/storage';
import { ZIP_TAIL_BYTES, firstZipEntries, longDirectory, zipEntries } from './zip-directory.js';
import { compressionOf, decompressedHead } from './file-compression.js';

/** How many bytes are read: enough for the header comments of any dump tool, and for the first entry of a tar archive. */
const HEAD_BYTES = 64 * 1024;

export interface DumpIdentity {
  dbType?: DbType;
  format?: DumpFormat;
  compression: FileCompression;
}

export interface IdentifiedDump extends DumpIdentity {
  /** The first bytes of the content. */
  head: Buffer;
}

/** Determines which engine's dump an opened file holds, by its content alone. */
export async function identifyArtifact(artifact: OpenArtifact, drivers: DriverRegistry): Promise<IdentifiedDump> {
  const compression = compressionOf(await artifact.head(64));
  const head = await decompressedHead(artifact.stream(), compression, HEAD_BYTES);
  for (const driver of drivers.all()) {
    const format = driver.recognise(head);
    if (format !== undefined) return { dbType: driver.dbType, format, compression, head };
  }
  return { compression, head };
}

export interface ZippedFiles {
  /** The names of the files; only the first ones of an archive of thousands of files. */
  names: string[];
  count: number;
}

/** Lists the files of a zip archive; undefined when it is no zip archive, or when its directory cannot be read. */
export async function filesInZip(artifact: OpenArtifact): Promise<ZippedFiles | undefined> {
  if (compressionOf(await artifact.head(64)) !== 'zip') return undefined;
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

export async function identifyDump(
  storage: ArtifactStorage,
  path: string,
  drivers: DriverRegistry,
): Promise<DumpIdentity> {
  await using artifact = await storage.open(path);
  return await identifyArtifact(artifact, drivers);
}
