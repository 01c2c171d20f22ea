import { DomainError } from '@app/domain';
import { JobDefinition } from '@app/jobs';
import type { JobContext, JobRequest, TypedHandler, TypedJob } from '@app/jobs';
import type { BackupAdoption } from '../inventory/backup-adoption.js';

interface AdoptPayload {
  backup_id: string;
  path: string;
  database?: string;
}

export const ADOPT_JOB = new JobDefinition<AdoptPayload, { backup_id: string }>('adopt');

/** Adoptions run one at a time, as each reads a whole file. */
const ADOPT_KEY = 'adopt';

/** Adopts a backup by its file. `path` is the path that the catalog has. */
export function adoptJob(backup: { id: string; path: string; database: string | undefined }): JobRequest {
  const { id, path, database } = backup;
  return ADOPT_JOB.request(
    { backup_id: id, path, ...(database === undefined ? {} : { database }) },
    // A restart of the service ends the job: the caller may not trust the file any more.
    { lockKey: ADOPT_KEY, abandonedByRestart: true },
  );
}

export class AdoptJob implements TypedHandler<AdoptPayload, { backup_id: string }> {
  constructor(private readonly adoption: Pick<BackupAdoption, 'adopt'>) {}

  async run({ payload }: TypedJob<AdoptPayload>, work: JobContext): Promise<{ backup_id: string }> {
    const { path } = payload;
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
