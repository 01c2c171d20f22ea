import { useEffect, useRef } from 'react';
import { api, RESPOND_ASYNC } from '../../../api/client.js';
import type { Schemas } from '../../../api/client.js';
import type { ApiErrorBody } from '../../../api/api-error.js';
import { useJob } from '../../../jobs/use-job.js';
import { isOver } from '../../../live/cache-updates.js';
import { setRunningProof, useRunningProof } from './running-proofs.js';

export type ProofLevel = NonNullable<Schemas['VerifyRequest']['level']>;

/** Begins to prove a backup; resolves when the job is accepted. Throws what the API says against it. */
export async function beginProof(backupId: string, level: ProofLevel): Promise<void> {
  const { data, error } = await api.POST('/api/backups/{id}/verify', {
    params: { path: { id: backupId }, ...RESPOND_ASYNC },
    body: { level },
  });
  if (error !== undefined) throw error;
  if ('job' in data) setRunningProof(backupId, data.job.id);
}

/** The job that proves a backup now, if it was begun here. `onFailed` is told why it came to nothing. */
export function useProof(backupId: string, onFailed: (error: ApiErrorBody) => void): Schemas['JobEntry'] | undefined {
  const jobId = useRunningProof(backupId);
  const job = useJob(jobId);
  const tell = useRef(onFailed);
  useEffect(() => {
    tell.current = onFailed;
  });
  useEffect(() => {
    if (job === undefined || !isOver(job.state)) return;
    setRunningProof(backupId, undefined);
    if (job.state === 'failed' && job.error) {
      const { message, code, hint } = job.error;
      tell.current({ success: false, message, code, ...(hint === null ? {} : { hint }) });
    }
  }, [backupId, job]);
  return job !== undefined && !isOver(job.state) ? job : undefined;
}
