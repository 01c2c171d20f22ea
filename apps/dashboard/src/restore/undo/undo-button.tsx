import { Button } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import type { Schemas } from '../../api/client.js';

const UndoDialog = lazy(() => import('./undo-dialog.js'));

interface Props {
  restore: Schemas['RestoreEntry'];
  size?: 'compact-sm' | 'sm';
}

/**
 * Undoes a restore, after a question. To be rendered for every restore: it is not seen where there is nothing to undo,
 * but must outlive that when the undo that it began has just used up what was kept.
 */
export function UndoButton({ restore, size = 'compact-sm' }: Props) {
  const [asked, setAsked] = useState(false);
  const [opened, setOpened] = useState(false);
  // The one that was asked about, whatever becomes of its record meanwhile.
  const [subject, setSubject] = useState(restore);
  return (
    <>
      {restore.undo.available && (
        <Button
          size={size}
          variant="default"
          leftSection={<IconArrowBackUp size={16} aria-hidden />}
          aria-label={`Undo the ${restore.kind} of ${restore.database}`}
          onClick={() => {
            setSubject(restore);
            setAsked(true);
            setOpened(true);
          }}
        >
          Undo
        </Button>
      )}
      {asked && (
        <Suspense>
          <UndoDialog opened={opened} onClose={() => setOpened(false)} restore={subject} />
        </Suspense>
      )}
    </>
  );
}
