import { Table, Text } from '@mantine/core';
import type { Schemas } from '../../api/client.js';
import { RelativeTime, Time } from '../../ui/figures.js';
import { browserZone } from '../../format/format.js';
import { toMinute } from './schedule-words.js';
import classes from './schedules.module.css';

interface Props {
  runs: readonly Schemas['PlannedRunEntry'][];
  /** The time zone of the schedule. */
  timezone: string;
}

/** When it is due next: on the clocks of its zone and, where those are others, on the ones of whoever looks. */
export function PlannedRuns({ runs, timezone }: Props) {
  const here = browserZone();
  const elsewhere = here !== timezone;
  return (
    <Table className={classes.runs} aria-label="Next runs" verticalSpacing={4} withRowBorders={false}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{timezone}</Table.Th>
          {elsewhere && <Table.Th>Here ({here})</Table.Th>}
          <Table.Th>
            <Text span inherit className={classes.unseen}>
              How long until then
            </Text>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {runs.map(({ at, local }) => (
          <Table.Tr key={at}>
            <Table.Td>{toMinute(local)}</Table.Td>
            {elsewhere && (
              <Table.Td>
                <Time at={at} />
              </Table.Td>
            )}
            <Table.Td c="dimmed">
              <RelativeTime at={at} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
