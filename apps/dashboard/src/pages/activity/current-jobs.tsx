import { Anchor, Text } from '@mantine/core';
import { Link } from 'react-router';
import { $api } from '../../api/client.js';
import { JobProgress } from '../../jobs/job-progress.js';
import { isOver } from '../../live/cache-updates.js';
import { Loaded } from '../../ui/loaded.js';
import { Panel } from '../../ui/panel.js';
import classes from './activity.module.css';

/** Shows what runs and what waits for its turn, in the order in which it was asked for. */
export function CurrentJobs() {
  const query = $api.useQuery('get', '/api/jobs', { params: { query: { state: 'running,queued', limit: 100 } } });
  return (
    <Panel title="Running and waiting">
      <Loaded query={query} lines={2}>
        {({ jobs }) => {
          const current = jobs.filter(({ state }) => !isOver(state)).toReversed();
          if (current.length === 0) return <Text c="dimmed">Nothing runs now.</Text>;
          return (
            <ul className={classes.current} aria-label="Running and waiting">
              {current.map((job) => (
                <li key={job.id}>
                  <JobProgress job={job} />
                  <Anchor component={Link} to={`/activity/${job.id}`} size="sm">
                    Details and log
                  </Anchor>
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Panel>
  );
}
