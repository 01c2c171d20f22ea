import { Stack, TagsInput } from '@mantine/core';
import { SCROLLING_OPTIONS } from '../../ui/forms/scrolling-options.js';
import { DATABASE_PRIVILEGES, SERVER_PRIVILEGES, spelled } from './user-privileges.js';
import type { Grants } from './user-privileges.js';

interface Props {
  value: Grants;
  onChange(value: Grants): void;
  /** That is connected. */
  database: string;
  errors: { readonly [Level in keyof Grants]?: string };
}

/** MySQL and MariaDB: privileges on the connected database, and on the whole server. */
export function GrantsFields({ value, onChange, database, errors }: Props) {
  return (
    <Stack gap="md">
      <TagsInput
        label={`Privileges on ${database}`}
        description="Choose, or type a name and press Enter."
        data={[...DATABASE_PRIVILEGES]}
        value={[...value.database]}
        onChange={(names) => onChange({ ...value, database: spelled(names) })}
        error={errors.database}
        acceptValueOnBlur
        clearable
        {...SCROLLING_OPTIONS}
        comboboxProps={{ withinPortal: false }}
      />
      <TagsInput
        label="Privileges on the whole server"
        description="For every database, also those to come."
        data={[...SERVER_PRIVILEGES]}
        value={[...value.server]}
        onChange={(names) => onChange({ ...value, server: spelled(names) })}
        error={errors.server}
        acceptValueOnBlur
        clearable
        {...SCROLLING_OPTIONS}
        comboboxProps={{ withinPortal: false }}
      />
    </Stack>
  );
}
