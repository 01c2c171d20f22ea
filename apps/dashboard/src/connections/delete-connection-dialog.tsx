import { Button, Checkbox, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { $api } from '../api/client.js';
import type { Schemas } from '../api/client.js';
import { ErrorAlert } from '../ui/error-alert.js';
import { notifyDone } from '../ui/notify.js';
import { useReturnFocus } from '../ui/use-return-focus.js';

interface Props {
  connection: Schemas['OverviewConnection'];
  backups: number;
  onClose(): void;
}

/** Forgets a connection and its schedules; its backups only when that is asked for and the database named. */
export default function DeleteConnectionDialog({ connection, backups, onClose }: Props) {
  const { id, name, database } = connection;
  const [withBackups, setWithBackups] = useState(false);
  const [typed, setTyped] = useState('');
  const remove = $api.useMutation('delete', '/api/connections/{id}');
  const { data } = $api.useQuery('get', '/api/schedules', { params: { query: { connection_id: id, limit: 500 } } });
  const schedules = data?.schedules.length ?? 0;
  const ready = !withBackups || typed === database;
  useReturnFocus(true);
  return (
    <Modal opened onClose={onClose} title={`Delete ${name}?`} centered returnFocus={false}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!ready || remove.isPending) return;
          remove.mutate(
            {
              params: { path: { id } },
              body: withBackups ? { delete_backups: true, confirm: typed } : {},
            },
            {
              onSuccess: ({ message }) => {
                notifyDone(message);
                onClose();
              },
            },
          );
        }}
      >
        <Stack>
          <Text size="sm">
            The service forgets its login
            {schedules === 0 ? '' : ` and ${schedules === 1 ? 'its schedule' : `its ${schedules} schedules`}`}. The
            database itself is not touched. {backups === 0 ? '' : 'Its backups stay, unless you say otherwise.'}
          </Text>
          {backups > 0 && (
            <Checkbox
              label={backups === 1 ? 'Also delete its backup' : `Also delete its ${backups} backups`}
              checked={withBackups}
              onChange={(event) => setWithBackups(event.currentTarget.checked)}
            />
          )}
          {withBackups && (
            <TextInput
              label={
                <>
                  Type <strong>{database}</strong> to confirm
                </>
              }
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
            />
          )}
          {remove.error !== null && <ErrorAlert error={remove.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" color="red" loading={remove.isPending} disabled={!ready}>
              {withBackups ? 'Delete connection and backups' : 'Delete connection'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
