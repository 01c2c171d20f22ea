import { ActionIcon, Menu } from '@mantine/core';
import {
  IconArrowBackUp,
  IconDots,
  IconDownload,
  IconFileCheck,
  IconFileImport,
  IconPin,
  IconPinnedOff,
  IconShieldCheck,
  IconTrash,
} from '@tabler/icons-react';
import { api } from '../../../api/client.js';
import { notifyTrouble } from '../../../ui/notify.js';
import { isOurs, isRestorable } from '../backup-words.js';
import type { Backup } from '../backup-words.js';
import { useRunningVerification } from '../verification/running-verifications.js';
import { beginVerification } from '../verification/use-verification.js';
import type { VerifiableLevel } from '../verification/use-verification.js';
import type { Asked } from './backup-dialogs.js';
import { downloadOf } from './download.js';

const ICON = { size: 16, stroke: 1.7, 'aria-hidden': true } as const;

interface Props {
  backup: Backup;
  onAsk(asked: Asked): void;
}

/** Everything that can be done with a backup of a list. */
export function BackupMenu({ backup, onAsk }: Props) {
  return (
    <Menu position="bottom-end" withinPortal shadow="md">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${backup.filename}`}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {isRestorable(backup) && (
        <Menu.Item
          leftSection={<IconArrowBackUp {...ICON} />}
          onClick={() => onAsk({ action: 'restore', backup })}
        >
          Restore…
        </Menu.Item>
        )}
        <Menu.Item component="a" leftSection={<IconDownload {...ICON} />} {...downloadOf(backup)}>
          Download
        </Menu.Item>
        {backup.foreign_because !== null && (
          <Menu.Item
            leftSection={<IconFileImport {...ICON} />}
            onClick={() => onAsk({ action: 'adopt', backup })}
          >
            Adopt…
          </Menu.Item>
        )}
        {isOurs(backup) && <MenuOfOurs backup={backup} onAsk={onAsk} />}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Offers what can be done only with backups that this service has written. */
export function MenuOfOurs({ backup, onAsk }: Props) {
  const { id, filename, pinned } = backup;
  const verifying = useRunningVerification(id) !== undefined;
  const verify = (level: VerifiableLevel): void =>
    void beginVerification(id, level).catch((error: unknown) => notifyTrouble(`${filename} was not verified`, error));
  return (
    <>
      <Menu.Divider />
      <Menu.Item disabled={verifying} leftSection={<IconFileCheck {...ICON} />} onClick={() => verify('stored')}>
        Verify: read it back
      </Menu.Item>
      <Menu.Item disabled={verifying} leftSection={<IconShieldCheck {...ICON} />} onClick={() => verify('restored')}>
        Verify: restore and compare it
      </Menu.Item>
      <Menu.Item
        leftSection={pinned ? <IconPinnedOff {...ICON} /> : <IconPin {...ICON} />}
        onClick={() => void setPinned(backup, !pinned)}
      >
        {pinned ? 'Unpin' : 'Pin: keep it, whatever the retention'}
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item
        color="red"
        c="var(--mantine-color-error)"
        leftSection={<IconTrash {...ICON} />}
        onClick={() => onAsk({ action: 'delete', backup })}
      >
        Delete…
      </Menu.Item>
    </>
  );
}

async function setPinned({ id, filename }: Backup, pinned: boolean): Promise<void> {
  const { error } = await api.POST('/api/backups/{id}/pin', { params: { path: { id } }, body: { pinned } });
  if (error !== undefined) notifyTrouble(`${filename} was not ${pinned ? 'pinned' : 'unpinned'}`, error);
}
