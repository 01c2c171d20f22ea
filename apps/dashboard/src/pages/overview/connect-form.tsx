import { Button, Group, PasswordInput, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core';
import { useId, useState } from 'react';
import { $api } from '../../api/client.js';
import type { Schemas } from '../../api/client.js';
import { formFaults } from '../../api/form-faults.js';
import { Disclosure } from '../../ui/disclosure.js';
import { ErrorAlert } from '../../ui/error-alert.js';
import { Loaded } from '../../ui/loaded.js';
import { notifyDone } from '../../ui/notify.js';
import { useFocusFault } from '../../ui/use-focus-fault.js';

type Login = Schemas['ConnectRequest'];
type DbType = Login['db_type'];

const PORTS: Readonly<Record<DbType, string>> = { PostgreSQL: '5432', MySQL: '3306' };
const FIELDS = ['db_type', 'host', 'port', 'database', 'username', 'password', 'ssl_mode'];
/** Where the hand has to go when the API says this, and no field. */
const FIELD_OF = { DATABASE_NOT_FOUND: 'database' };
export const SSL_MODES = [
  { value: 'prefer', label: 'Encrypted where the server can (prefer)' },
  { value: 'require', label: 'Encrypted (require)' },
  { value: 'verify-full', label: 'Encrypted, certificate and name checked (verify-full)' },
  { value: 'disable', label: 'Not encrypted (disable)' },
];

/** As it was connected last, but for the password, which is never shown. */
export function ConnectForm({ onConnected }: { onConnected(): void }) {
  // Not kept while it is not shown: it would be that of before the connection.
  const config = $api.useQuery('get', '/api/config', {}, { gcTime: 0 });
  return (
    <Loaded query={config} lines={6}>
      {({ config: last }) => (
        // Anew when somebody else has connected since.
        <Form
          key={`${last.db_type} ${last.host} ${last.port} ${last.database} ${last.username}`}
          last={last}
          onConnected={onConnected}
        />
      )}
    </Loaded>
  );
}

function Form({ last, onConnected }: { last: Schemas['ConfigEntry']; onConnected(): void }) {
  const [login, setLogin] = useState<Login>(() => {
    const db_type: DbType = last.db_type === 'MySQL' ? 'MySQL' : 'PostgreSQL';
    return {
      db_type,
      host: last.host || 'localhost',
      port: last.port || PORTS[db_type],
      database: last.database,
      username: last.username,
      password: '',
    };
  });
  const type = useId();
  const connect = $api.useMutation('post', '/api/connect');
  const faults = formFaults(connect.error, FIELDS, FIELD_OF);
  const form = useFocusFault(connect.error);
  const set = (change: Partial<Login>): void => setLogin((now) => ({ ...now, ...change }));
  const field = (name: 'host' | 'port' | 'database' | 'username') => ({
    value: String(login[name]),
    onChange: (event: { currentTarget: { value: string } }) => set({ [name]: event.currentTarget.value }),
    error: faults.fields[name],
    autoCapitalize: 'off',
    spellCheck: false,
  });
  return (
    <form
      ref={form}
      noValidate
      aria-label="Connect to a database"
      onSubmit={(event) => {
        event.preventDefault();
        if (connect.isPending) return;
        connect.mutate(
          { body: login },
          {
            onSuccess: () => {
              notifyDone(`Connected to ${login.database}.`);
              onConnected();
            },
          },
        );
      }}
    >
      <Stack gap="sm">
        <div>
          <Text size="sm" fw={500} id={type} mb={4}>
            Database type
          </Text>
          <SegmentedControl
            fullWidth
            aria-labelledby={type}
            value={login.db_type}
            data={[
              { value: 'PostgreSQL', label: 'PostgreSQL' },
              { value: 'MySQL', label: 'MySQL or MariaDB' },
            ]}
            onChange={(value) => {
              const db_type = value;
              // A port that somebody has chosen stays.
              const usual = Object.values(PORTS).includes(String(login.port)) || login.port === '';
              set({ db_type, ...(usual ? { port: PORTS[db_type] } : {}) });
            }}
          />
        </div>
        <Group grow align="flex-start" preventGrowOverflow={false} gap="sm">
          <TextInput label="Host" {...field('host')} autoComplete="off" style={{ flex: '3 1 8rem' }} />
          <TextInput
            label="Port"
            {...field('port')}
            inputMode="numeric"
            autoComplete="off"
            style={{ flex: '1 1 5rem' }}
          />
        </Group>
        <TextInput label="Database" {...field('database')} autoComplete="off" />
        <TextInput label="User" {...field('username')} autoComplete="username" />
        <PasswordInput
          label="Password"
          value={login.password}
          onChange={(event) => set({ password: event.currentTarget.value })}
          error={faults.fields['password']}
          autoComplete="current-password"
          visibilityToggleFocusable
          visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
        />
        <Disclosure title="Encryption" opened={faults.fields['ssl_mode'] !== undefined}>
          <Select
            label="TLS"
            description="Certificates of your own are given in the connection’s settings afterwards."
            data={SSL_MODES}
            value={login.ssl_mode ?? 'prefer'}
            onChange={(mode) => set({ ssl_mode: (mode ?? 'prefer') as NonNullable<Login['ssl_mode']> })}
            error={faults.fields['ssl_mode']}
            allowDeselect={false}
          />
        </Disclosure>
        {faults.rest !== undefined && <ErrorAlert error={faults.rest} />}
        <Group>
          <Button type="submit" loading={connect.isPending}>
            Connect
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
