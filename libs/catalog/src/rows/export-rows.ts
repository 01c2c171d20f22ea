import { sql } from 'kysely';
import type { CatalogRow } from '../catalog.js';
import type { Session } from '../session.js';

/** The tables in an order in which each row comes after the rows that it refers to. */
export const COPIED_TABLES = ['storages', 'connections', 'schedules', 'pins', 'restores', 'audit'] as const;

export type CopiedTable = (typeof COPIED_TABLES)[number];

const ROWS_AT_A_TIME = 500;

/** Exports rows with the column names of the tables. It reads in pieces, so that other statements can run in between. */
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
