import { Anchor } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { $api } from '../../api/client.js';
import type { Schemas } from '../../api/client.js';
import { Loaded } from '../../ui/loaded.js';
import { Panel } from '../../ui/panel.js';
import { StateBadge } from '../../ui/state-badge.js';
import { Fact, Facts } from './facts.js';

type Readiness = Schemas['ReadyResponse'];

const CHECKS: Readonly<Record<string, string>> = {
  backup_folder: 'Backup folder',
  data_folder: 'Data folder',
  catalog: 'Catalog',
};

/** The service itself: whether it is well, and how it is reached. */
export function ServicePanel() {
  return (
    <Panel title="Service">
      <Health />
      <Facts>
        <Fact name="API">
          <Anchor href="/api/docs" target="_blank" rel="noopener" inherit underline="always">
            Documentation of every call
          </Anchor>{' '}
          (opens a new tab)
        </Fact>
      </Facts>
    </Panel>
  );
}

function Health() {
  // 503 tells the same things in the same shape. What it says may change without an event.
  const query = $api.useQuery('get', '/api/health/ready', {}, { staleTime: 0, retry: false });
  const answer = query.data ?? readinessIn(query.error);
  return (
    <Loaded query={{ ...query, data: answer }} lines={2}>
      {({ success, checks }) => (
        <Facts>
          <Fact name="State">
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
