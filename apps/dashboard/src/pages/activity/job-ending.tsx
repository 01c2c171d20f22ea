import { Alert, Text } from '@mantine/core';
import { IconAlertTriangle, IconBan, IconCheck, IconPlugX } from '@tabler/icons-react';
import type { Schemas } from '../../api/client.js';
import { stateOfJob } from '../../jobs/job-words.js';
import classes from './activity.module.css';
import { ResultWords } from './result-words.js';

type Job = Schemas['JobEntry'];

const LOOKS = {
  succeeded: ['green', IconCheck, 'status'],
  failed: ['red', IconAlertTriangle, 'alert'],
  cancelled: ['gray', IconBan, 'status'],
  interrupted: ['orange', IconPlugX, 'alert'],
} as const;

/** How a job ended: what came of it, or why nothing did and what to do next. */
export function JobEnding({ job }: { job: Job }) {
  const { state } = job;
  if (state === 'queued' || state === 'running') return null;
  const [color, Icon, role] = LOOKS[state];
  return (
    <Alert color={color} variant="light" icon={<Icon aria-hidden />} role={role} title={stateOfJob(state)}>
      <div className={classes.ending}>
        <ResultWords job={job} />
      </div>
      {state === 'interrupted' && job.error === null && (
        <Text size="sm">The service ended while it ran, or before it could.</Text>
      )}
    </Alert>
  );
}
