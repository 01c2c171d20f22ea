import { Radio, Stack, TagsInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Place, RestoreChoices } from '../restore-choices.js';

interface Props {
  choices: RestoreChoices;
  onChange(change: Partial<RestoreChoices>): void;
  /** The tables in the backup, where it says so. */
  known: readonly string[];
  engine: 'PostgreSQL' | 'MySQL';
  trouble(place: Place): ReactNode;
}

/** All of the backup, or some of its tables. */
export function ScopeFields({ choices, onChange, known, engine, trouble }: Props) {
  const naming = engine === 'PostgreSQL' ? 'As schema.table, or table for one in public.' : 'By their names.';
  return (
    <Stack gap="sm">
      <Radio.Group label="What to restore" value={choices.scope} onChange={(scope) => onChange({ scope })}>
        <Stack gap={6} mt={6}>
          <Radio value="everything" label="Everything" />
          <Radio value="tables" label="Only some tables" />
        </Stack>
      </Radio.Group>
      {choices.scope === 'tables' && (
        <TagsInput
          label="Tables"
          description={
            known.length > 0
              ? 'Choose from the backup, or type a name and press Enter.'
              : `${naming} Press Enter after each.`
          }
          data={[...known]}
          value={[...choices.tables]}
          onChange={(tables) => onChange({ tables })}
          acceptValueOnBlur
          clearable
          maxDropdownHeight={220}
          comboboxProps={{ withinPortal: false }}
        />
      )}
      {trouble('tables')}
    </Stack>
  );
}
