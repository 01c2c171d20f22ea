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
  /** Throws INVALID_INPUT for settings that are wrong. Touches no storage. */
  create(id: string, settings: StorageSettings): ArtifactStorage;
}

/** A storage as the configuration names it. */
export interface ConfiguredStorage {
  readonly id: string;
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
    return new StorageRegistry(configured.map(({ id, kind, settings }) => this.get(kind).create(id, settings)));
  }

  /** Throws INVALID_INPUT for a kind that there is not. */
  get(kind: string): StorageFactory {
    const factory = this.factories.get(kind);
    if (factory !== undefined) return factory;
    throw new DomainError('INVALID_INPUT', `There is no kind of storage "${kind}".`, {
      hint: `Use ${[...this.factories.keys()].join(' or ')}.`,
    });
  }
}
