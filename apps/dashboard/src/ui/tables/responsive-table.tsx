import { Table } from '@mantine/core';
import { Fragment } from 'react';
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
  /** The content of the table, for those who do not see it. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf(row: Row): string;
  /** Emphasised, as the one that is selected. */
  isSelected?(row: Row): boolean;
  /** Below the row, over all columns; null where there is nothing more to show. */
  detail?(row: Row): ReactNode;
}

/**
 * A table that becomes a list of cards where there is no room for columns. The roles are said outright: browsers take
 * them away from tables that are not laid out as such.
 */
export function ResponsiveTable<Row>({ caption, columns, rows, keyOf, isSelected, detail }: Props<Row>) {
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
        {rows.map((row) => {
          const more = detail?.(row) ?? null;
          return (
            <Fragment key={keyOf(row)}>
              <Table.Tr
                role="row"
                data-selected={isSelected?.(row) || undefined}
                data-detailed={more !== null || undefined}
              >
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
              {more !== null && (
                <Table.Tr role="row" data-detail>
                  <Table.Td role="cell" colSpan={columns.length} aria-colspan={columns.length}>
                    {more}
                  </Table.Td>
                </Table.Tr>
              )}
            </Fragment>
          );
        })}
      </Table.Tbody>
    </Table>
  );
}
