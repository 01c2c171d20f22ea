import { Stack, Text } from '@mantine/core';
import { api } from '../../../api/client.js';
import { ConfirmDialog } from '../../../ui/confirm-dialog.js';
import { notifyDone } from '../../../ui/notify.js';
import { foreignWords } from '../backup-words.js';
import type { Backup } from '../backup-words.js';

interface Props {
  backup: Backup;
  opened: boolean;
  onClose(): void;
  /** `id`: by which the backup is known from now on. */
  onAdopted?: ((id: string) => void) | undefined;
}

/** Says what it means to make a backup with a foreign manifest one of this service, before that is done. */
export function AdoptDialog({ backup, opened, onClose, onAdopted }: Props) {
  const { id, filename } = backup;
  return (
    <ConfirmDialog
      opened={opened}
      onClose={onClose}
      title="Adopt this backup?"
      confirmLabel="Adopt backup"
      danger={false}
      onConfirm={async () => {
        const { data, error } = await api.POST('/api/backups/{id}/adopt', { params: { path: { id } } });
        if (error !== undefined) throw error;
        notifyDone(`${filename} is a backup of this service from now on.`);
        // Without Prefer: respond-async the answer is the backup itself.
        onAdopted?.('backup' in data ? data.backup.id : id);
      }}
    >
      <Stack gap="sm">
        <Text size="sm" fw={600} className="break">
          {filename}
        </Text>
        <Text size="sm">{foreignWords(backup)}</Text>
        <Text size="sm">
          The whole file is read and compared with its manifest, which is then signed. From then on the backup counts: it is
          verified, kept and deleted like any other, and a restore trusts its manifest. Do it only if you know where the file
          comes from.
        </Text>
        {backup.foreign_because === 'other_installation' && (
          <Text size="sm" c="dimmed">
            If you have the secret key of that installation, put it into the file of previous keys instead: all of its backups
            are recognised then.
          </Text>
        )}
      </Stack>
    </ConfirmDialog>
  );
}
