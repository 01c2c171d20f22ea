import { ActionIcon, Menu } from '@mantine/core';
import {
  IconDotsVertical,
  IconPencil,
  IconPlugConnected,
  IconSearch,
  IconStethoscope,
  IconTrash,
} from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { $api } from '../api/client.js';
import type { Schemas } from '../api/client.js';
import { formatDuration } from '../format/format.js';
import { notifyDone, notifyTrouble } from '../ui/notify.js';

const EditConnectionDialog = lazy(() => import('./edit-connection-dialog.js'));
const DeleteConnectionDialog = lazy(() => import('./delete-connection-dialog.js'));
const FindDatabasesDialog = lazy(() => import('./find-databases-dialog.js'));

interface Props {
  connection: Schemas['OverviewConnection'];
  /** How many whole backups its database has. */
  backups: number;
}

/** The actions on a connection other than backup and restore. */
export function ConnectionMenu({ connection, backups }: Props) {
  const { id, name, active } = connection;
  const [dialog, setDialog] = useState<'edit' | 'delete' | 'find'>();
  const activate = $api.useMutation('post', '/api/connections/{id}/activate', {
    onSuccess: () => notifyDone(`${name} is the active connection.`),
    onError: (error) => notifyTrouble(`${name} could not be made active`, error),
  });
  const test = $api.useMutation('post', '/api/connections/{id}/test', {
    onSuccess: ({ flavour, server_version: version, latency_ms: ms }) =>
      notifyDone(`${name} answers: ${flavour} ${version}, login in ${formatDuration(ms)}.`),
    onError: (error) => notifyTrouble(`${name} does not let us in`, error),
  });
  const close = (): void => setDialog(undefined);
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`More for ${name}`}
            loading={test.isPending || activate.isPending}
          >
            <IconDotsVertical size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {!active && (
            <Menu.Item
              leftSection={<IconPlugConnected size={16} aria-hidden />}
              onClick={() => activate.mutate({ params: { path: { id } } })}
            >
              Make active
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<IconStethoscope size={16} aria-hidden />}
            onClick={() => test.mutate({ params: { path: { id } } })}
          >
            Test the login
          </Menu.Item>
          <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={() => setDialog('edit')}>
            Edit…
          </Menu.Item>
          <Menu.Item leftSection={<IconSearch size={16} aria-hidden />} onClick={() => setDialog('find')}>
            Find databases on this server…
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            color="red"
            leftSection={<IconTrash size={16} aria-hidden />}
            disabled={active}
            onClick={() => setDialog('delete')}
          >
            {active ? 'Delete (disconnect first)' : 'Delete…'}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Suspense fallback={null}>
        {dialog === 'edit' && <EditConnectionDialog id={id} onClose={close} />}
        {dialog === 'delete' && <DeleteConnectionDialog connection={connection} backups={backups} onClose={close} />}
        {dialog === 'find' && <FindDatabasesDialog connection={connection} onClose={close} />}
      </Suspense>
    </>
  );
}
