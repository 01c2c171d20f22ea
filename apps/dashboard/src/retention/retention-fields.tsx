import { Group, NativeSelect, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { COUNT_RULES, SIZE_UNITS } from './retention-draft.js';
import type { CountRule, RetentionDraft, SizeUnit } from './retention-draft.js';

const LABELS: Readonly<Record<CountRule, string>> = {
  keep_last: 'The newest',
  days: 'All of the last … days',
  hourly: 'One an hour, for … hours',
  daily: 'One a day, for … days',
  weekly: 'One a week, for … weeks',
  monthly: 'One a month, for … months',
  yearly: 'One a year, for … years',
};

interface Props {
  draft: RetentionDraft;
  onChange(draft: RetentionDraft): void;
  /** The errors by field of the policy, such as `keep_last`: those of `draftFaults`, and those of the API without what stands before the dot. */
  errors?: Readonly<Partial<Record<CountRule | 'max_bytes', string>>>;
  disabled?: boolean;
}

/** Lets people choose what is kept: any number of rules, of which each keeps some backups, and a limit to all of them. */
export function RetentionFields({ draft, onChange, errors = {}, disabled = false }: Props) {
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        A backup stays when one of the rules keeps it. Leave empty what you do not want.
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm" verticalSpacing="sm">
        {COUNT_RULES.map((rule) => (
          <TextInput
            key={rule}
            label={LABELS[rule]}
            value={draft.counts[rule]}
            onChange={({ currentTarget: { value } }) =>
              onChange({ ...draft, counts: { ...draft.counts, [rule]: value } })
            }
            error={errors[rule]}
            disabled={disabled}
            inputMode="numeric"
            autoComplete="off"
          />
        ))}
      </SimpleGrid>
      <Group gap="xs" align="flex-end" wrap="nowrap">
        <TextInput
          label="All of them together at most"
          style={{ flex: 1 }}
          value={draft.size}
          onChange={({ currentTarget: { value } }) => onChange({ ...draft, size: value })}
          error={errors.max_bytes}
          disabled={disabled}
          inputMode="decimal"
          autoComplete="off"
        />
        <NativeSelect
          aria-label="Unit of the size"
          value={draft.unit}
          onChange={({ currentTarget: { value } }) => onChange({ ...draft, unit: value as SizeUnit })}
          data={Object.keys(SIZE_UNITS)}
          disabled={disabled}
        />
      </Group>
      <Text size="sm" c="dimmed">
        Whatever the rules say, the newest complete backup, the newest verified one and pinned ones stay.
      </Text>
    </Stack>
  );
}
