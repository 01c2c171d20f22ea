import { Button, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { QueryObserver, useQueryClient } from '@tanstack/react-query';
import type { QueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../api/client.js';
import type { Schemas } from '../api/client.js';
import { nameOfJob } from '../jobs/job-words.js';
import { isOver, jobKey } from '../live/cache-updates.js';
import { notifyTrouble } from '../ui/notify.js';
import { outcomeOf } from './restore-outcome.js';

type Job = Schemas['JobDetails'];

/** When the dialog goes away before the work is over, its end is said all the same. */
export function useWatchAfterClose(job: Job | undefined): void {
  const client = useQueryClient();
  const navigate = useNavigate();
  const latest = useRef<() => void>(undefined);
  useEffect(() => {
    latest.current = () => {
      if (job !== undefined && !isOver(job.state)) watchRestore(client, job.id, () => void navigate('/restores'));
    };
  });
  useEffect(() => () => latest.current?.(), []);
}

/** Outlives every page: the job is followed in the cache, where events keep it. */
function watchRestore(client: QueryClient, id: string, openRestores: () => void): void {
  const observer = new QueryObserver<Schemas['JobResponse']>(client, {
    queryKey: jobKey(id),
    queryFn: async ({ signal }) => {
      const { data, error } = await api.GET('/api/jobs/{id}', { params: { path: { id } }, signal });
      if (data === undefined) throw error as unknown;
      return data;
    },
  });
  const stop = observer.subscribe(({ data }) => {
    if (data === undefined || !isOver(data.job.state)) return;
    stop();
    tell(data.job, openRestores);
  });
}

function tell(job: Job, openRestores: () => void): void {
  if (job.state === 'cancelled') return;
  if (job.state !== 'succeeded') {
    notifyTrouble(
      `${nameOfJob(job)} failed`,
      job.error === null ? new Error('The service ended.') : asRefusal(job.error),
    );
    return;
  }
  const shown = `restore-${job.id}`;
  const undoable = outcomeOf(job)?.strategy !== 'new';
  notifications.show({
    id: shown,
    color: 'green',
    role: 'status',
    autoClose: 20_000,
    title: `${nameOfJob(job)} succeeded`,
    message: (
      <Stack gap={6} align="flex-start">
        {undoable && <Text size="sm">What it replaced is kept for a while.</Text>}
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => {
            notifications.hide(shown);
            openRestores();
          }}
        >
          {undoable ? 'Look, or undo' : 'Look'}
        </Button>
      </Stack>
    ),
  });
}

/** A job's error as the API words those of calls. */
function asRefusal({ code, message, hint }: NonNullable<Job['error']>) {
  return { success: false, code, message, ...(hint === null ? {} : { hint }) };
}
