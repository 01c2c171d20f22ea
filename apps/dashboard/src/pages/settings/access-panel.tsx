import { Anchor } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { $api } from '../../api/client.js';
import type { Schemas } from '../../api/client.js';
import { Loaded } from '../../ui/loaded.js';
import { Panel } from '../../ui/panel.js';
import { StateBadge } from '../../ui/badges/state-badge.js';
import { Fact, Facts } from './facts.js';

type Readiness = Schemas['ReadyResponse'];

const CHECKS: Readonly<Record<string, string>> = {
  backup_folder: 'Backup folder',
  data_folder: 'Data folder',
  catalog: 'Catalog',
};

/** The service itself: how it is reached, by whom, and whether it is well. */
export function AccessPanel() {
  const query = $api.useQuery('get', '/api/settings');
  return (
    <Panel title="Access">
      <Loaded query={query} lines={4}>
        {({ access, version }) => (
          <Facts>
            <Fact name="Address">
              <code>{addressOf(access)}</code>, by <code>HOST</code> and <code>PORT</code>
            </Fact>
            <Fact name="Password">
              {access.password ? (
                'Asked for on every page and call but those of health'
              ) : (
                <>
                  None is asked for. <code>ADMIN_PASSWORD_FILE</code> sets one.
                </>
              )}
            </Fact>
            <Fact name="API">
              <Anchor href="/api/docs" target="_blank" rel="noopener" inherit underline="always">
                Documentation of every call
              </Anchor>{' '}
              (opens a new tab)
            </Fact>
            <Fact name="Version">{version}</Fact>
          </Facts>
        )}
      </Loaded>
      <Health />
    </Panel>
  );
}

/** An IPv6 address stands in brackets before a port. */
const addressOf = ({ host, port }: Schemas['AccessSettings']): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

function Health() {
  // 503 tells the same things in the same shape. What it says may change without an event.
  const query = $api.useQuery('get', '/api/health/ready', {}, { staleTime: 0, retry: false });
  const answer = query.data ?? readinessIn(query.error);
  return (
    <Loaded query={{ ...query, data: answer }} lines={2}>
      {({ success, checks }) => (
        <Facts>
          <Fact name="Health">
            {success ? (
              <StateBadge tone="good" icon={IconCheck}>
                Ready: backups can be written
              </StateBadge>
            ) : (
              <StateBadge tone="bad" icon={IconAlertTriangle}>
                Not ready
              </StateBadge>
            )}
          </Fact>
          {Object.entries(checks as Readonly<Record<string, string>>).map(([check, state]) => (
            <Fact key={check} name={CHECKS[check] ?? check}>
              {state === 'ok' ? 'In order' : state}
            </Fact>
          ))}
        </Facts>
      )}
    </Loaded>
  );
}

function readinessIn(error: unknown): Readiness | undefined {
  return typeof error === 'object' && error !== null && 'checks' in error ? (error as Readiness) : undefined;
}
