import { Button, Group, Stack, Text } from '@mantine/core';
import { IconLock, IconPlugConnected, IconShield } from '@tabler/icons-react';
import { Time } from '../../ui/figures.js';
import { ResponsiveTable } from '../../ui/tables/responsive-table.js';
import { StateBadge } from '../../ui/badges/state-badge.js';
import { accountOf, privilegesInWords, rightsOf } from './user-words.js';
import type { User } from './user-words.js';
import classes from './users.module.css';

interface Props {
  users: readonly User[];
  /** That is connected; MySQL's privileges are shown for it. */
  database: string;
  onModify(user: User): void;
  onDelete(user: User): void;
}

export function UserTable({ users, database, onModify, onDelete }: Props) {
  const hosts = users.some(({ host }) => host !== undefined);
  return (
    <ResponsiveTable<User>
      caption="Database users"
      rows={users}
      keyOf={accountOf}
      columns={[
        { key: 'name', header: 'Name', cell: (user: User) => <Name user={user} /> },
        ...(hosts
          ? [{ key: 'host', header: 'From host', cell: ({ host }: User) => <code className="break">{host}</code> }]
          : []),
        { key: 'rights', header: 'May', cell: (user: User) => <Rights user={user} database={database} /> },
        {
          key: 'actions',
          header: 'Actions',
          align: 'right',
          cell: (user: User) => (
            <Group gap={6} justify="flex-end" className={classes.actions}>
              <Button
                size="compact-sm"
                variant="default"
                onClick={() => onModify(user)}
                aria-label={`Modify ${accountOf(user)}`}
              >
                Modify
              </Button>
              {user.in_use !== true && (
                <Button
                  size="compact-sm"
                  variant="subtle"
                  color="red"
                  onClick={() => onDelete(user)}
                  aria-label={`Delete ${accountOf(user)}`}
                >
                  Delete
                </Button>
              )}
            </Group>
          ),
        },
      ]}
    />
  );
}

function Name({ user }: { user: User }) {
  return (
    <Group gap="xs" className={classes.cell}>
      <Text size="sm" fw={600} className="break">
        {user.username === '' ? '(anybody)' : user.username}
      </Text>
      {user.in_use === true && (
        <StateBadge tone="busy" icon={IconPlugConnected} title="This service is logged in as it.">
          This service
        </StateBadge>
      )}
    </Group>
  );
}

function Rights({ user, database }: { user: User; database: string }) {
  const { privileges = [], database_privileges: onDatabase = [], valid_until: until, connection_limit: limit } = user;
  const rights = rightsOf(user);
  const badges = rights.length > 0 || user.locked === true;
  const lines = privileges.length > 0 || onDatabase.length > 0;
  return (
    <Stack gap={4} className={classes.cell}>
      {badges && (
        <Group gap={6} className={classes.badges}>
          {user.locked === true && (
            <StateBadge tone="warn" icon={IconLock} title="Cannot log in.">
              Locked
            </StateBadge>
          )}
          {rights.map(({ label, title, strong }) => (
            <StateBadge
              key={label}
              tone={strong ? 'warn' : 'plain'}
              {...(strong ? { icon: IconShield } : {})}
              title={title}
            >
              {label}
            </StateBadge>
          ))}
        </Group>
      )}
      <Privileges on="Server" names={privileges} />
      <Privileges on={database} names={onDatabase} />
      {!badges && !lines && (
        <Text size="sm" c="dimmed">
          {user.host === undefined ? 'Log in' : 'Log in; nothing on this database'}
        </Text>
      )}
      {until !== undefined && until !== null && until !== 'infinity' && (
        <Text size="xs" c="dimmed" component="div">
          Password valid until <Time at={until} />
        </Text>
      )}
      {limit !== undefined && limit >= 0 && (
        <Text size="xs" c="dimmed">
          At most {limit} {limit === 1 ? 'session' : 'sessions'} at a time
        </Text>
      )}
    </Stack>
  );
}

function Privileges({ on, names }: { on: string; names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <Text size="xs" className="break" title={names.join(', ')}>
      <Text span inherit c="dimmed">
        {on}:{' '}
      </Text>
      {privilegesInWords(names)}
    </Text>
  );
}
