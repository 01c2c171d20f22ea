import { chunksOf } from '../rows/chunks.js';
import type { Session } from '../session.js';

/** The pinned backups, which no policy removes. A pin belongs to the backup's id, so that it outlives the row and the file. */
export class Pins {
  constructor(private readonly session: Session) {}

  async set(id: string, pinned: boolean, at: number): Promise<void> {
    if (pinned) {
      await this.session.db
        .insertInto('pins')
        .values({ id, at })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
    } else {
      await this.session.db.deleteFrom('pins').where('id', '=', id).execute();
    }
  }

  async among(ids: readonly string[]): Promise<Set<string>> {
    const pinned = new Set<string>();
    for (const chunk of chunksOf(ids)) {
      const rows = await this.session.db.selectFrom('pins').select('id').where('id', 'in', chunk).execute();
      for (const { id } of rows) pinned.add(id);
    }
    return pinned;
  }
}
