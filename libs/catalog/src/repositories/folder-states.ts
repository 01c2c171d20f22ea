import type { ArtifactFolder } from '@app/domain';
import type { Kysely } from 'kysely';
import type { Session } from '../session.js';
import type { Tables } from '../rows/tables.js';

/** The folders that hold, or have held, backups, with the state of each at its last comparison. */
export class FolderStates {
  constructor(private readonly session: Session) {}

  /** Adds folders to {@link folders}, as not compared so far. */
  async know(folders: readonly ArtifactFolder[], db: Kysely<Tables>): Promise<void> {
    if (folders.length === 0) return;
    await db
      .insertInto('folders')
      .values(folders.map(({ storageId, folder }) => ({ storageId, folder, state: null })))
      .onConflict((conflict) => conflict.columns(['storageId', 'folder']).doNothing())
      .execute();
  }

  async get({ storageId, folder }: ArtifactFolder): Promise<string | undefined> {
    const row = await this.session.db
      .selectFrom('folders')
      .select('state')
      .where('storageId', '=', storageId)
      .where('folder', '=', folder)
      .executeTakeFirst();
    return row?.state ?? undefined;
  }

  async set({ storageId, folder }: ArtifactFolder, state: string): Promise<void> {
    await this.session.db
      .insertInto('folders')
      .values({ storageId, folder, state })
      .onConflict((conflict) => conflict.columns(['storageId', 'folder']).doUpdateSet({ state }))
      .execute();
  }

  /** Only those in these storages, if any are given. */
  folders(storageIds: readonly string[] | undefined): Promise<ArtifactFolder[]> {
    return this.session.db
      .selectFrom('folders')
      .select(['storageId', 'folder'])
      .$if(storageIds !== undefined, (query) => query.where('storageId', 'in', storageIds ?? []))
      .orderBy('storageId')
      .orderBy('folder')
      .execute();
  }
}
