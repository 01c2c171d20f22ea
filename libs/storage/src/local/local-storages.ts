import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '@app/domain';
import type { ArtifactFolder } from '@app/domain';
import type { StorageWriter } from '../artifact-storage.js';
import type { BackupLocations, StorageSites } from '../backup-locations.js';
import type { ConfiguredStorage, StorageFactory } from '../storage-kinds.js';
import { LocalLocations } from './local-locations.js';
import { LocalRoots, isWithin, keyOf } from './local-roots.js';
import type { LocalRootsOptions } from './local-roots.js';
import { LocalSites } from './local-sites.js';
import { realPathOf } from './real-path.js';
import { LocalStorage } from './local-storage.js';
import type { LocalStorageParts } from './local-storage.js';
import { LocalWriting } from './local-writing.js';
import { StorageIdentity } from './storage-identity.js';
import type { RememberedRoots } from './storage-identity.js';

export interface LocalStoragesOptions extends Omit<LocalRootsOptions, 'guard'> {
  /** Recognises the storage in each folder. Default: none, as in tests; then a mount that is gone looks like an empty storage. */
  identity?: StorageIdentity;
  /** Default: one without known earlier runs. */
  writer?: StorageWriter;
  writing?: LocalWriting;
  /** Tests give folders that do not answer. */
  realPath?: (path: string) => Promise<string>;
  /** How long a folder may take to say where it is. Default: 5 s. */
  answersWithinMs?: number;
  /** Tests make storages of their own. */
  create?: (parts: LocalStorageParts) => LocalStorage;
}

export interface LocalStorages {
  factory: StorageFactory;
  /** The ids and settings of the storages, the default one first. */
  configured: readonly ConfiguredStorage[];
  /** The folders of the storages, which database servers and tools must not be told to read or write. */
  folders: readonly string[];
  locations: BackupLocations;
  sites: StorageSites;
  /**
   * Returns the address of a folder by its real path; undefined when it is in no storage that answers. The folder need not exist.
   */
  addressOf(folder: string): Promise<ArtifactFolder | undefined>;
  /** Does {@link addressOf} for a folder below a root, which may be one of an earlier configuration. */
  addressIn(root: string, folder: string): Promise<ArtifactFolder | undefined>;
}

/** Returns what the service needs of the folders that the operator chose for backups. Touches none of them. */
export function localStorages(options: LocalStoragesOptions): LocalStorages {
  const { identity, create = (parts) => new LocalStorage(parts) } = options;
  const roots = new LocalRoots({ ...options, ...(identity === undefined ? {} : { guard: identity }) });
  const writing = options.writing ?? new LocalWriting(options.writer);
  const real = limitedRealPath(options);
  return {
    factory: {
      kind: LOCAL_KIND,
      // A path is no secret.
      withoutSecrets: (settings) => settings,
      secretsGoTo: [],
      create: ({ id, settings: { folder } }) => {
        const root = roots.all.find(({ storageId, path }) => storageId === id && path === folder);
        if (root !== undefined) return create({ root, roots, writing });
        throw new DomainError('INVALID_INPUT', `${folder ?? 'Nothing'} is not a folder for backups.`, {
          hint: 'Let the operator add it to BACKUP_ALLOWED_DIRS.',
        });
      },
    },
    configured: roots.all.map(({ storageId, path }) => ({
      id: storageId,
      name: path,
      kind: LOCAL_KIND,
      settings: { folder: path },
    })),
    folders: roots.paths,
    locations: new LocalLocations(roots),
    sites: new LocalSites(roots, identity ?? new StorageIdentity(NOTHING_REMEMBERED)),
    async addressOf(folder) {
      for (const { storageId, path } of roots.all) {
        const root = await real(path);
        if (root !== undefined && isWithin(folder, root)) return { storageId, folder: keyOf(root, folder) };
      }
      return undefined;
    },
    async addressIn(root, folder) {
      const former = await real(root);
      return former === undefined ? undefined : this.addressOf(join(former, folder));
    },
  };
}

const ANSWERS_WITHIN_MS = 5_000;

/**
 * A folder of a network whose server is away does not answer, and nothing may wait for it for ever. It is asked once: each question
 * keeps a thread of the process.
 */
function limitedRealPath({
  realPath = realPathOf,
  answersWithinMs = ANSWERS_WITHIN_MS,
}: LocalStoragesOptions): (path: string) => Promise<string | undefined> {
  const silent = new Set<string>();
  return async (path) => {
    if (silent.has(path)) return undefined;
    const over = new AbortController();
    const late = sleep(answersWithinMs, undefined, { signal: over.signal }).catch(() => undefined);
    const real = await Promise.race([realPath(path), late]).finally(() => over.abort());
    if (real === undefined) silent.add(path);
    return real;
  };
}

const LOCAL_KIND = 'local';
const NOTHING_REMEMBERED: RememberedRoots = {
  identity: () => Promise.resolve(undefined),
  remember: () => Promise.resolve(),
  forget: () => Promise.resolve(),
  paths: () => Promise.resolve([]),
};
