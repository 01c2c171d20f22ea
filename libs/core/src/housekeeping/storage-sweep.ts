import { messageOf } from '@app/domain';
import type { Logger } from '@app/domain';
import type { ArtifactStorage, StorageRegistry, SweepResult } from '@app/storage';

/** Completes or removes what a killed process has left in the storages (FAILURES 9). It does not touch files that are being written. */
export class StorageSweep {
  /** Whether the last sweep left files whose writer may still be alive. */
  undecided = false;

  constructor(
    private readonly storages: StorageRegistry,
    private readonly logger: Logger,
  ) {}

  async run(): Promise<SweepResult> {
    const result: SweepResult = { completed: [], removed: [], undecided: false };
    for (const storage of this.storages.all()) {
      const swept = await sweepOf(storage).catch((error: unknown) => {
        this.logger.error({ err: error }, `the storage ${storage.name} was not swept: ${messageOf(error)}`);
      });
      if (swept === undefined) continue;
      const { completed, removed, undecided } = swept;
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

async function sweepOf(storage: ArtifactStorage): Promise<SweepResult> {
  await storage.requirePresent();
  return storage.sweep();
}
