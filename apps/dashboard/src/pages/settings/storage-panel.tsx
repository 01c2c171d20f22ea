import { Alert, Anchor, Progress, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import { $api } from '../../api/client.js';
import type { Schemas } from '../../api/client.js';
import { formatCount } from '../../format/format.js';
import { Bytes } from '../../ui/figures.js';
import { Loaded } from '../../ui/loaded.js';
import { Panel } from '../../ui/panel.js';
import { Fact, Facts } from './facts.js';
import classes from './settings.module.css';

const CATALOGS: Readonly<Record<Schemas['CatalogSettings']['kind'], string>> = {
  sqlite: 'A file in the data folder',
  postgres: 'A PostgreSQL database',
};

/** The words of the overview for a database whose backups are there. */
const STATES: Readonly<Record<Schemas['StorageEntry']['state'], string | undefined>> = {
  fine: undefined,
  low: 'Nearly full: less than 10 % is free.',
  unwritable: 'It cannot be written, so no backup can be made there.',
  missing: 'It is missing, so no backup in it can be restored.',
};

/** Where backups are, and how much still fits there. */
export function StoragePanel() {
  const query = $api.useQuery('get', '/api/settings');
  return (
    <Panel
      title="Storage"
      description={
        <>
          The folders of backups, set by <code>BACKUP_DIR</code> and <code>BACKUP_ALLOWED_DIRS</code>.
        </>
      }
    >
      <Loaded query={query} lines={4}>
        {({ storage, storage_problems: problems, catalog }) => (
          <>
            {problems.map(({ path, message, hint }) => (
              <Alert key={path} color="red" title="A storage is away" mb="md">
                {message} {hint}
              </Alert>
            ))}
            <ul className={classes.folders} aria-label="Backup folders">
              {storage.map((folder) => (
                <li key={folder.path}>
                  <Folder folder={folder} />
                </li>
              ))}
            </ul>
            <Facts>
              <Fact name="Catalog">
                {CATALOGS[catalog.kind]}. If it is lost, it is rebuilt from the folders: on the page of{' '}
                <Anchor component={Link} to="/backups" inherit underline="always">
                  backups
                </Anchor>
                .
              </Fact>
            </Facts>
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function Folder({ folder }: { folder: Schemas['StorageEntry'] }) {
  const { path, free_bytes: free, total_bytes: total, state, backups, bytes } = folder;
  const trouble = STATES[state];
  const used = free === null || total === null || total === 0 ? undefined : Math.round(100 * (1 - free / total));
  return (
    <Stack gap={4}>
      <Text size="sm" fw={600} className="break">
        <code>{path}</code>
      </Text>
      {used !== undefined && total !== null && free !== null && (
        <>
          <Progress.Root size="lg">
            <Progress.Section
              value={used}
              color={state === 'fine' ? 'indigo' : 'red'}
              aria-label={`Space used where ${path} is`}
            />
          </Progress.Root>
          <Text size="sm" component="div">
            <Bytes value={free} /> of <Bytes value={total} /> free
          </Text>
        </>
      )}
      {free === null && <Text size="sm">How much space is left there cannot be told.</Text>}
      {trouble !== undefined && (
        <Text size="sm" c="red">
          {trouble}
        </Text>
      )}
      <Text size="sm" c="dimmed" component="div">
        {backups === 0 ? (
          'No backups'
        ) : (
          <>
            {formatCount(backups)} {backups === 1 ? 'backup' : 'backups'}, <Bytes value={bytes} />
          </>
        )}
      </Text>
    </Stack>
  );
}
