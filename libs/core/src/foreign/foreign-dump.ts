import type { ArtifactReader, CheckedArtifact } from '@app/artifact';
import type { ArtifactAddress, DbType, DumpFormat, FileCompression } from '@app/domain';
import type { DriverRegistry } from '@app/drivers';

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
export async function identifyArtifact(artifact: CheckedArtifact, drivers: DriverRegistry): Promise<IdentifiedDump> {
  const compression = await artifact.compression();
  const head = await artifact.foreignHead(compression, HEAD_BYTES);
  for (const driver of drivers.all()) {
    const format = driver.recognise(head);
    if (format !== undefined) return { dbType: driver.dbType, format, compression, head };
  }
  return { compression, head };
}

export async function identifyDump(
  reader: ArtifactReader,
  address: ArtifactAddress,
  drivers: DriverRegistry,
): Promise<DumpIdentity> {
  await using artifact = await reader.open(address);
  return await identifyArtifact(artifact, drivers);
}
