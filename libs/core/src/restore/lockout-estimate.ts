import type { ObjectCounts } from '@app/domain';
import type { TableMoveCosts } from '@app/drivers';

/** How long a database cannot be used while a restore replaces its tables. */
export interface LockoutEstimate {
  /** That move: out of their place, or into it. */
  tables: number;
  /** On a server that waits for no disk, and on one with a slow disk. */
  leastMs: number;
  mostMs: number;
}

/** `incoming`: what the backup holds; null for a file that nobody has counted, of which it is taken to be as much. */
export function lockoutEstimate(
  moves: TableMoveCosts | undefined,
  incoming: ObjectCounts | null,
): LockoutEstimate | null {
  if (moves === undefined) return null;
  const coming = incoming === null ? moves.tables : (incoming['tables'] ?? 0) + (incoming['sequences'] ?? 0);
  const tables = moves.tables + coming;
  const triggers = Math.max(moves.triggers, incoming?.['triggers'] ?? 0);
  const [leastMs, mostMs] = ([0, 1] as const).map((end) =>
    Math.ceil(tables * moves.perTable[end] + triggers * moves.perTrigger[end]),
  ) as [number, number];
  return { tables, leastMs, mostMs };
}
