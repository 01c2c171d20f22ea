import { Progress, Text, UnstyledButton } from '@mantine/core';
import { Link } from 'react-router';
import { $api } from '../api/client.js';
import { nameOfJob } from '../jobs/job-words.js';
import { percentOf } from '../jobs/job-progress.js';
import classes from './running-jobs.module.css';

/** Shows what runs now, below the menu, whatever page is open. */
export function RunningJobs() {
  const { data } = $api.useQuery('get', '/api/jobs', {
    params: { query: { state: 'running,queued', limit: 5 } },
  });
  const jobs = (data?.jobs ?? []).filter(({ state }) => state === 'running' || state === 'queued');
  if (jobs.length === 0) return null;
  return (
    <section className={classes.jobs} aria-label="Running now">
      {jobs.map((job) => {
        const percent = percentOf(job);
        return (
          <UnstyledButton key={job.id} component={Link} to={`/activity/${job.id}`} className={classes.job}>
            <Text size="xs" fw={600} truncate>
              {nameOfJob(job)}
            </Text>
            <Text size="xs" c="dimmed" truncate>
              {job.state === 'queued' ? 'waiting' : (job.progress?.phase ?? 'running')}
              {percent === undefined ? '' : ` · ${percent} %`}
            </Text>
            {job.state === 'running' && (
              <Progress size="xs" mt={4} value={percent ?? 100} animated aria-label={nameOfJob(job)} />
            )}
          </UnstyledButton>
        );
      })}
    </section>
  );
}
