import { Button, Group, Text } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { Link } from 'react-router';
import { EmptyState } from '../../ui/empty-state.js';
import { Bytes } from '../../ui/figures.js';
import { Loaded } from '../../ui/loaded.js';
import { Page } from '../../ui/page.js';
import { Panel } from '../../ui/panel.js';
import { RestoreTable } from './restore-table.js';
import { useRestores } from './use-restores.js';

/** Shows what was restored and undone, and what of it can be undone now. */
export default function RestoresPage() {
  const query = useRestores();
  return (
    <Page title="Restores" description="What was restored, and the old states that are kept to undo it.">
      <Panel title="History" description={<KeptWords bytes={query.data?.pages[0]?.undo_bytes} />}>
        <Loaded query={query} lines={5}>
          {({ pages }) => {
            const restores = pages.flatMap((page) => page.restores);
            if (restores.length === 0) return <Nothing />;
            return (
              <>
                <RestoreTable restores={restores} />
                {query.hasNextPage && (
                  <Group justify="center">
                    <Button
                      variant="default"
                      loading={query.isFetchingNextPage}
                      onClick={() => void query.fetchNextPage()}
                    >
                      Show more
                    </Button>
                  </Group>
                )}
              </>
            );
          }}
        </Loaded>
      </Panel>
    </Page>
  );
}

function KeptWords({ bytes }: { bytes: number | undefined }) {
  if (bytes === undefined) return <>&nbsp;</>;
  if (bytes === 0) return <>No old state is kept on a server now.</>;
  return (
    <>
      Old states take{' '}
      <Text span fw={600} inherit c="var(--mantine-color-text)">
        <Bytes value={bytes} />
      </Text>{' '}
      on the servers until their time is over.
    </>
  );
}

function Nothing() {
  return (
    <EmptyState icon={IconArrowBackUp} title="Nothing was restored yet">
      Choose one of the{' '}
      <Text component={Link} to="/backups" inherit td="underline" c="inherit">
        backups
      </Text>{' '}
      and restore it, at first into another database if you like. The previous database is kept, so that this can be
      undone.
    </EmptyState>
  );
}
