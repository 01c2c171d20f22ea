import { sql } from 'kysely';
import type { ScheduleRepository } from '../catalog.js';
import { chunksOf } from '../rows/chunks.js';
import { byTime } from './paging.js';
import { isAfter } from './positions.js';
import { scheduleCodec } from '../rows/record-codecs.js';
import type { Page, ScheduleRecord } from '../records.js';
import type { Session } from '../session.js';

export class Schedules implements ScheduleRepository {
  constructor(private readonly session: Session) {}

  async insert(records: readonly ScheduleRecord[]): Promise<void> {
    await this.session.atomically(async (db) => {
      for (const chunk of chunksOf(records)) {
        await db
          .insertInto('schedules')
          .values(chunk.map((record) => scheduleCodec.toRow(record)))
          .execute();
      }
    });
  }

  async update(id: string, change: Partial<Omit<ScheduleRecord, 'id'>>): Promise<ScheduleRecord | undefined> {
    const columns = scheduleCodec.toChange(change);
    if (Object.keys(columns).length === 0) return this.get(id);
    const row = await this.session.db
      .updateTable('schedules')
      .set(columns)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
    return row && scheduleCodec.fromRow(row);
  }

  async remove(id: string): Promise<boolean> {
    const { numDeletedRows } = await this.session.db
      .deleteFrom('schedules')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    return numDeletedRows > 0n;
  }

  async get(id: string): Promise<ScheduleRecord | undefined> {
    const row = await this.session.db.selectFrom('schedules').selectAll().where('id', '=', id).executeTakeFirst();
    return row && scheduleCodec.fromRow(row);
  }

  async page(query: { connectionId?: string; limit: number; after?: string }): Promise<Page<ScheduleRecord>> {
    const { connectionId, limit, after } = query;
    const position = byTime.decode(after);
    const rows = await this.session.db
      .selectFrom('schedules')
      .selectAll()
      .$if(connectionId !== undefined, (where) => where.where('connectionId', '=', connectionId ?? ''))
      .$if(position !== undefined, (where) => where.where(isAfter(['createdAt', 'id'], position)))
      .orderBy('createdAt')
      .orderBy('id')
      .limit(limit + 1)
      .execute();
    return byTime.page(rows, limit, scheduleCodec.fromRow, ({ createdAt, id }) => [createdAt, id]);
  }

  async due(now: number, limit: number): Promise<ScheduleRecord[]> {
    const rows = await this.session.db
      .selectFrom('schedules')
      .selectAll()
      .where('enabled', '=', 1)
      .where('nextDueAt', '<=', now)
      .orderBy('nextDueAt')
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map((row) => scheduleCodec.fromRow(row));
  }

  async nextDueAt(): Promise<number | undefined> {
    const row = await this.session.db
      .selectFrom('schedules')
      .select('nextDueAt')
      .where('enabled', '=', 1)
      .where('nextDueAt', 'is not', null)
      .orderBy('nextDueAt')
      .limit(1)
      .executeTakeFirst();
    return row?.nextDueAt ?? undefined;
  }

  async advance(steps: readonly { id: string; due: number; next: number }[]): Promise<void> {
    // Rows go in the order of ids, so that two instances cause no deadlock.
    const ordered = steps.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    await this.session.atomically(async (db) => {
      for (const chunk of chunksOf(ordered)) {
        const rows = chunk.map(
          ({ id, due, next }) => sql`(cast(${id} as text), cast(${due} as bigint), cast(${next} as bigint))`,
        );
        await sql`
          with step (id, due, next) as (values ${sql.join(rows)})
          update schedules set served_due_at = step.due, next_due_at = step.next
          from step where schedules.id = step.id and schedules.next_due_at = step.due`.execute(db);
      }
    });
  }
}
