import { Button, Group, Select, Stack } from '@mantine/core';
import { useState } from 'react';
import { $api } from '../../api/client.js';
import type { Schemas } from '../../api/client.js';
import { formFaults } from '../../api/form-faults.js';
import { FIELD_OF_CODE, TLS_MODES, USUAL_PORTS } from '../../connections/login-draft.js';
import { LoginFields } from '../../connections/login-fields.js';
import { Disclosure } from '../../ui/disclosure.js';
import { ErrorAlert } from '../../ui/error-alert.js';
import { Loaded } from '../../ui/loaded.js';
import { notifyDone } from '../../ui/notify.js';
import { useFocusFault } from '../../ui/forms/use-focus-fault.js';

export type Login = Schemas['ConnectRequest'];
type DbType = Login['db_type'];

const FIELDS = ['db_type', 'host', 'port', 'database', 'username', 'password', 'ssl_mode'];
/** One that needs a certificate of its own is none for here. */
const SSL_MODES = TLS_MODES.filter(({ value }) => value !== 'verify-ca');

/** Another connection reaches this database by another login: what the API says of it. */
export interface SameDatabase {
  login: Login;
  message: string;
}

type Connected = (same: SameDatabase | undefined) => void;

/** Shows the login of the last connection, but for the password, which is never shown. */
export default function ConnectForm({ onConnected }: { onConnected: Connected }) {
  // The answer is not kept while the form is not shown: it would be that of before the connection.
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

function Form({ last, onConnected }: { last: Schemas['ConfigEntry']; onConnected: Connected }) {
  const [login, setLogin] = useState<Login>(() => {
    const db_type: DbType = last.db_type === 'MySQL' ? 'MySQL' : 'PostgreSQL';
    return {
      db_type,
      host: last.host || 'localhost',
      port: last.port || USUAL_PORTS[db_type],
      database: last.database,
      username: last.username,
      password: '',
    };
  });
  const connect = $api.useMutation('post', '/api/connect', {
    // Here and not with the call: the page may hear of the connection, and let this form go, before the answer comes.
    onSuccess: ({ same_database: same, warnings }, { body }) => {
      notifyDone(`Connected to ${body.database}.`);
      const [message] = warnings ?? [];
      onConnected(same === undefined || message === undefined ? undefined : { login: body, message });
    },
  });
  const faults = formFaults(connect.error, FIELDS, FIELD_OF_CODE);
  const form = useFocusFault(connect.error);
  const set = (change: Partial<Login>): void => setLogin((now) => ({ ...now, ...change }));
  return (
    <form
      ref={form}
      noValidate
      aria-label="Connect to a database"
      onSubmit={(event) => {
        event.preventDefault();
        if (connect.isPending) return;
        connect.mutate({ body: login });
      }}
    >
      <Stack gap="sm">
        <LoginFields login={login} onChange={set} errors={faults.fields} keeper="current-password" />
        <Disclosure title="Encryption" opened={faults.fields['ssl_mode'] !== undefined}>
          <Select
            label="TLS"
            description="With certificates of your own: add a connection above, then make it active."
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
