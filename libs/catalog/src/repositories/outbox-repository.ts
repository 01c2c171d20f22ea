import { sql } from 'kysely';
import type { OutboxRepository } from '../catalog.js';
import type { NewEvent, StoredEvent } from '../records.js';
import { eventCodec } from '../rows/record-codecs.js';
import type { Session } from '../session.js';

export class Outbox implements OutboxRepository {
  constructor(private readonly session: Session) {}

  async append(events: readonly NewEvent[]): Promise<void> {
    if (events.length === 0) return;
    if (this.session.isTransaction) return this.session.beforeCommit(events);
    await this.session.transaction((session) => Promise.resolve(session.beforeCommit(events)));
  }

  async after(position: number, limit: number, names?: readonly string[]): Promise<StoredEvent[]> {
    if (names?.length === 0) return [];
    const rows = await this.session.db
      .selectFrom('domainEvents')
      .selectAll()
      .where('position', '>', position)
      .$if(names !== undefined, (query) => query.where('name', 'in', names ?? []))
      .orderBy('position')
      .limit(limit)
      .execute();
    return rows.map((row) => eventCodec.fromRow(row));
  }

  async last(): Promise<number> {
    const { position } = await this.session.db
      .selectFrom('domainEventHead')
      .select('position')
      .executeTakeFirstOrThrow();
    return position;
  }

  async first(): Promise<number | undefined> {
    const row = await this.session.db
      .selectFrom('domainEvents')
      .select('position')
      .orderBy('position')
      .limit(1)
      .executeTakeFirst();
    return row?.position;
  }

  onAppended(listener: () => void): () => void {
    return this.session.onAppended(listener);
  }

  async lease(name: string, owner: string, forMs: number): Promise<number | undefined> {
    const { now } = this.session.dialect;
    const leasedUntil = sql<number>`${now} + cast(${forMs} as bigint)`;
    // Nobody leases for so long: the clock was set back since.
    const tooLate = sql<number>`${now} + cast(${2 * forMs} as bigint)`;
    return this.session.atomically(async (db) => {
      await db
        .insertInto('eventSubscribers')
        .columns(['name', 'position', 'owner', 'leasedUntil'])
        .expression((query) =>
          query
            .selectFrom('domainEventHead')
            .select((select) => [
              sql<string>`cast(${name} as text)`.as('name'),
              'position',
              sql<string | null>`cast(null as text)`.as('owner'),
              select.lit(0).as('leasedUntil'),
            ])
            .where((where) => where.lit(true)),
        )
        .onConflict((conflict) => conflict.column('name').doNothing())
        .execute();
      const row = await db
        .updateTable('eventSubscribers')
        .set({ owner, leasedUntil })
        .where('name', '=', name)
        .where((where) =>
          where.or([
            where('owner', 'is', null),
            where('owner', '=', owner),
            where('leasedUntil', '<', now),
            where('leasedUntil', '>', tooLate),
          ]),
        )
        .returning('position')
        .executeTakeFirst();
      return row?.position;
    });
  }

  async advance(name: string, owner: string, position: number): Promise<boolean> {
    const { numUpdatedRows } = await this.session.db
      .updateTable('eventSubscribers')
      .set({ position })
      .where('name', '=', name)
      .where('owner', '=', owner)
      .where('position', '<=', position)
      .executeTakeFirstOrThrow();
    return numUpdatedRows > 0n;
  }

  async release(name: string, owner: string): Promise<void> {
    await this.session.db
      .updateTable('eventSubscribers')
      .set({ owner: null, leasedUntil: 0 })
      .where('name', '=', name)
      .where('owner', '=', owner)
      .execute();
  }

  async releaseAll(): Promise<void> {
    await this.session.db.updateTable('eventSubscribers').set({ owner: null, leasedUntil: 0 }).execute();
  }

  async prune({ readMs, unreadMs, limit }: { readMs: number; unreadMs: number; limit: number }): Promise<number> {
    const { now } = this.session.dialect;
    const { numAffectedRows } = await sql`
      delete from domain_events where position in (
        select position from domain_events
        where at < ${now} - cast(${unreadMs} as bigint) or (at < ${now} - cast(${readMs} as bigint) and position <= coalesce(
          (select min(position) from event_subscribers), (select position from domain_event_head)))
        order by position limit ${limit}
      )`.execute(this.session.db);
    return Number(numAffectedRows ?? 0n);
  }
}
