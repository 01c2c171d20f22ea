import { UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { firstOrder, sortedBy } from './list-address.js';
import type { ListAddress, Sort } from './list-address.js';
import classes from './backup-list.module.css';

interface Props {
  label: string;
  by: Sort;
  address: ListAddress;
  onLook(parts: Partial<ListAddress>): void;
}

/** The head of a column that the list can be sorted by. Where heads are out of sight, the text alone is left of it. */
export function SortHeader({ label, by, address, onLook }: Props) {
  const sorted = address.sort === by;
  const Icon = (sorted ? address.order : firstOrder(by)) === 'asc' ? IconArrowUp : IconArrowDown;
  return (
    <>
      <UnstyledButton
        className={classes.sort}
        data-sorted={sorted || undefined}
        onClick={() => onLook(sortedBy(address, by))}
      >
        {label}
        <Icon size={14} aria-hidden />
      </UnstyledButton>
      <span className={classes.head}>{label}</span>
    </>
  );
}
