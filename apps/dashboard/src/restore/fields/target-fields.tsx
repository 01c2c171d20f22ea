import { Radio, Select, Stack, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Schemas } from '../../api/client.js';
import type { Place, RestoreChoices } from '../restore-choices.js';

interface Props {
  choices: RestoreChoices;
  onChange(change: Partial<RestoreChoices>): void;
  connections: readonly Schemas['ConnectionEntry'][];
  /** Shows the answer of the API at the field that caused it. */
  trouble(place: Place): ReactNode;
}

/** To which server, and into which database of it. */
export function TargetFields({ choices, onChange, connections, trouble }: Props) {
  const connection = connections.find(({ id }) => id === choices.connectionId);
  return (
    <Stack gap="sm">
      <Select
        label="Connection"
        description={connection && `${connection.username} at ${connection.host}:${connection.port}`}
        data={connections.map(({ id, name, active }) => ({ value: id, label: active ? `${name} (connected)` : name }))}
        value={choices.connectionId}
        onChange={(id) => id !== null && onChange({ connectionId: id })}
        allowDeselect={false}
        comboboxProps={{ withinPortal: false }}
      />
      {trouble('connection')}
      <Radio.Group label="Database" value={choices.target} onChange={(target) => onChange({ target })}>
        <Stack gap={6} mt={6}>
          <Radio value="own" label={connection?.database ?? ''} classNames={{ label: 'break' }} />
          <Radio value="other" label="Another database" description="Made if it does not exist." />
        </Stack>
      </Radio.Group>
      {choices.target === 'other' && (
        <TextInput
          label="Name of the other database"
          value={choices.otherDatabase}
          onChange={(event) => onChange({ otherDatabase: event.currentTarget.value })}
          error={choices.otherDatabase.trim() === '' ? 'Give it a name.' : undefined}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
        />
      )}
      {trouble('database')}
    </Stack>
  );
}
