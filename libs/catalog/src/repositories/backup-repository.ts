import type { BackupRepository, KeyPeriod } from '../catalog.js';
import { backupOrder } from './backup-sort.js';
import { matches, searchTextOf } from './backup-query.js';
import type { BackupSelection } from './backup-query.js';
import { chunksOf } from '../rows/chunks.js';
import { FolderStates } from './folder-states.js';
import { ManifestRevisions } from './manifest-revisions.js';
import { Pins } from './pins.js';
import { backupCodec } from '../rows/record-codecs.js';
import type { BackupQuery, BackupRow, ManifestRevision, Page } from '../records.js';
import type { Session } from '../session.js';

type Known = Pick<BackupRow, 'filename' | 'size' | 'fileModifiedAt' | 'manifestModifiedAt'>;

export class Backups implements BackupRepository {
  private readonly pins: Pins;
  private readonly states: FolderStates;
  private readonly manifests: ManifestRevisions;

  constructor(private readonly session: Session) {
    this.pins = new Pins(session);
    this.states = new FolderStates(session);
    this.manifests = new ManifestRevisions(session);
  }

  async put(rows: readonly BackupRow[]): Promise<void> {
    // The last row of one place counts. All instances use one order, so that two of them cause no deadlock.
    const places = new Map(rows.map((row) => [`${row.location}\n${row.filename}`, row]));
    const ordered = [...places].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
    await this.session.atomically(async (db) => {
      await this.states.know(new Set(ordered.map(({ location }) => location)), db);
      await this.manifests.note(ordered, db);
      for (const chunk of chunksOf(ordered)) {
        await db
          .insertInto('backups')
          .values(chunk.map((row) => ({ ...backupCodec.toRow(row), searchText: searchTextOf(row) })))
          .onConflict((conflict) =>
            conflict.columns(['location', 'filename']).doUpdateSet((set) => ({
              id: set.ref('excluded.id'),
              status: set.ref('excluded.status'),
              kind: set.ref('excluded.kind'),
              dbType: set.ref('excluded.dbType'),
              database: set.ref('excluded.database'),
              databaseKey: set.ref('excluded.databaseKey'),
              connectionId: set.ref('excluded.connectionId'),
              scheduleId: set.ref('excluded.scheduleId'),
              format: set.ref('excluded.format'),
              compression: set.ref('excluded.compression'),
              size: set.ref('excluded.size'),
              createdAt: set.ref('excluded.createdAt'),
              verification: set.ref('excluded.verification'),
              verificationFailed: set.ref('excluded.verificationFailed'),
              manifest: set.ref('excluded.manifest'),
              foreignBecause: set.ref('excluded.foreignBecause'),
              fileModifiedAt: set.ref('excluded.fileModifiedAt'),
              manifestModifiedAt: set.ref('excluded.manifestModifiedAt'),
              searchText: set.ref('excluded.searchText'),
            })),
          )
          .execute();
      }
    });
  }

  async remove(location: string, filenames: readonly string[]): Promise<void> {
    await this.session.atomically(async (db) => {
      for (const chunk of chunksOf(filenames)) {
        await db.deleteFrom('backups').where('location', '=', location).where('filename', 'in', chunk).execute();
      }
    });
  }

  async page({ limit, after, sort = 'created', order = 'desc', ...query }: BackupQuery): Promise<Page<BackupRow>> {
    const inOrder = backupOrder(sort, order);
    const behind = inOrder.behind(after);
    const rows = await this.session.db
      .selectFrom('backups')
      .selectAll()
      .where((where) => where.and([matches(where, query), ...(behind ? [behind] : [])]))
      .orderBy(inOrder.by, inOrder.direction)
      .orderBy('filename')
      .orderBy('location')
      .limit(limit + 1)
      .execute();
    return inOrder.cursor.page(rows, limit, backupCodec.fromRow, inOrder.keyOf);
  }

  async count(query: BackupSelection): Promise<number> {
    const { count } = await this.session.db
      .selectFrom('backups')
      .select((select) => select.fn.countAll<number>().as('count'))
      .where((where) => matches(where, query))
      .executeTakeFirstOrThrow();
    return count;
  }

  async get(id: string): Promise<BackupRow[]> {
    const rows = await this.session.db
      .selectFrom('backups')
      .selectAll()
      .where('id', '=', id)
      .orderBy('location')
      .orderBy('filename')
      .execute();
    return rows.map(backupCodec.fromRow);
  }

  async at(location: string, filename: string): Promise<BackupRow | undefined> {
    const row = await this.session.db
      .selectFrom('backups')
      .selectAll()
      .where('location', '=', location)
      .where('filename', '=', filename)
      .executeTakeFirst();
    return row && backupCodec.fromRow(row);
  }

  known(location: string): Promise<Known[]> {
    return this.session.db
      .selectFrom('backups')
      .select(['filename', 'size', 'fileModifiedAt', 'manifestModifiedAt'])
      .where('location', '=', location)
      .execute();
  }

  async ofDatabase(
    databaseKey: string,
    {
      location,
      limit,
      failed = false,
      status = 'complete',
      from,
      until,
    }: Parameters<BackupRepository['ofDatabase']>[1] = {},
  ): Promise<BackupRow[]> {
    const rows = await this.session.db
      .selectFrom('backups')
      .selectAll()
      .where('databaseKey', '=', databaseKey)
      .$if(!failed, (query) => query.where('status', '=', status))
      .$if(failed, (query) =>
        query.where((where) => where.or([where('status', '=', 'complete'), where('verificationFailed', '=', 1)])),
      )
      .$if(location !== undefined, (query) => query.where('location', '=', location ?? ''))
      .$if(from !== undefined, (query) => query.where('createdAt', '>=', from ?? 0))
      .$if(until !== undefined, (query) => query.where('createdAt', '<', until ?? 0))
      .orderBy('createdAt', 'desc')
      .orderBy('filename')
      .orderBy('location')
      .$if(limit !== undefined, (query) => query.limit(limit ?? 0))
      .execute();
    return rows.map(backupCodec.fromRow);
  }

  async totals(of?: KeyPeriod): Promise<Map<string, { backups: number; bytes: number }>> {
    const rows = await this.session.db
      .selectFrom('backups')
      .select(({ fn }) => ['databaseKey', fn.countAll<number>().as('backups'), fn.sum<number>('size').as('bytes')])
      .where('status', '=', 'complete')
      .where('databaseKey', 'is not', null)
      .$if(of !== undefined, (query) => query.where('databaseKey', '=', of?.key ?? ''))
      .$if(of?.from !== undefined, (query) => query.where('createdAt', '>=', of?.from ?? 0))
      .$if(of?.until !== undefined, (query) => query.where('createdAt', '<', of?.until ?? 0))
      .groupBy('databaseKey')
      .execute();
    return new Map(
      rows.map(({ databaseKey, backups, bytes }) => [databaseKey ?? '', { backups, bytes: Number(bytes) }]),
    );
  }

  async inFolders(): Promise<Map<string, { backups: number; bytes: number }>> {
    const rows = await this.session.db
      .selectFrom('backups')
      .select(({ fn }) => ['location', fn.countAll<number>().as('backups'), fn.sum<number>('size').as('bytes')])
      .groupBy('location')
      .execute();
    return new Map(rows.map(({ location, backups, bytes }) => [location, { backups, bytes: Number(bytes) }]));
  }

  async ofConnection(connectionId: string): Promise<BackupRow[]> {
    const rows = await this.session.db
      .selectFrom('backups')
      .selectAll()
      .where('connectionId', '=', connectionId)
      .orderBy('createdAt', 'desc')
      .orderBy('filename')
      .orderBy('location')
      .execute();
    return rows.map(backupCodec.fromRow);
  }

  pin(id: string, pinned: boolean, at: number): Promise<void> {
    return this.pins.set(id, pinned, at);
  }

  pinned(ids: readonly string[]): Promise<Set<string>> {
    return this.pins.among(ids);
  }

  revisions(location: string, filename: string): Promise<ManifestRevision[]> {
    return this.manifests.at(location, filename);
  }

  forgetRevisions(location: string, filename: string): Promise<void> {
    return this.manifests.forget(location, filename);
  }

  folderState(location: string): Promise<string | undefined> {
    return this.states.get(location);
  }

  setFolderState(location: string, state: string): Promise<void> {
    return this.states.set(location, state);
  }

  folders(): Promise<string[]> {
    return this.states.folders();
  }

  async clear(): Promise<void> {
    await this.session.atomically(async (db) => {
      await db.deleteFrom('backups').execute();
      await db.deleteFrom('folders').execute();
    });
  }
}
