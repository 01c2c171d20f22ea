import { Modal, Text } from '@mantine/core';
import type { RestorableBackup } from './restorable-backup.js';

interface Props {
  opened: boolean;
  onClose(): void;
  backup: RestorableBackup;
}

/** Leads from a backup to a restored database: what and where, what would happen, the confirmation, the work, its end. */
export default function RestoreDialog({ opened, onClose, backup }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Restore a backup" size="xl">
      <Text size="sm" className="break">
        {backup.filename}
      </Text>
    </Modal>
  );
}
