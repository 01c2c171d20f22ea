import type { JobState } from '@app/domain';
import { sql } from 'kysely';
import type { JobRepository } from '../catalog.js';
import { chunksOf } from '../rows/chunks.js';
import { pageOfJobs, UNFINISHED } from './job-query.js';
import { byTime } from './paging.js';
import { jobCodec } from '../rows/record-codecs.js';
import type { JobQuery, JobRecord, Page } from '../records.js';
import type { Session } from '../session.js';
import { UniqueViolation } from '../dialects/unique-violation.js';

export class Jobs implements JobRepository {
  constructor(private readonly session: Session) {}

  async insert(records: readonly JobRecord[]): Promise<string[]> {
    // Rows go in the order of unique keys, so that two instances that insert the same rows cause no deadlock.
    const ordered = records.toSorted((a, b) => ((a.uniqueKey ?? '') < (b.uniqueKey ?? '') ? -1 : 1));
    const inserted: string[] = [];
    await this.session.atomically(async (db) => {
      for (const chunk of chunksOf(ordered)) {
        const rows = await db
          .insertInto('jobs')
          .values(chunk.map((record) => jobCodec.toRow(record)))
          .onConflict((conflict) => conflict.column('uniqueKey').doNothing())
          .returning('id')
          .execute();
        inserted.push(...rows.map(({ id }) => id));
      }
    });
    return inserted;
  }

  async get(id: string): Promise<JobRecord | undefined> {
    const row = await this.session.db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst();
    return row && jobCodec.fromRow(row);
  }

  async byUniqueKey(key: string): Promise<JobRecord | undefined> {
    const row = await this.session.db.selectFrom('jobs').selectAll().where('uniqueKey', '=', key).executeTakeFirst();
    return row && jobCodec.fromRow(row);
  }

  async claim(id: string, owner: string, now: number): Promise<'claimed' | 'locked' | 'gone'> {
    try {
      const { numUpdatedRows } = await this.session.db
        .updateTable('jobs')
        .set((set) => ({ state: 'running', attempt: set('attempt', '+', 1), startedAt: now }))
        .where('id', '=', id)
        .where('owner', '=', owner)
        .where('state', '=', 'queued')
        .executeTakeFirstOrThrow();
      return numUpdatedRows > 0n ? 'claimed' : 'gone';
    } catch (error) {
      if (error instanceof UniqueViolation) return 'locked';
      throw error;
    }
  }

  async update(
    id: string,
    states: readonly JobState[],
    change: Partial<Omit<JobRecord, 'id'>>,
  ): Promise<JobRecord | undefined> {
    const columns = jobCodec.toChange(change);
    if (states.length === 0) return undefined;
    const row = await this.session.db
      .updateTable('jobs')
      .set({ ...columns, ...(Object.keys(columns).length === 0 ? { id } : {}) })
      .where('id', '=', id)
      .where('state', 'in', states)
      .returningAll()
      .executeTakeFirst();
    return row && jobCodec.fromRow(row);
  }

  async page(query: JobQuery): Promise<Page<JobRecord>> {
    const position = byTime.decode(query.after);
    const rows = await pageOfJobs(this.session.db, { ...query, limit: query.limit + 1 }, position);
    return byTime.page(rows, query.limit, jobCodec.fromRow, ({ createdAt, id }) => [createdAt, id]);
  }

  async unfinished(owner: string): Promise<JobRecord[]> {
    const rows = await this.session.db
      .selectFrom('jobs')
      .selectAll()
      .where('owner', '=', owner)
      .where(UNFINISHED)
      .orderBy('priority', 'desc')
      .orderBy('createdAt')
      .orderBy('id')
      .execute();
    return rows.map((row) => jobCodec.fromRow(row));
  }

  async adopt(deadOwner: string, owner: string): Promise<number> {
    const { numUpdatedRows } = await this.session.db
      .updateTable('jobs')
      .set({ owner })
      .where('owner', '=', deadOwner)
      .where(UNFINISHED)
      .where('state', '=', 'queued')
      .executeTakeFirstOrThrow();
    return Number(numUpdatedRows);
  }

  async lastFinished(scheduleIds: readonly string[]): Promise<Map<string, JobRecord>> {
    const last = new Map<string, JobRecord>();
    for (const chunk of chunksOf(scheduleIds)) {
      const { db } = this.session;
      const wanted = sql.join(chunk.map((id) => sql`(cast(${id} as text))`));
      const { rows } = await sql<Parameters<typeof jobCodec.fromRow>[0]>`
        with wanted (schedule_id) as (values ${wanted})
        select jobs.* from wanted join jobs on jobs.id = (
          select ended.id from jobs ended
          where ended.schedule_id = wanted.schedule_id and ended.finished_at is not null
          order by ended.finished_at desc, ended.id desc limit 1
        )`.execute(db);
      for (const row of rows) if (row.scheduleId !== null) last.set(row.scheduleId, jobCodec.fromRow(row));
    }
    return last;
  }

  async prune(before: number, limit: number): Promise<number> {
    const { numAffectedRows } = await sql`
      delete from jobs where id in (
        select id from jobs old
        where finished_at < ${before} and (schedule_id is null or exists (
          select 1 from jobs later
          where later.schedule_id = old.schedule_id and later.finished_at is not null
            and (later.finished_at, later.id) > (old.finished_at, old.id)
        ))
        order by finished_at, id limit ${limit}
      )`.execute(this.session.db);
    return Number(numAffectedRows ?? 0n);
  }
}
