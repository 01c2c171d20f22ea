import { Chip, Group, Input, Select, Stack, Text, TextInput } from '@mantine/core';
import { useId, useMemo } from 'react';
import { formFaults } from '../../api/form-faults.js';
import { ErrorAlert } from '../../ui/error-alert.js';
import { SCROLLING_OPTIONS } from '../../ui/forms/scrolling-options.js';
import { browserZone } from '../../format/format.js';
import { PlannedRuns } from './planned-runs.js';
import type { ScheduleDraft } from './schedule-draft.js';
import { PRESETS, withoutZone, zoneChoices } from './schedule-words.js';
import { useSchedulePreview } from './use-schedule-preview.js';
import classes from './schedules.module.css';

interface Props {
  draft: ScheduleDraft;
  onChange(change: Partial<ScheduleDraft>): void;
  /** The time zone of the service, where it is known. */
  serviceZone: string | undefined;
  /** The answers of the API about `cron` and `timezone` when the schedule was to be saved. */
  errors: Readonly<Record<string, string>>;
}

/** When: by presets or as a cron expression, in a time zone, read out as it is written. */
export function WhenFields({ draft, onChange, serviceZone, errors }: Props) {
  const { cron, timezone } = draft;
  const { preview, error, current } = useSchedulePreview(cron, timezone);
  const found = formFaults(error, ['cron', 'timezone']);
  // The preview knows better than what was said of an older text.
  const faults = error === undefined && preview !== undefined ? {} : { ...errors, ...found.fields };
  return (
    <Stack gap="sm">
      <Presets cron={cron} onChange={(chosen) => onChange({ cron: chosen })} />
      <TextInput
        label="Cron expression"
        description="Minute, hour, day of the month, month, weekday. * is every one, 1-5 a range, */15 every fifteenth."
        value={cron}
        onChange={(event) => onChange({ cron: event.currentTarget.value })}
        error={faults['cron']}
        classNames={{ input: classes.cron }}
        withAsterisk
        aria-required
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
      />
      <ZoneField
        value={timezone}
        onChange={(zone) => onChange({ timezone: zone })}
        serviceZone={serviceZone}
        error={faults['timezone']}
      />
      {found.rest !== undefined && <ErrorAlert error={found.rest} />}
      {preview !== undefined && error === undefined && (
        <div className={classes.preview}>
          <div className={current ? undefined : classes.waiting}>
            <Text size="sm" fw={600} role="status" mb={4}>
              {withoutZone({ description: preview.description, timezone })}
            </Text>
            <PlannedRuns runs={preview.next_runs} timezone={timezone} />
          </div>
        </div>
      )}
    </Stack>
  );
}

function Presets({ cron, onChange }: { cron: string; onChange(cron: string): void }) {
  const id = useId();
  const chosen = PRESETS.find((preset) => preset.cron === cron.trim())?.cron ?? '';
  return (
    <div>
      <Input.Label labelElement="div" id={id} mb={4}>
        When
      </Input.Label>
      <Chip.Group value={chosen} onChange={onChange}>
        <Group gap={6} role="radiogroup" aria-labelledby={id}>
          {PRESETS.map((preset) => (
            <Chip key={preset.cron} value={preset.cron} size="sm">
              {preset.label}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
    </div>
  );
}

interface ZoneProps {
  value: string;
  onChange(zone: string): void;
  serviceZone: string | undefined;
  error: string | undefined;
}

function ZoneField({ value, onChange, serviceZone, error }: ZoneProps) {
  const choices = useMemo(() => {
    const suggested = [value, serviceZone ?? '', browserZone()].filter((zone) => zone !== '');
    return zoneChoices(suggested, Intl.supportedValuesOf('timeZone'));
  }, [value, serviceZone]);
  return (
    <Select
      label="Time zone"
      description="On the clocks of which place; they change to summer time by themselves."
      data={choices}
      value={value}
      onChange={(zone) => zone !== null && onChange(zone)}
      error={error}
      searchable
      allowDeselect={false}
      limit={100}
      {...SCROLLING_OPTIONS}
      nothingFoundMessage="No such time zone"
      comboboxProps={{ withinPortal: false }}
      autoComplete="off"
    />
  );
}
