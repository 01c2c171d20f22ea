import { Group, Stack, Table, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import type { Schemas } from '../../../api/client.js';
import { formatCount } from '../../../format/format.js';
import { Disclosure } from '../../../ui/disclosure.js';
import { Panel } from '../../../ui/panel.js';
import { kindsOf, matchingTables } from './contents.js';
import classes from './contents-panel.module.css';

type Manifest = Schemas['ManifestEntry'];

const FEW = 10;
const AT_ONCE = 200;

/** Shows what the dump holds: how many objects of each kind, and how many rows in each table. */
export function ContentsPanel({ manifest: { objects, rows } }: { manifest: Manifest }) {
  const { there, absent } = kindsOf(objects);
  const tables = Object.keys(rows ?? {}).length;
  return (
    <Panel title="Contents">
      <Group gap="sm" component="ul" className={classes.kinds}>
        {there.map(({ kind, count }) => (
          <li key={kind} className={classes.kind}>
            <strong className="figures">{formatCount(count)}</strong> {kind}
          </li>
        ))}
      </Group>
      {absent.length > 0 && (
        <Text size="xs" c="dimmed">
          No {absent.join(', ')}.
        </Text>
      )}
      {rows === undefined ? (
        <Text size="sm" c="dimmed">
          Rows were not counted when it was made. They are counted if a backup is made with verification by a restore.
        </Text>
      ) : (
        tables > 0 && (
          <Disclosure title={tables === 1 ? 'Rows of 1 table' : `Rows of ${formatCount(tables)} tables`} opened={tables <= FEW}>
            <Rows rows={rows} />
          </Disclosure>
        )
      )}
    </Panel>
  );
}

function Rows({ rows }: { rows: NonNullable<Manifest['rows']> }) {
  const [search, setSearch] = useState('');
  const matching = matchingTables(rows, search);
  return (
    <Stack gap="sm">
      {Object.keys(rows).length > FEW && (
        <TextInput
          type="search"
          aria-label="Search the tables"
          placeholder="Table"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          leftSection={<IconSearch size={16} aria-hidden />}
          autoComplete="off"
          spellCheck={false}
          maw="20rem"
        />
      )}
      {matching.length === 0 ? (
        <Text size="sm">No table is called like that.</Text>
      ) : (
        <Table aria-label="Rows of each table" verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Table</Table.Th>
              <Table.Th scope="col" ta="right">
                Rows
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {matching.slice(0, AT_ONCE).map(({ table, count }) => (
              <Table.Tr key={table}>
                <Table.Td className="break">{table}</Table.Td>
                <Table.Td ta="right">{formatCount(count)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {matching.length > AT_ONCE && (
        <Text size="sm" c="dimmed">
          And {formatCount(matching.length - AT_ONCE)} more with fewer rows: search for them.
        </Text>
      )}
    </Stack>
  );
}
