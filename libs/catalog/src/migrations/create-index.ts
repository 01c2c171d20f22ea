import type { Kysely } from 'kysely';
import { sql } from 'kysely';

/** `desc` after a column's name makes it descend. */
export async function createIndex(
  db: Kysely<unknown>,
  table: string,
  name: string,
  columns: readonly string[],
): Promise<void> {
  const parts = columns.map((column) => {
    const [reference = '', direction] = column.split(' ');
    return direction === 'desc' ? sql`${sql.ref(reference)} desc` : sql`${sql.ref(reference)}`;
  });
  await sql`create index ${sql.id(`${table}_${name}`)} on ${sql.table(table)} (${sql.join(parts)})`.execute(db);
}
