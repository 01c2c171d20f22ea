import { Alert, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { $api, api } from '../../../api/client.js';
import { ConfirmDialog } from '../../../ui/confirm-dialog.js';
import { Bytes, RelativeTime } from '../../../ui/figures.js';
import { notifyDone } from '../../../ui/notify.js';
import { folderOf } from '../backup-words.js';
import type { Backup } from '../backup-words.js';
import { lossOf } from './loss.js';

interface Props {
  backup: Backup;
  opened: boolean;
  onClose(): void;
  onDeleted?(): void;
}

/** Says what is lost with a backup before it is deleted. */
export function DeleteDialog({ backup, opened, onClose, onDeleted }: Props) {
  const { id, filename, path, size, created } = backup;
  return (
    <ConfirmDialog
      opened={opened}
      onClose={onClose}
      title="Delete this backup?"
      confirmLabel="Delete backup"
      onConfirm={async () => {
        const { data, error } = await api.DELETE('/api/backups/{id}', { params: { path: { id } } });
        if (error !== undefined) throw error;
        notifyDone(data.message);
        onDeleted?.();
      }}
    >
      <Stack gap="sm">
        <Text size="sm" fw={600} className="break">
          {filename}
        </Text>
        <Text size="sm">
          The file (<Bytes value={size} />, made <RelativeTime at={created * 1000} />) and its manifest are deleted from{' '}
          <span className="break">{folderOf(path)}</span>. This cannot be taken back.
        </Text>
        {opened && <Consequence backup={backup} />}
      </Stack>
    </ConfirmDialog>
  );
}

/** Shows what is left of the backups of the database then. It shows nothing while that is not known: the question does not wait for it. */
function Consequence({ backup }: { backup: Backup }) {
  const { database } = backup;
  const { data } = $api.useQuery(
    'get',
    '/api/catalog/backups',
    { params: { query: { folders: 'all', status: 'complete', limit: 500, search: database ?? '' } } },
    { enabled: database !== null },
  );
  if (data === undefined || database === null) return null;
  const { newestVerified, nextVerified, remaining } = lossOf(backup, data.backups);
  const left = remaining === 1 ? '1 other whole backup' : `${remaining} other whole backups`;
  if (!newestVerified && remaining > 0) {
    return (
      <Text size="sm" c="dimmed">
        {left} of {database} {remaining === 1 ? 'stays' : 'stay'}.
      </Text>
    );
  }
  return (
    <Alert role="note" color="yellow" variant="light" icon={<IconAlertTriangle aria-hidden />}>
      <Text size="sm">
        {newestVerified ? `This is the newest backup of ${database} that is verified by a restore. ` : ''}
        {remaining === 0 && `No other whole backup of ${database} is left.`}
        {remaining > 0 && nextVerified === undefined && `${left} of ${database} ${remaining === 1 ? 'stays; it is' : 'stay; none is'} ${remaining === 1 ? 'not verified' : 'verified'}.`}
        {nextVerified !== undefined && (
          <>
            The one before it was made <RelativeTime at={nextVerified.created * 1000} />.
          </>
        )}
      </Text>
    </Alert>
  );
}
