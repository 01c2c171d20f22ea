import type { ConnectionRecord, JobRecord } from '@app/catalog';
import type { JsonObject, VerificationLevel } from '@app/domain';
import type { JobContext, JobHandler, JobRequest } from '@app/jobs';
import type { StoredVerification } from '../verification.js';

/** Proves a backup by its file: `path` as the catalog knows it. Runs beside anything: it reads only. */
export function verifyJob(
  backup: { id: string; path: string; database: string },
  level: Exclude<VerificationLevel, 'complete'>,
  connection?: ConnectionRecord,
): JobRequest {
  return {
    type: 'verify',
    connectionId: connection?.id,
    payload: { database: backup.database, backup_id: backup.id, path: backup.path, level },
  };
}

export class VerifyJob implements JobHandler {
  constructor(private readonly verification: StoredVerification) {}

  async run({ payload }: JobRecord, work: JobContext): Promise<JsonObject> {
    const { path } = payload as JsonObject & { path: string };
    const manifest = await this.verification.verifyStored(path, work);
    return { verification: manifest.verification } as unknown as JsonObject;
  }
}
