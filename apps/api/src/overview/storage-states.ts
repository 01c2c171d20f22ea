import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '@app/catalog';
import type { StorageState } from '@app/core';
import { BackupLocations, folderHealth } from '@app/storage';
import { CATALOG } from '../foundation/tokens.js';

const WORST_FIRST: readonly StorageState[] = ['missing', 'unwritable', 'low', 'fine'];

/** Tells the state of the folders that hold backups or will hold them. */
@Injectable()
export class StorageStates {
  private readonly known = new Map<string, Promise<StorageState>>();

  constructor(
    @Inject(CATALOG) private readonly catalog: Catalog,
    private readonly locations: BackupLocations,
  ) {}

  /** The worst state among these folders, which callers give as users name them; undefined: the default folder. */
  async of(folders: readonly (string | undefined)[]): Promise<StorageState> {
    const states = await Promise.all(folders.map((folder) => this.one(folder)));
    return WORST_FIRST.find((state) => states.includes(state)) ?? 'fine';
  }

  /** Each folder is looked at once for all databases of one overview. */
  forget(): void {
    this.known.clear();
  }

  private one(folder: string | undefined): Promise<StorageState> {
    const key = folder ?? '';
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const state = this.look(folder);
    this.known.set(key, state);
    return state;
  }

  private async look(folder: string | undefined): Promise<StorageState> {
    const path = this.locations.absolutePath(folder);
    // Another storage, or the bare mount point, in its place.
    const away = await this.locations.requirePresent(path).then(
      () => false,
      () => true,
    );
    if (away) return 'missing';
    const state = await folderHealth(path);
    // The first backup makes its folder. One that was seen before, and is not there, is missing.
    return state === 'missing' && !(await this.catalog.backups.folders()).includes(path) ? 'fine' : state;
  }
}
