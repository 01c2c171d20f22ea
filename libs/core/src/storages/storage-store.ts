import { randomUUID } from 'node:crypto';
import type { Catalog, StorageRecord } from '@app/catalog';
import { DomainError, messageOf, SerialExecutor } from '@app/domain';
import type { Clock, Logger } from '@app/domain';
import { domainEvent } from '@app/events';
import type { Subscriber } from '@app/events';
import type { SecretBox } from '@app/security';
import type { ArtifactStorage, StorageFactory, StorageKinds, StorageRegistry, StorageSettings } from '@app/storage';

/** Absent stays as it is. In `settings`, null takes a setting away. */
export interface StorageChange {
  readonly name?: string | undefined;
  readonly settings?: Readonly<Record<string, string | null>> | undefined;
}

export interface StorageStoreParts {
  catalog: Catalog;
  secrets: SecretBox;
  kinds: StorageKinds;
  storages: StorageRegistry;
  clock: Clock;
  logger: Logger;
}

/**
 * The storages that people have added. The catalog has them, with their secrets sealed; {@link StorageStore.load} opens them for
 * this process.
 */
export class StorageStore implements Subscriber {
  readonly name = 'storages';
  readonly events = ['StorageChanged'] as const;
  private readonly opened = new Map<string, { record: string; storage: ArtifactStorage }>();
  private readonly faults = new Map<string, string>();
  private readonly loading = new SerialExecutor();

  constructor(private readonly parts: StorageStoreParts) {}

  /** The kinds that can be added. */
  get kinds(): readonly string[] {
    return this.parts.kinds.names;
  }

  /** Opens the storages as the catalog has them now. One that cannot be opened is told in the log, and by {@link faultOf}. */
  load(): Promise<void> {
    return this.loading.run(async () => {
      const { catalog, storages, logger } = this.parts;
      const records = await catalog.storages.all();
      const open: ArtifactStorage[] = [];
      for (const record of records) {
        try {
          open.push(this.storageOf(record));
          this.faults.delete(record.id);
        } catch (error) {
          this.faults.set(record.id, messageOf(error));
          logger.error({ err: error }, `the storage ${record.name} cannot be used: ${messageOf(error)}`);
        }
      }
      storages.replaceAdded(open);
      const known = new Set(records.map(({ id }) => id));
      for (const id of [...this.opened.keys()]) if (!known.has(id)) this.opened.delete(id);
    });
  }

  /** Another process may have changed the storages. */
  async handle(): Promise<void> {
    await this.load();
  }

  /** Says why a storage cannot be used by this process; undefined when it can. */
  faultOf(id: string): string | undefined {
    return this.faults.get(id);
  }

  all(): Promise<StorageRecord[]> {
    return this.parts.catalog.storages.all();
  }

  /** Throws STORAGE_NOT_FOUND. */
  async get(id: string): Promise<StorageRecord> {
    const record = await this.parts.catalog.storages.get(id);
    if (record === undefined) throw notFound(id);
    return record;
  }

  /** Makes a storage for a test of settings that are not saved. Throws INVALID_INPUT for settings that are wrong. */
  draft(kind: string, name: string, settings: StorageSettings): ArtifactStorage {
    return this.parts.kinds.get(kind).create({ id: randomUUID(), name, settings });
  }

  /** Makes a storage with a change that is not saved. Throws as {@link change} does. */
  async draftOf(id: string, change: StorageChange): Promise<ArtifactStorage> {
    const record = await this.get(id);
    return this.factoryOf(record).create({
      ...{ id, name: change.name ?? record.name },
      settings: this.changedSettings(record, change.settings ?? {}),
    });
  }

  /** Returns the names of the secrets that a storage has. */
  secretsOf(record: StorageRecord): string[] {
    return Object.keys(this.readableSecrets(record)).toSorted();
  }

  /** Throws INVALID_INPUT for settings that are wrong, STORAGE_EXISTS for a name that is taken. */
  async create(kind: string, name: string, settings: StorageSettings): Promise<StorageRecord> {
    const id = randomUUID();
    const factory = this.parts.kinds.get(kind);
    factory.create({ id, name, settings });
    const now = this.parts.clock.now().getTime();
    const record = { id, name, kind, ...this.columnsOf(id, factory, settings), createdAt: now, updatedAt: now };
    await this.parts.catalog.transaction(async ({ storages, outbox }) => {
      await storages.insert(record);
      await outbox.append([domainEvent('StorageChanged', { storageId: id, change: 'created' })]);
    });
    await this.load();
    return record;
  }

  /**
   * Throws STORAGE_NOT_FOUND, STORAGE_EXISTS, INVALID_INPUT for settings that are wrong, or when the secrets would be sent
   * to somebody else without being given again.
   */
  async change(id: string, change: StorageChange): Promise<StorageRecord> {
    const before = await this.get(id);
    const factory = this.factoryOf(before);
    const name = change.name ?? before.name;
    const settings = change.settings === undefined ? undefined : this.changedSettings(before, change.settings);
    if (settings !== undefined) factory.create({ id, name, settings });
    const columns = settings === undefined ? {} : this.columnsOf(id, factory, settings);
    const updatedAt = this.parts.clock.now().getTime();
    const after = await this.parts.catalog.transaction(async ({ storages, outbox }) => {
      const changed = await storages.update(id, { name, ...columns, updatedAt });
      if (changed === undefined) return undefined;
      await outbox.append([domainEvent('StorageChanged', { storageId: id, change: 'changed' })]);
      return changed;
    });
    if (after === undefined) throw notFound(id);
    await this.load();
    return after;
  }

  /** Takes a storage from the list, and its backups from the catalog. It deletes nothing in the storage. Throws STORAGE_NOT_FOUND. */
  async remove(id: string): Promise<void> {
    await this.parts.catalog.transaction(async ({ storages, outbox }) => {
      if (!(await storages.remove(id))) throw notFound(id);
      await outbox.append([domainEvent('StorageChanged', { storageId: id, change: 'removed' })]);
    });
    await this.parts.catalog.seeing(() => [id]).backups.clear();
    await this.load();
  }

  /** Returns the same storage as long as the record stays the same, since it knows what it is writing. */
  private storageOf(record: StorageRecord): ArtifactStorage {
    const { id, name, kind, settings, sealedSecrets } = record;
    const text = JSON.stringify([name, kind, settings, sealedSecrets]);
    const known = this.opened.get(id);
    if (known?.record === text) return known.storage;
    const storage = this.factoryOf(record).create({ id, name, settings: this.allSettings(record) });
    this.opened.set(id, { record: text, storage });
    return storage;
  }

  private factoryOf({ kind }: StorageRecord): StorageFactory {
    return this.parts.kinds.get(kind);
  }

  private allSettings(record: StorageRecord): StorageSettings {
    return { ...record.settings, ...this.openedSecrets(record) };
  }

  private changedSettings(record: StorageRecord, change: Readonly<Record<string, string | null>>): StorageSettings {
    const { secretsGoTo } = this.factoryOf(record);
    const moved = secretsGoTo.filter((name) => name in change && (change[name] ?? undefined) !== record.settings[name]);
    const secrets = this.readableSecrets(record);
    const sent = Object.keys(secrets).filter((name) => !(name in change));
    if (moved.length > 0 && sent.length > 0) throw secretsStay(moved, sent);
    const merged = { ...record.settings, ...secrets, ...change };
    return Object.fromEntries(Object.entries(merged).filter((each): each is [string, string] => each[1] !== null));
  }

  /** None of those that were sealed with another key: they must be given again. */
  private readableSecrets(record: StorageRecord): Record<string, string> {
    try {
      return this.openedSecrets(record);
    } catch {
      return {};
    }
  }

  private openedSecrets({ id, sealedSecrets }: StorageRecord): Record<string, string> {
    if (sealedSecrets === null) return {};
    return JSON.parse(this.parts.secrets.open(sealedSecrets, purposeOf(id))) as Record<string, string>;
  }

  private columnsOf(
    id: string,
    factory: StorageFactory,
    settings: StorageSettings,
  ): Pick<StorageRecord, 'settings' | 'sealedSecrets'> {
    const open = factory.withoutSecrets(settings);
    const secrets = Object.fromEntries(Object.entries(settings).filter(([name]) => !(name in open)));
    return {
      settings: present(open),
      sealedSecrets:
        Object.keys(secrets).length === 0 ? null : this.parts.secrets.seal(JSON.stringify(secrets), purposeOf(id)),
    };
  }
}

function present(settings: StorageSettings): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).filter((each): each is [string, string] => each[1] !== undefined));
}

/** What is sealed for one storage does not open when somebody copies it to another row. */
function purposeOf(id: string): string {
  return `storage:${id}:secrets`;
}

function notFound(id: string): DomainError {
  return new DomainError('STORAGE_NOT_FOUND', `There is no storage ${id}.`, {
    hint: 'GET /api/storages lists the storages.',
  });
}

function secretsStay(moved: readonly string[], sent: readonly string[]): DomainError {
  const message = `is missing: the stored one is not sent to another ${moved.join(' or ')}`;
  return new DomainError('INVALID_INPUT', `settings.${sent[0] ?? ''} ${message}.`, {
    hint: 'Give the secrets that are right there, too.',
    fields: sent.map((name) => ({ field: `settings.${name}`, message })),
  });
}
