import { Stack, Tabs } from '@mantine/core';
import { useSearchParams } from 'react-router';
import { Page } from '../../ui/page.js';
import { AuditTrail } from './audit-trail.js';
import { CurrentJobs } from './current-jobs.js';
import { JobHistory } from './job-history.js';

/** Shows what the service does and has done, and who asked for it. */
export default function ActivityPage() {
  const [params, setParams] = useSearchParams();
  const tab = params.get('tab') === 'audit' ? 'audit' : 'jobs';
  return (
    <Page title="Activity" description="What runs, what has run, and who asked for it.">
      <Tabs
        value={tab}
        onChange={(next) => setParams(next === 'audit' ? { tab: 'audit' } : {})}
        keepMounted={false}
        variant="default"
      >
        <Tabs.List mb="lg" aria-label="Activity">
          <Tabs.Tab value="jobs">Jobs</Tabs.Tab>
          <Tabs.Tab value="audit">Who did what</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="jobs">
          <Stack gap="lg">
            <CurrentJobs />
            <JobHistory />
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="audit">
          <AuditTrail />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
