import { Stack, Switch } from '@mantine/core';
import { ErrorAlert } from '../../ui/error-alert.js';
import type { Schedule } from './schedule-words.js';
import { useSwitch } from './use-switch.js';

/** Says whether a schedule runs, and starts or pauses it. */
export function ScheduleSwitch({ schedule }: { schedule: Schedule }) {
  const { turn, busy, error } = useSwitch(schedule);
  const { enabled, name } = schedule;
  return (
    <Stack gap={4}>
      <Switch
        label={enabled ? 'Running' : 'Paused'}
        aria-label={`${enabled ? 'Running' : 'Paused'}: ${name}`}
        checked={enabled}
        disabled={busy}
        onChange={(event) => turn(event.currentTarget.checked)}
        size="sm"
      />
      {error !== null && <ErrorAlert error={error} />}
    </Stack>
  );
}
