import { Button, Card, Group, Stack } from '@mantine/core';
import { IconCheck, IconPlayerPause, IconPlayerPlay, IconX } from '@tabler/icons-react';
import { $api } from '../../api/client.js';
import type { Schemas } from '../../api/client.js';
import { ErrorAlert } from '../../ui/error-alert.js';
import { Countdown } from '../../ui/figures.js';
import { Loaded } from '../../ui/loaded.js';
import { StateBadge } from '../../ui/state-badge.js';
import type { Schedule } from './schedule-words.js';
import { toMinute } from './schedule-words.js';
import { useSwitch } from './use-switch.js';
import classes from './schedules.module.css';

interface Props {
  /** The default one; undefined while it is not known. */
  schedule: Schedule | undefined;
  /** Whether there is anything that it could back up. */
  startable: boolean;
}

/** The scheduler of the service: whether it runs, when next, and what became of the last run. */
export function SchedulerLine({ schedule, startable }: Props) {
  const status = $api.useQuery('get', '/api/scheduler/status');
  const toggle = useSwitch({ is_default: true, id: 'default' });
  return (
    <Card component="section" className={classes.line} aria-label="Scheduler" padding="md">
      <Loaded query={status} lines={1}>
        {({ running, next_backup: next, timezone, last_run: last }) => (
          <Stack gap="sm">
            <Group gap="md">
              {running ? (
                <StateBadge tone="good" icon={IconCheck}>
                  Scheduler running
                </StateBadge>
              ) : (
                <StateBadge tone="plain" icon={IconPlayerPause}>
                  Scheduler stopped
                </StateBadge>
              )}
              <dl className={classes.facts}>
                <div>
                  <dt>Next backup</dt>
                  <dd>
                    {next === null ? 'none' : `${toMinute(next)} ${timezone}`}
                    {next !== null && schedule?.next_runs[0] !== undefined && (
                      <>
                        , in <Countdown to={schedule.next_runs[0].at} />
                      </>
                    )}
                  </dd>
                </div>
                <div>
                  <dt>Last run</dt>
                  <dd>{last === null ? 'never' : <LastRun {...last} />}</dd>
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
            {toggle.error !== null && <ErrorAlert error={toggle.error} />}
          </Stack>
        )}
      </Loaded>
    </Card>
  );
}

function LastRun({ at, success, message }: Schemas['LastRunEntry']) {
  if (success) return <span title={message}>{at}, succeeded</span>;
  return (
    <>
      {at}, <IconX size={14} aria-hidden style={{ verticalAlign: '-2px' }} color="var(--mantine-color-error)" /> failed:{' '}
      {message}
    </>
  );
}
