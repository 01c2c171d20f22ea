import type { ManifestRevision } from '@app/catalog';
import type { Manifest } from '@app/domain';

/** For people, of a backup whose manifest is an earlier one. */
export const OLDER_MANIFEST =
  'Its manifest is older than the one that was last written here, so that somebody has put back a copy of it. What the later one said of its verification still counts: verify it again.';

/**
 * An older manifest has a valid signature, too. Where the catalog has seen a later one of the same backup at the same place, what
 * that one said of its verification is taken over: an older one would hide that the backup has failed. The rest of a manifest never changes.
 */
export function lastWritten(
  manifest: Manifest,
  revisions: readonly ManifestRevision[],
): { manifest: Manifest; isOlder: boolean } {
  const later = revisions.find(({ id, revision }) => id === manifest.id && revision > (manifest.revision ?? 0));
  if (later === undefined) return { manifest, isOlder: false };
  return { manifest: { ...manifest, verification: later.verification, revision: later.revision }, isOlder: true };
}

/** The same backup with another verdict, as its manifest says next. */
export function rewritten(manifest: Manifest, verification: Manifest['verification']): Manifest {
  return { ...manifest, verification, revision: (manifest.revision ?? 0) + 1 };
}
