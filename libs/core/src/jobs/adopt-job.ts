import type { JobRecord } from '@app/catalog';
import { DomainError } from '@app/domain';
import type { JsonObject } from '@app/domain';
import type { JobContext, JobHandler, JobRequest } from '@app/jobs';
import type { BackupAdoption } from '../inventory/backup-adoption.js';

/** Adoptions run one at a time, as each reads a whole file. */
const ADOPT_KEY = 'adopt';

/** Adopts a backup by its file. `path` is the path that the catalog has. */
export function adoptJob(backup: { id: string; path: string; database: string | undefined }): JobRequest {
  const { id, path, database } = backup;
  return {
    type: 'adopt',
    lockKey: ADOPT_KEY,
    payload: { backup_id: id, path, ...(database === undefined ? {} : { database }) },
    // A restart of the service ends the job: the caller may not trust the file any more.
    abandonedByRestart: true,
  };
}

export class AdoptJob implements JobHandler {
  constructor(private readonly adoption: Pick<BackupAdoption, 'adopt'>) {}

  async run({ payload }: JobRecord, work: JobContext): Promise<JsonObject> {
    const { path } = payload as JsonObject & { path: string };
    try {
      const { id } = await this.adoption.adopt(path, work.signal, (bytes, totalBytes) =>
        work.progress({ phase: 'check', bytes, totalBytes }),
      );
      return { backup_id: id };
    } catch (error) {
      if (!work.signal.aborted) throw error;
      throw new DomainError('CANCELLED', 'The adoption was cancelled. Nothing was changed.', { cause: error });
    }
  }
}
