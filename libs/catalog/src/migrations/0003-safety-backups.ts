import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { CatalogDialect } from '../dialects/catalog-dialect.js';

/** The default time for the undo of an older restore, in milliseconds. */
const UNDO_MS = 24 * 3_600_000;

/**
 * The safety backup that a restore in place is undone by, under its own id: it is kept until that undo has expired. Of
 * restores from before, it is looked for by its name among the backups of the database.
 */
export async function safetyBackups(db: Kysely<unknown>, { text }: CatalogDialect): Promise<void> {
  await db.schema.alterTable('restores').addColumn('safety_backup_id', text).execute();
  await sql`create index restores_safety_backup on restores (safety_backup_id) where safety_backup_id is not null`.execute(
    db,
  );
  await sql`update restores set safety_backup_id = (select min(b.id) from backups b where b.kind = 'safety'
      and b.database_key = restores.database_key and restores.safety_backup_path like '%' || b.filename)
    where safety_backup_path is not null and state = 'succeeded' and copy_state = 'none'`.execute(db);
  await sql`update restores set copy_state = 'kept', copy_until = coalesce(finished_at, started_at) + ${sql.lit(UNDO_MS)}
    where safety_backup_id is not null`.execute(db);
}
