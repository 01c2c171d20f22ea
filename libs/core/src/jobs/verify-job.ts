import type { ConnectionRecord, JobRecord } from '@app/catalog';
import type { CompareDepth, JsonObject } from '@app/domain';
import type { JobContext, JobHandler, JobRequest } from '@app/jobs';
import type { BackupVerification, VerifiableLevel } from '../verification/verification.js';

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
  return {
    type: 'verify',
    connectionId: connection?.id,
    lockKey: level === 'restored' ? RESTORED_KEY : undefined,
    payload: {
      database: backup.database,
      backup_id: backup.id,
      path: backup.path,
      level,
      ...(compare === undefined ? {} : { compare }),
    },
  };
}

export class VerifyJob implements JobHandler {
  constructor(private readonly verification: Pick<BackupVerification, 'verify'>) {}

  async run({ payload }: JobRecord, work: JobContext): Promise<JsonObject> {
    const { path, level, compare } = payload as JsonObject & {
      path: string;
      level?: VerifiableLevel;
      compare?: CompareDepth;
    };
    const checked = level ?? 'stored';
    const manifest = await this.verification.verify(path, checked, work, compare);
    // The backup may have reached a higher level before.
    return { checked, verification: manifest.verification } as unknown as JsonObject;
  }
}
