import type { ArtifactFolder } from '@app/domain';
import { filenameOf, folderOfKey, keyIn } from '@app/domain';
import { sql } from 'kysely';
import type { Session } from '../session.js';

/**
 * The `storageId` of everything that an earlier version of the service has noted by the absolute path of a folder. The key begins
 * with that path then.
 */
export const UNASSIGNED = 'unassigned';

/** Implements `BackupRepository.unassigned`. */
export async function unassignedFolders({ db }: Session): Promise<string[]> {
  const folders = await db.selectFrom('folders').select('folder').where('storageId', '=', UNASSIGNED).execute();
  const rows = await db.selectFrom('backups').select('folder').distinct().where('storageId', '=', UNASSIGNED).execute();
  const revisions = await db
    .selectFrom('manifestRevisions')
    .select('key')
    .where('storageId', '=', UNASSIGNED)
    .execute();
  const paths = [...folders, ...rows].map(({ folder }) => folder);
  return [...new Set([...paths, ...revisions.map(({ key }) => folderOfKey(key))])].toSorted();
}

/** Implements `BackupRepository.assign`. */
export async function assignFolder(
  session: Session,
  path: string,
  { storageId, folder }: ArtifactFolder,
): Promise<void> {
  await session.atomically(async (db) => {
    const known = db
      .selectFrom('backups')
      .select('filename')
      .where('storageId', '=', storageId)
      .where('folder', '=', folder);
    await db
      .deleteFrom('backups')
      .where('storageId', '=', UNASSIGNED)
      .where('folder', '=', path)
      .where('filename', 'in', known)
      .execute();
    await db
      .updateTable('backups')
      .set({ storageId, folder, key: sql<string>`${keyIn(folder, '')} || ${sql.ref('filename')}` })
      .where('storageId', '=', UNASSIGNED)
      .where('folder', '=', path)
      .execute();
    const { state = null } =
      (await db
        .selectFrom('folders')
        .select('state')
        .where('storageId', '=', UNASSIGNED)
        .where('folder', '=', path)
        .executeTakeFirst()) ?? {};
    await db.deleteFrom('folders').where('storageId', '=', UNASSIGNED).where('folder', '=', path).execute();
    await db
      .insertInto('folders')
      .values({ storageId, folder, state })
      .onConflict((conflict) => conflict.columns(['storageId', 'folder']).doNothing())
      .execute();
    const revisions = await db
      .selectFrom('manifestRevisions')
      .selectAll()
      .where('storageId', '=', UNASSIGNED)
      // "0" comes right after "/".
      .where('key', '>', `${path}/`)
      .where('key', '<', `${path}0`)
      .execute();
    for (const revision of revisions.filter(({ key }) => folderOfKey(key) === path)) {
      const { key, id } = revision;
      await db
        .deleteFrom('manifestRevisions')
        .where('storageId', '=', UNASSIGNED)
        .where('key', '=', key)
        .where('id', '=', id)
        .execute();
      await db
        .insertInto('manifestRevisions')
        .values({ ...revision, storageId, key: keyIn(folder, filenameOf(key)) })
        .onConflict((conflict) => conflict.columns(['storageId', 'key', 'id']).doNothing())
        .execute();
    }
  });
}
