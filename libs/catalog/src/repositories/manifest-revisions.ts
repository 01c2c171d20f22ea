import type { ArtifactAddress, Manifest, Verification } from '@app/domain';
import type { Kysely } from 'kysely';
import { chunksOf } from '../rows/chunks.js';
import type { BackupRow, ManifestRevision } from '../records.js';
import type { Session } from '../session.js';
import type { Tables } from '../rows/tables.js';

/**
 * Remembers the last manifest of each backup, by its address. It outlives the row: somebody may take a file away and put it back
 * with an earlier manifest, which has a valid signature as well, so the later one must stay known.
 */
export class ManifestRevisions {
  constructor(private readonly session: Session) {}

  /** Notes rewritten manifests. A revision that is earlier than the known one changes nothing. */
  async note(rows: readonly BackupRow[], db: Kysely<Tables>): Promise<void> {
    const values = rows.flatMap(({ storageId, key, manifest }) =>
      manifest?.revision === undefined ? [] : [revisionOf({ storageId, key }, manifest, manifest.revision)],
    );
    for (const chunk of chunksOf(values)) await noteRevisions(db, chunk);
  }

  async at({ storageId, key }: ArtifactAddress): Promise<ManifestRevision[]> {
    const rows = await this.session.db
      .selectFrom('manifestRevisions')
      .select(['id', 'revision', 'verification'])
      .where('storageId', '=', storageId)
      .where('key', '=', key)
      .execute();
    return rows.map(({ verification, ...row }) => ({ ...row, verification: JSON.parse(verification) as Verification }));
  }

  /** To be called for a deleted backup. Its failed verification stays known, as the file may come back. */
  async forget({ storageId, key }: ArtifactAddress): Promise<void> {
    await this.session.db
      .deleteFrom('manifestRevisions')
      .where('storageId', '=', storageId)
      .where('key', '=', key)
      .where('failed', '=', 0)
      .execute();
  }
}

/** Notes revisions, as many as one statement takes (see `chunksOf`). One that is earlier than the known one changes nothing. */
export async function noteRevisions(
  db: Kysely<Tables>,
  revisions: readonly Tables['manifestRevisions'][],
): Promise<void> {
  await db
    .insertInto('manifestRevisions')
    .values(revisions)
    .onConflict((conflict) =>
      conflict
        .columns(['storageId', 'key', 'id'])
        .doUpdateSet((set) => ({
          revision: set.ref('excluded.revision'),
          verification: set.ref('excluded.verification'),
          failed: set.ref('excluded.failed'),
        }))
        .whereRef('excluded.revision', '>', 'manifestRevisions.revision'),
    )
    .execute();
}

function revisionOf(
  { storageId, key }: ArtifactAddress,
  { id, verification }: Manifest,
  revision: number,
): Tables['manifestRevisions'] {
  const failed = Number(verification.failed !== undefined);
  return { storageId, key, id, revision, verification: JSON.stringify(verification), failed };
}
