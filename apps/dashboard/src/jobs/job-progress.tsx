import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { $api } from '../api/client.js';
import type { Schemas } from '../api/client.js';
import { formatBytes, formatDuration, formatRate } from '../format/format.js';
import { isOver } from '../live/cache-updates.js';
import { ErrorAlert } from '../ui/error-alert.js';
import { nameOfJob, stateOfJob } from './job-words.js';

type Job = Schemas['JobEntry'];

interface Props {
  job: Job;
  /** Default: what the job does. */
  title?: string;
  /** Whether it can be cancelled here. Default: true. */
  cancellable?: boolean;
}

/** How far a job is: phase, bar, bytes, rate, time left; and a button that stops it. Read out as it changes its phase. */
export function JobProgress({ job, title = nameOfJob(job), cancellable = true }: Props) {
  const over = isOver(job.state);
  const percent = percentOf(job);
  const phase = over || job.state === 'queued' ? stateOfJob(job.state) : (job.progress?.phase ?? stateOfJob(job.state));
  return (
    <Stack gap={6}>
      <Group justify="space-between" gap="sm" wrap="nowrap">
        <div style={{ minWidth: 0 }}>
          <Text fw={600} size="sm" className="break">
            {title}
          </Text>
          <Text size="sm" c="dimmed" role="status" aria-live="polite">
            {job.cancel_requested && !over ? 'Stopping…' : capital(phase)}
          </Text>
        </div>
        {cancellable && !over && <CancelButton job={job} />}
      </Group>
      {!over && (
        <>
          <Progress.Root size="lg">
            <Progress.Section
              value={job.state === 'queued' ? 0 : (percent ?? 100)}
              animated
              color="indigo"
              aria-label={title}
              {...(percent === undefined ? { withAria: false, role: 'progressbar' } : {})}
            />
          </Progress.Root>
          <Text size="xs" c="dimmed" className="figures">
            {wordsOf(job, percent)}
          </Text>
        </>
      )}
    </Stack>
  );
}

/** Returns the progress as a number up to 100; undefined while nobody knows it. It is never 100 before the job is over: the total is an estimate. */
export function percentOf({ progress }: Pick<Job, 'progress'>): number | undefined {
  if (!progress) return undefined;
  const [done, total] = movesTables(progress)
    ? [progress.tables ?? 0, progress.total_tables ?? 0]
    : [progress.bytes, progress.total_bytes ?? 0];
  return total <= 0 ? undefined : Math.min(99, Math.round((100 * done) / total));
}

/** All bytes are loaded by then. */
function movesTables({ phase, total_tables: total }: NonNullable<Job['progress']>): boolean {
  return phase === 'swap' && total !== null;
}

function wordsOf({ state, progress }: Job, percent: number | undefined): string {
  if (state === 'queued') return 'Waits for its turn.';
  if (!progress) return 'Has begun.';
  const { bytes, total_bytes: total, total_tables: tables, bytes_per_second: rate, seconds_left: left } = progress;
  if (movesTables(progress)) return `${percent ?? 0} % · ${progress.tables ?? 0} of ${tables ?? 0} tables moved`;
  if (bytes === 0 && total === null) return 'Has begun.';
  return [
    percent === undefined ? undefined : `${percent} %`,
    total === null ? formatBytes(bytes) : `${formatBytes(bytes)} of about ${formatBytes(total)}`,
    progress.tables === null ? undefined : `${progress.tables}${tables === null ? '' : ` of ${tables}`} tables`,
    rate === null ? undefined : formatRate(rate),
    left === null ? undefined : `${formatDuration(left * 1000)} left`,
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}

export function CancelButton({ job }: { job: Job }) {
  const cancel = $api.useMutation('post', '/api/jobs/{id}/cancel');
  const [asked, setAsked] = useState(false);
  return (
    <Stack gap={4} align="flex-end">
      <Button
        size="compact-sm"
        variant="default"
        disabled={asked || job.cancel_requested}
        onClick={() => {
          setAsked(true);
          cancel.mutate({ params: { path: { id: job.id } } }, { onError: () => setAsked(false) });
        }}
        aria-label={`Cancel: ${nameOfJob(job)}`}
      >
        Cancel
      </Button>
      {cancel.error !== null && <ErrorAlert error={cancel.error} />}
    </Stack>
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
