import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { $api } from '../api/client.js';
import type { Schemas } from '../api/client.js';
import { isOver, jobKey } from '../live/cache-updates.js';

type Job = Schemas['JobDetails'];

/** One job, followed by events. `undefined` until it is known. */
export function useJob(id: string | undefined): Job | undefined {
  const { data } = $api.useQuery(
    'get',
    '/api/jobs/{id}',
    { params: { path: { id: id ?? '' } } },
    { enabled: id !== undefined },
  );
  return id === undefined ? undefined : data?.job;
}

/**
 * Follows one piece of work from the click to its end: give `start` the call with RESPOND_ASYNC. `onOver` is called once
 * with the job when it has come to an end, whichever. The work goes on when the page is left; it is in Activity then.
 */
export function useJobRun(onOver?: (job: Job) => void) {
  const client = useQueryClient();
  const [id, setId] = useState<string>();
  const [starting, setStarting] = useState(false);
  const [error, setError] = useState<unknown>();
  const job = useJob(id);
  const told = useRef<string>(undefined);
  const tell = useRef(onOver);
  useEffect(() => {
    tell.current = onOver;
  });
  useEffect(() => {
    if (job === undefined || !isOver(job.state) || told.current === job.id) return;
    told.current = job.id;
    tell.current?.(job);
  }, [job]);

  /** `call` answers as openapi-fetch does. Resolves when the job is accepted, or refused; `error` says why then. */
  const start = useCallback(
    async (call: () => Promise<{ data?: object | undefined; error?: unknown }>): Promise<void> => {
      setStarting(true);
      setError(undefined);
      setId(undefined);
      try {
        const { data, error } = await call();
        if (error !== undefined) setError(error);
        else if (data !== undefined && 'job' in data) {
          const { job: accepted } = data as { job: Schemas['JobEntry'] };
          client.setQueryData(jobKey(accepted.id), { success: true, job: { ...accepted, log: [] } });
          // It may have gone on before we knew of it.
          void client.invalidateQueries({ queryKey: jobKey(accepted.id) });
          setId(accepted.id);
        }
      } catch (failure) {
        setError(failure);
      } finally {
        setStarting(false);
      }
    },
    [client],
  );
  const reset = useCallback(() => {
    setId(undefined);
    setError(undefined);
  }, []);
  return {
    start,
    /** Forgets the job, which goes on. */
    reset,
    job,
    /** From the click until the end. */
    busy: starting || (id !== undefined && (job === undefined || !isOver(job.state))),
    /** Why it could not even begin. Why it failed is in `job.error`. */
    error,
  };
}
