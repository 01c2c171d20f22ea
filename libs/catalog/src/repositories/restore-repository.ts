import type { Failure } from '@app/domain';
import { sql } from 'kysely';
import type { ExpressionBuilder } from 'kysely';
import type { RestoreRepository } from '../catalog.js';
import { chunksOf } from '../rows/chunks.js';
import { byTime } from './paging.js';
import { isBefore } from './positions.js';
import { restoreCodec } from '../rows/record-codecs.js';
import type { CopyState, Page, RestoreRecord } from '../records.js';
import type { Session } from '../session.js';
import type { Tables } from '../rows/tables.js';

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

  async page(query: { limit: number; after?: string; databaseKey?: string }): Promise<Page<RestoreRecord>> {
    const { limit, after, databaseKey } = query;
    const position = byTime.decode(after);
    const rows = await this.session.db
      .selectFrom('restores')
      .selectAll()
      .$if(position !== undefined, (select) => select.where(isBefore(['startedAt', 'id'], position)))
      .$if(databaseKey !== undefined, (select) => select.where('databaseKey', '=', databaseKey ?? ''))
      .orderBy('startedAt', 'desc')
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute();
    return byTime.page(rows, limit, restoreCodec.fromRow, ({ startedAt, id }) => [startedAt, id]);
  }

  async keepCopy(id: string, copy: { name: string; bytes: number | null; forMs: number }): Promise<void> {
    const { now } = this.session.dialect;
    await this.session.db
      .updateTable('restores')
      .set({
        copy: copy.name,
        copyState: 'kept',
        copyBytes: copy.bytes,
        copyUntil: sql<number>`${now} + cast(${copy.forMs} as bigint)`,
      })
      .where('id', '=', id)
      .execute();
  }

  async keepBackup(id: string, backup: { id: string; path: string; forMs?: number | undefined }): Promise<void> {
    const { now } = this.session.dialect;
    await this.session.db
      .updateTable('restores')
      .set({
        safetyBackupId: backup.id,
        safetyBackupPath: backup.path,
        copyState: 'kept',
        copyUntil: backup.forMs === undefined ? null : sql<number>`${now} + cast(${backup.forMs} as bigint)`,
      })
      .where('id', '=', id)
      .execute();
  }

  async needing(backupIds: readonly string[]): Promise<Map<string, string>> {
    const needed = new Map<string, string>();
    for (const chunk of chunksOf(backupIds)) {
      const rows = await this.session.db
        .selectFrom('restores')
        .select(['id', 'safetyBackupId'])
        .where('safetyBackupId', 'in', chunk)
        .where(({ eb, or }) =>
          or([eb('copyState', '=', 'kept'), eb('state', '=', 'running'), eb('journal', 'is not', null)]),
        )
        .execute();
      for (const { id, safetyBackupId } of rows) if (safetyBackupId !== null) needed.set(safetyBackupId, id);
    }
    return needed;
  }

  async moveCopy(id: string, from: CopyState, to: CopyState): Promise<boolean> {
    const { numUpdatedRows } = await this.session.db
      .updateTable('restores')
      .set({ copyState: to })
      .where('id', '=', id)
      .where('copyState', '=', from)
      .executeTakeFirstOrThrow();
    return numUpdatedRows > 0n;
  }

  async loseCopies(copies: readonly string[]): Promise<void> {
    await this.session.db
      .updateTable('restores')
      .set({ copyState: 'lost', copyUntil: null })
      .where('copyState', '=', 'kept')
      .where('copy', 'in', [...copies])
      .where('tables', 'is not', null)
      .execute();
  }

  async keeping(copy: string): Promise<RestoreRecord[]> {
    const rows = await this.session.db
      .selectFrom('restores')
      .selectAll()
      .where('copy', 'is not', null)
      .where('copyState', 'in', ['kept', 'dropping'])
      .execute();
    // Some servers make names lower case. No two restores give a database the same name.
    const isIt = (row: (typeof rows)[number]): boolean => row.copy?.toLowerCase() === copy.toLowerCase();
    return rows.filter(isIt).map((row) => restoreCodec.fromRow(row));
  }

  async keptBytes(): Promise<number> {
    const { bytes } = await this.session.db
      .selectFrom('restores')
      .select(({ fn }) => fn.sum('copyBytes').as('bytes'))
      .where('copyState', 'in', ['kept', 'dropping'])
      .executeTakeFirstOrThrow();
    return Number(bytes ?? 0);
  }

  async expired(limit: number): Promise<RestoreRecord[]> {
    const { now } = this.session.dialect;
    const rows = await this.session.db
      .selectFrom('restores')
      .selectAll()
      .where(({ and, eb, or }) =>
        or([eb('copyState', '=', 'dropping'), and([eb('copyState', '=', 'kept'), eb('copyUntil', '<=', now)])]),
      )
      // A restore that is under way may still need it, whatever the time.
      .where('state', '!=', 'running')
      .where(({ eb, or }) => or([eb('journal', 'is', null), eb('journal', 'like', '{"step":"drop"%')]))
      .orderBy('copyUntil')
      .limit(limit)
      .execute();
    return rows.map((row) => restoreCodec.fromRow(row));
  }

  async unrecovered(limit: number): Promise<RestoreRecord[]> {
    const rows = await this.session.db
      .selectFrom('restores')
      .selectAll()
      .where('state', '!=', 'running')
      .where(({ eb, or }) => or([eb('incoming', 'is not', null), eb('journal', 'is not', null)]))
      .orderBy('startedAt')
      .limit(limit)
      .execute();
    return rows.map((row) => restoreCodec.fromRow(row));
  }

  async leftOver(connectionId: string): Promise<number> {
    const { count } = await this.session.db
      .selectFrom('restores')
      .select(({ fn }) => fn.countAll().as('count'))
      .where('connectionId', '=', connectionId)
      .where(({ and, eb, or }) =>
        or([
          and([eb('copyState', 'in', ['kept', 'dropping']), eb('copy', 'is not', null)]),
          eb('incoming', 'is not', null),
          eb('journal', 'is not', null),
        ]),
      )
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  async undoings(ids: readonly string[]): Promise<Map<string, RestoreRecord>> {
    const last = new Map<string, RestoreRecord>();
    for (const chunk of chunksOf(ids)) {
      const rows = await this.session.db
        .selectFrom('restores')
        .selectAll()
        .where('undoes', 'in', chunk)
        .orderBy('startedAt')
        .execute();
      for (const row of rows) if (row.undoes !== null) last.set(row.undoes, restoreCodec.fromRow(row));
    }
    return last;
  }

  async endInterrupted(now: number): Promise<number> {
    // The service crashed after it noted the success and before it noted the time.
    await this.session.db
      .updateTable('restores')
      .set({ finishedAt: now })
      .where('state', '=', 'succeeded')
      .where('finishedAt', 'is', null)
      .where(jobIsNotRunning)
      .execute();
    const { numUpdatedRows } = await this.session.db
      .updateTable('restores')
      .set({ state: 'interrupted', failure: JSON.stringify(INTERRUPTED), finishedAt: now })
      .where('state', '=', 'running')
      .where(jobIsNotRunning)
      .executeTakeFirstOrThrow();
    return Number(numUpdatedRows);
  }
}

function jobIsNotRunning({ not, exists, selectFrom }: ExpressionBuilder<Tables, 'restores'>) {
  return not(
    exists(
      selectFrom('jobs')
        .select('jobs.id')
        .whereRef('jobs.id', '=', 'restores.jobId')
        .where('jobs.state', '=', 'running'),
    ),
  );
}
