import type { Manifest, Verification } from '@app/domain';
import type { Kysely } from 'kysely';
import { chunksOf } from '../rows/chunks.js';
import type { BackupRow, ManifestRevision } from '../records.js';
import type { Session } from '../session.js';
import type { Tables } from '../rows/tables.js';

/**
 * Remembers the last manifest of each backup, by its place. It outlives the row: somebody may take a file away and put it back
 * with an earlier manifest, which has a valid signature as well, so the later one must stay known.
 */
export class ManifestRevisions {
  constructor(private readonly session: Session) {}

  /** Notes rewritten manifests. A revision that is earlier than the known one changes nothing. */
  async note(rows: readonly BackupRow[], db: Kysely<Tables>): Promise<void> {
    const values = rows.flatMap(({ location, filename, manifest }) =>
      manifest?.revision === undefined ? [] : [revisionOf(location, filename, manifest, manifest.revision)],
    );
    for (const chunk of chunksOf(values)) {
      await db
        .insertInto('manifestRevisions')
        .values(chunk)
        .onConflict((conflict) =>
          conflict
            .columns(['location', 'filename', 'id'])
            .doUpdateSet((set) => ({
              revision: set.ref('excluded.revision'),
              verification: set.ref('excluded.verification'),
              failed: set.ref('excluded.failed'),
            }))
            .whereRef('excluded.revision', '>', 'manifestRevisions.revision'),
        )
        .execute();
    }
  }

  async at(location: string, filename: string): Promise<ManifestRevision[]> {
    const rows = await this.session.db
      .selectFrom('manifestRevisions')
      .select(['id', 'revision', 'verification'])
      .where('location', '=', location)
      .where('filename', '=', filename)
      .execute();
    return rows.map(({ verification, ...row }) => ({ ...row, verification: JSON.parse(verification) as Verification }));
  }

  /** To be called for a deleted backup. Its failed verification stays known, as the file may come back. */
  async forget(location: string, filename: string): Promise<void> {
    await this.session.db
      .deleteFrom('manifestRevisions')
      .where('location', '=', location)
      .where('filename', '=', filename)
      .where('failed', '=', 0)
      .execute();
  }
}

function revisionOf(
  location: string,
  filename: string,
  { id, verification }: Manifest,
  revision: number,
): Tables['manifestRevisions'] {
  const failed = Number(verification.failed !== undefined);
  return { location, filename, id, revision, verification: JSON.stringify(verification), failed };
}
