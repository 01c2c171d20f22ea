import { Alert, Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import { $api } from '../../api/client.js';
import { troubleOf } from '../../api/api-error.js';
import { formFaults } from '../../api/form-faults.js';
import { ErrorAlert } from '../../ui/error-alert.js';
import { notifyDone } from '../../ui/notify.js';
import { useFocusFault } from '../../ui/forms/use-focus-fault.js';
import { useReturnFocus } from '../../ui/use-return-focus.js';
import { GrantsFields } from './grants-fields.js';
import { PasswordField } from './password-field.js';
import { RoleAttributesField } from './role-attributes-field.js';
import { attributeChanges, attributesOf, grantChanges, grantsOf, NO_GRANTS, whereUnknown } from './user-privileges.js';
import { accountOf } from './user-words.js';
import type { User } from './user-words.js';
import { useUsersChanged } from './use-users.js';
import type { Connection } from './use-users.js';

interface Props {
  opened: boolean;
  onClose(): void;
  connection: Connection;
  /** To be modified; undefined: a new one. */
  user: User | undefined;
}

/** Creates a user, or changes what one may do and its password. */
export default function UserDialog(props: Props) {
  const { opened, onClose, user } = props;
  const narrow = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false });
  useReturnFocus(opened);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={user === undefined ? 'Create a user' : `Modify ${accountOf(user)}`}
      size="lg"
      fullScreen={narrow}
      returnFocus={false}
      closeButtonProps={{ 'aria-label': 'Close the dialog' }}
    >
      <UserForm {...props} />
    </Modal>
  );
}

const FIELDS = ['username', 'host', 'password', 'privileges'];
const FIELD_OF = { USER_EXISTS: 'username', UNKNOWN_PRIVILEGE: 'privileges' };

function UserForm({ onClose, connection, user }: Props) {
  const mysql = connection.db_type === 'MySQL';
  const isNew = user === undefined;
  const [username, setUsername] = useState(user?.username ?? '');
  const [host, setHost] = useState(user?.host ?? '%');
  const [password, setPassword] = useState('');
  const [attributes, setAttributes] = useState(attributesOf(user));
  const [grants, setGrants] = useState(grantsOf(user));
  const perform = $api.useMutation('post', '/api/users');
  const changed = useUsersChanged();
  const privileges = mysql
    ? grantChanges(isNew ? NO_GRANTS : grantsOf(user), grants)
    : attributeChanges(isNew ? undefined : attributesOf(user), attributes);
  const faults = formFaults(perform.error, FIELDS, FIELD_OF);
  const form = useFocusFault(perform.error);
  const nothingToDo = !isNew && password === '' && privileges.length === 0;

  const submit = async (): Promise<void> => {
    const account = mysql ? { username, host } : { username };
    await perform.mutateAsync({
      body: {
        operation: isNew ? 'Create User' : 'Modify Users',
        ...account,
        ...(password === '' ? {} : { password }),
        ...(privileges.length === 0 ? {} : { privileges }),
      },
    });
    changed();
    notifyDone(`${accountOf(account)} was ${isNew ? 'created' : 'changed'}.`);
    onClose();
  };
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        // The failure is in `perform.error`.
        if (!perform.isPending && !nothingToDo) submit().catch(() => undefined);
      }}
    >
      <Stack gap="md">
        {isNew && (
          <TextInput
            label="Name"
            value={username}
            onChange={(event) => setUsername(event.currentTarget.value)}
            error={faults.fields['username']}
            withAsterisk
            aria-required
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            data-autofocus
          />
        )}
        {isNew && mysql && (
          <TextInput
            label="From host"
            description="Where it may come from: % is anywhere, localhost this server itself, 10.0.% a network."
            value={host}
            onChange={(event) => setHost(event.currentTarget.value)}
            error={faults.fields['host']}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
          />
        )}
        <PasswordField
          label={isNew ? 'Password' : 'New password'}
          description={passwordWords(isNew, mysql)}
          value={password}
          onChange={setPassword}
          error={faults.fields['password']}
          required={isNew && mysql}
        />
        {user?.in_use === true && password !== '' && (
          <Alert color="yellow" variant="light" icon={<IconAlertTriangle aria-hidden />} role="status">
            This service itself logs in as {accountOf(user)}. Connect again with the new password afterwards, or backups
            will fail.
          </Alert>
        )}
        {mysql ? (
          <GrantsFields
            value={grants}
            onChange={setGrants}
            database={connection.database ?? ''}
            errors={grantFaults(perform.error, faults.fields['privileges'], grants)}
          />
        ) : (
          <RoleAttributesField value={attributes} onChange={setAttributes} error={faults.fields['privileges']} />
        )}
        {faults.rest !== undefined && <ErrorAlert error={faults.rest} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={perform.isPending} disabled={nothingToDo}>
            {isNew ? 'Create user' : 'Save changes'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function passwordWords(isNew: boolean, mysql: boolean): string {
  if (!isNew) return 'Left empty, it stays as it is.';
  return mysql
    ? 'An account without one would let anybody in.'
    : 'Without one it can log in only where the server asks for none.';
}

/** At the list that holds the unknown name; where neither does, at both. */
function grantFaults(
  error: unknown,
  words: string | undefined,
  grants: Parameters<typeof whereUnknown>[1],
): { server?: string; database?: string } {
  if (words === undefined) return {};
  const places = whereUnknown(troubleOf(error).message, grants);
  return Object.fromEntries((places.length === 0 ? ['server', 'database'] : places).map((place) => [place, words]));
}
