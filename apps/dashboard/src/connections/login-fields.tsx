import { Group, SegmentedControl, Text, TextInput } from '@mantine/core';
import { useId } from 'react';
import type { Schemas } from '../api/client.js';
import { PasswordInput } from '../ui/forms/password-input.js';
import { USUAL_PORTS, withType } from './login-draft.js';

type Login = Pick<Schemas['ConnectRequest'], 'db_type' | 'host' | 'port' | 'database' | 'username' | 'password'>;

interface Props {
  login: Login;
  onChange(change: Partial<Login>): void;
  /** The errors by field of the API. */
  errors: Readonly<Record<string, string>>;
  /** `current-password` offers what the browser keeps of this page. */
  keeper: 'current-password' | 'new-password';
}

/** Which database it is, and who logs in. */
export function LoginFields({ login, onChange, errors, keeper }: Props) {
  const type = useId();
  const field = (name: 'host' | 'port' | 'database' | 'username') => ({
    value: String(login[name]),
    onChange: (event: { currentTarget: { value: string } }) => onChange({ [name]: event.currentTarget.value }),
    error: errors[name],
    autoCapitalize: 'off',
    spellCheck: false,
  });
  return (
    <>
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
          onChange={(db_type) => onChange(withType(login, db_type))}
        />
      </div>
      <Group grow align="flex-start" preventGrowOverflow={false} gap="sm">
        <TextInput label="Host" {...field('host')} autoComplete="off" style={{ flex: '3 1 8rem' }} />
        <TextInput
          label="Port"
          placeholder={USUAL_PORTS[login.db_type]}
          {...field('port')}
          inputMode="numeric"
          autoComplete="off"
          style={{ flex: '1 1 5rem' }}
        />
      </Group>
      <TextInput label="Database" {...field('database')} autoComplete="off" />
      <TextInput
        label="User"
        {...field('username')}
        autoComplete={keeper === 'current-password' ? 'username' : 'off'}
      />
      <PasswordInput
        label="Password"
        value={login.password}
        onChange={(event) => onChange({ password: event.currentTarget.value })}
        error={errors['password']}
        autoComplete={keeper}
      />
    </>
  );
}
