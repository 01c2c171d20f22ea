import { Text } from '@mantine/core';
import { IconActivity, IconFilterOff } from '@tabler/icons-react';
import { Link } from 'react-router';
import { $api } from '../../api/client.js';
import { BY_CURSOR } from '../../api/paging.js';
import { EmptyState } from '../../ui/empty-state.js';
import { Loaded } from '../../ui/loaded.js';
import { Panel } from '../../ui/panel.js';
import { ShowMore } from '../../ui/tables/show-more.js';
import { useAddress } from '../../ui/use-address.js';
import { historyQuery, isNarrowed, readHistoryAddress, writeHistoryAddress } from './history-address.js';
import { HistoryFilters } from './history-filters.js';
import { HistoryTable } from './history-table.js';

const PAGE_SIZE = 25;

/** Shows the jobs that have ended, newest first. */
export function JobHistory() {
  const { address, change } = useAddress(readHistoryAddress, writeHistoryAddress);
  const query = $api.useInfiniteQuery(
    'get',
    '/api/jobs',
    { params: { query: { ...historyQuery(address), limit: PAGE_SIZE } } },
    BY_CURSOR,
  );
  return (
    <Panel title="History">
      <HistoryFilters address={address} onChange={change} />
      <Loaded query={query} lines={6}>
        {({ pages }) => {
          const jobs = pages.flatMap((page) => page.jobs);
          if (jobs.length === 0) return isNarrowed(address) ? <NoneOfThese /> : <NothingYet />;
          return (
            <>
              <HistoryTable jobs={jobs} />
              <ShowMore query={query} />
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}

function NoneOfThese() {
  return (
    <EmptyState icon={IconFilterOff} title="No such job">
      Nothing that was chosen above is in the history. Choose less.
    </EmptyState>
  );
}

function NothingYet() {
  return (
    <EmptyState icon={IconActivity} title="Nothing was done yet">
      Connect a database on the{' '}
      <Text component={Link} to="/" inherit td="underline" c="inherit">
        overview
      </Text>{' '}
      and create a backup. It appears here as it runs.
    </EmptyState>
  );
}
