import { Anchor, Button } from '@mantine/core';
import { IconCalendarPlus, IconPlugX } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { Link } from 'react-router';
import { $api } from '../../api/client.js';
import { useConnections } from '../../connections/use-connections.js';
import { EmptyState } from '../../ui/empty-state.js';
import { Loaded } from '../../ui/loaded.js';
import { Page } from '../../ui/page.js';
import { Panel } from '../../ui/panel.js';
import { DeleteScheduleDialog } from './delete-schedule-dialog.js';
import { ScheduleTable } from './schedule-table.js';
import type { Schedule } from './schedule-words.js';
import { SchedulerLine } from './scheduler-line.js';

const ScheduleDialog = lazy(() => import('./schedule-dialog.js'));

/** Shows what happens by itself, and when. */
export default function SchedulesPage() {
  const query = $api.useQuery('get', '/api/schedules', { params: { query: { limit: 500 } } });
  const known = $api.useQuery('get', '/api/connections', { params: { query: { limit: 500 } } });
  const connections = useConnections();
  // Undefined: nothing was asked for yet, and then the dialog is not loaded. `schedule` undefined: a new one.
  const [edited, setEdited] = useState<{ schedule: Schedule | undefined; round: number }>();
  const [editing, setEditing] = useState(false);
  const [deleted, setDeleted] = useState<Schedule>();
  const [deleting, setDeleting] = useState(false);
  const edit = (schedule?: Schedule): void => {
    setEdited((before) => ({ schedule, round: (before?.round ?? 0) + 1 }));
    setEditing(true);
  };
  return (
    <Page
      title="Schedules"
      description="Backups, and restores into other databases, that happen by themselves. What was missed while the service was down is made up for once."
    >
      <SchedulerLine schedules={query.data?.schedules ?? []} startable={connections.length > 0} />
      <Panel
        title="Schedules"
        actions={
          connections.length > 0 && (
            <Button leftSection={<IconCalendarPlus size={18} aria-hidden />} onClick={() => edit()}>
              Create schedule
            </Button>
          )
        }
      >
        <Loaded query={known.data === undefined ? { ...query, data: undefined, error: known.error } : query} lines={4}>
          {({ schedules }) =>
            connections.length === 0 ? (
              <NothingToBackUp />
            ) : (
              <ScheduleTable
                schedules={schedules}
                connections={connections}
                onEdit={edit}
                onDelete={(schedule) => {
                  setDeleted(schedule);
                  setDeleting(true);
                }}
              />
            )
          }
        </Loaded>
      </Panel>
      {edited !== undefined && (
        <Suspense>
          <ScheduleDialog
            key={edited.round}
            opened={editing}
            onClose={() => setEditing(false)}
            schedule={edited.schedule}
            connections={connections}
          />
        </Suspense>
      )}
      {deleted !== undefined && (
        <DeleteScheduleDialog opened={deleting} onClose={() => setDeleting(false)} schedule={deleted} />
      )}
    </Page>
  );
}

function NothingToBackUp() {
  return (
    <EmptyState icon={IconPlugX} title="Nothing to back up yet">
      <Anchor component={Link} to="/" inherit>
        Connect to a database
      </Anchor>{' '}
      first. It is backed up every week from then on, and you can say here when else.
    </EmptyState>
  );
}
