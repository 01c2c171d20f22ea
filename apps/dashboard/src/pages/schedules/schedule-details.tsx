import { Stack, Text } from '@mantine/core';
import { RetentionOutlook } from '../../retention/retention-outlook.js';
import { policyInWords } from '../../retention/retention-words.js';
import { Facts } from '../../ui/facts.js';
import { PlannedRuns } from './planned-runs.js';
import { optionsInWords } from './schedule-words.js';
import type { Schedule } from './schedule-words.js';
import classes from './schedules.module.css';

/** Shows what does not fit into a row: the next five runs, and how its backups are made and kept. */
export function ScheduleDetails({ schedule }: { schedule: Schedule }) {
  const { id, action, options, retention, jitter_seconds: jitter, next_runs: runs, timezone } = schedule;
  return (
    <div className={classes.details}>
      <Stack gap={4}>
        <Text size="sm" fw={600}>
          Next runs
        </Text>
        {runs.length === 0 ? (
          <Text size="sm" c="dimmed">
            None while it is paused.
          </Text>
        ) : (
          <PlannedRuns runs={runs} timezone={timezone} />
        )}
      </Stack>
      {action === 'backup' && (
        <Facts
          facts={[
            { label: 'Options', value: optionsInWords(options) ?? 'As the settings say' },
            {
              label: 'Retention',
              value:
                retention === null ? (
                  'As its connection says'
                ) : (
                  <RetentionOutlook of="schedule" id={id} policy={retention} words={policyInWords(retention)} />
                ),
            },
            { label: 'Spread over', value: jitter === 0 ? null : `${jitter} seconds` },
          ]}
        />
      )}
    </div>
  );
}
