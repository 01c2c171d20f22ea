import { levelOf } from '@app/artifact';
import type { ArtifactReader, ManifestSigner } from '@app/artifact';
import type { BackupRow, Catalog, ManifestRevision } from '@app/catalog';
import { withoutSecrets } from '@app/domain';
import type { ForeignReason, Manifest } from '@app/domain';
import type { DriverRegistry } from '@app/drivers';
import type { StorageRegistry, StoredFile } from '@app/storage';
import { databaseKey } from './database-key.js';
import { identifyDump } from '../foreign/foreign-dump.js';
import type { DumpIdentity } from '../foreign/foreign-dump.js';
import { lastWritten, OLDER_MANIFEST } from './last-written.js';

/** The names of foreign dumps; other files in the folder are ignored. */
const DUMP_NAME = /\.(sql|dump|tar|backup|pgdump|custom)(\.(gz|zst|bz2|xz|zip))?$|\.(tgz|tbz2?|txz|tzst)$/i;

/** Whether a file of a backup folder is listed at all. */
export function isBackupFile(file: StoredFile): boolean {
  return file.hasManifest || DUMP_NAME.test(file.filename);
}

export interface RowSources {
  catalog: Catalog;
  storages: StorageRegistry;
  reader: ArtifactReader;
  drivers: DriverRegistry;
  signer: ManifestSigner;
}

/** Opens a file and says what it is; undefined when it, or its manifest, has gone meanwhile. */
export async function rowOfFile(
  file: StoredFile,
  storageId: string,
  sources: RowSources,
): Promise<BackupRow | undefined> {
  if (!file.hasManifest) return foreignRow(file, storageId, sources, null);
  // The time is read before the manifest, so that a manifest that is written in between counts as newer.
  const revisions = await sources.catalog.backups.revisions({ storageId, key: file.key });
  const text = await sources.storages.of({ storageId }).readManifest(file.key);
  if (text === undefined) return undefined;
  const reading = sources.signer.read(text, file.filename);
  switch (reading.is) {
    case 'own':
      return rowOfOwn(reading.manifest, revisions, file, storageId);
    case 'foreign':
      return foreignRow(file, storageId, sources, reading.because);
    case 'unreadable':
      return { ...bareRow(file, storageId), status: 'damaged' };
  }
}

function rowOfOwn(
  read: Manifest,
  revisions: readonly ManifestRevision[],
  file: StoredFile,
  storageId: string,
): BackupRow {
  const { manifest, isOlder } = lastWritten(read, revisions);
  const shown = isOlder ? { ...manifest, warnings: [...manifest.warnings, OLDER_MANIFEST] } : manifest;
  return rowOfManifest(shown, file, storageId);
}

/** Describes a foreign file by its content alone, and does not trust a manifest that is not ours. */
async function foreignRow(
  file: StoredFile,
  storageId: string,
  { reader, drivers }: RowSources,
  because: ForeignReason | null,
): Promise<BackupRow> {
  // A file that cannot be read is listed as well, since it takes up room and has a name.
  const identity = await identifyDump(reader, { storageId, key: file.key }, drivers).catch(
    (): Partial<DumpIdentity> => ({}),
  );
  return {
    ...bareRow(file, storageId),
    status: 'foreign',
    foreignBecause: because,
    dbType: identity.dbType ?? null,
    format: identity.format ?? null,
    compression: identity.compression ?? null,
  };
}

/** Describes a backup of ours. It is whole when the file has the manifest's size and no verification has failed. */
export function rowOfManifest(manifest: Manifest, file: StoredFile, storageId: string): BackupRow {
  const verificationFailed = manifest.verification.failed !== undefined;
  return {
    ...bareRow(file, storageId),
    id: manifest.id,
    status: manifest.size === file.size && !verificationFailed ? 'complete' : 'damaged',
    kind: manifest.kind,
    dbType: manifest.db_type,
    database: manifest.database,
    databaseKey: databaseKey({ ...manifest, dbType: manifest.db_type }),
    connectionId: manifest.connection_id ?? null,
    scheduleId: manifest.schedule_id ?? null,
    format: manifest.format,
    compression: manifest.compression,
    createdAt: Date.parse(manifest.started_at),
    verification: levelOf(manifest),
    verificationFailed,
    manifest: forCatalog(manifest),
  };
}

/** Whether the file is no longer the one that the row was made from. */
export function isOutdated(
  row: Pick<BackupRow, 'size' | 'fileModifiedAt' | 'manifestModifiedAt'>,
  file: StoredFile,
): boolean {
  return (
    row.size !== file.size ||
    row.fileModifiedAt !== file.modifiedAt.getTime() ||
    row.manifestModifiedAt !== (file.manifestModifiedAt?.getTime() ?? null)
  );
}

function bareRow(file: StoredFile, storageId: string): BackupRow {
  return {
    storageId,
    key: file.key,
    filename: file.filename,
    id: file.foreignId,
    status: 'foreign',
    kind: null,
    dbType: null,
    database: null,
    databaseKey: null,
    connectionId: null,
    scheduleId: null,
    format: null,
    compression: null,
    size: file.size,
    createdAt: file.modifiedAt.getTime(),
    verification: null,
    verificationFailed: false,
    manifest: null,
    foreignBecause: null,
    fileModifiedAt: file.modifiedAt.getTime(),
    manifestModifiedAt: file.manifestModifiedAt?.getTime() ?? null,
  };
}

/** Shortens the manifest for the row. A restore reads the whole manifest from the file. */
function forCatalog(manifest: Manifest): Manifest {
  const { properties } = manifest;
  return properties === undefined ? manifest : { ...manifest, properties: withoutSecrets(properties) };
}
