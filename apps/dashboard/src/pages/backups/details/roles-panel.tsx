import { Button, Code, Group, List, Select, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { $api } from '../../../api/client.js';
import type { Schemas } from '../../../api/client.js';
import { useConnections } from '../../../connections/use-connections.js';
import { ErrorAlert } from '../../../ui/error-alert.js';
import { Panel } from '../../../ui/panel.js';

type Manifest = Schemas['ManifestEntry'];
type Answer = Schemas['RolesRestoreResponse'];

/** Names the roles of the server that the dump refers to but does not hold, and creates those that are missing. */
export function RolesPanel({ backupId, manifest }: { backupId: string; manifest: Manifest }) {
  const { roles = [], globals } = manifest;
  return (
    <Panel
      title="Roles"
      description="The dump refers to these roles of the server, but does not hold them. A restore needs them, unless it leaves out owners and grants."
    >
      <List size="sm">
        {roles.map(({ name, attributes }) => (
          <List.Item key={name} className="break">
            <strong>{name}</strong>
            {attributes.length > 0 && `: ${attributes.join(', ')}`}
          </List.Item>
        ))}
      </List>
      {globals === undefined ? (
        <Text size="sm">
          No script that creates them is stored with this backup: <code>BACKUP_GLOBALS</code> was <code>none</code>, or the
          account could not read them.
        </Text>
      ) : (
        <>
          <Text size="sm" className="break">
            <code>{globals.file}</code>, which is stored with the backup, creates them,{' '}
            {globals.passwords ? 'with the hashes of their passwords' : 'without passwords: set those afterwards'}.
          </Text>
          <RolesOnServer backupId={backupId} />
        </>
      )}
    </Panel>
  );
}

/** Shows which roles are missing on a server, and creates them there. */
function RolesOnServer({ backupId }: { backupId: string }) {
  const fitting = useConnections().filter(({ db_type: engine }) => engine === 'PostgreSQL');
  const [chosen, setChosen] = useState<string>();
  const restore = $api.useMutation('post', '/api/backups/{id}/globals/restore');
  const connection = fitting.find(({ id }) => id === chosen) ?? fitting.find(({ active }) => active) ?? fitting[0];
  if (connection === undefined) return <Text size="sm">Connect to a PostgreSQL server to make them there.</Text>;
  // The active connection may change meanwhile: roles are made only on the server for which they were shown.
  const answer = restore.variables?.body.connection_id === connection.id ? restore.data : undefined;
  const ask = (dryRun: boolean): void =>
    restore.mutate({ params: { path: { id: backupId } }, body: { connection_id: connection.id, dry_run: dryRun } });
  const missing = answer?.dry_run === true ? answer.roles.filter(({ action }) => action === 'create').length : 0;
  return (
    <Stack gap="sm">
      <Select
        label="Server"
        description={`${connection.username} at ${connection.host}:${connection.port}`}
        data={fitting.map(({ id, distinctName }) => ({ value: id, label: distinctName }))}
        value={connection.id}
        onChange={(id) => {
          setChosen(id ?? undefined);
          restore.reset();
        }}
        allowDeselect={false}
        maw="24rem"
      />
      <Group gap="xs">
        <Button variant="default" onClick={() => ask(true)} loading={restore.isPending}>
          Show what would be made
        </Button>
        {missing > 0 && (
          <Button onClick={() => ask(false)} loading={restore.isPending}>
            {missing === 1 ? 'Make 1 role' : `Make ${missing} roles`}
          </Button>
        )}
      </Group>
      {restore.error !== null && <ErrorAlert error={restore.error} />}
      <div role="status">{answer !== undefined && <Outcome answer={answer} />}</div>
    </Stack>
  );
}

function Outcome({ answer: { message, roles, warnings, dry_run: dryRun } }: { answer: Answer }) {
  const made = roles.filter(({ action }) => action === 'create');
  return (
    <Stack gap="xs">
      <Text size="sm" fw={600}>
        {dryRun && 'Nothing was changed. '}
        {message}
      </Text>
      {made.map(({ name, commands }) => (
        <div key={name}>
          <Text size="sm">{name}</Text>
          <Code block>{commands.join('\n')}</Code>
        </div>
      ))}
      {warnings.map((warning) => (
        <Text key={warning} size="sm" className="break">
          {warning}
        </Text>
      ))}
    </Stack>
  );
}
