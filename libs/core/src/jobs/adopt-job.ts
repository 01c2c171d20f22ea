import { DomainError } from '@app/domain';
import type { ArtifactAddress } from '@app/domain';
import { JobDefinition } from '@app/jobs';
import type { JobContext, JobRequest, TypedHandler, TypedJob } from '@app/jobs';
import type { BackupAdoption } from '../inventory/backup-adoption.js';
import type { BackupListing } from '../listing/backup-listing.js';
import { addressIn, payloadOf } from './payload-address.js';
import type { AddressedPayload } from './payload-address.js';

interface AdoptPayload extends AddressedPayload {
  database?: string;
}

export const ADOPT_JOB = new JobDefinition<AdoptPayload, { backup_id: string }>('adopt');

/** Adoptions run one at a time, as each reads a whole file. */
const ADOPT_KEY = 'adopt';

/** Adopts a backup by its file. */
export function adoptJob(backup: { id: string; address: ArtifactAddress; database: string | undefined }): JobRequest {
  const { id, address, database } = backup;
  return ADOPT_JOB.request(
    { backup_id: id, ...payloadOf(address), ...(database === undefined ? {} : { database }) },
    // A restart of the service ends the job: the caller may not trust the file any more.
    { lockKey: ADOPT_KEY, abandonedByRestart: true },
  );
}

export class AdoptJob implements TypedHandler<AdoptPayload, { backup_id: string }> {
  constructor(
    private readonly adoption: Pick<BackupAdoption, 'adopt'>,
    private readonly listing: Pick<BackupListing, 'find'>,
  ) {}

  async run({ payload }: TypedJob<AdoptPayload>, work: JobContext): Promise<{ backup_id: string }> {
    try {
      const address = await addressIn(payload, this.listing);
      const { id } = await this.adoption.adopt(address, work.signal, (bytes, totalBytes) =>
        work.progress({ phase: 'check', bytes, totalBytes }),
      );
      return { backup_id: id };
    } catch (error) {
      if (!work.signal.aborted) throw error;
      throw new DomainError('CANCELLED', 'The adoption was cancelled. Nothing was changed.', { cause: error });
    }
  }
}
