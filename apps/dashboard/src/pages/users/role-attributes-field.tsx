import { Alert, Checkbox, Stack } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { RoleAttribute } from './user-privileges.js';

const CHOICES: readonly { value: RoleAttribute; label: string; description: string }[] = [
  { value: 'LOGIN', label: 'Log in', description: 'LOGIN. Without it, it is a group, and not listed here.' },
  { value: 'CREATEDB', label: 'Create databases', description: 'CREATEDB. And drop its own.' },
  { value: 'CREATEROLE', label: 'Create users', description: 'CREATEROLE. Modify and delete them, too.' },
  { value: 'REPLICATION', label: 'Replicate', description: 'REPLICATION. Reads the stream of all changes.' },
  {
    value: 'BYPASSRLS',
    label: 'Bypass row security',
    description: 'BYPASSRLS. Sees every row; a user who makes backups needs it where tables have policies.',
  },
  { value: 'SUPERUSER', label: 'Superuser', description: 'SUPERUSER. Everything, without a check.' },
];

interface Props {
  value: readonly RoleAttribute[];
  onChange(value: RoleAttribute[]): void;
  error: string | undefined;
}

/** PostgreSQL: what a role may do on the server. */
export function RoleAttributesField({ value, onChange, error }: Props) {
  return (
    <Stack gap="xs">
      <Checkbox.Group
        label="May"
        value={[...value]}
        onChange={(names) => onChange(CHOICES.map((choice) => choice.value).filter((name) => names.includes(name)))}
        error={error}
      >
        <Stack gap="xs" mt={6}>
          {CHOICES.map((choice) => (
            <Checkbox key={choice.value} {...choice} />
          ))}
        </Stack>
      </Checkbox.Group>
      {value.includes('SUPERUSER') && (
        <Alert color="yellow" variant="light" icon={<IconAlertTriangle aria-hidden />} role="status">
          A superuser may do everything: read and drop every database, and run programs on the server. Backups need
          less.
        </Alert>
      )}
    </Stack>
  );
}
