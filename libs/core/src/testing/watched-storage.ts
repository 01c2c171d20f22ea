import { LocalStorage } from '@app/storage';
import type { OpenArtifact, StoredFile } from '@app/storage';

/** Counts the calls of a real storage, and lets a test act between its steps. */
export class WatchedStorage extends LocalStorage {
  readonly asked = { lists: 0, stats: 0, manifests: 0, opens: 0 };
  /** Called after the files of a folder were listed, before the caller receives them. */
  afterList: () => Promise<unknown> = () => Promise.resolve();
  /** Called before a backup is removed. */
  beforeRemove: (key: string) => Promise<unknown> = () => Promise.resolve();

  reset(): void {
    Object.assign(this.asked, { lists: 0, stats: 0, manifests: 0, opens: 0 });
  }

  override async list(folder: string): Promise<StoredFile[]> {
    this.asked.lists += 1;
    const files = await super.list(folder);
    await this.afterList();
    return files;
  }

  override stat(key: string): Promise<StoredFile | undefined> {
    this.asked.stats += 1;
    return super.stat(key);
  }

  override readManifest(key: string): Promise<string | undefined> {
    this.asked.manifests += 1;
    return super.readManifest(key);
  }

  override open(key: string): Promise<OpenArtifact> {
    this.asked.opens += 1;
    return super.open(key);
  }

  override async remove(key: string): Promise<void> {
    await this.beforeRemove(key);
    return super.remove(key);
  }
}
