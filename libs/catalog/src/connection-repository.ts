import { DomainError } from '@app/domain';
import type { ConnectionRepository } from './catalog.js';
import { chunksOf } from './chunks.js';
import { byTime } from './paging.js';
import { isAfter } from './positions.js';
import { connectionCodec } from './record-codecs.js';
import type { ConnectionLogin, ConnectionRecord, Page } from './records.js';
import type { Session } from './session.js';
import { UniqueViolation } from './unique-violation.js';

/** Begins the name of a row beside the catalog's own id; the key follows. They are of this machine, so no copy of the catalog has them. */
const FORMER_KEY = 'former key:';

export class Connections implements ConnectionRepository {
  constructor(private readonly session: Session) {}

  async insert(record: ConnectionRecord): Promise<void> {
    await this.session.db.insertInto('connections').values(connectionCodec.toRow(record)).execute().catch(asExisting);
  }

  async update(id: string, change: Partial<Omit<ConnectionRecord, 'id'>>): Promise<ConnectionRecord | undefined> {
    const columns = connectionCodec.toChange(change);
    if (Object.keys(columns).length === 0) return this.get(id);
    const row = await this.session.db
      .updateTable('connections')
      .set(columns)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst()
      .catch(asExisting);
    return row && connectionCodec.fromRow(row);
  }

  async remove(id: string): Promise<boolean> {
    const { numDeletedRows } = await this.session.db
      .deleteFrom('connections')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    return numDeletedRows > 0n;
  }

  async get(id: string): Promise<ConnectionRecord | undefined> {
    const row = await this.session.db.selectFrom('connections').selectAll().where('id', '=', id).executeTakeFirst();
    return row && connectionCodec.fromRow(row);
  }

  async getMany(ids: readonly string[]): Promise<ConnectionRecord[]> {
    const found: ConnectionRecord[] = [];
    for (const chunk of chunksOf(ids)) {
      const rows = await this.session.db.selectFrom('connections').selectAll().where('id', 'in', chunk).execute();
      found.push(...rows.map((row) => connectionCodec.fromRow(row)));
    }
    return found;
  }

  async find({ dbType, host, port, database, username }: ConnectionLogin): Promise<ConnectionRecord | undefined> {
    const row = await this.session.db
      .selectFrom('connections')
      .selectAll()
      .where((where) => where.and({ dbType, host, port, database, username }))
      .executeTakeFirst();
    return row && connectionCodec.fromRow(row);
  }

  async page({ limit, after }: { limit: number; after?: string }): Promise<Page<ConnectionRecord>> {
    const position = byTime.decode(after);
    const rows = await this.session.db
      .selectFrom('connections')
      .selectAll()
      .$if(position !== undefined, (query) => query.where(isAfter(['createdAt', 'id'], position)))
      .orderBy('createdAt')
      .orderBy('id')
      .limit(limit + 1)
      .execute();
    return byTime.page(rows, limit, connectionCodec.fromRow, ({ createdAt, id }) => [createdAt, id]);
  }

  async ofIdentity(identity: string): Promise<ConnectionRecord[]> {
    const rows = await this.session.db
      .selectFrom('connections')
      .selectAll()
      .where('identity', '=', identity)
      .orderBy('createdAt')
      .orderBy('id')
      .execute();
    return rows.map((row) => connectionCodec.fromRow(row));
  }

  async onServer({
    dbType,
    host,
    port,
  }: Pick<ConnectionRecord, 'dbType' | 'host' | 'port'>): Promise<ConnectionRecord[]> {
    const rows = await this.session.db
      .selectFrom('connections')
      .selectAll()
      .where((where) => where.and({ dbType, host, port }))
      .orderBy('createdAt')
      .orderBy('id')
      .execute();
    return rows.map((row) => connectionCodec.fromRow(row));
  }

  async noteFormerKey(key: string, former: string): Promise<void> {
    await this.session.db
      .insertInto('catalogInfo')
      .values({ name: FORMER_KEY + former, value: key })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: key }))
      .execute();
  }

  async formerKeys(key: string): Promise<string[]> {
    const found = new Set([key]);
    // Of a key that was added meanwhile, too: an address may have changed several times.
    for (const known of found) {
      const rows = await this.session.db
        .selectFrom('catalogInfo')
        .select('name')
        .where('value', '=', known)
        .where('name', 'like', `${FORMER_KEY}%`)
        .execute();
      for (const { name } of rows) found.add(name.slice(FORMER_KEY.length));
    }
    found.delete(key);
    return [...found];
  }
}

function asExisting(error: unknown): never {
  if (!(error instanceof UniqueViolation)) throw error;
  throw new DomainError('CONNECTION_EXISTS', 'There is a connection to this database with this user already.', {
    hint: 'Change that one instead: GET /api/connections lists them.',
    cause: error,
  });
}
