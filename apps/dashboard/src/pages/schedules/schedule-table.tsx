import { ActionIcon, Anchor, Group, Stack, Text } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { $api } from '../../api/client.js';
import type { Schemas } from '../../api/client.js';
import type { NamedConnection } from '../../connections/use-connections.js';
import { JobProgress } from '../../jobs/job-progress.js';
import { JobStateBadge } from '../../jobs/job-state-badge.js';
import { isOver } from '../../live/cache-updates.js';
import { Countdown, RelativeTime, ZonedTime } from '../../ui/figures.js';
import { ResponsiveTable } from '../../ui/tables/responsive-table.js';
import { StateBadge } from '../../ui/badges/state-badge.js';
import { ScheduleActions } from './schedule-actions.js';
import { ScheduleDetails } from './schedule-details.js';
import { ScheduleSwitch } from './schedule-switch.js';
import { deedOf, withoutZone } from './schedule-words.js';
import type { Schedule } from './schedule-words.js';
import classes from './schedules.module.css';

type Job = Schemas['JobEntry'];

interface Props {
  schedules: readonly Schedule[];
  connections: readonly NamedConnection[];
  onEdit(schedule: Schedule): void;
  onDelete(schedule: Schedule): void;
}

export function ScheduleTable({ schedules, connections, onEdit, onDelete }: Props) {
  const [opened, setOpened] = useState<readonly string[]>([]);
  const toggle = (id: string): void =>
    setOpened((before) => (before.includes(id) ? before.filter((other) => other !== id) : [...before, id]));
  const jobs = useRunningJobs();
  const nameOf = (id: string): string | undefined => connections.find((other) => other.id === id)?.distinctName;
  return (
    <ResponsiveTable<Schedule>
      caption="Schedules"
      rows={schedules}
      keyOf={({ id }) => id}
      columns={[
        {
          key: 'name',
          // It is an element: narrow screens would repeat a text before each name.
          header: <>Schedule</>,
          cell: (schedule) => (
            <NameCell
              schedule={schedule}
              deed={deedOf(schedule, nameOf)}
              opened={opened.includes(schedule.id)}
              onToggle={() => toggle(schedule.id)}
            />
          ),
        },
        { key: 'state', header: 'State', cell: (schedule) => <ScheduleSwitch schedule={schedule} /> },
        { key: 'when', header: 'When', cell: (schedule) => <When schedule={schedule} /> },
        { key: 'next', header: 'Next run', cell: (schedule) => <NextRun schedule={schedule} /> },
        { key: 'last', header: 'Last run', cell: ({ last_run: run }) => <LastRun run={run} /> },
        {
          key: 'actions',
          header: 'Actions',
          align: 'right',
          cell: (schedule) => (
            <ScheduleActions
              schedule={schedule}
              busy={jobs.has(schedule.id)}
              onEdit={() => onEdit(schedule)}
              onDelete={() => onDelete(schedule)}
            />
          ),
        },
      ]}
      detail={(schedule) => {
        const job = jobs.get(schedule.id);
        const shown = opened.includes(schedule.id);
        if (job === undefined && !shown) return null;
        return (
          <Stack gap="sm" id={detailsId(schedule)}>
            {job !== undefined && <Progress job={job} />}
            {shown && <ScheduleDetails schedule={schedule} />}
          </Stack>
        );
      }}
    />
  );
}

const detailsId = ({ id }: Schedule): string => `schedule-${id}`;

/** Returns what runs or waits now, by schedule. */
function useRunningJobs(): ReadonlyMap<string, Job> {
  const { data } = $api.useQuery('get', '/api/jobs', { params: { query: { state: 'running,queued', limit: 200 } } });
  const jobs = (data?.jobs ?? []).filter(({ state }) => !isOver(state));
  return new Map(jobs.flatMap((job) => (job.schedule_id === null ? [] : [[job.schedule_id, job]])));
}

function Progress({ job }: { job: Job }) {
  return (
    <div>
      <JobProgress job={job} />
      <Anchor component={Link} to={`/activity/${job.id}`} size="xs">
        Log of the job
      </Anchor>
    </div>
  );
}

interface NameProps {
  schedule: Schedule;
  deed: string;
  opened: boolean;
  onToggle(): void;
}

function NameCell({ schedule, deed, opened, onToggle }: NameProps) {
  const Icon = opened ? IconChevronDown : IconChevronRight;
  return (
    <Group gap={6} wrap="nowrap" align="flex-start" className={classes.name}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        onClick={onToggle}
        aria-expanded={opened}
        aria-controls={opened ? detailsId(schedule) : undefined}
        aria-label={`Details of ${schedule.name}`}
      >
        <Icon size={16} aria-hidden />
      </ActionIcon>
      <div className={classes.name}>
        <Group gap={6}>
          <Text size="sm" fw={600} className="break">
            {schedule.name}
          </Text>
          {schedule.is_default && (
            <StateBadge tone="fair" title="The one of the settings. It can be paused, but not deleted.">
              Default
            </StateBadge>
          )}
        </Group>
        <Text size="xs" c="dimmed" className="break">
          {deed}
        </Text>
      </div>
    </Group>
  );
}

function When({ schedule }: { schedule: Schedule }) {
  return (
    <div className={classes.cell}>
      <Text size="sm">{withoutZone(schedule)}</Text>
      <Text size="xs" c="dimmed" component="div">
        <span className={classes.cron}>{schedule.cron}</span> · {schedule.timezone}
      </Text>
    </div>
  );
}

function NextRun({ schedule: { enabled, next_runs: runs, timezone } }: { schedule: Schedule }) {
  const [next] = runs;
  if (next === undefined) {
    return (
      <Text size="sm" c="dimmed">
        {enabled ? 'None' : 'Not while it is paused'}
      </Text>
    );
  }
  return (
    <div className={classes.cell}>
      <Text size="sm" component="div">
        in <Countdown to={next.at} />
      </Text>
      <Text size="xs" c="dimmed" component="div">
        <ZonedTime at={next.at} local={next.local} timezone={timezone} />
      </Text>
    </div>
  );
}

/** Read out when it changes: whoever pressed "Run now" waits for it. */
function LastRun({ run }: { run: Schedule['last_run'] }) {
  return (
    <div className={classes.cell} role="status">
      {run === null ? (
        <Text size="sm" c="dimmed">
          Never
        </Text>
      ) : (
        <Stack gap={2} className={classes.cell}>
          <Group gap={6} className={classes.actions}>
            <JobStateBadge state={run.state} />
            <Anchor component={Link} to={`/activity/${run.job_id}`} size="sm">
              <RelativeTime at={run.at} />
            </Anchor>
          </Group>
          <Text size="xs" c="dimmed" className="break" lineClamp={run.state === 'succeeded' ? 2 : undefined}>
            {run.message}
          </Text>
        </Stack>
      )}
    </div>
  );
}
