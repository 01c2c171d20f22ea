import { Button, Group, Modal, PasswordInput, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useState } from 'react';
import { $api } from '../api/client.js';
import type { Schemas } from '../api/client.js';
import { formFaults } from '../api/form-faults.js';
import { Disclosure } from '../ui/disclosure.js';
import { ErrorAlert } from '../ui/error-alert.js';
import { Loaded } from '../ui/loaded.js';
import { notifyDone } from '../ui/notify.js';
import { useFocusFault } from '../ui/use-focus-fault.js';
import { useReturnFocus } from '../ui/use-return-focus.js';

type Connection = Schemas['ConnectionEntry'];
type Change = Schemas['ConnectionChangeRequest'];

const FIELDS = [
  'label',
  'host',
  'port',
  'database',
  'username',
  'password',
  'ssl_mode',
  'ssl_ca',
  'ssl_certificate',
  'ssl_key',
];
const SSL_MODES = ['prefer', 'require', 'verify-ca', 'verify-full', 'disable'];

/** Changes how a connection is called and how it logs in. What the server does not accept is not saved. */
export default function EditConnectionDialog({ id, onClose }: { id: string; onClose(): void }) {
  const query = $api.useQuery('get', '/api/connections/{id}', { params: { path: { id } } });
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
  const save = $api.useMutation('patch', '/api/connections/{id}');
  const faults = formFaults(save.error, FIELDS, { DATABASE_NOT_FOUND: 'database' });
  const form = useFocusFault(save.error);
  const set = (more: Change): void => setChange((now) => ({ ...now, ...more }));
  const moved = (['host', 'port', 'username'] as const).some(
    (name) => change[name] !== undefined && String(change[name]) !== String(connection[name]),
  );
  const text = (name: 'label' | 'host' | 'port' | 'database' | 'username') => ({
    value: String(change[name] ?? connection[name] ?? ''),
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) =>
      set({ [name]: name === 'label' && value === '' ? null : value }),
    error: faults.fields[name],
    autoComplete: 'off',
    spellCheck: false,
  });
  const pem = (name: 'ssl_ca' | 'ssl_certificate' | 'ssl_key', shown: string | null) => ({
    value: change[name] ?? shown ?? '',
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) =>
      set({ [name]: value === '' ? null : value }),
    error: faults.fields[name],
    autosize: true,
    minRows: 2,
    maxRows: 6,
    autoComplete: 'off',
    spellCheck: false,
    styles: { input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: '0.75rem' } },
  });
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (save.isPending) return;
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
        <TextInput
          label="Name"
          placeholder={connection.name}
          {...text('label')}
          value={change.label === null ? '' : (change.label ?? connection.label ?? '')}
        />
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
          visibilityToggleFocusable
          visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
        />
        <Disclosure title="Encryption" opened={connection.ssl_mode !== 'prefer' || connection.ssl_ca !== null}>
          <Stack gap="sm">
            <Select
              label="TLS"
              data={SSL_MODES}
              value={change.ssl_mode ?? connection.ssl_mode}
              onChange={(mode) => mode !== null && set({ ssl_mode: mode as NonNullable<Change['ssl_mode']> })}
              error={faults.fields['ssl_mode']}
              allowDeselect={false}
            />
            <Textarea
              label="Authority’s certificate (PEM)"
              description="What the server’s certificate is checked against; empty: the system’s list."
              {...pem('ssl_ca', connection.ssl_ca)}
            />
            <Textarea label="Client certificate (PEM)" {...pem('ssl_certificate', connection.ssl_certificate)} />
            <Textarea
              label="Client key (PEM)"
              description={connection.has_ssl_key ? 'There is one. It is never shown.' : undefined}
              {...pem('ssl_key', null)}
            />
          </Stack>
        </Disclosure>
        <Text size="sm" c="dimmed">
          The login is tried before anything is saved.
        </Text>
        {faults.rest !== undefined && <ErrorAlert error={faults.rest} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending} disabled={Object.keys(change).length === 0}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
