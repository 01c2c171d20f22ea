import { Button, Group, Stack } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { IconPlugX, IconRefresh } from '@tabler/icons-react';
import type { Schemas } from '../../api/client.js';
import { $api } from '../../api/client.js';
import { EmptyState } from '../../ui/empty-state.js';
import { Panel } from '../../ui/panel.js';
import { AvailableBackups } from './available-backups.js';
import { CreateBackup } from './create-backup.js';

/** Backs up the active connection, and restores what it has. */
export function BackupPanel({ status }: { status: Schemas['StatusResponse'] | undefined }) {
  const client = useQueryClient();
  const { data: connections, isFetching } = $api.useQuery('get', '/api/connections', {
    params: { query: { limit: 500 } },
  });
  const connection = connections?.connections.find(({ active }) => active);
  const connected = status?.connected === true && connection !== undefined;
  return (
    <Panel
      title="Backup operations"
      description={connected ? `Of ${connection.database}.` : undefined}
      actions={
        connected && (
          <Group gap="xs">
            <Button
              variant="subtle"
              size="compact-sm"
              leftSection={<IconRefresh size={16} aria-hidden />}
              onClick={() => void client.invalidateQueries()}
              loading={isFetching}
            >
              Refresh
            </Button>
          </Group>
        )
      }
    >
      {connected ? (
        <Stack gap="lg" key={connection.id}>
          <CreateBackup connection={connection} />
          <AvailableBackups connection={connection} />
        </Stack>
      ) : (
        <EmptyState icon={IconPlugX} title="Connect to a database first">
          Then it can be backed up and restored here.
        </EmptyState>
      )}
    </Panel>
  );
}
