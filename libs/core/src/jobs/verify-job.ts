import type { ConnectionRecord } from '@app/catalog';
import type { ArtifactAddress, CompareDepth, Verification } from '@app/domain';
import { JobDefinition } from '@app/jobs';
import type { JobContext, JobRequest, TypedHandler, TypedJob } from '@app/jobs';
import type { BackupListing } from '../listing/backup-listing.js';
import { addressIn, payloadOf } from './payload-address.js';
import type { AddressedPayload } from './payload-address.js';
import type { BackupVerification, VerifiableLevel } from '../verification/verification.js';

interface VerifyPayload extends AddressedPayload {
  database: string;
  level?: VerifiableLevel;
  compare?: CompareDepth;
}

interface VerifyResult {
  checked: VerifiableLevel;
  verification: Verification;
}

export const VERIFY_JOB = new JobDefinition<VerifyPayload, VerifyResult>('verify');

/** One key for all backups: a restore into a throwaway server takes room and the whole machine. */
const RESTORED_KEY = 'verify:restored';

/**
 * Verifies a backup by its file. It runs in parallel with any job, as it only reads;
 * but verifications with a restore run one at a time.
 */
export function verifyJob(
  backup: { id: string; address: ArtifactAddress; database: string },
  level: VerifiableLevel,
  connection?: ConnectionRecord,
  compare?: CompareDepth,
): JobRequest {
  const { id, address, database } = backup;
  return VERIFY_JOB.request(
    { database, backup_id: id, ...payloadOf(address), level, ...(compare === undefined ? {} : { compare }) },
    { connectionId: connection?.id, lockKey: level === 'restored' ? RESTORED_KEY : undefined },
  );
}

export class VerifyJob implements TypedHandler<VerifyPayload, VerifyResult> {
  constructor(
    private readonly verification: Pick<BackupVerification, 'verify'>,
    private readonly listing: Pick<BackupListing, 'find'>,
  ) {}

  async run({ payload }: TypedJob<VerifyPayload>, work: JobContext): Promise<VerifyResult> {
    const { level, compare } = payload;
    const checked = level ?? 'stored';
    const manifest = await this.verification.verify(await addressIn(payload, this.listing), checked, work, compare);
    // The backup may have reached a higher level before.
    return { checked, verification: manifest.verification };
  }
}
