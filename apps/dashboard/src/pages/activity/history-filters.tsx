import { Group, NativeSelect } from '@mantine/core';
import { useConnections } from '../../connections/use-connections.js';
import { kindOfJob, stateOfJob } from '../../jobs/job-words.js';
import { ENDINGS, HOUSEKEEPING, WORK } from './history-address.js';
import type { Ending, HistoryAddress, Kind } from './history-address.js';
import classes from './activity.module.css';

interface Props {
  address: HistoryAddress;
  onChange(parts: Partial<HistoryAddress>): void;
}

export function HistoryFilters({ address, onChange }: Props) {
  const connections = useConnections();
  const known = connections.some(({ id }) => id === address.connection);
  return (
    <Group gap="sm" role="group" aria-label="What to show">
      <NativeSelect
        label="State"
        className={classes.filter}
        value={address.ending ?? ''}
        onChange={({ currentTarget: { value } }) => onChange({ ending: value === '' ? undefined : (value as Ending) })}
        data={[
          { value: '', label: 'However it ended' },
          ...ENDINGS.map((ending) => ({ value: ending, label: stateOfJob(ending) })),
        ]}
      />
      <NativeSelect
        label="Type"
        className={classes.filter}
        value={address.kind}
        onChange={({ currentTarget: { value } }) => onChange({ kind: value as Kind })}
        data={[
          { value: 'work', label: 'All work on databases' },
          { value: 'all', label: 'Housekeeping, too' },
          { group: 'Only', items: [...WORK, ...HOUSEKEEPING].map((type) => ({ value: type, label: kindOfJob(type) })) },
        ]}
      />
      <NativeSelect
        label="Database"
        className={classes.filter}
        value={address.connection ?? ''}
        onChange={({ currentTarget: { value } }) => onChange({ connection: value === '' ? undefined : value })}
        data={[
          { value: '', label: 'Every database' },
          ...connections.map(({ id, distinctName }) => ({ value: id, label: distinctName })),
          ...(address.connection === undefined || known
            ? []
            : [{ value: address.connection, label: 'One that is not connected any more' }]),
        ]}
      />
    </Group>
  );
}
