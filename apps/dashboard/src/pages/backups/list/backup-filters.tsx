import { Select } from '@mantine/core';
import { $api } from '../../../api/client.js';
import { firstOrder, SORTS } from './list-address.js';
import type { ListAddress, Order, Sort } from './list-address.js';
import classes from './backup-list.module.css';
import { SearchField } from './search-field.js';

const ALL = { value: '', label: 'All' };
const STATUSES = [
  { value: 'complete', label: 'Whole' },
  { value: 'foreign', label: 'Foreign' },
  { value: 'damaged', label: 'Damaged' },
];

const SORT_WORDS: Readonly<Record<Sort, Readonly<Record<Order, string>>>> = {
  created: { desc: 'Newest first', asc: 'Oldest first' },
  size: { desc: 'Largest first', asc: 'Smallest first' },
  database: { asc: 'Database, A to Z', desc: 'Database, Z to A' },
  filename: { asc: 'File, A to Z', desc: 'File, Z to A' },
};
const SORTINGS = SORTS.flatMap((sort) =>
  [firstOrder(sort), firstOrder(sort) === 'asc' ? 'desc' : 'asc'].map((order) => ({
    value: `${sort} ${order}`,
    label: SORT_WORDS[sort][order as Order],
  })),
);

interface Props {
  address: ListAddress;
  onLook(parts: Partial<ListAddress>): void;
}

/** Shows what is looked for. It also offers the order where the table has no heads to click on. */
export function BackupFilters({ address, onLook }: Props) {
  const connections = $api.useQuery('get', '/api/connections', { params: { query: { limit: 500 } } });
  const choices = (connections.data?.connections ?? []).map(({ id, name, db_type }) => ({
    value: id,
    label: `${name} (${db_type})`,
  }));
  const { connection } = address;
  if (connection !== undefined && connections.data && choices.every(({ value }) => value !== connection)) {
    choices.push({ value: connection, label: 'A deleted connection' });
  }
  return (
    <div className={classes.filters} role="search" aria-label="Backups">
      <SearchField value={address.search} onSearch={(search) => onLook({ search })} />
      <Select
        label="Connection"
        data={[ALL, ...choices]}
        value={connection ?? ALL.value}
        onChange={(value) => onLook({ connection: value || undefined })}
        allowDeselect={false}
        searchable={choices.length > 8}
      />
      <Select
        label="Status"
        data={[ALL, ...STATUSES]}
        value={address.status ?? ALL.value}
        onChange={(value) => onLook({ status: (value || undefined) as ListAddress['status'] })}
        allowDeselect={false}
      />
      <Select
        label="Order"
        className={classes.order}
        data={SORTINGS}
        value={`${address.sort} ${address.order}`}
        onChange={(value) => {
          const [sort, order] = (value ?? 'created desc').split(' ');
          onLook({ sort: sort as Sort, order: order as Order });
        }}
        allowDeselect={false}
      />
    </div>
  );
}
