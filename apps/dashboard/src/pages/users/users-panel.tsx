import { Button, CloseButton, Group, Text, TextInput } from '@mantine/core';
import { IconRefresh, IconSearch, IconUserPlus } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { Loaded } from '../../ui/loaded.js';
import { Panel } from '../../ui/panel.js';
import { DeleteUserDialog } from './delete-user-dialog.js';
import { UserTable } from './user-table.js';
import { isMeant } from './user-words.js';
import type { User } from './user-words.js';
import { useUsers } from './use-users.js';
import type { Connection } from './use-users.js';

const UserDialog = lazy(() => import('./user-dialog.js'));
/** So many are seen at a glance. */
const SEARCH_ABOVE = 8;

/** The list, and what is done with it. */
export function UsersPanel({ connection }: { connection: Connection }) {
  const query = useUsers(connection);
  const [search, setSearch] = useState('');
  // Undefined: nothing was asked for yet, and then the dialog is not loaded. `user` undefined: a new one.
  const [edited, setEdited] = useState<{ user: User | undefined; round: number }>();
  const [editing, setEditing] = useState(false);
  const [deleted, setDeleted] = useState<User>();
  const [deleting, setDeleting] = useState(false);
  const edit = (user?: User): void => {
    setEdited((before) => ({ user, round: (before?.round ?? 0) + 1 }));
    setEditing(true);
  };
  return (
    <Panel
      title="Users"
      description={`${connection.flavour ?? connection.db_type} on ${connection.host}:${connection.port}, connected to ${connection.database}`}
      actions={
        <>
          <Button
            variant="default"
            leftSection={<IconRefresh size={16} aria-hidden />}
            loading={query.isFetching && !query.isPending}
            onClick={() => void query.refetch()}
          >
            Refresh
          </Button>
          <Button leftSection={<IconUserPlus size={18} aria-hidden />} onClick={() => edit()}>
            Create user
          </Button>
        </>
      }
    >
      <Loaded query={query} lines={5}>
        {({ users }) => {
          const found = users.filter((user) => isMeant(user, search));
          return (
            <>
              {users.length > SEARCH_ABOVE && (
                <Group gap="sm">
                  <SearchField value={search} onChange={setSearch} />
                  <Text size="sm" c="dimmed" role="status">
                    {found.length} of {users.length}
                  </Text>
                </Group>
              )}
              {found.length > 0 && (
                <UserTable
                  users={found}
                  database={connection.database ?? ''}
                  onModify={edit}
                  onDelete={(user) => {
                    setDeleted(user);
                    setDeleting(true);
                  }}
                />
              )}
            </>
          );
        }}
      </Loaded>
      {edited !== undefined && (
        <Suspense>
          <UserDialog
            key={edited.round}
            opened={editing}
            onClose={() => setEditing(false)}
            connection={connection}
            user={edited.user}
          />
        </Suspense>
      )}
      {deleted !== undefined && (
        <DeleteUserDialog opened={deleting} onClose={() => setDeleting(false)} user={deleted} connection={connection} />
      )}
    </Panel>
  );
}

function SearchField({ value, onChange }: { value: string; onChange(value: string): void }) {
  return (
    <TextInput
      type="search"
      aria-label="Search users"
      placeholder="Name or privilege"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      autoComplete="off"
      spellCheck={false}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={
        value !== '' && <CloseButton size="sm" aria-label="Clear the search" onClick={() => onChange('')} />
      }
      style={{ flex: '0 1 20rem' }}
    />
  );
}
