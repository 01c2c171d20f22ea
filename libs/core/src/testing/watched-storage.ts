import { LocalStorage } from '@app/storage';
import type { BackupLocation, OpenArtifact, StoredFile } from '@app/storage';

/** Counts the calls of a real storage, and lets a test act between its steps. */
export class WatchedStorage extends LocalStorage {
  readonly asked = { lists: 0, stats: 0, manifests: 0, opens: 0 };
  /** Called after the files of a folder were listed, before the caller receives them. */
  afterList: () => Promise<unknown> = () => Promise.resolve();
  /** Called before a backup is removed. */
  beforeRemove: (path: string) => Promise<unknown> = () => Promise.resolve();

  reset(): void {
    Object.assign(this.asked, { lists: 0, stats: 0, manifests: 0, opens: 0 });
  }

  override async list(location: BackupLocation): Promise<StoredFile[]> {
    this.asked.lists += 1;
    const files = await super.list(location);
    await this.afterList();
    return files;
  }

  override stat(path: string): Promise<StoredFile | undefined> {
    this.asked.stats += 1;
    return super.stat(path);
  }

  override readManifest(path: string): Promise<string | undefined> {
    this.asked.manifests += 1;
    return super.readManifest(path);
  }

  override open(path: string): Promise<OpenArtifact> {
    this.asked.opens += 1;
    return super.open(path);
  }

  override async remove(path: string): Promise<void> {
    await this.beforeRemove(path);
    return super.remove(path);
  }
}
