import { ActionIcon, Alert, List, Loader, Menu, Text } from '@mantine/core';
import { IconDots, IconInfoCircle, IconRefresh } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { $api } from '../../api/client.js';
import { formatCount } from '../../format/format.js';
import { ErrorAlert } from '../../ui/error-alert.js';

type Rebuild = ReturnType<typeof useRebuild>;

export function useRebuild() {
  const client = useQueryClient();
  return $api.useMutation('post', '/api/catalog/rebuild', {
    // It may have brought back anything.
    onSuccess: () => client.invalidateQueries(),
  });
}

/** A menu for actions that are rarely needed. */
export function CatalogMenu({ rebuild }: { rebuild: Rebuild }) {
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon variant="default" size="lg" aria-label="More actions">
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconRefresh size={16} aria-hidden />}
          disabled={rebuild.isPending}
          onClick={() => rebuild.mutate({ body: {} })}
        >
          Rebuild the catalog from the folders
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Shows the result of a rebuild in words until it is closed. */
export function RebuildResult({ rebuild }: { rebuild: Rebuild }) {
  if (rebuild.isPending) {
    return (
      <Alert variant="light" icon={<Loader size={18} />} role="status">
        Reading every manifest in the backup folders…
      </Alert>
    );
  }
  if (rebuild.error !== null) return <ErrorAlert error={rebuild.error} title="The catalog was not rebuilt" />;
  if (rebuild.data === undefined) return null;
  const { message, connections, schedules, warnings } = rebuild.data;
  return (
    <Alert
      variant="light"
      color={warnings.length === 0 ? 'green' : 'yellow'}
      icon={<IconInfoCircle aria-hidden />}
      role="status"
      withCloseButton
      closeButtonLabel="Close"
      onClose={() => rebuild.reset()}
    >
      <Text size="sm">
        {message} {broughtBack(connections, schedules)}
      </Text>
      {warnings.length > 0 && (
        <List size="sm" mt="xs">
          {warnings.map((warning) => (
            <List.Item key={warning}>{warning}</List.Item>
          ))}
        </List>
      )}
    </Alert>
  );
}

function broughtBack(connections: number, schedules: number): string {
  const parts = [
    ...(connections > 0 ? [`${formatCount(connections)} ${connections === 1 ? 'connection' : 'connections'}`] : []),
    ...(schedules > 0 ? [`${formatCount(schedules)} ${schedules === 1 ? 'schedule' : 'schedules'}`] : []),
  ];
  if (parts.length === 0) return 'No connection or schedule was missing.';
  return `Brought back: ${parts.join(' and ')}.`;
}
