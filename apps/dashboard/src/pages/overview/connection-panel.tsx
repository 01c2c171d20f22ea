import { Alert, Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import { IconPlugConnected, IconRefreshAlert } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { $api } from '../../api/client.js';
import type { Schemas } from '../../api/client.js';
import { useConnections } from '../../connections/use-connections.js';
import { ErrorAlert } from '../../ui/error-alert.js';
import { Facts } from '../../ui/facts.js';
import { Loaded } from '../../ui/loaded.js';
import { notifyDone } from '../../ui/notify.js';
import { Panel } from '../../ui/panel.js';
import { StateBadge } from '../../ui/badges/state-badge.js';
import type { SameDatabase } from './connect-form.js';

const ConnectForm = lazy(() => import('./connect-form.js'));
const SecondLogin = lazy(() => import('./second-login.js'));

type Status = Schemas['StatusResponse'];

/** Shows the connection that the page, and calls that name no connection, act on. */
export function ConnectionPanel({ status }: { status: UseQueryResult<Status, unknown> }) {
  const [another, setAnother] = useState(false);
  const [same, setSame] = useState<SameDatabase>();
  const onConnected = (known: SameDatabase | undefined): void => {
    setAnother(false);
    setSame(known);
  };
  const connected = status.data?.connected === true;
  return (
    <Panel
      title="Database connection"
      actions={
        status.data !== undefined && (
          <StateBadge tone={connected ? 'good' : 'plain'} icon={connected ? IconPlugConnected : undefined}>
            {connected ? 'Connected' : 'Not connected'}
          </StateBadge>
        )
      }
    >
      <Loaded query={status} lines={6}>
        {(now) =>
          now.connected ? (
            <Stack>
              <Connected status={now} onAnother={() => setAnother(!another)} another={another} />
              {same !== undefined && (
                <Suspense>
                  <SecondLogin same={same} onDone={() => setSame(undefined)} />
                </Suspense>
              )}
              {another && <Form onConnected={onConnected} />}
            </Stack>
          ) : (
            <Stack>
              {now.last_error !== null && (
                <Alert
                  color="yellow"
                  variant="light"
                  icon={<IconRefreshAlert aria-hidden />}
                  title="Still trying to connect"
                >
                  <Text size="sm" className="break">
                    {now.last_error}
                  </Text>
                  <Text size="sm" c="dimmed">
                    The connection of the last run is tried again by itself.
                  </Text>
                </Alert>
              )}
              <Form onConnected={onConnected} />
            </Stack>
          )
        }
      </Loaded>
    </Panel>
  );
}

/** Fetches the form. The panel around it stays, and keeps the focus, meanwhile. */
function Form({ onConnected }: { onConnected(same: SameDatabase | undefined): void }) {
  return (
    <Suspense fallback={<Skeleton height={320} />}>
      <ConnectForm onConnected={onConnected} />
    </Suspense>
  );
}

interface ConnectedProps {
  status: Status;
  another: boolean;
  onAnother(): void;
}

function Connected({ status, another, onAnother }: ConnectedProps) {
  const disconnect = $api.useMutation('post', '/api/disconnect', {
    onSuccess: () => notifyDone('Disconnected. The schedule is stopped; backups and the connection stay known.'),
  });
  const active = useConnections().find((connection) => connection.active);
  return (
    <Stack gap="sm">
      <Facts
        facts={[
          { label: 'Database', value: <strong>{status.database}</strong> },
          { label: 'Server', value: `${status.host}:${status.port}` },
          { label: 'User', value: status.username },
          { label: 'Version', value: [status.flavour, status.server_version].filter(Boolean).join(' ') || null },
          { label: 'TLS', value: active?.ssl_mode ?? null },
        ]}
      />
      {disconnect.error !== null && <ErrorAlert error={disconnect.error} />}
      <Group gap="xs">
        <Button variant="default" onClick={() => disconnect.mutate({})} loading={disconnect.isPending}>
          Disconnect
        </Button>
        <Button variant="subtle" onClick={onAnother} aria-expanded={another}>
          {another ? 'Keep this connection' : 'Connect to another…'}
        </Button>
      </Group>
    </Stack>
  );
}
