import { Button, Checkbox, Group, Modal, Stack, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { $api } from '../api/client.js';
import type { Schemas } from '../api/client.js';
import { ErrorAlert } from '../ui/error-alert.js';
import { Bytes } from '../ui/figures.js';
import { Loaded } from '../ui/loaded.js';
import { notifyDone } from '../ui/notify.js';
import { StateBadge } from '../ui/badges/state-badge.js';
import { useReturnFocus } from '../ui/use-return-focus.js';

interface Props {
  connection: Schemas['OverviewConnection'];
  onClose(): void;
}

/** The databases of a server, those first that nobody backs up; chosen ones become connections with the same login. */
export default function FindDatabasesDialog({ connection, onClose }: Props) {
  const { id, host, port } = connection;
  const find = $api.useMutation('post', '/api/connections/discover');
  const add = $api.useMutation('post', '/api/connections/discover');
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const { mutate } = find;
  useReturnFocus(true);
  useEffect(() => mutate({ body: { connection_id: id } }), [mutate, id]);
  const query = { data: find.data, error: find.error, refetch: () => mutate({ body: { connection_id: id } }) };
  return (
    <Modal opened onClose={onClose} title={`Databases on ${host}:${port}`} size="lg" returnFocus={false}>
      <Loaded query={query}>
        {({ databases }) => (
          <Stack>
            <Stack gap="xs" role="group" aria-label="Databases">
              {databases.map(({ name, size, accessible, backed_up: backedUp, connection_id: known }) => (
                <Group key={name} justify="space-between" wrap="nowrap" gap="sm">
                  <Checkbox
                    label={name}
                    checked={known !== null || chosen.includes(name)}
                    disabled={known !== null || !accessible}
                    onChange={({ currentTarget: { checked } }) =>
                      setChosen((now) => (checked ? [...now, name] : now.filter((other) => other !== name)))
                    }
                  />
                  <Group gap="xs" wrap="nowrap">
                    {size !== null && (
                      <Text size="sm" c="dimmed">
                        <Bytes value={size} />
                      </Text>
                    )}
                    {accessible ? (
                      <StateBadge tone={backedUp ? 'good' : 'warn'}>{backedUp ? 'Backed up' : 'No backup'}</StateBadge>
                    ) : (
                      <StateBadge tone="plain">No access</StateBadge>
                    )}
                  </Group>
                </Group>
              ))}
            </Stack>
            {add.error !== null && <ErrorAlert error={add.error} />}
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={onClose}>
                Close
              </Button>
              <Button
                disabled={chosen.length === 0}
                loading={add.isPending}
                onClick={() =>
                  add.mutate(
                    { body: { connection_id: id, add: [...chosen] } },
                    {
                      onSuccess: () => {
                        notifyDone(`Added: ${chosen.join(', ')}.`);
                        onClose();
                      },
                    },
                  )
                }
              >
                {chosen.length === 0 ? 'Add' : `Add ${chosen.length}`}
              </Button>
            </Group>
          </Stack>
        )}
      </Loaded>
    </Modal>
  );
}
