import { Anchor } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { $api } from '../../api/client.js';
import type { Schemas } from '../../api/client.js';
import { useConnections } from '../../connections/use-connections.js';
import { Duration, RelativeTime, Time } from '../../ui/figures.js';
import classes from './activity.module.css';

type Job = Schemas['JobEntry'];

const URGENCIES: Readonly<Record<Job['urgency'], string>> = {
  manual: 'Asked for by a person, goes before scheduled work',
  scheduled: 'Scheduled, goes after what people ask for',
  background: 'Housekeeping, goes last',
};

/** Everything else that is known of a job, each by its name. */
export function JobFacts({ job }: { job: Job }) {
  const { urgency, attempt, max_attempts: most } = job;
  const { created_at: asked, started_at: begun, finished_at: ended, due_at: due, run_after: notBefore } = job;
  const waits = begun === null && ended === null && Date.parse(notBefore) > Date.parse(asked);
  const waited = begun === null ? undefined : Date.parse(begun) - Date.parse(asked);
  const facts: [string, ReactNode][] = [
    ['Database', job.database ?? 'None: it is about the service itself'],
    ['Connection', job.connection_id === null ? undefined : <ConnectionLink key="connection" id={job.connection_id} />],
    ['Schedule', job.schedule_id === null ? undefined : <ScheduleLink key="schedule" id={job.schedule_id} />],
    ['Due', due === null ? undefined : <Time key="due" at={due} />],
    ['Asked for', <When key="asked" at={asked} />],
    ['Not before', waits ? <When key="before" at={notBefore} /> : undefined],
    ['Began', begun === null ? undefined : <When key="begun" at={begun} />],
    ['Waited', waited === undefined || waited < 1000 ? undefined : <Duration key="waited" ms={waited} />],
    ['Ended', ended === null ? undefined : <When key="ended" at={ended} />],
    [
      'Took',
      begun === null || ended === null ? undefined : <Duration key="took" ms={Date.parse(ended) - Date.parse(begun)} />,
    ],
    ['Attempts', most > 1 || attempt > 1 ? `${attempt} of at most ${most}` : undefined],
    ['Priority', URGENCIES[urgency]],
    ['Repeats', job.retry_of === null ? undefined : <RepeatedJob key="repeats" id={job.retry_of} />],
    [
      'Job',
      <code key="id" className="break">
        {job.id}
      </code>,
    ],
  ];
  return (
    <dl className={classes.facts}>
      {facts
        .filter(([, value]) => value !== undefined && value !== null)
        .map(([name, value]) => (
          <FactRow key={name} name={name}>
            {value}
          </FactRow>
        ))}
    </dl>
  );
}

function FactRow({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd className="break">{children}</dd>
    </>
  );
}

function When({ at }: { at: string }) {
  return (
    <>
      <Time at={at} seconds /> (<RelativeTime at={at} />)
    </>
  );
}

/** To all jobs of its connection. */
function ConnectionLink({ id }: { id: string }) {
  const name = useConnections().find((connection) => connection.id === id)?.distinctName;
  return (
    <Anchor component={Link} to={`/activity?connection=${encodeURIComponent(id)}`} inherit>
      {name ?? 'One that was deleted'}
    </Anchor>
  );
}

function ScheduleLink({ id }: { id: string }) {
  const { data } = $api.useQuery('get', '/api/schedules', { params: { query: { limit: 500 } } });
  if (data === undefined) return id;
  const name = data.schedules.find((schedule) => schedule.id === id)?.name;
  if (name === undefined) return 'One that was deleted';
  return (
    <Anchor component={Link} to="/schedules" inherit>
      {name}
    </Anchor>
  );
}

function RepeatedJob({ id }: { id: string }) {
  return (
    <Anchor component={Link} to={`/activity/${id}`} inherit>
      the job that was interrupted
    </Anchor>
  );
}
