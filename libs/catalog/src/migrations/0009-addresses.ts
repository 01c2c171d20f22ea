import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { CatalogDialect } from '../dialects/catalog-dialect.js';
import { createIndex } from './create-index.js';

/**
 * A backup is known by its storage and its key, and no longer by the path of its folder on one host. Which storage a folder belongs
 * to is known only to a service that has it, so everything is `unassigned` first, with the path in front of the key (see
 * `BackupRepository.assign`).
 */
export async function addresses(db: Kysely<unknown>, { text }: CatalogDialect): Promise<void> {
  await replaceBackups(db, text);
  await db.schema
    .createTable('folders_by_address')
    .addColumn('storage_id', text, (column) => column.notNull())
    .addColumn('folder', text, (column) => column.notNull())
    .addColumn('state', text)
    .addPrimaryKeyConstraint('folders_address', ['storage_id', 'folder'])
    .execute();
  await sql`insert into folders_by_address (storage_id, folder, state)
    select 'unassigned', location, state from folders`.execute(db);
  await replace(db, 'folders', 'folders_by_address');
  await db.schema
    .createTable('manifest_revisions_by_address')
    .addColumn('storage_id', text, (column) => column.notNull())
    .addColumn('key', text, (column) => column.notNull())
    .addColumn('id', text, (column) => column.notNull())
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('verification', text, (column) => column.notNull())
    .addColumn('failed', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('manifest_revisions_address', ['storage_id', 'key', 'id'])
    .execute();
  await sql`insert into manifest_revisions_by_address (storage_id, key, id, revision, verification, failed)
    select 'unassigned', location || '/' || filename, id, revision, verification, failed from manifest_revisions`.execute(
    db,
  );
  await replace(db, 'manifest_revisions', 'manifest_revisions_by_address');
}

async function replaceBackups(db: Kysely<unknown>, text: CatalogDialect['text']): Promise<void> {
  await db.schema
    .createTable('backups_by_address')
    .addColumn('storage_id', text, (column) => column.notNull())
    .addColumn('key', text, (column) => column.notNull())
    .addColumn('folder', text, (column) => column.notNull())
    .addColumn('filename', text, (column) => column.notNull())
    .addColumn('id', text, (column) => column.notNull())
    .addColumn('status', text, (column) => column.notNull())
    .addColumn('kind', text)
    .addColumn('db_type', text)
    .addColumn('database', text)
    .addColumn('database_key', text)
    .addColumn('connection_id', text)
    .addColumn('schedule_id', text)
    .addColumn('format', text)
    .addColumn('compression', text)
    .addColumn('size', 'bigint', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('verification', text)
    .addColumn('verification_failed', 'integer', (column) => column.notNull())
    .addColumn('manifest', text)
    .addColumn('foreign_because', text)
    .addColumn('file_modified_at', 'bigint', (column) => column.notNull())
    .addColumn('manifest_modified_at', 'bigint')
    .addColumn('search_text', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('backups_address', ['storage_id', 'key'])
    .execute();
  const kept = sql.join(
    KEPT_COLUMNS.map((column) => sql.ref(column)),
    sql`, `,
  );
  await sql`insert into backups_by_address (storage_id, key, folder, ${kept})
    select 'unassigned', location || '/' || filename, location, ${kept} from backups`.execute(db);
  await replace(db, 'backups', 'backups_by_address');
  const newestFirst = ['created_at desc', 'filename', 'storage_id', 'key'] as const;
  await createIndex(db, 'backups', 'by_age', newestFirst);
  await createIndex(db, 'backups', 'of_folder', ['storage_id', 'folder', 'created_at desc', 'filename', 'key']);
  await createIndex(db, 'backups', 'of_connection', ['connection_id', ...newestFirst]);
  await createIndex(db, 'backups', 'of_status', ['status', ...newestFirst]);
  await createIndex(db, 'backups', 'of_database', ['database_key', 'status', ...newestFirst]);
  await createIndex(db, 'backups', 'by_id', ['id']);
}

async function replace(db: Kysely<unknown>, table: string, by: string): Promise<void> {
  await db.schema.dropTable(table).execute();
  await db.schema.alterTable(by).renameTo(table).execute();
}

const KEPT_COLUMNS = [
  ...['filename', 'id', 'status', 'kind', 'db_type', 'database', 'database_key', 'connection_id', 'schedule_id'],
  ...['format', 'compression', 'size', 'created_at', 'verification', 'verification_failed', 'manifest'],
  ...['foreign_because', 'file_modified_at', 'manifest_modified_at', 'search_text'],
];
