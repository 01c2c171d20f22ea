import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@app/domain';
import { errorCodeOf } from '@app/domain';
import type { ArtifactStorage, BackupLocations } from '@app/storage';

/** What a killed predecessor may have left is settled before anything new begins (FAILURES 9, 35). */
export class StartupSweep {
  constructor(
    private readonly storage: ArtifactStorage,
    private readonly locations: BackupLocations,
    private readonly runtimeDir: string,
    private readonly logger: Logger,
  ) {}

  async run(): Promise<void> {
    await this.removeSecretFiles();
    for (const root of this.locations.roots) {
      const { completed, removed } = await this.storage.sweep(root);
      for (const backup of completed) this.logger.warn({ backup }, 'finished publishing an interrupted backup');
      for (const backup of removed) this.logger.warn({ backup }, 'removed what an interrupted backup had left');
    }
  }

  private async removeSecretFiles(): Promise<void> {
    const names = await readdir(this.runtimeDir).catch((error: unknown) => {
      if (errorCodeOf(error) === 'ENOENT') return [];
      throw error;
    });
    await Promise.all(
      names.filter((name) => name.endsWith('.secret')).map((name) => rm(join(this.runtimeDir, name), { force: true })),
    );
  }
}
