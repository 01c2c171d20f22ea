import { useEffect, useRef } from 'react';
import { api, RESPOND_ASYNC } from '../../../api/client.js';
import type { Schemas } from '../../../api/client.js';
import type { ApiErrorBody } from '../../../api/api-error.js';
import { useJob } from '../../../jobs/use-job.js';
import { isOver } from '../../../live/cache-updates.js';
import { setRunningVerification, useRunningVerification } from './running-verifications.js';

export type VerifiableLevel = NonNullable<Schemas['VerifyRequest']['level']>;

/** Begins to verify a backup; resolves when the job is accepted. Throws the API's refusal. */
export async function beginVerification(backupId: string, level: VerifiableLevel): Promise<void> {
  const { data, error } = await api.POST('/api/backups/{id}/verify', {
    params: { path: { id: backupId }, ...RESPOND_ASYNC },
    body: { level },
  });
  if (error !== undefined) throw error;
  if ('job' in data) setRunningVerification(backupId, data.job.id);
}

/** The job that verifies a backup now, if it was begun here. `onFailed` is called with the error of a failed job. */
export function useVerification(backupId: string, onFailed: (error: ApiErrorBody) => void): Schemas['JobEntry'] | undefined {
  const jobId = useRunningVerification(backupId);
  const job = useJob(jobId);
  const tell = useRef(onFailed);
  useEffect(() => {
    tell.current = onFailed;
  });
  useEffect(() => {
    if (job === undefined || !isOver(job.state)) return;
    setRunningVerification(backupId, undefined);
    if (job.state === 'failed' && job.error) {
      const { message, code, hint } = job.error;
      tell.current({ success: false, message, code, ...(hint === null ? {} : { hint }) });
    }
  }, [backupId, job]);
  return job !== undefined && !isOver(job.state) ? job : undefined;
}
