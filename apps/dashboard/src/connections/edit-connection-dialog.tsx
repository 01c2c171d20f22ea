import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useState } from 'react';
import { $api } from '../api/client.js';
import type { Schemas } from '../api/client.js';
import { formFaults } from '../api/form-faults.js';
import { RetentionChoice } from '../retention/retention-choice.js';
import { choiceOf, chosenPolicy, refusedRules } from '../retention/retention-draft.js';
import { Disclosure } from '../ui/disclosure.js';
import { ErrorAlert } from '../ui/error-alert.js';
import { Loaded } from '../ui/loaded.js';
import { notifyDone } from '../ui/notify.js';
import { PasswordInput } from '../ui/forms/password-input.js';
import { useFocusFault } from '../ui/forms/use-focus-fault.js';
import { useReturnFocus } from '../ui/use-return-focus.js';
import { CONNECTION_FIELDS } from './connection-fields.js';
import { FIELD_OF_CODE } from './login-draft.js';
import { TlsFields } from './tls-fields.js';

type Connection = Schemas['ConnectionEntry'];
type Change = Schemas['ConnectionChangeRequest'];

/** Changes how a connection is called and how it logs in. What the server does not accept is not saved. */
export default function EditConnectionDialog({ id, onClose }: { id: string; onClose(): void }) {
  // The form begins with what there is now, and not with what there was when the dialog was open before.
  const query = $api.useQuery('get', '/api/connections/{id}', { params: { path: { id } } }, { gcTime: 0 });
  const narrow = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false });
  useReturnFocus(true);
  return (
    <Modal opened onClose={onClose} title="Edit the connection" size="lg" fullScreen={narrow} returnFocus={false}>
      <Loaded query={query} lines={6}>
        {({ connection }) => <Form connection={connection} onClose={onClose} />}
      </Loaded>
    </Modal>
  );
}

function Form({ connection, onClose }: { connection: Connection; onClose(): void }) {
  const [change, setChange] = useState<Change>({});
  const [choice, setChoice] = useState(() => choiceOf(connection.retention));
  const policy = chosenPolicy(choice);
  const save = $api.useMutation('patch', '/api/connections/{id}');
  const faults = formFaults(save.error, CONNECTION_FIELDS, FIELD_OF_CODE);
  const form = useFocusFault(save.error);
  const set = (more: Change): void => setChange((now) => ({ ...now, ...more }));
  const moved = (['host', 'port', 'username'] as const).some(
    (name) => change[name] !== undefined && String(change[name]) !== String(connection[name]),
  );
  const text = (name: 'label' | 'host' | 'port' | 'database' | 'username') => ({
    // A name that was taken away shows as empty, not as the stored one.
    value: String((change[name] === undefined ? connection[name] : change[name]) ?? ''),
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) =>
      set({ [name]: name === 'label' && value === '' ? null : value }),
    error: faults.fields[name],
    autoComplete: 'off',
    spellCheck: false,
  });
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (save.isPending || policy === undefined) return;
        save.mutate(
          { params: { path: { id: connection.id } }, body: change },
          {
            onSuccess: ({ connection: { name } }) => {
              notifyDone(`${name} was changed.`);
              onClose();
            },
          },
        );
      }}
    >
      <Stack gap="sm">
        <TextInput label="Name" placeholder={connection.name} {...text('label')} />
        <Group grow align="flex-start" preventGrowOverflow={false} gap="sm">
          <TextInput label="Host" {...text('host')} style={{ flex: '3 1 8rem' }} />
          <TextInput label="Port" {...text('port')} inputMode="numeric" style={{ flex: '1 1 5rem' }} />
        </Group>
        <TextInput label="Database" {...text('database')} />
        <TextInput label="User" {...text('username')} />
        <PasswordInput
          label="Password"
          description={
            moved
              ? 'Needed again, as the stored one is not sent to another place or user.'
              : 'Left empty, it stays as it is.'
          }
          value={change.password ?? ''}
          onChange={({ currentTarget: { value } }) => {
            const { password: _, ...rest } = change;
            setChange(value === '' ? rest : { ...rest, password: value });
          }}
          error={faults.fields['password']}
          autoComplete="new-password"
        />
        <Disclosure title="Encryption" opened={connection.ssl_mode !== 'prefer' || connection.ssl_ca !== null}>
          <TlsFields change={change} known={connection} onChange={set} errors={faults.fields} />
        </Disclosure>
        <Disclosure title="Retention" opened={choice.own}>
          <RetentionChoice
            choice={choice}
            onChange={(chosen) => {
              setChoice(chosen);
              const retention = chosenPolicy(chosen);
              // Half typed, it is not sent; `Save` waits for it.
              if (retention !== undefined) set({ retention });
            }}
            refused={refusedRules(faults.fields)}
          />
        </Disclosure>
        <Text size="sm" c="dimmed">
          A login that was changed is tried before anything is saved. Saving deletes no backup.
        </Text>
        {faults.rest !== undefined && <ErrorAlert error={faults.rest} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={save.isPending}
            disabled={Object.keys(change).length === 0 || policy === undefined}
          >
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
