import type { Failure } from '@app/domain';
import type { RestoreRepository } from './catalog.js';
import { byTime } from './paging.js';
import { isBefore } from './positions.js';
import { restoreCodec } from './record-codecs.js';
import type { Page, RestoreRecord } from './records.js';
import type { Session } from './session.js';

const INTERRUPTED: Failure = { code: 'INTERRUPTED', message: 'The service ended while this restore ran.' };

export class Restores implements RestoreRepository {
  constructor(private readonly session: Session) {}

  async insert(record: RestoreRecord): Promise<void> {
    await this.session.db.insertInto('restores').values(restoreCodec.toRow(record)).execute();
  }

  async update(id: string, change: Partial<Omit<RestoreRecord, 'id'>>): Promise<void> {
    const columns = restoreCodec.toChange(change);
    if (Object.keys(columns).length === 0) return;
    await this.session.db.updateTable('restores').set(columns).where('id', '=', id).execute();
  }

  async get(id: string): Promise<RestoreRecord | undefined> {
    const row = await this.session.db.selectFrom('restores').selectAll().where('id', '=', id).executeTakeFirst();
    return row && restoreCodec.fromRow(row);
  }

  async page({ limit, after }: { limit: number; after?: string }): Promise<Page<RestoreRecord>> {
    const position = byTime.decode(after);
    const rows = await this.session.db
      .selectFrom('restores')
      .selectAll()
      .$if(position !== undefined, (query) => query.where(isBefore(['startedAt', 'id'], position)))
      .orderBy('startedAt', 'desc')
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute();
    return byTime.page(rows, limit, restoreCodec.fromRow, ({ startedAt, id }) => [startedAt, id]);
  }

  async settleInterrupted(now: number): Promise<number> {
    const { numUpdatedRows } = await this.session.db
      .updateTable('restores')
      .set({ state: 'interrupted', failure: JSON.stringify(INTERRUPTED), finishedAt: now })
      .where('state', '=', 'running')
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('jobs')
              .select('jobs.id')
              .whereRef('jobs.id', '=', 'restores.jobId')
              .where('jobs.state', '=', 'running'),
          ),
        ),
      )
      .executeTakeFirstOrThrow();
    return Number(numUpdatedRows);
  }
}
