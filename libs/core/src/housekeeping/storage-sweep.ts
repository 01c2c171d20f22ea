import { messageOf } from '@app/domain';
import type { Logger } from '@app/domain';
import type { ArtifactStorage, BackupLocations, SweepResult } from '@app/storage';

/** Completes or removes what a killed process has left in the backup folders (FAILURES 9). It does not touch files that are being written. */
export class StorageSweep {
  /** Whether the last sweep left files whose writer may still be alive. */
  undecided = false;

  constructor(
    private readonly storage: ArtifactStorage,
    private readonly locations: BackupLocations,
    private readonly logger: Logger,
  ) {}

  async run(): Promise<SweepResult> {
    const result: SweepResult = { completed: [], removed: [], undecided: false };
    for (const root of this.locations.roots) {
      const away = await this.locations.requirePresent(root).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (away !== undefined) {
        this.logger.error({ err: away }, `a storage was not swept: ${messageOf(away)}`);
        continue;
      }
      const { completed, removed, undecided } = await this.storage.sweep(root);
      for (const backup of completed) this.logger.warn({ backup }, 'finished publishing an interrupted backup');
      for (const backup of removed) this.logger.warn({ backup }, 'removed what an interrupted backup had left');
      result.completed.push(...completed);
      result.removed.push(...removed);
      result.undecided ||= undecided;
    }
    this.undecided = result.undecided;
    return result;
  }
}
