import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { CatalogDialect } from '../dialects/catalog-dialect.js';
import { createIndex } from './create-index.js';

/**
 * Text ids and JSON, epoch milliseconds as bigint, 0 or 1 for booleans: the same on both databases. The indexes are those
 * of the repositories' queries; `plans.spec.ts` holds each of them to its own.
 */
export async function firstCatalog(db: Kysely<unknown>, { text }: CatalogDialect): Promise<void> {
  await createConnections(db, text);
  await createSchedules(db, text);
  await createBackups(db, text);
  await createJobs(db, text);
  await createHistory(db, text);
  await db.schema
    .createTable('instances')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('host', text, (column) => column.notNull())
    .addColumn('pid', 'integer', (column) => column.notNull())
    .addColumn('beat_at', 'bigint', (column) => column.notNull())
    .addColumn('buried_at', 'bigint')
    .execute();
  await db.schema
    .createTable('catalog_info')
    .addColumn('name', text, (column) => column.primaryKey())
    .addColumn('value', text, (column) => column.notNull())
    .execute();
  await sql`insert into catalog_info (name, value) values ('id', ${randomUUID()})`.execute(db);
}

type Text = CatalogDialect['text'];

async function createConnections(db: Kysely<unknown>, text: Text): Promise<void> {
  await db.schema
    .createTable('connections')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('label', text)
    .addColumn('db_type', text, (column) => column.notNull())
    .addColumn('host', text, (column) => column.notNull())
    .addColumn('port', 'integer', (column) => column.notNull())
    .addColumn('database', text, (column) => column.notNull())
    .addColumn('username', text, (column) => column.notNull())
    .addColumn('sealed_password', text, (column) => column.notNull())
    .addColumn('ssl_mode', text, (column) => column.notNull())
    .addColumn('tls_ca', text)
    .addColumn('tls_certificate', text)
    .addColumn('sealed_tls_key', text)
    .addColumn('retention', text)
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('connections_login', ['db_type', 'host', 'port', 'database', 'username'])
    .execute();
  await createIndex(db, 'connections', 'by_age', ['created_at', 'id']);
}

async function createSchedules(db: Kysely<unknown>, text: Text): Promise<void> {
  await db.schema
    .createTable('schedules')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('connection_id', text, (column) => column.references('connections.id').onDelete('cascade'))
    .addColumn('action', text, (column) => column.notNull())
    .addColumn('source_connection_id', text, (column) => column.references('connections.id').onDelete('cascade'))
    .addColumn('cron', text, (column) => column.notNull())
    .addColumn('timezone', text, (column) => column.notNull())
    .addColumn('enabled', 'integer', (column) => column.notNull())
    .addColumn('options', text, (column) => column.notNull())
    .addColumn('retention', text)
    .addColumn('jitter_seconds', 'integer', (column) => column.notNull())
    .addColumn('next_due_at', 'bigint')
    .addColumn('served_due_at', 'bigint')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
  await createIndex(db, 'schedules', 'by_age', ['created_at', 'id']);
  await createIndex(db, 'schedules', 'of_connection', ['connection_id', 'created_at', 'id']);
  await createIndex(db, 'schedules', 'of_source', ['source_connection_id']);
  await createIndex(db, 'schedules', 'due', ['enabled', 'next_due_at', 'id']);
}

async function createBackups(db: Kysely<unknown>, text: Text): Promise<void> {
  await db.schema
    .createTable('backups')
    .addColumn('location', text, (column) => column.notNull())
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
    .addColumn('file_modified_at', 'bigint', (column) => column.notNull())
    .addColumn('manifest_modified_at', 'bigint')
    .addColumn('search_text', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('backups_primary_key', ['location', 'filename'])
    .execute();
  const newestFirst = ['created_at desc', 'filename', 'location'] as const;
  await createIndex(db, 'backups', 'by_age', newestFirst);
  await createIndex(db, 'backups', 'of_location', ['location', 'created_at desc', 'filename']);
  await createIndex(db, 'backups', 'of_connection', ['connection_id', ...newestFirst]);
  await createIndex(db, 'backups', 'of_status', ['status', ...newestFirst]);
  await createIndex(db, 'backups', 'of_database', ['database_key', 'status', ...newestFirst]);
  await createIndex(db, 'backups', 'by_id', ['id']);
  await db.schema
    .createTable('pins')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('folders')
    .addColumn('location', text, (column) => column.primaryKey())
    .addColumn('state', text)
    .execute();
}

async function createJobs(db: Kysely<unknown>, text: Text): Promise<void> {
  await db.schema
    .createTable('jobs')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('type', text, (column) => column.notNull())
    .addColumn('state', text, (column) => column.notNull())
    .addColumn('lock_key', text)
    .addColumn('connection_id', text)
    .addColumn('schedule_id', text)
    .addColumn('due_at', 'bigint')
    .addColumn('unique_key', text, (column) => column.unique())
    .addColumn('retry_of', text)
    .addColumn('priority', 'integer', (column) => column.notNull())
    .addColumn('abandoned_by_restart', 'integer', (column) => column.notNull())
    .addColumn('payload', text, (column) => column.notNull())
    .addColumn('result', text)
    .addColumn('failure', text)
    .addColumn('progress', text)
    .addColumn('log', text, (column) => column.notNull())
    .addColumn('attempt', 'integer', (column) => column.notNull())
    .addColumn('max_attempts', 'integer', (column) => column.notNull())
    .addColumn('run_after', 'bigint', (column) => column.notNull())
    .addColumn('cancel_requested_at', 'bigint')
    .addColumn('owner', text, (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('started_at', 'bigint')
    .addColumn('finished_at', 'bigint')
    .execute();
  const newestFirst = ['created_at desc', 'id desc'] as const;
  await createIndex(db, 'jobs', 'by_age', newestFirst);
  await createIndex(db, 'jobs', 'of_state', ['state', ...newestFirst]);
  await createIndex(db, 'jobs', 'of_type', ['type', ...newestFirst]);
  await createIndex(db, 'jobs', 'of_connection', ['connection_id', ...newestFirst]);
  await createIndex(db, 'jobs', 'of_schedule', ['schedule_id', ...newestFirst]);
  await sql`create unique index jobs_lock on jobs (lock_key) where state = 'running'`.execute(db);
  await sql`create index jobs_unfinished on jobs (owner, priority desc, created_at, id)
    where state in ('queued', 'running')`.execute(db);
  await sql`create index jobs_ended on jobs (finished_at, id) where finished_at is not null`.execute(db);
  await sql`create index jobs_last_of_schedule on jobs (schedule_id, finished_at desc, id desc)
    where finished_at is not null`.execute(db);
}

async function createHistory(db: Kysely<unknown>, text: Text): Promise<void> {
  await db.schema
    .createTable('restores')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('job_id', text)
    .addColumn('connection_id', text)
    .addColumn('db_type', text, (column) => column.notNull())
    .addColumn('database', text, (column) => column.notNull())
    .addColumn('database_key', text, (column) => column.notNull())
    .addColumn('backup_path', text, (column) => column.notNull())
    .addColumn('backup_id', text)
    .addColumn('strategy', text)
    .addColumn('safety_backup_path', text)
    .addColumn('state', text, (column) => column.notNull())
    .addColumn('failure', text)
    .addColumn('started_at', 'bigint', (column) => column.notNull())
    .addColumn('finished_at', 'bigint')
    .execute();
  await createIndex(db, 'restores', 'by_age', ['started_at desc', 'id desc']);
  await createIndex(db, 'restores', 'of_state', ['state']);
  await db.schema
    .createTable('audit')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('actor', text, (column) => column.notNull())
    .addColumn('address', text)
    .addColumn('action', text, (column) => column.notNull())
    .addColumn('subject', text)
    .addColumn('status', 'integer')
    .addColumn('details', text, (column) => column.notNull())
    .execute();
  await createIndex(db, 'audit', 'by_age', ['at desc', 'id desc']);
}
