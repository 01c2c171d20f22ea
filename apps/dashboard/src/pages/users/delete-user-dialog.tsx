import { $api } from '../../api/client.js';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';
import { notifyDone } from '../../ui/notify.js';
import { accountOf } from './user-words.js';
import type { User } from './user-words.js';
import { useUsersChanged } from './use-users.js';
import type { Connection } from './use-users.js';

interface Props {
  opened: boolean;
  onClose(): void;
  user: User;
  connection: Connection;
}

export function DeleteUserDialog({ opened, onClose, user, connection }: Props) {
  const { username, host } = user;
  const account = accountOf(user);
  const perform = $api.useMutation('post', '/api/users');
  const changed = useUsersChanged();
  return (
    <ConfirmDialog
      opened={opened}
      onClose={onClose}
      title={`Delete the user ${account}?`}
      confirmLabel="Delete user"
      requireText={username}
      onConfirm={async () => {
        await perform.mutateAsync({
          body: { operation: 'Delete Users', username, ...(host === undefined ? {} : { host }) },
        });
        changed();
        notifyDone(`${account} was deleted.`);
      }}
    >
      <strong className="break">{account}</strong> can no longer log in to {connection.host}:{connection.port}. No data
      is deleted: a user who owns objects is not deleted either. Its privileges are not remembered.
    </ConfirmDialog>
  );
}
