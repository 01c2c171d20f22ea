import { Anchor } from '@mantine/core';
import { IconPlugX } from '@tabler/icons-react';
import { Link } from 'react-router';
import { $api } from '../../api/client.js';
import { EmptyState } from '../../ui/empty-state.js';
import { Loaded } from '../../ui/loaded.js';
import { Page } from '../../ui/page.js';
import { UsersPanel } from './users-panel.js';

/** The users of the server that is connected. */
export default function UsersPage() {
  const status = $api.useQuery('get', '/api/status');
  return (
    <Page
      title="Database users"
      description="Who may log in to the connected server, and what they may do there. They are the server’s own, not this service’s."
    >
      <Loaded query={status} lines={5}>
        {(connection) =>
          connection.connected ? (
            <UsersPanel connection={connection} />
          ) : (
            <EmptyState icon={IconPlugX} title="Not connected">
              The users are those of a server.{' '}
              <Anchor component={Link} to="/" inherit>
                Connect to a database
              </Anchor>{' '}
              first.
            </EmptyState>
          )
        }
      </Loaded>
    </Page>
  );
}
