import { sql } from 'kysely';
import type { CatalogRow } from '../catalog.js';
import type { Session } from '../session.js';

/** In an order in which each row finds what it refers to. */
export const COPIED_TABLES = ['connections', 'schedules', 'pins', 'restores', 'audit'] as const;

export type CopiedTable = (typeof COPIED_TABLES)[number];

const ROWS_AT_A_TIME = 500;

/** Column names are those of the tables. Read by pieces, so that others get their turn meanwhile. */
export async function* exportRows(session: Session): AsyncGenerator<CatalogRow> {
  for (const table of COPIED_TABLES) {
    let after: string | undefined;
    do {
      const db = session.db.withoutPlugins();
      const behind = after === undefined ? sql`` : sql`where id > ${after}`;
      const { rows } = await sql<CatalogRow['row']>`
        select * from ${sql.table(table)} ${behind} order by id limit ${ROWS_AT_A_TIME}`.execute(db);
      for (const row of rows) yield { table, row };
      after = rows.length < ROWS_AT_A_TIME ? undefined : String(rows.at(-1)?.['id']);
    } while (after !== undefined);
  }
}
