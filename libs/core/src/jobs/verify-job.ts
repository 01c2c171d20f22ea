import type { ConnectionRecord } from '@app/catalog';
import type { CompareDepth, Verification } from '@app/domain';
import { JobDefinition } from '@app/jobs';
import type { JobContext, JobRequest, TypedHandler, TypedJob } from '@app/jobs';
import type { BackupVerification, VerifiableLevel } from '../verification/verification.js';

interface VerifyPayload {
  database: string;
  backup_id: string;
  path: string;
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
 * Verifies a backup by its file. `path` is the path that the catalog has. It runs in parallel with any job, as it only reads;
 * but verifications with a restore run one at a time.
 */
export function verifyJob(
  backup: { id: string; path: string; database: string },
  level: VerifiableLevel,
  connection?: ConnectionRecord,
  compare?: CompareDepth,
): JobRequest {
  const { id, path, database } = backup;
  return VERIFY_JOB.request(
    { database, backup_id: id, path, level, ...(compare === undefined ? {} : { compare }) },
    { connectionId: connection?.id, lockKey: level === 'restored' ? RESTORED_KEY : undefined },
  );
}

export class VerifyJob implements TypedHandler<VerifyPayload, VerifyResult> {
  constructor(private readonly verification: Pick<BackupVerification, 'verify'>) {}

  async run({ payload }: TypedJob<VerifyPayload>, work: JobContext): Promise<VerifyResult> {
    const { path, level, compare } = payload;
    const checked = level ?? 'stored';
    const manifest = await this.verification.verify(path, checked, work, compare);
    // The backup may have reached a higher level before.
    return { checked, verification: manifest.verification };
  }
}
