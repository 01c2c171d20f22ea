import type { ManifestRevision } from '@app/catalog';
import type { Manifest } from '@app/domain';

/** The warning for a backup whose manifest is an earlier one. */
export const OLDER_MANIFEST =
  'Its manifest is older than the one that was last written here, so somebody has put an earlier one back. The verdict of the later one still counts: verify the backup again.';

/**
 * An older manifest has a valid signature, too. When the catalog has seen a later one of the same backup at the same place, the
 * verdict of that one counts: the older one would hide that the backup has failed. The rest of a manifest never changes.
 */
export function lastWritten(
  manifest: Manifest,
  revisions: readonly ManifestRevision[],
): { manifest: Manifest; isOlder: boolean } {
  const later = revisions.find(({ id, revision }) => id === manifest.id && revision > (manifest.revision ?? 0));
  if (later === undefined) return { manifest, isOlder: false };
  return { manifest: { ...manifest, verification: later.verification, revision: later.revision }, isOlder: true };
}

/** Returns the manifest with another verdict, for the next version of it. */
export function rewritten(manifest: Manifest, verification: Manifest['verification']): Manifest {
  return { ...manifest, verification, revision: (manifest.revision ?? 0) + 1 };
}
