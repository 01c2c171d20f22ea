import { Table } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './responsive-table.module.css';

export interface Column<Row> {
  key: string;
  header: ReactNode;
  /** In words, where the header is not a text. */
  label?: string;
  cell(row: Row): ReactNode;
  align?: 'left' | 'right';
  /** For `aria-sort`, where the table is sorted by it. */
  sorted?: 'ascending' | 'descending';
}

interface Props<Row> {
  /** What the table is of, for those who do not see it. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf(row: Row): string;
  /** Emphasised, as the one that is selected. */
  isSelected?(row: Row): boolean;
}

/**
 * A table that becomes a list of cards where there is no room for columns. The roles are said outright: browsers take
 * them away from tables that are not laid out as such.
 */
export function ResponsiveTable<Row>({ caption, columns, rows, keyOf, isSelected }: Props<Row>) {
  return (
    <Table
      className={classes.table}
      verticalSpacing="sm"
      highlightOnHover
      highlightOnHoverColor="light-dark(#f6f8fb, #23272c)"
      role="table"
      aria-label={caption}
    >
      <Table.Thead role="rowgroup">
        <Table.Tr role="row">
          {columns.map(({ key, header, align, sorted }) => (
            <Table.Th
              key={key}
              role="columnheader"
              scope="col"
              data-column={key}
              ta={align ?? 'left'}
              aria-sort={sorted}
            >
              {header}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody role="rowgroup">
        {rows.map((row) => (
          <Table.Tr key={keyOf(row)} role="row" data-selected={isSelected?.(row) || undefined}>
            {columns.map(({ key, header, label, cell, align }) => (
              <Table.Td
                key={key}
                role="cell"
                data-column={key}
                data-label={label ?? (typeof header === 'string' ? header : undefined)}
                data-align={align}
              >
                {cell(row)}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
