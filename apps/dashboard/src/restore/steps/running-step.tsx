import { Button, Group, Stack, Text } from '@mantine/core';
import type { Schemas } from '../../api/client.js';
import { JobProgress } from '../../jobs/job-progress.js';

interface Props {
  job: Schemas['JobEntry'] | undefined;
  /** Whether it can be stopped by somebody: a swap cannot. */
  cancellable: boolean;
  onClose(): void;
}

/** The work, as far as it is. Nobody has to stay for it. */
export function RunningStep({ job, cancellable, onClose }: Props) {
  return (
    <Stack gap="md">
      {job !== undefined && <JobProgress job={job} cancellable={cancellable} />}
      <Text size="sm" c="dimmed">
        You may close this: the work goes on, and Activity shows it.
      </Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose} data-autofocus>
          Close
        </Button>
      </Group>
    </Stack>
  );
}
