import { Anchor, Button, Stack } from '@mantine/core';
import { IconDatabase, IconSearchOff } from '@tabler/icons-react';
import { Link } from 'react-router';
import { $api } from '../../api/client.js';
import { Disclosure } from '../../ui/disclosure.js';
import { EmptyState } from '../../ui/empty-state.js';
import { Loaded } from '../../ui/loaded.js';
import { Page } from '../../ui/page.js';
import { BackupDialogs, useBackupDialogs } from './actions/backup-dialogs.js';
import { CatalogMenu, RebuildResult, useRebuild } from './catalog-menu.js';
import { BackupFilters } from './list/backup-filters.js';
import classes from './list/backup-list.module.css';
import { BackupTable } from './list/backup-table.js';
import { isFiltered, readAddress } from './list/list-address.js';
import { Pager } from './list/pager.js';
import { useBackupList } from './list/use-backup-list.js';
import { RetentionPanel } from './retention/retention-panel.js';

const ALL = readAddress(new URLSearchParams());

/** Every backup and foreign dump that there is. */
export default function BackupsPage() {
  const { address, look, query, offset, turnBack, turnOn, toFirst } = useBackupList();
  const dialogs = useBackupDialogs();
  const rebuild = useRebuild();
  return (
    <Page
      title="Backups"
      description="What this service made, and dumps that came from elsewhere."
      actions={<CatalogMenu rebuild={rebuild} />}
    >
      <RebuildResult rebuild={rebuild} />
      <Stack gap="md">
        <BackupFilters address={address} onLook={look} />
        <Loaded query={query} lines={8}>
          {({ backups, total }) => {
            if (total === 0 && isFiltered(address)) return <NothingFound onClear={() => look(CLEAR)} />;
            if (total === 0) return <NothingYet />;
            if (backups.length === 0) return <PageIsGone onFirst={toFirst} />;
            return (
              <Stack gap="md" className={query.isPlaceholderData ? classes.loading : undefined}>
                <BackupTable backups={backups} address={address} onLook={look} onAsk={dialogs.ask} />
                <Pager offset={offset} shown={backups.length} total={total} onBack={turnBack} onNext={turnOn} />
              </Stack>
            );
          }}
        </Loaded>
      </Stack>
      <RetentionDisclosure connectionId={address.connection} />
      <BackupDialogs {...dialogs.props} />
    </Page>
  );
}

const CLEAR = { search: ALL.search, connection: ALL.connection, status: ALL.status };

function NothingYet() {
  return (
    <EmptyState icon={IconDatabase} title="No backups yet">
      <Anchor component={Link} to="/" inherit>
        Connect to a database
      </Anchor>{' '}
      and create the first one.
    </EmptyState>
  );
}

function NothingFound({ onClear }: { onClear(): void }) {
  return (
    <EmptyState icon={IconSearchOff} title="No backup is like that">
      <Button variant="default" size="compact-md" mt="xs" onClick={onClear}>
        Clear search
      </Button>
    </EmptyState>
  );
}

/** Shown when the backups of this page were deleted meanwhile. */
function PageIsGone({ onFirst }: { onFirst(): void }) {
  return (
    <EmptyState icon={IconDatabase} title="This page of the list is empty now">
      <Button variant="default" size="compact-md" mt="xs" onClick={onFirst}>
        To the first page
      </Button>
    </EmptyState>
  );
}

/** Loads the retention only when it is opened, because computing it looks at every file. */
function RetentionDisclosure({ connectionId }: { connectionId: string | undefined }) {
  const { data } = $api.useQuery('get', '/api/connections', { params: { query: { limit: 500 } } });
  if (data === undefined || data.connections.length === 0) return null;
  return (
    <Disclosure title="What retention would do">
      <RetentionPanel connections={data.connections} preferred={connectionId} />
    </Disclosure>
  );
}
