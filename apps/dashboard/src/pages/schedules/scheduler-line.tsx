import { Button, Card, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconPlayerPause, IconPlayerPlay, IconX } from '@tabler/icons-react';
import { $api } from '../../api/client.js';
import type { Schemas } from '../../api/client.js';
import { ErrorAlert } from '../../ui/error-alert.js';
import { Countdown, ZonedTime } from '../../ui/figures.js';
import { Loaded } from '../../ui/loaded.js';
import { StateBadge } from '../../ui/badges/state-badge.js';
import type { Schedule } from './schedule-words.js';
import { earliestRun, lateWords } from './schedule-words.js';
import { useSwitch } from './use-switch.js';
import classes from './schedules.module.css';

interface Props {
  schedules: readonly Schedule[];
  /** Whether there is anything that it could back up. */
  startable: boolean;
}

/** The scheduler of the service: whether it runs, when next, and what became of the last run. */
export function SchedulerLine({ schedules, startable }: Props) {
  const next = earliestRun(schedules);
  const status = $api.useQuery('get', '/api/scheduler/status');
  // A backup becomes overdue by the clock alone, without an event.
  const { data: overview } = $api.useQuery('get', '/api/overview', {}, { refetchInterval: 60_000 });
  const late = lateWords(overview?.databases ?? []);
  const toggle = useSwitch({ is_default: true, id: 'default' });
  return (
    <Card component="section" className={classes.line} aria-label="Scheduler" padding="md">
      <Loaded query={status} lines={1}>
        {({ running, timezone, last_run: last }) => (
          <Stack gap="sm">
            <Group gap="md">
              {running ? (
                <StateBadge tone="good" icon={IconCheck}>
                  Scheduler running
                </StateBadge>
              ) : next === undefined ? (
                <StateBadge tone="plain" icon={IconPlayerPause}>
                  Scheduler stopped
                </StateBadge>
              ) : (
                <StateBadge tone="fair" icon={IconPlayerPause}>
                  Default schedule stopped, others run
                </StateBadge>
              )}
              <dl className={classes.facts}>
                <div>
                  <dt>Next run</dt>
                  <dd>
                    {next === undefined ? (
                      'none'
                    ) : (
                      <>
                        <ZonedTime {...next} />, in <Countdown to={next.at} /> ({next.name})
                      </>
                    )}
                  </dd>
                </div>
                <div>
                  <dt>Last run</dt>
                  <dd>{last === null ? 'never' : <LastRun run={last} timezone={timezone} />}</dd>
                </div>
              </dl>
              {(running || startable) && (
                <Button
                  variant="default"
                  leftSection={
                    running ? <IconPlayerPause size={16} aria-hidden /> : <IconPlayerPlay size={16} aria-hidden />
                  }
                  loading={toggle.busy}
                  onClick={() => toggle.turn(!running)}
                >
                  {running ? 'Stop' : 'Start'}
                </Button>
              )}
            </Group>
            {late.map((words) => (
              <Text key={words} size="sm" className="break">
                <IconAlertTriangle size={14} aria-hidden /> {words}
              </Text>
            ))}
            {toggle.error !== null && <ErrorAlert error={toggle.error} />}
          </Stack>
        )}
      </Loaded>
    </Card>
  );
}

function LastRun({ run, timezone }: { run: Schemas['LastRunEntry']; timezone: string }) {
  const { at, started_at: startedAt, success, message } = run;
  const when = <ZonedTime at={startedAt} local={at} timezone={timezone} />;
  if (success) return <span title={message}>{when}, succeeded</span>;
  return (
    <>
      {when}, <IconX size={14} aria-hidden style={{ verticalAlign: '-2px' }} color="var(--mantine-color-error)" />{' '}
      failed: {message}
    </>
  );
}
