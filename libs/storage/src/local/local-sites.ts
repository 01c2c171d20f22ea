import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DomainError, errorCodeOf } from '@app/domain';
import type { StorageProblem, StorageSites } from '../backup-locations.js';
import { storageError } from '../storage-error.js';
import { isWithin } from './local-roots.js';
import type { LocalRoots } from './local-roots.js';
import type { StorageIdentity } from './storage-identity.js';

/** Implements {@link StorageSites} for the folders of this machine and what is mounted below them. */
export class LocalSites implements StorageSites {
  constructor(
    private readonly roots: LocalRoots,
    private readonly identity: StorageIdentity,
  ) {}

  async problems(): Promise<StorageProblem[]> {
    const problems: StorageProblem[] = [];
    const { paths } = this.roots;
    const below = (await this.identity.paths()).filter((path) => this.rootAbove(path) !== undefined);
    for (const path of new Set([...paths, ...below])) {
      await this.requirePresent(path).catch((error: unknown) => {
        if (!(error instanceof DomainError)) throw error;
        // A missing root hides its mounts: it is reported, not they.
        if (problems.some(({ message }) => message === error.message)) return;
        problems.push({ path, message: error.message, hint: error.hint ?? '' });
      });
    }
    return problems;
  }

  async accept(path: string): Promise<'accepted' | 'forgotten'> {
    const wanted = this.roots.absolute(path);
    const isRoot = this.roots.paths.includes(wanted);
    if (!isRoot && !(await this.identity.knows(wanted))) {
      throw new DomainError('INVALID_PATH', `${path} is no storage.`, {
        hint: `The storages are ${this.roots.paths.join(', ')}.`,
        fields: [{ field: 'path', message: 'must be one of the storages that the operator has set' }],
      });
    }
    if (!isRoot && (await isGone(wanted))) {
      await this.requirePresent(dirname(wanted));
      await this.identity.forget(wanted);
      return 'forgotten';
    }
    await this.identity.accept(wanted).catch((error: unknown) => {
      throw storageError(error, `make ${path} the storage`);
    });
    if (isRoot) await this.roots.prepare(wanted);
    return 'accepted';
  }

  private async requirePresent(path: string): Promise<void> {
    const root = this.roots.containing(path);
    if (root !== undefined) return this.roots.requirePresent(root.path, path);
    for (const each of this.roots.paths) await this.roots.requirePresent(each, each);
  }

  private rootAbove(path: string): string | undefined {
    return this.roots.paths.find((root) => path !== root && isWithin(path, root));
  }
}

function isGone(path: string): Promise<boolean> {
  return stat(path).then(
    () => false,
    (error: unknown) => errorCodeOf(error) === 'ENOENT',
  );
}
