import { DomainError } from '@app/domain';
import type { ArtifactStorage } from './artifact-storage.js';
import { StorageRegistry } from './storage-registry.js';

/** The settings of a storage as text, from the environment or a request. */
export type StorageSettings = Readonly<Record<string, string | undefined>>;

/** Makes the storages of one kind. To add a kind, write its factory and name it where the runtime builds {@link StorageKinds}. */
export interface StorageFactory {
  /** How settings name it: `local`. */
  readonly kind: string;
  /** Returns the settings without their secrets, for answers and logs. */
  withoutSecrets(settings: StorageSettings): StorageSettings;
  /** The settings that decide to whom the secrets are sent. When one of them changes, the secrets must be given again. */
  readonly secretsGoTo: readonly string[];
  /** Throws INVALID_INPUT, with a fault of each setting that is wrong. Touches no storage. */
  create(storage: Omit<ConfiguredStorage, 'kind'>): ArtifactStorage;
}

/** A storage as the configuration names it. */
export interface ConfiguredStorage {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly settings: StorageSettings;
}

/** The kinds of storages that this service can use. */
export class StorageKinds {
  private readonly factories = new Map<string, StorageFactory>();

  constructor(factories: readonly StorageFactory[]) {
    for (const factory of factories) {
      if (this.factories.has(factory.kind)) throw new RangeError(`Two factories make "${factory.kind}" storages.`);
      this.factories.set(factory.kind, factory);
    }
  }

  /** Makes the storages, the default one first. Throws INVALID_INPUT for settings that are wrong. Touches no storage. */
  open(configured: readonly ConfiguredStorage[]): StorageRegistry {
    return new StorageRegistry(configured.map((storage) => this.get(storage.kind).create(storage)));
  }

  get names(): string[] {
    return [...this.factories.keys()];
  }

  /** Throws INVALID_INPUT for a kind that there is not. */
  get(kind: string): StorageFactory {
    const factory = this.factories.get(kind);
    if (factory !== undefined) return factory;
    const message = `must be ${this.names.join(' or ')}`;
    throw new DomainError('INVALID_INPUT', `There is no kind of storage "${kind}": kind ${message}.`, {
      fields: [{ field: 'kind', message }],
    });
  }
}
