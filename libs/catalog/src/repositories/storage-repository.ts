import { DomainError } from '@app/domain';
import type { StorageRepository } from '../catalog.js';
import { UniqueViolation } from '../dialects/unique-violation.js';
import type { StorageRecord } from '../records.js';
import { storageCodec } from '../rows/record-codecs.js';
import type { Session } from '../session.js';

export class Storages implements StorageRepository {
  constructor(private readonly session: Session) {}

  async insert(record: StorageRecord): Promise<void> {
    await this.session.db
      .insertInto('storages')
      .values(storageCodec.toRow(record))
      .execute()
      .catch((error: unknown) => asExisting(error, record.name));
  }

  async update(id: string, change: Partial<Omit<StorageRecord, 'id'>>): Promise<StorageRecord | undefined> {
    const columns = storageCodec.toChange(change);
    if (Object.keys(columns).length === 0) return this.get(id);
    const row = await this.session.db
      .updateTable('storages')
      .set(columns)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst()
      .catch((error: unknown) => asExisting(error, change.name));
    return row && storageCodec.fromRow(row);
  }

  async remove(id: string): Promise<boolean> {
    const { numDeletedRows } = await this.session.db
      .deleteFrom('storages')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    return numDeletedRows > 0n;
  }

  async get(id: string): Promise<StorageRecord | undefined> {
    const row = await this.session.db.selectFrom('storages').selectAll().where('id', '=', id).executeTakeFirst();
    return row && storageCodec.fromRow(row);
  }

  async all(): Promise<StorageRecord[]> {
    const rows = await this.session.db.selectFrom('storages').selectAll().orderBy('createdAt').orderBy('id').execute();
    return rows.map((row) => storageCodec.fromRow(row));
  }
}

function asExisting(error: unknown, name = ''): never {
  if (!(error instanceof UniqueViolation)) throw error;
  throw new DomainError('STORAGE_EXISTS', `There is a storage "${name}" already.`, {
    hint: 'Choose another name, or change that storage with PATCH /api/storages/<id>.',
    cause: error,
  });
}
