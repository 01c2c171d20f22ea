import { Modal } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { Schemas } from '../../api/client.js';
import { UndoSteps } from './undo-steps.js';
import { useReturnFocus } from '../../ui/use-return-focus.js';

interface Props {
  opened: boolean;
  onClose(): void;
  restore: Schemas['RestoreEntry'];
}

/** Undoes a restore: asks, shows the work and how it ended. */
export default function UndoDialog({ opened, onClose, restore }: Props) {
  useReturnFocus(opened);
  const narrow = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false });
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={`Undo the ${restore.kind} of ${restore.database}`}
      size="lg"
      centered
      fullScreen={narrow}
      returnFocus={false}
    >
      <UndoSteps restore={restore} onClose={onClose} />
    </Modal>
  );
}
