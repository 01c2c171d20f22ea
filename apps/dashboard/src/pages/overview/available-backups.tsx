import { Anchor, Button, Group, Radio, Stack, Text, Title } from '@mantine/core';
import { IconDatabaseOff } from '@tabler/icons-react';
import { Suspense, useId, useState } from 'react';
import { Link } from 'react-router';
import { $api } from '../../api/client.js';
import type { Schemas } from '../../api/client.js';
import { RestoreDialog } from '../../restore/index.js';
import { EmptyState } from '../../ui/empty-state.js';
import { Facts } from '../../ui/facts.js';
import { Bytes, Duration, RelativeTime, Time } from '../../ui/figures.js';
import { Loaded } from '../../ui/loaded.js';
import { VerificationBadge } from '../../ui/badges/verification-badge.js';
import classes from './overview.module.css';

type Backup = Schemas['CatalogedBackup'];

const SHOWN = 8;

/** The newest backups of a database: one is chosen, looked at, restored. */
export function AvailableBackups({ connection }: { connection: Schemas['ConnectionEntry'] }) {
  const query = $api.useQuery('get', '/api/catalog/backups', {
    params: { query: { connection_id: connection.id, limit: SHOWN } },
  });
  const heading = useId();
  return (
    <section aria-labelledby={heading}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={3} size="h5" id={heading}>
            Available backups
          </Title>
          {(query.data?.total ?? 0) > 0 && (
            <Anchor component={Link} to={`/backups?connection=${connection.id}`} size="sm">
              {(query.data?.total ?? 0) > SHOWN ? `All ${query.data?.total} backups` : 'All backups'}
            </Anchor>
          )}
        </Group>
        <Loaded query={query}>
          {({ backups }) =>
            backups.length === 0 ? (
              <EmptyState icon={IconDatabaseOff} title="No backup yet">
                Create the first one above. It is verified and kept, and can be restored from here.
              </EmptyState>
            ) : (
              <Choice backups={backups} />
            )
          }
        </Loaded>
      </Stack>
    </section>
  );
}

function Choice({ backups }: { backups: readonly Backup[] }) {
  const [id, setId] = useState<string>();
  const [restoring, setRestoring] = useState<Backup>();
  const [opened, setOpened] = useState(false);
  // The newest that can be restored, until somebody has chosen; and again when what was chosen has gone.
  const first =
    backups.find(({ status, verification }) => status === 'complete' && !verification?.failed) ?? backups[0];
  const chosen = backups.find((backup) => backup.id === id) ?? first;
  const group = useId();
  if (chosen === undefined) return null;
  return (
    <Stack gap="sm">
      <div role="radiogroup" aria-label="Backups">
        {backups.map((backup) => {
          const selected = backup.id === chosen.id;
          return (
            <label
              key={backup.id}
              htmlFor={`${group}${backup.id}`}
              className={classes.row}
              data-selected={selected || undefined}
            >
              <Radio
                id={`${group}${backup.id}`}
                name={group}
                value={backup.id}
                checked={selected}
                onChange={() => setId(backup.id)}
                aria-label={backup.filename}
              />
              <span className={classes.rowText}>
                <Text span display="block" size="sm" fw={500} className="break">
                  {backup.filename}
                </Text>
                <Text span display="block" size="xs" c="dimmed">
                  <RelativeTime at={backup.created * 1000} />, <Bytes value={backup.size} />
                  {backup.kind === 'safety' && ', safety backup of a restore'}
                </Text>
              </span>
              <VerificationBadge status={backup.status} verification={backup.verification} />
            </label>
          );
        })}
      </div>
      <Details backup={chosen} />
      {chosen.status === 'damaged' && (
        <Text size="sm">It is damaged, so it cannot be restored: choose another one.</Text>
      )}
      <Group gap="xs">
        <Button
          variant="light"
          disabled={chosen.status === 'damaged'}
          onClick={() => {
            setRestoring(chosen);
            setOpened(true);
          }}
        >
          Restore selected…
        </Button>
        <Button variant="subtle" component={Link} to={`/backups/${chosen.id}`}>
          Everything about it
        </Button>
      </Group>
      {restoring !== undefined && (
        <Suspense fallback={null}>
          <RestoreDialog opened={opened} onClose={() => setOpened(false)} backup={restoring} />
        </Suspense>
      )}
    </Stack>
  );
}

function Details({ backup }: { backup: Backup }) {
  return (
    <Facts
      facts={[
        { label: 'Made', value: <Time at={backup.created * 1000} /> },
        { label: 'Size', value: <Bytes value={backup.size} /> },
        { label: 'Took', value: backup.duration_ms === null ? null : <Duration ms={backup.duration_ms} /> },
        {
          label: 'Format',
          value: [backup.format, backup.compression].filter((part) => part && part !== 'none').join(', ') || null,
        },
        { label: 'File', value: backup.path },
        {
          label: 'SHA-256',
          value: backup.sha256 === null ? null : <code title={backup.sha256}>{backup.sha256.slice(0, 16)}…</code>,
        },
      ]}
    />
  );
}
