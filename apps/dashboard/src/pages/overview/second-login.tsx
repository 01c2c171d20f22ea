import { Stack } from '@mantine/core';
import { $api } from '../../api/client.js';
import { SameDatabaseAlert } from '../../connections/same-database-alert.js';
import { ErrorAlert } from '../../ui/error-alert.js';
import { notifyDone } from '../../ui/notify.js';
import type { SameDatabase } from './connect-form.js';

/** Asks what becomes of the connection by which the database was reached before. */
export default function SecondLogin({ same: { login, message }, onDone }: { same: SameDatabase; onDone(): void }) {
  const connect = $api.useMutation('post', '/api/connect');
  const replace = (): void =>
    connect.mutate(
      { body: { ...login, replace: true } },
      {
        onSuccess: () => {
          notifyDone(`${login.username} is the login to ${login.database} from now on.`);
          onDone();
        },
      },
    );
  return (
    <Stack gap="xs">
      <SameDatabaseAlert
        message={message.split(' Send "replace"')[0] ?? message}
        busy={connect.isPending}
        onReplace={replace}
        other="Keep both"
        onOther={onDone}
      />
      {connect.error !== null && <ErrorAlert error={connect.error} />}
    </Stack>
  );
}
