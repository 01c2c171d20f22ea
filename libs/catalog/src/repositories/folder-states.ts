import type { Kysely } from 'kysely';
import type { Session } from '../session.js';
import type { Tables } from '../rows/tables.js';

/** The folders that hold, or have held, backups, with the state of each at its last comparison. */
export class FolderStates {
  constructor(private readonly session: Session) {}

  /** Adds folders to {@link folders}, as not compared so far. */
  async know(locations: ReadonlySet<string>, db: Kysely<Tables>): Promise<void> {
    if (locations.size === 0) return;
    await db
      .insertInto('folders')
      .values([...locations].map((location) => ({ location, state: null })))
      .onConflict((conflict) => conflict.column('location').doNothing())
      .execute();
  }

  async get(location: string): Promise<string | undefined> {
    const row = await this.session.db
      .selectFrom('folders')
      .select('state')
      .where('location', '=', location)
      .executeTakeFirst();
    return row?.state ?? undefined;
  }

  async set(location: string, state: string): Promise<void> {
    await this.session.db
      .insertInto('folders')
      .values({ location, state })
      .onConflict((conflict) => conflict.column('location').doUpdateSet({ state }))
      .execute();
  }

  async folders(): Promise<string[]> {
    const rows = await this.session.db.selectFrom('folders').select('location').orderBy('location').execute();
    return rows.map(({ location }) => location);
  }
}
