import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useState } from 'react';
import { $api } from '../api/client.js';
import type { Schemas } from '../api/client.js';
import { troubleOf } from '../api/api-error.js';
import { formFaults } from '../api/form-faults.js';
import { Disclosure } from '../ui/disclosure.js';
import { ErrorAlert } from '../ui/error-alert.js';
import { notifyDone } from '../ui/notify.js';
import { useFocusFault } from '../ui/forms/use-focus-fault.js';
import { useReturnFocus } from '../ui/use-return-focus.js';
import { CONNECTION_FIELDS } from './connection-fields.js';
import { FIELD_OF_CODE, USUAL_PORTS } from './login-draft.js';
import { LoginFields } from './login-fields.js';
import { SameDatabaseAlert } from './same-database-alert.js';
import { TlsFields } from './tls-fields.js';

type Request = Schemas['ConnectionCreateRequest'];

const EMPTY: Request = {
  db_type: 'PostgreSQL',
  host: 'localhost',
  port: USUAL_PORTS.PostgreSQL,
  database: '',
  username: '',
  password: '',
};

/** Makes one more database known. What the page acts on stays what it is. */
export default function AddConnectionDialog({ onClose }: { onClose(): void }) {
  const [request, setRequest] = useState(EMPTY);
  const add = $api.useMutation('post', '/api/connections');
  const trouble = add.error === null ? undefined : troubleOf(add.error);
  const known = trouble?.code === 'CONNECTION_EXISTS' && 'replace' in trouble.fields ? trouble.message : undefined;
  const faults = formFaults(known === undefined ? add.error : null, CONNECTION_FIELDS, FIELD_OF_CODE);
  const form = useFocusFault(add.error);
  const narrow = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false });
  const set = (change: Partial<Request>): void => setRequest((now) => ({ ...now, ...change }));
  const send = (more: Pick<Request, 'replace'>): void =>
    add.mutate(
      { body: { ...request, ...more } },
      {
        onSuccess: ({ connection: { name } }) => {
          notifyDone(more.replace === true ? `${name} has this login now.` : `${name} was added.`);
          onClose();
        },
      },
    );
  useReturnFocus(true);
  return (
    <Modal opened onClose={onClose} title="Add a connection" size="lg" fullScreen={narrow} returnFocus={false}>
      <form
        ref={form}
        noValidate
        aria-label="Add a connection"
        onSubmit={(event) => {
          event.preventDefault();
          if (add.isPending) return;
          send({});
        }}
      >
        <Stack gap="sm">
          <TextInput
            label="Name (optional)"
            description="Without one it is called by its database and host."
            value={request.label ?? ''}
            onChange={({ currentTarget: { value } }) => set({ label: value === '' ? null : value })}
            error={faults.fields['label']}
            autoComplete="off"
            data-autofocus
          />
          <LoginFields login={request} onChange={set} errors={faults.fields} keeper="new-password" />
          <Disclosure title="Encryption">
            <TlsFields change={request} onChange={set} errors={faults.fields} />
          </Disclosure>
          <Text size="sm" c="dimmed">
            The login is tried before anything is saved. The active connection stays the active one.
          </Text>
          {known !== undefined && (
            <SameDatabaseAlert
              message={known}
              busy={add.isPending}
              onReplace={() => send({ replace: true })}
              other="Add as another login"
              onOther={() => send({ replace: false })}
            />
          )}
          {faults.rest !== undefined && <ErrorAlert error={faults.rest} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={add.isPending}>
              Add
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
