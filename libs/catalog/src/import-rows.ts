import type { CatalogRow } from './catalog.js';
import type { Session } from './session.js';

export async function importRows(session: Session, id: string, rows: AsyncIterable<CatalogRow>): Promise<void> {
  await session.transaction(async ({ db }) => {
    const plain = db.withoutPlugins();
    for await (const { table, row } of rows) {
      await plain
        .withTables<Record<string, CatalogRow['row']>>()
        .insertInto(table)
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
    await db.updateTable('catalogInfo').set({ value: id }).where('name', '=', 'id').execute();
  });
}
