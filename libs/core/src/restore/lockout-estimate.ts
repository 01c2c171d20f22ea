import type { ObjectCounts } from '@app/domain';
import type { TableMoveCosts } from '@app/drivers';

/** How long a database cannot be used while a restore replaces its tables. */
export interface LockoutEstimate {
  /** How many tables move, out of their place or into it. */
  tables: number;
  /** The time on a server that waits for no disk, and on one with a slow disk. */
  leastMs: number;
  mostMs: number;
}

/** `incoming` counts what the backup holds. Null for a foreign file, which is assumed to hold as many tables as the target. */
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
