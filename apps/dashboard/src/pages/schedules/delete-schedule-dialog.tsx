import { $api } from '../../api/client.js';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';
import { notifyDone } from '../../ui/notify.js';
import type { Schedule } from './schedule-words.js';

interface Props {
  opened: boolean;
  onClose(): void;
  schedule: Schedule;
}

export function DeleteScheduleDialog({ opened, onClose, schedule: { id, name, action } }: Props) {
  const remove = $api.useMutation('delete', '/api/schedules/{id}');
  return (
    <ConfirmDialog
      opened={opened}
      onClose={onClose}
      title={`Delete the schedule ${name}?`}
      confirmLabel="Delete schedule"
      onConfirm={async () => {
        const { message } = await remove.mutateAsync({ params: { path: { id } } });
        notifyDone(message);
      }}
    >
      <strong className="break">{name}</strong> will not run any more.{' '}
      {action === 'backup'
        ? 'The backups that it made stay, and no retention removes them by itself any more.'
        : 'What it restored stays as it is.'}
    </ConfirmDialog>
  );
}
