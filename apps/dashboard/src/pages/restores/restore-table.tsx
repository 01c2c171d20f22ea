import { Anchor, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import { $api } from '../../api/client.js';
import type { Schemas } from '../../api/client.js';
import { STRATEGY_WORDS } from '../../restore/restore-words.js';
import { Duration, RelativeTime, Time } from '../../ui/figures.js';
import { ResponsiveTable } from '../../ui/tables/responsive-table.js';
import type { Column } from '../../ui/tables/responsive-table.js';
import { RestoreStateBadge } from './restore-state-badge.js';
import { UndoCell } from './undo-cell.js';
import classes from './restores.module.css';

type Restore = Schemas['RestoreEntry'];

const COLUMNS: readonly Column<Restore>[] = [
  { key: 'when', header: 'When', cell: (restore) => <When restore={restore} /> },
  { key: 'what', header: 'What', cell: (restore) => <What restore={restore} /> },
  { key: 'state', header: 'State', cell: (restore) => <State restore={restore} /> },
  { key: 'took', header: 'Took', cell: (restore) => <Took restore={restore} /> },
  { key: 'undo', header: 'Undo', cell: (restore) => <UndoCell restore={restore} /> },
];

export function RestoreTable({ restores }: { restores: readonly Restore[] }) {
  return <ResponsiveTable caption="Restores" columns={COLUMNS} rows={restores} keyOf={({ id }) => id} />;
}

/** Databases of the same name are told apart by their servers. */
function Server({ connectionId }: { connectionId: string | null }) {
  const { data } = $api.useQuery('get', '/api/connections', { params: { query: { limit: 200 } } });
  const connection = data?.connections.find(({ id }) => id === connectionId);
  if (connection === undefined) return null;
  const { db_type: engine, host, port } = connection;
  return (
    <Text size="xs" c="dimmed" className="break">
      {engine} on {host}:{port}
    </Text>
  );
}

function When({ restore: { started_at: at } }: { restore: Restore }) {
  return (
    <div className={classes.cell}>
      <Text size="sm" component="div">
        <RelativeTime at={at} />
      </Text>
      <Text size="xs" c="dimmed" component="div">
        <Time at={at} />
      </Text>
    </div>
  );
}

/** Which database, from what, and what of it. */
function What({ restore }: { restore: Restore }) {
  const { kind, database, tables, backup_path: path, strategy, state } = restore;
  const file = path.split('/').at(-1) ?? path;
  return (
    <div className={classes.cell}>
      <Text size="sm" fw={600} className="break">
        {kind === 'undo' ? `Undo of a restore of ${database}` : database}
      </Text>
      <Server connectionId={restore.connection_id} />
      <Text size="sm" component="div" className="break">
        {kind === 'undo' ? 'that was from ' : 'from '}
        <Anchor component={Link} to={`/backups?search=${encodeURIComponent(file)}`} inherit title={path}>
          {file}
        </Anchor>
      </Text>
      {tables !== null && (
        <Text size="xs" c="dimmed" className="break">
          Only {tables.join(', ')}
        </Text>
      )}
      {strategy !== null && state === 'succeeded' && (
        <Text size="xs" c="dimmed">
          {STRATEGY_WORDS[strategy]}
        </Text>
      )}
    </div>
  );
}

function State({ restore: { state, error, job_id: job } }: { restore: Restore }) {
  return (
    <div className={classes.cell}>
      <RestoreStateBadge state={state} cancelled={error?.code === 'CANCELLED'} />
      {error !== null && error.code !== 'CANCELLED' && (
        <Stack gap={2} mt={4} maw="26rem">
          <Text size="sm" className="break">
            {error.message}
          </Text>
          {error.hint !== null && (
            <Text size="xs" c="dimmed" className="break">
              {error.hint}
            </Text>
          )}
        </Stack>
      )}
      {job !== null && (
        <Text size="xs" mt={2}>
          <Anchor component={Link} to={`/activity/${job}`} inherit>
            Log
          </Anchor>
        </Text>
      )}
    </div>
  );
}

function Took({ restore }: { restore: Restore }) {
  const { started_at: begun, finished_at: ended, lockout_ms: lockout } = restore;
  if (ended === null) return <Text size="sm">–</Text>;
  return (
    <div className={classes.cell}>
      <Text size="sm" component="div">
        <Duration ms={Date.parse(ended) - Date.parse(begun)} />
      </Text>
      {lockout !== null && (
        <Text size="xs" c="dimmed" component="div">
          locked for <Duration ms={lockout} />
        </Text>
      )}
    </div>
  );
}
