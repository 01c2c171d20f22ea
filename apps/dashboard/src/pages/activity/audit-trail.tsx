import { Button } from '@mantine/core';
import { IconUserSearch, IconRefresh } from '@tabler/icons-react';
import { $api } from '../../api/client.js';
import { BY_CURSOR } from '../../api/paging.js';
import { EmptyState } from '../../ui/empty-state.js';
import { Loaded } from '../../ui/loaded.js';
import { Panel } from '../../ui/panel.js';
import { ShowMore } from '../../ui/tables/show-more.js';
import { AuditTable } from './audit-table.js';

const PAGE_SIZE = 50;

/** Every call that changed something, or was meant to. */
export function AuditTrail() {
  const query = $api.useInfiniteQuery(
    'get',
    '/api/audit',
    { params: { query: { limit: PAGE_SIZE } } },
    {
      ...BY_CURSOR,
      // Some entries make no event: who was refused, for one.
      staleTime: 0,
    },
  );
  return (
    <Panel
      title="Who did what"
      description="Every call that changes something, refused ones too. Kept for a year."
      actions={
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconRefresh size={16} aria-hidden />}
          loading={query.isRefetching}
          onClick={() => void query.refetch()}
        >
          Refresh
        </Button>
      }
    >
      <Loaded query={query} lines={6}>
        {({ pages }) => {
          const entries = pages.flatMap((page) => page.audit);
          if (entries.length === 0) return <Nothing />;
          return (
            <>
              <AuditTable entries={entries} />
              <ShowMore query={query} />
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}

function Nothing() {
  return (
    <EmptyState icon={IconUserSearch} title="Nobody changed anything yet">
      Whoever connects a database, creates a backup or changes a setting is written down here.
    </EmptyState>
  );
}
