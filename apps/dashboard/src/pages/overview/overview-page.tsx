import { SimpleGrid, Stack } from '@mantine/core';
import { $api } from '../../api/client.js';
import { AddConnection } from '../../connections/add-connection.js';
import { Loaded } from '../../ui/loaded.js';
import { Page } from '../../ui/page.js';
import { BackupPanel } from './backup-panel.js';
import { ConnectionPanel } from './connection-panel.js';
import { DatabaseCards } from './database-cards.js';
import { Verdict } from './verdict.js';
import { Welcome } from './welcome.js';
import classes from './overview.module.css';

/** How well each database is protected; and what connects, backs up and restores. */
export function OverviewPage() {
  // A backup becomes overdue by the clock alone, without an event.
  const overview = $api.useQuery('get', '/api/overview', {}, { refetchInterval: 60_000 });
  const status = $api.useQuery('get', '/api/status');
  return (
    <Page title="Overview" actions={<AddConnection />}>
      <Stack gap="lg">
        <Loaded query={overview} lines={2}>
          {(state) =>
            state.databases.length === 0 ? (
              <Welcome />
            ) : (
              <Stack gap="md">
                <Verdict overview={state} at={overview.dataUpdatedAt} />
                <DatabaseCards databases={state.databases} />
              </Stack>
            )
          }
        </Loaded>
        <SimpleGrid cols={{ base: 1, md: 2 }} className={classes.panels}>
          <ConnectionPanel status={status} />
          <BackupPanel status={status.data} />
        </SimpleGrid>
      </Stack>
    </Page>
  );
}
