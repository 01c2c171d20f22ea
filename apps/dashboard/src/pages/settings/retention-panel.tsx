import { Button, Text } from '@mantine/core';
import { Suspense, lazy, useState } from 'react';
import { Link } from 'react-router';
import { $api } from '../../api/client.js';
import { distinctNames } from '../../connections/distinct-names.js';
import type { NamedConnection } from '../../connections/use-connections.js';
import { policyInWords } from '../../retention/retention-words.js';
import { Loaded } from '../../ui/loaded.js';
import { Panel } from '../../ui/panel.js';
import { ResponsiveTable } from '../../ui/tables/responsive-table.js';

const RetentionDialog = lazy(() => import('./retention-dialog.js'));

/** Shows what is kept of the backups of each connection. */
export function RetentionPanel() {
  const query = $api.useQuery('get', '/api/connections', { params: { query: { limit: 500 } } });
  const { data: settings } = $api.useQuery('get', '/api/settings');
  const count = settings?.backup.retention_count;
  const [edited, setEdited] = useState<NamedConnection>();
  const [opened, setOpened] = useState(false);
  return (
    <Panel
      title="Retention"
      description="What is kept of the backups of each database. Schedules can have rules of their own."
    >
      <Loaded query={query} lines={2}>
        {({ connections }) =>
          connections.length === 0 ? (
            <NoConnection />
          ) : (
            <ResponsiveTable
              caption="Retention of each connection"
              rows={distinctNames(connections)}
              keyOf={({ id }) => id}
              columns={[
                {
                  key: 'name',
                  header: 'Connection',
                  cell: ({ distinctName }) => (
                    <Text size="sm" fw={600} className="break">
                      {distinctName}
                    </Text>
                  ),
                },
                {
                  key: 'rules',
                  header: 'Rules',
                  cell: ({ retention }) => (
                    <Text size="sm">{retention === null ? defaultWords(count) : policyInWords(retention)}</Text>
                  ),
                },
                {
                  key: 'edit',
                  header: '',
                  align: 'right',
                  cell: (connection) => (
                    <Button
                      size="compact-sm"
                      variant="default"
                      aria-label={`Change the retention of ${connection.distinctName}`}
                      onClick={() => {
                        setEdited(connection);
                        setOpened(true);
                      }}
                    >
                      Change
                    </Button>
                  ),
                },
              ]}
            />
          )
        }
      </Loaded>
      <Suspense>
        {edited !== undefined && (
          <RetentionDialog connection={edited} opened={opened} onClose={() => setOpened(false)} />
        )}
      </Suspense>
    </Panel>
  );
}

function defaultWords(count: number | undefined): string {
  if (count === undefined) return 'The service’s default.';
  return `The service’s default: ${policyInWords({ keep_last: count })}`;
}

function NoConnection() {
  return (
    <Text size="sm" c="dimmed">
      No database is connected yet. Connect one on the{' '}
      <Text component={Link} to="/" inherit td="underline" c="inherit">
        overview
      </Text>
      .
    </Text>
  );
}
