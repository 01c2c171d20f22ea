import { DomainError } from '@app/domain';
import type { ConnectionRepository, KeyPeriod } from '../catalog.js';
import { chunksOf } from '../rows/chunks.js';
import { byTime } from './paging.js';
import { isAfter } from './positions.js';
import { connectionCodec } from '../rows/record-codecs.js';
import type { ConnectionLogin, ConnectionRecord, Page } from '../records.js';
import type { Session } from '../session.js';
import { UniqueViolation } from '../dialects/unique-violation.js';

/** The prefix of the names of these rows in the table of the catalog's id; the key follows. They belong to this machine, so copies do not have them. */
const FORMER_KEY = 'former key:';
/** Separates the key from the moment at which the database lost it. A key is JSON, which holds no newline. */
const UNTIL = '\n';

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

  async noteFormerKey(key: string, former: string, at: number): Promise<void> {
    await this.session.db
      .insertInto('catalogInfo')
      .values({ name: `${FORMER_KEY}${former}${UNTIL}${at}`, value: key })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: key }))
      .execute();
  }

  async formerKeys(key: string): Promise<KeyPeriod[]> {
    const moves = await this.moves();
    const leftBefore = (from: string, until: number): number | undefined =>
      moves.findLast((move) => move.from === from && (move.until ?? 0) < until)?.until;
    const own = leftBefore(key, Infinity);
    const periods: KeyPeriod[] = [{ key, ...(own === undefined ? {} : { from: own }) }];
    const seen = new Set<Move>();
    // Follows keys that were added meanwhile, up to their time, as an address may have changed several times.
    for (const { key: to, from = 0, until = Infinity } of periods) {
      for (const move of moves.filter((each) => each.to === to && !seen.has(each))) {
        const at = move.until ?? 0;
        if (at < from || at > until) continue;
        // When another database has left the same key since, it is not known whose backups are which.
        if (move.until === undefined && leftBefore(move.from, Infinity) !== undefined) continue;
        seen.add(move);
        const since = move.until === undefined ? undefined : leftBefore(move.from, move.until);
        periods.push({
          key: move.from,
          ...(since === undefined ? {} : { from: since }),
          ...(move.until === undefined ? {} : { until: move.until }),
        });
      }
    }
    return periods.slice(1);
  }

  /** Returns them in the order of their time; those of former versions, which noted no time, come first. */
  private async moves(): Promise<Move[]> {
    const rows = await this.session.db
      .selectFrom('catalogInfo')
      .selectAll()
      .where('name', 'like', `${FORMER_KEY}%`)
      .execute();
    return rows
      .map(({ name, value }): Move => {
        const [from = '', until] = name.slice(FORMER_KEY.length).split(UNTIL);
        return { from, to: value, until: until === undefined ? undefined : Number(until) };
      })
      .toSorted((a, b) => (a.until ?? 0) - (b.until ?? 0));
  }
}

/** The change of a database from one key to another. */
interface Move {
  from: string;
  to: string;
  until: number | undefined;
}

function asExisting(error: unknown): never {
  if (!(error instanceof UniqueViolation)) throw error;
  throw new DomainError('CONNECTION_EXISTS', 'There is a connection to this database with this user already.', {
    hint: 'Change that one instead: GET /api/connections lists them.',
    cause: error,
  });
}
