import { Anchor, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { $api } from '../../api/client.js';
import type { Schemas } from '../../api/client.js';
import { Loaded } from '../../ui/loaded.js';
import { Panel } from '../../ui/panel.js';
import { ResponsiveTable } from '../../ui/tables/responsive-table.js';

type Settings = Schemas['SettingsResponse'];

interface Default {
  name: string;
  value: ReactNode;
  /** The variable of the environment by which the operator sets it. */
  variable: string;
}

const FORMATS = { plain: 'SQL text', custom: 'pg_dump archive (MySQL: SQL text)' } as const;
const COMPRESSIONS = { none: 'None', zstd: 'zstd' } as const;
const GLOBALS = {
  none: 'Not stored',
  roles: 'Stored with each backup, without passwords (PostgreSQL)',
  roles_with_passwords: 'Stored with each backup, with hashes of passwords (PostgreSQL)',
} as const;
const VERIFICATIONS = {
  complete: 'Complete: whole when it was written',
  stored: 'Stored: read back, hash equal',
  restored: 'Restored: loaded into a verification server and compared',
} as const;
const COMPARISONS = { content: 'Every value, by checksums', counts: 'Objects and rows' } as const;

function defaultsOf({ backup, schedule, jobs, restore }: Settings): Default[] {
  return [
    { name: 'Format', value: FORMATS[backup.format], variable: 'BACKUP_FORMAT' },
    { name: 'Compression', value: COMPRESSIONS[backup.compression], variable: 'BACKUP_COMPRESSION' },
    { name: 'Roles of the server', value: GLOBALS[backup.globals], variable: 'BACKUP_GLOBALS' },
    { name: 'Verification of each backup', value: VERIFICATIONS[backup.verification], variable: 'BACKUP_VERIFICATION' },
    {
      name: 'Verification of scheduled ones',
      value: VERIFICATIONS[backup.scheduled_verification],
      variable: 'SCHEDULE_VERIFICATION',
    },
    { name: 'What a restore is compared by', value: COMPARISONS[backup.compare], variable: 'VERIFY_COMPARE' },
    { name: 'Retention', value: newest(backup.retention_count), variable: 'BACKUP_RETENTION_COUNT' },
    {
      name: 'Undo of a restore',
      value: restore.undo_hours === 0 ? 'Not kept' : `For ${hours(restore.undo_hours)}`,
      variable: 'RESTORE_UNDO_HOURS',
    },
    { name: 'First schedule', value: <code>{schedule.cron}</code>, variable: 'BACKUP_SCHEDULE' },
    { name: 'Time zone', value: schedule.timezone, variable: 'BACKUP_TIMEZONE' },
    {
      name: 'Missed runs made up',
      value: schedule.catch_up_hours === 0 ? 'Never' : `Within ${hours(schedule.catch_up_hours)}`,
      variable: 'SCHEDULE_CATCH_UP_HOURS',
    },
    { name: 'Jobs in parallel', value: String(jobs.concurrency), variable: 'JOB_CONCURRENCY' },
  ];
}

/** Shows the defaults, which hold where nobody says otherwise. They are the operator's and cannot be set here. */
export function DefaultsPanel() {
  const query = $api.useQuery('get', '/api/settings');
  return (
    <Panel
      title="Backups"
      description={
        <>
          What holds where a backup or a{' '}
          <Anchor component={Link} to="/schedules" inherit underline="always">
            schedule
          </Anchor>{' '}
          says nothing else. Set by environment variables, read when the service starts.
        </>
      }
    >
      <Loaded query={query} lines={8}>
        {(settings) => (
          <ResponsiveTable
            caption="Defaults"
            rows={defaultsOf(settings)}
            keyOf={({ variable }) => variable}
            columns={[
              { key: 'name', header: 'Setting', cell: ({ name }) => <Text size="sm">{name}</Text> },
              {
                key: 'value',
                header: 'In effect',
                cell: ({ value }) => (
                  <Text size="sm" fw={600} component="div">
                    {value}
                  </Text>
                ),
              },
              {
                key: 'variable',
                header: 'Variable',
                cell: ({ variable }) => (
                  <Text size="xs" c="dimmed" component="code" ff="monospace" className="break">
                    {variable}
                  </Text>
                ),
              },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}

const newest = (count: number): string => (count === 1 ? 'The newest one' : `The newest ${count}`);
const hours = (count: number): string => `${count} ${count === 1 ? 'hour' : 'hours'}`;
