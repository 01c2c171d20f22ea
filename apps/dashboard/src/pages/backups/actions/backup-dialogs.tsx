import { Suspense, useState } from 'react';
import { RestoreDialog } from '../../../restore/index.js';
import type { Backup } from '../backup-words.js';

/** What somebody wants to do with a backup that takes a dialog. */
export interface Asked {
  action: 'restore';
  backup: Backup;
}

/** Belongs to the page and not to a row: a row may go while its dialog is open. */
export function useBackupDialogs() {
  const [asked, setAsked] = useState<Asked>();
  const [opened, setOpened] = useState(false);
  const ask = (what: Asked): void => {
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
}

export function BackupDialogs({ asked, opened, onClose }: Props) {
  if (asked === undefined) return null;
  const { backup } = asked;
  return (
    <Suspense fallback={null}>
      <RestoreDialog opened={opened} onClose={onClose} backup={backup} />
    </Suspense>
  );
}
