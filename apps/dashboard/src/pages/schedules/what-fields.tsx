import { Checkbox, Radio, Select, Stack, TextInput } from '@mantine/core';
import type { NamedConnection } from '../../connections/use-connections.js';
import type { ScheduleDraft } from './schedule-draft.js';

interface Props {
  draft: ScheduleDraft;
  onChange(change: Partial<ScheduleDraft>): void;
  connections: readonly NamedConnection[];
  errors: Readonly<Record<string, string>>;
  isNew: boolean;
}

/** Lets people choose the action and its databases. */
export function WhatFields({ draft, onChange, connections, errors, isNew }: Props) {
  const { action, connectionId, sourceConnectionId } = draft;
  const target = connections.find(({ id }) => id === connectionId);
  const sources = connections.filter(({ id, db_type: engine }) => id !== connectionId && engine === target?.db_type);
  return (
    <Stack gap="sm">
      <TextInput
        label="Name"
        {...(isNew ? { placeholder: 'What it does' } : {})}
        value={draft.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
        error={errors['name']}
        autoComplete="off"
        data-autofocus
      />
      <Radio.Group
        label="What to do"
        value={action}
        onChange={(value) => onChange({ action: value === 'restore' ? 'restore' : 'backup' })}
        error={errors['action']}
      >
        <Stack gap={6} mt={6}>
          <Radio value="backup" label="Back up a database" />
          <Radio
            value="restore"
            label="Restore into a database"
            description="Restores the newest verified backup of one database into another, such as from production into a test system. The present data is replaced, which can be undone."
          />
        </Stack>
      </Radio.Group>
      {action === 'restore' && (
        <Select
          label="Backups of"
          placeholder={sources.length === 0 ? 'There is no other connection of this kind' : 'Choose a connection'}
          data={choicesOf(sources)}
          value={sourceConnectionId === '' ? null : sourceConnectionId}
          onChange={(id) => onChange({ sourceConnectionId: id ?? '' })}
          error={errors['source_connection_id']}
          allowDeselect={false}
          searchable={sources.length > 8}
          withAsterisk
          aria-required
          comboboxProps={{ withinPortal: false }}
        />
      )}
      <Select
        label={action === 'restore' ? 'Into' : 'Database'}
        description={target && `${target.username} at ${target.host}:${target.port}, ${target.db_type}`}
        data={choicesOf(connections)}
        value={connectionId === '' ? null : connectionId}
        onChange={(id) => id !== null && onChange({ connectionId: id, ...stillFits(id, draft, connections) })}
        error={errors['connection_id']}
        allowDeselect={false}
        searchable={connections.length > 8}
        comboboxProps={{ withinPortal: false }}
      />
      {action === 'restore' && target?.db_type === 'PostgreSQL' && (
        <Checkbox
          label="Leave out owners and grants"
          description="For a server without the roles of the other one. Everything belongs to the user of the connection then."
          checked={draft.noOwner}
          onChange={(event) => onChange({ noOwner: event.currentTarget.checked })}
        />
      )}
    </Stack>
  );
}

const choicesOf = (connections: readonly NamedConnection[]) =>
  connections.map(({ id, distinctName }) => ({ value: id, label: distinctName }));

/** Drops choices for another engine or database that may not be offered any more. */
function stillFits(
  connectionId: string,
  { sourceConnectionId, format }: ScheduleDraft,
  connections: readonly NamedConnection[],
): Partial<ScheduleDraft> {
  const engineOf = (id: string): string | undefined => connections.find((other) => other.id === id)?.db_type;
  const sameEngine = engineOf(sourceConnectionId) === engineOf(connectionId);
  return {
    sourceConnectionId: sameEngine && sourceConnectionId !== connectionId ? sourceConnectionId : '',
    format: format === 'custom' && engineOf(connectionId) !== 'PostgreSQL' ? '' : format,
  };
}
