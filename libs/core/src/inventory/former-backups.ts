import { canonicalJson } from '@app/artifact';
import type { ManifestSigner } from '@app/artifact';
import type { BackupRow, Catalog } from '@app/catalog';
import type { ArtifactFolder, Manifest } from '@app/domain';
import type { StorageRegistry } from '@app/storage';

const ROWS_AT_ONCE = 256;

export interface FormerBackupsParts {
  catalog: Catalog;
  storages: StorageRegistry;
  signer: ManifestSigner;
}

/**
 * Upgrades from a version that did not sign manifests: it signs the manifests of a folder whose backup the catalog of this
 * installation lists with the same content. Only that version wrote rows with unsigned manifests; all other unsigned backups
 * stay foreign until somebody adopts them.
 */
export async function signFormerBackups(
  { catalog, storages, signer }: FormerBackupsParts,
  folder: ArtifactFolder,
): Promise<void> {
  const storage = storages.of(folder);
  let after: string | undefined;
  do {
    const page = await catalog.backups.page({
      folder,
      limit: ROWS_AT_ONCE,
      ...(after === undefined ? {} : { after }),
    });
    after = page.next;
    for (const row of page.rows) {
      if (row.manifest === null || row.manifest.signature !== undefined) continue;
      const text = await storage.readManifest(row.key);
      const reading = text === undefined ? undefined : signer.read(text, row.filename);
      if (text === undefined || reading?.is !== 'foreign' || reading.because !== 'unsigned') continue;
      if (!isSame(reading.manifest, row)) continue;
      await storage.replaceManifest(row.key, text, signer.textOf(reading.manifest));
    }
  } while (after !== undefined);
}

/** Compares without the verification, which may have been noted after the row was written. */
function isSame(found: Manifest, { manifest }: BackupRow): boolean {
  const comparable = (of: Manifest): string => canonicalJson({ ...of, verification: null });
  return manifest !== null && comparable(found) === comparable(manifest);
}
