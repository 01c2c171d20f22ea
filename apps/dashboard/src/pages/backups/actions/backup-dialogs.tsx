import { Suspense, useState } from 'react';
import { RestoreDialog } from '../../../restore/index.js';
import { leaveMenu } from '../../../ui/use-return-focus.js';
import type { Backup } from '../backup-words.js';
import { AdoptDialog } from './adopt-dialog.js';
import { DeleteDialog } from './delete-dialog.js';

/** An action on a backup that takes a dialog. */
export interface Asked {
  action: 'restore' | 'delete' | 'adopt';
  backup: Backup;
}

/** Belongs to the page and not to a row: a row may go while its dialog is open. */
export function useBackupDialogs() {
  const [asked, setAsked] = useState<Asked>();
  const [opened, setOpened] = useState(false);
  const ask = (what: Asked): void => {
    leaveMenu();
    setAsked(what);
    setOpened(true);
  };
  const close = (): void => setOpened(false);
  return { ask, props: { asked, opened, onClose: close } };
}

interface Props {
  asked: Asked | undefined;
  opened: boolean;
  onClose(): void;
  /** The backup is gone. */
  onDeleted?(): void;
  /** The backup is one of ours, and known by that id. */
  onAdopted?(id: string): void;
}

export function BackupDialogs({ asked, opened, onClose, onDeleted, onAdopted }: Props) {
  if (asked === undefined) return null;
  const { action, backup } = asked;
  if (action === 'delete') {
    return <DeleteDialog backup={backup} opened={opened} onClose={onClose} onDeleted={onDeleted} />;
  }
  if (action === 'adopt') {
    return <AdoptDialog backup={backup} opened={opened} onClose={onClose} onAdopted={onAdopted} />;
  }
  return (
    <Suspense fallback={null}>
      <RestoreDialog opened={opened} onClose={onClose} backup={backup} />
    </Suspense>
  );
}
