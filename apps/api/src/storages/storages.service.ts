import { Inject, Injectable } from '@nestjs/common';
import type { Catalog, StorageRecord } from '@app/catalog';
import { BackupIndex, checkStorage, StorageStore } from '@app/core';
import type { CheckStep, StorageChange } from '@app/core';
import { DomainError, messageOf } from '@app/domain';
import type { Logger } from '@app/domain';
import type { ArtifactStorage, ConfiguredStorage, StorageRegistry } from '@app/storage';
import { CATALOG, CONFIGURED_STORAGES, LOGGER, STORAGES } from '../foundation/tokens.js';
import type { StorageDetails } from './storages.dto.js';

export interface NewStorage {
  name: string;
  kind: string;
  settings: Readonly<Record<string, string>>;
  /** Whether to test it before it is saved. */
  test: boolean;
}

/** Lets users change the storages of the catalog. By default it saves only what works. */
@Injectable()
export class StoragesService {
  constructor(
    private readonly store: StorageStore,
    private readonly index: BackupIndex,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(STORAGES) private readonly storages: StorageRegistry,
    @Inject(CONFIGURED_STORAGES) private readonly configured: readonly ConfiguredStorage[],
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  get kinds(): readonly string[] {
    return this.store.kinds;
  }

  async all(): Promise<StorageDetails[]> {
    const added = await this.store.all();
    const all = [...this.configured.map((one) => this.ofEnvironment(one)), ...added.map((one) => this.ofRecord(one))];
    return Promise.all(all);
  }

  async get(id: string): Promise<StorageDetails> {
    const configured = this.configured.find((one) => one.id === id);
    return configured === undefined ? this.ofRecord(await this.store.get(id)) : this.ofEnvironment(configured);
  }

  /** Throws STORAGE_EXISTS, INVALID_INPUT for wrong settings, or the error of the step of the test that failed. */
  async create({ name, kind, settings, test }: NewStorage): Promise<StorageDetails> {
    const draft = this.store.draft(kind, name, settings);
    await this.refuseTaken(name);
    if (test) await checkStorage(draft);
    const record = await this.store.create(kind, name, settings);
    this.discover(record);
    return this.ofRecord(record);
  }

  async change(id: string, { test, ...change }: StorageChange & { test: boolean }): Promise<StorageDetails> {
    this.refuseConfigured(id);
    const before = await this.store.get(id);
    if (change.name !== undefined && change.name !== before.name) {
      await this.refuseTaken(change.name);
      await this.refuseNamed(before, 'is to have another name');
    }
    if (change.settings !== undefined) {
      const draft = await this.store.draftOf(id, change);
      if (test) await checkStorage(draft);
    }
    const after = await this.store.change(id, change);
    if (change.settings !== undefined) this.discover(after);
    return this.ofRecord(after);
  }

  /** Throws STORAGE_IN_USE while a schedule names it, or when it holds backups and `confirm` is not its name. */
  async remove(id: string, confirm: string | undefined): Promise<void> {
    this.refuseConfigured(id);
    const record = await this.store.get(id);
    await this.refuseNamed(record, 'is to be taken from the list');
    const backups = await this.catalog.seeing(() => [id]).backups.count({});
    if (backups > 0 && confirm !== record.name) {
      throw new DomainError(
        'STORAGE_IN_USE',
        `"${record.name}" holds ${backups} ${backups === 1 ? 'backup' : 'backups'}.`,
        {
          hint: `They would stay there, but this service would not list them any more. If you want that, send "confirm": "${record.name}".`,
        },
      );
    }
    await this.store.remove(id);
  }

  /** Returns the steps that were done. Throws the error of the one that failed. */
  async test(id: string): Promise<CheckStep[]> {
    const storage = this.configured.some((one) => one.id === id)
      ? this.storages.of({ storageId: id })
      : await this.store.draftOf(id, {});
    return checkStorage(storage);
  }

  /** Reading a long list takes its time; nobody waits for it. */
  private discover({ id, name }: StorageRecord): void {
    void this.index.discover(id).catch((error: unknown) => {
      this.logger.error({ err: error }, `the backups in the storage ${name} could not be listed: ${messageOf(error)}`);
    });
  }

  private async refuseTaken(name: string): Promise<void> {
    if ((await this.store.all()).every((record) => record.name !== name)) return;
    throw new DomainError('STORAGE_EXISTS', `There is a storage "${name}" already.`, { hint: 'Choose another name.' });
  }

  private refuseConfigured(id: string): void {
    if (this.configured.every((one) => one.id !== id)) return;
    throw new DomainError('STORAGE_IN_USE', 'The environment of the service names this storage.', {
      hint: 'Change BACKUP_DIR or BACKUP_ALLOWED_DIRS, and start the service again.',
    });
  }

  /** A schedule names its storage in its location. */
  private async refuseNamed({ name }: StorageRecord, because: string): Promise<void> {
    let after: string | undefined;
    do {
      const page = await this.catalog.schedules.page({ limit: 100, ...(after === undefined ? {} : { after }) });
      const using = page.rows.find(({ options }) => options.location?.startsWith(`${name}:`) === true);
      if (using !== undefined) {
        throw new DomainError('STORAGE_IN_USE', `"${name}" ${because}, but the schedule "${using.name}" names it.`, {
          hint: `Give that schedule another backup_location first: PATCH /api/schedules/${using.id}.`,
        });
      }
      after = page.next;
    } while (after !== undefined);
  }

  private ofEnvironment({ id, name, kind, settings }: ConfiguredStorage): Promise<StorageDetails> {
    const shown = Object.fromEntries(
      Object.entries(settings).filter((each): each is [string, string] => each[1] !== undefined),
    );
    return this.details({ id, name, kind, settings: shown, secrets: [], from_environment: true });
  }

  private ofRecord(record: StorageRecord): Promise<StorageDetails> {
    const { id, name, kind, settings } = record;
    return this.details({ id, name, kind, settings, secrets: this.store.secretsOf(record), from_environment: false });
  }

  private async details(
    known: Pick<StorageDetails, 'id' | 'name' | 'kind' | 'settings' | 'secrets' | 'from_environment'>,
  ): Promise<StorageDetails> {
    const { id } = known;
    const held = (await this.catalog.seeing(() => [id]).backups.inFolders()).filter(
      ({ storageId }) => storageId === id,
    );
    const sums = {
      backups: held.reduce((sum, { backups }) => sum + backups, 0),
      bytes: held.reduce((sum, { bytes }) => sum + bytes, 0),
    };
    const fault = this.store.faultOf(id);
    if (fault !== undefined) {
      return { ...known, state: 'missing', blocker: fault, free_bytes: null, total_bytes: null, ...sums };
    }
    const storage: ArtifactStorage = this.storages.of({ storageId: id });
    const [state, blocker, space] = await Promise.all([
      storage.health(''),
      storage.blocker(),
      storage.space('').catch(() => undefined),
    ]);
    return {
      ...known,
      state,
      blocker: blocker ?? null,
      ...{ free_bytes: space?.free ?? null, total_bytes: space?.total ?? null },
      ...sums,
    };
  }
}
