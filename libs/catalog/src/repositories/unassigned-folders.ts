import type { ArtifactFolder } from '@app/domain';
import { filenameOf, folderOfKey, keyIn } from '@app/domain';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { chunksOf } from '../rows/chunks.js';
import type { Tables } from '../rows/tables.js';
import type { Session } from '../session.js';
import { noteRevisions } from './manifest-revisions.js';

type Revision = Tables['manifestRevisions'];

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
      // Rows have come to a folder that was compared without them.
      .onConflict((conflict) => conflict.columns(['storageId', 'folder']).doUpdateSet({ state: null }))
      .execute();
    const revisions = await revisionsIn(db, { storageId: UNASSIGNED, folder: path });
    await putRevisions(db, revisions, { storageId, folder });
    for (const { key, id } of revisions) {
      await db
        .deleteFrom('manifestRevisions')
        .where('storageId', '=', UNASSIGNED)
        .where('key', '=', key)
        .where('id', '=', id)
        .execute();
    }
  });
}

/** Implements `BackupRepository.knowAlsoAt`. */
export async function knowFolderAlsoAt(session: Session, before: ArtifactFolder, now: ArtifactFolder): Promise<void> {
  await session.atomically(async (db) => {
    await db
      .insertInto('folders')
      .values({ ...now, state: null })
      .onConflict((conflict) => conflict.columns(['storageId', 'folder']).doNothing())
      .execute();
    await putRevisions(db, await revisionsIn(db, before), now);
  });
}

async function revisionsIn(db: Kysely<Tables>, { storageId, folder }: ArtifactFolder): Promise<Revision[]> {
  const found = await db
    .selectFrom('manifestRevisions')
    .selectAll()
    .where('storageId', '=', storageId)
    // "0" comes right after "/".
    .$if(folder !== '', (query) => query.where('key', '>', `${folder}/`).where('key', '<', `${folder}0`))
    .execute();
  return found.filter(({ key }) => folderOfKey(key) === folder);
}

/** Puts revisions into a folder. Of two revisions of one backup, the later one stays. */
async function putRevisions(
  db: Kysely<Tables>,
  revisions: readonly Revision[],
  { storageId, folder }: ArtifactFolder,
): Promise<void> {
  const moved = revisions.map((each) => ({ ...each, storageId, key: keyIn(folder, filenameOf(each.key)) }));
  for (const chunk of chunksOf(moved)) await noteRevisions(db, chunk);
}
