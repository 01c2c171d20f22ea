import { Anchor } from '@mantine/core';
import { IconFileUnknown } from '@tabler/icons-react';
import { Link, useParams } from 'react-router';
import { troubleOf } from '../../api/api-error.js';
import { JobStateBadge } from '../../jobs/job-state-badge.js';
import { JobProgress } from '../../jobs/job-progress.js';
import { nameOfJob } from '../../jobs/job-words.js';
import { isOver } from '../../live/cache-updates.js';
import { EmptyState } from '../../ui/empty-state.js';
import { Loaded } from '../../ui/loaded.js';
import { Page } from '../../ui/page.js';
import { Panel } from '../../ui/panel.js';
import { JobEnding } from './job-ending.js';
import { JobFacts } from './job-facts.js';
import { JobLog } from './job-log.js';
import { useFollowedJob } from './use-followed-job.js';

/** All that is known of one job, as it happens. */
export default function JobPage() {
  const { id = '' } = useParams();
  const query = useFollowedJob(id);
  if (query.data === undefined && troubleOf(query.error).code === 'JOB_NOT_FOUND') return <NoSuchJob />;
  const job = query.data?.job;
  return (
    <Page
      title={job === undefined ? 'Job' : nameOfJob(job)}
      description={
        <Anchor component={Link} to="/activity" inherit>
          All activity
        </Anchor>
      }
      actions={job !== undefined && !isOver(job.state) && <JobStateBadge state={job.state} />}
    >
      <Loaded query={query} lines={6}>
        {({ job: { log, ...job } }) => (
          <>
            {isOver(job.state) ? (
              <JobEnding job={job} />
            ) : (
              <Panel title="Progress">
                <JobProgress job={job} />
              </Panel>
            )}
            <Panel title="About this job">
              <JobFacts job={job} />
            </Panel>
            <JobLog lines={log} going={!isOver(job.state)} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function NoSuchJob() {
  return (
    <Page title="No such job">
      <EmptyState icon={IconFileUnknown} title="There is no job at this address.">
        Those that ended long ago are forgotten. What is known is in the{' '}
        <Anchor component={Link} to="/activity" underline="always">
          activity
        </Anchor>
        .
      </EmptyState>
    </Page>
  );
}
