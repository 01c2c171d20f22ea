import { Anchor, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { Schemas } from '../../api/client.js';
import { useConnections } from '../../connections/use-connections.js';
import { JobStateBadge } from '../../jobs/job-state-badge.js';
import { nameOfJob } from '../../jobs/job-words.js';
import { Duration, RelativeTime, Time } from '../../ui/figures.js';
import { ResponsiveTable } from '../../ui/tables/responsive-table.js';
import type { Column } from '../../ui/tables/responsive-table.js';
import classes from './activity.module.css';
import { ResultWords } from './result-words.js';

type Job = Schemas['JobEntry'];

const COLUMNS: readonly Column<Job>[] = [
  { key: 'when', header: 'When', cell: (job) => <When job={job} /> },
  { key: 'what', header: 'What', cell: (job) => <What job={job} /> },
  { key: 'state', header: 'State', cell: ({ state }) => <JobStateBadge state={state} /> },
  { key: 'took', header: 'Took', cell: (job) => <Took job={job} /> },
  { key: 'outcome', header: 'What came of it', cell: (job) => <Outcome job={job} /> },
];

export function HistoryTable({ jobs }: { jobs: readonly Job[] }) {
  return <ResponsiveTable caption="History" columns={COLUMNS} rows={jobs} keyOf={({ id }) => id} />;
}

function When({ job: { finished_at: ended, created_at: asked } }: { job: Job }) {
  const at = ended ?? asked;
  return (
    <div className={classes.cell}>
      <Text size="sm" component="div">
        <RelativeTime at={at} />
      </Text>
      <Text size="xs" c="dimmed" component="div">
        <Time at={at} />
      </Text>
    </div>
  );
}

function What({ job }: { job: Job }) {
  const { id, urgency, schedule_id: schedule, retry_of: repeated } = job;
  return (
    <div className={classes.cell}>
      <Anchor component={Link} to={`/activity/${id}`} size="sm" fw={600} className="break">
        {nameOfJob(job)}
      </Anchor>
      <ConnectionLink id={job.connection_id} />
      {(schedule !== null || urgency === 'scheduled') && (
        <Text size="xs" c="dimmed">
          By a schedule
        </Text>
      )}
      {repeated !== null && (
        <Text size="xs" c="dimmed">
          Repeats one that was interrupted
        </Text>
      )}
    </div>
  );
}

/** To all jobs of the same database: two of them may have one name. */
function ConnectionLink({ id }: { id: string | null }) {
  const connection = useConnections().find((known) => known.id === id);
  if (connection === undefined) return null;
  return (
    // Far enough from the link above for a finger.
    <Text size="xs" component="div" mt={8}>
      <Anchor
        component={Link}
        to={`/activity?connection=${encodeURIComponent(connection.id)}`}
        inherit
        c="dimmed"
        className="break"
      >
        {connection.distinctName}
      </Anchor>
    </Text>
  );
}

function Took({ job: { started_at: begun, finished_at: ended, attempt } }: { job: Job }) {
  return (
    <div className={classes.cell}>
      <Text size="sm" component="div">
        {begun === null || ended === null ? '–' : <Duration ms={Date.parse(ended) - Date.parse(begun)} />}
      </Text>
      {attempt > 1 && (
        <Text size="xs" c="dimmed">
          {attempt} attempts
        </Text>
      )}
    </div>
  );
}

function Outcome({ job }: { job: Job }) {
  return (
    <div className={classes.outcome}>
      <ResultWords job={job} />
    </div>
  );
}
