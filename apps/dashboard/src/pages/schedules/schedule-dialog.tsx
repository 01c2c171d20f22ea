import { Modal } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { NamedConnection } from '../../connections/use-connections.js';
import { useReturnFocus } from '../../ui/use-return-focus.js';
import { ScheduleForm } from './schedule-form.js';
import type { Schedule } from './schedule-words.js';

interface Props {
  opened: boolean;
  onClose(): void;
  /** To be changed; undefined: a new one. */
  schedule: Schedule | undefined;
  /** At least one. */
  connections: readonly NamedConnection[];
}

/** Makes a schedule, or changes one. */
export default function ScheduleDialog({ opened, onClose, schedule, connections }: Props) {
  const narrow = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false });
  useReturnFocus(opened);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={schedule === undefined ? 'Create a schedule' : `Edit ${schedule.name}`}
      size="xl"
      fullScreen={narrow}
      returnFocus={false}
      closeButtonProps={{ 'aria-label': 'Close the dialog' }}
    >
      <ScheduleForm schedule={schedule} connections={connections} onClose={onClose} />
    </Modal>
  );
}
