import type { ArtifactAddress, ArtifactFolder } from '@app/domain';
import { folderOf, folderOfKey, textOfFolder } from '@app/domain';
import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import type { BackupRepository, KeyPeriod } from '../catalog.js';
import { backupOrder } from './backup-sort.js';
import { isInFolder, matches, searchTextOf } from './backup-query.js';
import type { BackupSelection } from './backup-query.js';
import { chunksOf } from '../rows/chunks.js';
import { FolderStates } from './folder-states.js';
import { ManifestRevisions } from './manifest-revisions.js';
import { Pins } from './pins.js';
import { backupCodec } from '../rows/record-codecs.js';
import type { BackupQuery, BackupRow, ManifestRevision, Page } from '../records.js';
import type { Session } from '../session.js';
import type { Tables } from '../rows/tables.js';
import { assignFolder, knowFolderAlsoAt, unassignedFolders } from './unassigned-folders.js';

type Known = Pick<BackupRow, 'filename' | 'size' | 'fileModifiedAt' | 'manifestModifiedAt'>;

export class Backups implements BackupRepository {
  private readonly pins: Pins;
  private readonly states: FolderStates;
  private readonly manifests: ManifestRevisions;

  /** `visible` are the storages whose backups there are for the caller. Default: all. */
  constructor(
    private readonly session: Session,
    private readonly visible?: () => readonly string[],
  ) {
    this.pins = new Pins(session);
    this.states = new FolderStates(session);
    this.manifests = new ManifestRevisions(session);
  }

  async put(rows: readonly BackupRow[]): Promise<void> {
    // The last row of one address counts. All instances use one order, so that two of them cause no deadlock.
    const places = new Map(rows.map((row) => [`${row.storageId}\n${row.key}`, row]));
    const ordered = [...places].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
    await this.session.atomically(async (db) => {
      const folders = new Map(ordered.map(folderOf).map((folder) => [textOfFolder(folder), folder]));
      await this.states.know([...folders.values()], db);
      await this.manifests.note(ordered, db);
      for (const chunk of chunksOf(ordered)) {
        await db
          .insertInto('backups')
          .values(chunk.map(rowOf))
          .onConflict((conflict) =>
            conflict.columns(['storageId', 'key']).doUpdateSet((set) => ({
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

  async remove(storageId: string, keys: readonly string[]): Promise<void> {
    await this.session.atomically(async (db) => {
      for (const chunk of chunksOf(keys)) {
        await db.deleteFrom('backups').where('storageId', '=', storageId).where('key', 'in', chunk).execute();
      }
    });
  }

  async page({ limit, after, sort = 'created', order = 'desc', ...query }: BackupQuery): Promise<Page<BackupRow>> {
    const inOrder = backupOrder(sort, order);
    const behind = inOrder.behind(after);
    const rows = await this.session.db
      .selectFrom('backups')
      .selectAll()
      .where((where) => where.and([matches(where, query), ...this.seen(where), ...(behind ? [behind] : [])]))
      .orderBy(inOrder.by, inOrder.direction)
      .orderBy('filename')
      .orderBy('storageId')
      .orderBy('key')
      .limit(limit + 1)
      .execute();
    return inOrder.cursor.page(rows, limit, backupCodec.fromRow, inOrder.keyOf);
  }

  async count(query: BackupSelection): Promise<number> {
    const { count } = await this.session.db
      .selectFrom('backups')
      .select((select) => select.fn.countAll<number>().as('count'))
      .where((where) => where.and([matches(where, query), ...this.seen(where)]))
      .executeTakeFirstOrThrow();
    return count;
  }

  async get(id: string): Promise<BackupRow[]> {
    const rows = await this.session.db
      .selectFrom('backups')
      .selectAll()
      .where('id', '=', id)
      .where((where) => where.and(this.seen(where)))
      .orderBy('storageId')
      .orderBy('key')
      .execute();
    return rows.map(backupCodec.fromRow);
  }

  async at({ storageId, key }: ArtifactAddress): Promise<BackupRow | undefined> {
    const row = await this.session.db
      .selectFrom('backups')
      .selectAll()
      .where('storageId', '=', storageId)
      .where('key', '=', key)
      .executeTakeFirst();
    return row && backupCodec.fromRow(row);
  }

  known(folder: ArtifactFolder): Promise<Known[]> {
    return this.session.db
      .selectFrom('backups')
      .select(['filename', 'size', 'fileModifiedAt', 'manifestModifiedAt'])
      .where((where) => isInFolder(where, folder))
      .execute();
  }

  async ofDatabase(
    databaseKey: string,
    {
      folder,
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
      .where((where) => where.and([...(folder === undefined ? [] : [isInFolder(where, folder)]), ...this.seen(where)]))
      .$if(from !== undefined, (query) => query.where('createdAt', '>=', from ?? 0))
      .$if(until !== undefined, (query) => query.where('createdAt', '<', until ?? 0))
      .orderBy('createdAt', 'desc')
      .orderBy('filename')
      .orderBy('storageId')
      .orderBy('key')
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
      .where((where) => where.and(this.seen(where)))
      .$if(of !== undefined, (query) => query.where('databaseKey', '=', of?.key ?? ''))
      .$if(of?.from !== undefined, (query) => query.where('createdAt', '>=', of?.from ?? 0))
      .$if(of?.until !== undefined, (query) => query.where('createdAt', '<', of?.until ?? 0))
      .groupBy('databaseKey')
      .execute();
    return new Map(
      rows.map(({ databaseKey, backups, bytes }) => [databaseKey ?? '', { backups, bytes: Number(bytes) }]),
    );
  }

  async inFolders(): Promise<(ArtifactFolder & { backups: number; bytes: number })[]> {
    const rows = await this.session.db
      .selectFrom('backups')
      .select(({ fn }) => [
        'storageId',
        'folder',
        fn.countAll<number>().as('backups'),
        fn.sum<number>('size').as('bytes'),
      ])
      .where((where) => where.and(this.seen(where)))
      .groupBy(['storageId', 'folder'])
      .execute();
    return rows.map((row) => ({ ...row, bytes: Number(row.bytes) }));
  }

  async ofConnection(connectionId: string): Promise<BackupRow[]> {
    const rows = await this.session.db
      .selectFrom('backups')
      .selectAll()
      .where('connectionId', '=', connectionId)
      .where((where) => where.and(this.seen(where)))
      .orderBy('createdAt', 'desc')
      .orderBy('filename')
      .orderBy('storageId')
      .orderBy('key')
      .execute();
    return rows.map(backupCodec.fromRow);
  }

  pin(id: string, pinned: boolean, at: number): Promise<void> {
    return this.pins.set(id, pinned, at);
  }

  pinned(ids: readonly string[]): Promise<Set<string>> {
    return this.pins.among(ids);
  }

  revisions(address: ArtifactAddress): Promise<ManifestRevision[]> {
    return this.manifests.at(address);
  }

  forgetRevisions(address: ArtifactAddress): Promise<void> {
    return this.manifests.forget(address);
  }

  folderState(folder: ArtifactFolder): Promise<string | undefined> {
    return this.states.get(folder);
  }

  setFolderState(folder: ArtifactFolder, state: string): Promise<void> {
    return this.states.set(folder, state);
  }

  folders(): Promise<ArtifactFolder[]> {
    return this.states.folders(this.visible?.());
  }

  unassigned(): Promise<string[]> {
    return unassignedFolders(this.session);
  }

  assign(path: string, to: ArtifactFolder): Promise<void> {
    return assignFolder(this.session, path, to);
  }

  knowAlsoAt(before: ArtifactFolder, now: ArtifactFolder): Promise<void> {
    return knowFolderAlsoAt(this.session, before, now);
  }

  async clear(): Promise<void> {
    await this.session.atomically(async (db) => {
      const visible = this.visible?.();
      await db
        .deleteFrom('backups')
        .$if(visible !== undefined, (query) => query.where('storageId', 'in', visible ?? []))
        .execute();
      await db
        .deleteFrom('folders')
        .$if(visible !== undefined, (query) => query.where('storageId', 'in', visible ?? []))
        .execute();
    });
  }

  private seen(where: ExpressionBuilder<Tables, 'backups'>): Expression<SqlBool>[] {
    const visible = this.visible?.();
    if (visible === undefined) return [];
    return [where(this.session.dialect.common('storageId'), 'in', visible)];
  }
}

function rowOf(row: BackupRow): Tables['backups'] {
  return { ...backupCodec.toRow(row), folder: folderOfKey(row.key), searchText: searchTextOf(row) };
}
