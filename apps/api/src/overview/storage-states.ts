import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '@app/catalog';
import type { StorageState } from '@app/core';
import { textOfFolder } from '@app/domain';
import type { ArtifactFolder } from '@app/domain';
import type { BackupLocations, StorageRegistry } from '@app/storage';
import { CATALOG, LOCATIONS, STORAGES } from '../foundation/tokens.js';

const WORST_FIRST: readonly StorageState[] = ['missing', 'unwritable', 'low', 'fine'];

/** Tells the state of the folders that hold backups or will hold them. */
@Injectable()
export class StorageStates {
  private readonly known = new Map<string, Promise<StorageState>>();

  constructor(
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(LOCATIONS) private readonly locations: BackupLocations,
    @Inject(STORAGES) private readonly storages: StorageRegistry,
  ) {}

  /** The worst state among these folders, some of which callers give as users name them; undefined: the default folder. */
  async of(folders: readonly (ArtifactFolder | string | undefined)[]): Promise<StorageState> {
    const states = await Promise.all(folders.map((folder) => this.one(folder)));
    return WORST_FIRST.find((state) => states.includes(state)) ?? 'fine';
  }

  /** Each folder is looked at once for all databases of one overview. */
  forget(): void {
    this.known.clear();
  }

  private one(named: ArtifactFolder | string | undefined): Promise<StorageState> {
    const folder = typeof named === 'object' ? named : this.locations.folderMeant(named);
    // A schedule may name a folder that the operator has taken out of the backup folders since.
    if (folder === undefined) return Promise.resolve('fine');
    const key = textOfFolder(folder);
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const state = this.look(folder);
    this.known.set(key, state);
    return state;
  }

  private async look(folder: ArtifactFolder): Promise<StorageState> {
    // Another storage, or the bare mount point, in its place.
    const away = await this.storages.requirePresent(folder).then(
      () => false,
      () => true,
    );
    if (away) return 'missing';
    const state = await this.storages.of(folder).health(folder.folder);
    if (state !== 'missing') return state;
    // The first backup makes its folder. One that was seen before, and is not there, is missing.
    const seen = await this.catalog.backups.folders();
    return seen.some((each) => textOfFolder(each) === textOfFolder(folder)) ? 'missing' : 'fine';
  }
}
