import { DomainError, formatBytes } from '@app/domain';
import type { RestoreChoice, RestoreStrategy } from '@app/domain';
import type { DbDriver, LoadPlan, SwapExamination, TableMoveCosts } from '@app/drivers';
import type { RestoreSource } from './restore-source.js';

/** The strategy of a restore, with what the examination of its target found. */
export interface StrategyChoice {
  strategy: Exclude<RestoreStrategy, 'new'>;
  /** Why a swap is not possible. */
  blockers: readonly string[];
  warnings: readonly string[];
  sessions: number | undefined;
  freeBytes: number | undefined;
  /** The server has no room for a staging database. */
  noRoom: boolean;
  /** What moves, on a server where a swap moves the tables one by one. */
  moves?: TableMoveCosts | undefined;
}

export interface StrategyQuestion {
  driver: DbDriver;
  /** The plan for the target. */
  plan: LoadPlan;
  source: RestoreSource;
  /** The tables to restore; null for everything. */
  tables: readonly string[] | null;
  choice: RestoreChoice;
}

const UNEXAMINED = { blockers: [], warnings: [], sessions: undefined, freeBytes: undefined, noRoom: false };

/**
 * Chooses the strategy for this target. Throws UNSUPPORTED with every blocker when the caller asked for `swap` and it is not
 * possible, and INVALID_INPUT for a strategy that the engine does not have.
 */
export async function strategyOf(question: StrategyQuestion, signal: AbortSignal): Promise<StrategyChoice> {
  const { driver, plan, source, tables, choice } = question;
  const inPlace = inPlaceStrategyOf(driver);
  requireKnown(driver, choice, inPlace);
  if (tables !== null) {
    if (choice !== inPlace) return { ...UNEXAMINED, strategy: 'swap' };
    throw new DomainError('INVALID_INPUT', 'Some tables alone can only be swapped in, not restored in place.', {
      hint: 'Leave out strategy.',
      fields: [{ field: 'strategy', message: 'must be auto or swap where tables are given' }],
    });
  }
  if (choice !== 'auto' && choice !== 'swap') {
    requireInPlace(plan);
    // One transaction needs room for the old and the new content in any case.
    const examination = driver.atomicLoad ? undefined : await driver.swap.examine(plan, signal);
    const noRoom = examination !== undefined && spaceBlocker(examination, plan, source).length > 0;
    const { moves } = examination ?? {};
    return { ...UNEXAMINED, warnings: plan.inPlaceWarnings ?? [], strategy: choice, noRoom, moves };
  }
  const examination = await driver.swap.examine(plan, signal);
  const { warnings, sessions, freeBytes, moves } = examination;
  const tight = spaceBlocker(examination, plan, source);
  const noRoom = tight.length > 0;
  const blockers = [...examination.blockers, ...tight];
  if (blockers.length === 0) return { strategy: 'swap', blockers, warnings, sessions, freeBytes, noRoom, moves };
  if (choice === 'auto') {
    requireInPlace(plan, blockers);
    return { strategy: inPlace, blockers, warnings: plan.inPlaceWarnings ?? [], sessions, freeBytes, noRoom, moves };
  }
  throw new DomainError(
    'UNSUPPORTED',
    `"${plan.connection.database}" cannot be replaced by a swap: ${blockers.join(' ')}`,
    { hint: `Nothing was changed. Remove what blocks the swap, or leave out the strategy: then "${inPlace}" is used.` },
  );
}

/**
 * Chooses the strategy for a target that was just created. A staging database takes its place, so that nobody writes into a
 * half loaded database, or what somebody writes is kept (FAILURES 56). The target itself is loaded only where an account may
 * create this database and no other.
 */
export async function strategyOfNew(question: StrategyQuestion, signal: AbortSignal): Promise<StrategyChoice> {
  const { driver, choice, tables } = question;
  requireKnown(driver, choice, inPlaceStrategyOf(driver));
  if (driver.closesNew === true || tables !== null) return { ...UNEXAMINED, strategy: 'swap' };
  return await strategyOf({ ...question, choice: choice === 'swap' ? choice : 'auto' }, signal);
}

/**
 * Whether the target is empty and stays empty when a restore in place fails. Where a failure can leave it half loaded, the
 * empty state is put back from a safety backup as any other state is.
 */
export function staysEmpty(driver: DbDriver, plan: LoadPlan): boolean {
  return plan.targetIsEmpty && driver.atomicLoad;
}

export function inPlaceStrategyOf(driver: DbDriver): 'transaction' | 'safety_backup' {
  return driver.atomicLoad ? 'transaction' : 'safety_backup';
}

/** Throws MISSING_PRIVILEGE when a restore in place is not possible, with the blockers of a swap where that was tried first. */
function requireInPlace({ inPlaceBlockers = [] }: LoadPlan, blockers: readonly string[] = []): void {
  if (inPlaceBlockers.length === 0) return;
  throw new DomainError('MISSING_PRIVILEGE', [...inPlaceBlockers, ...blockers].join(' '), {
    hint: 'Nothing was changed. Restore as a superuser, or into another database.',
  });
}

function requireKnown(driver: DbDriver, choice: RestoreChoice, inPlace: RestoreStrategy): void {
  if (choice === 'auto' || choice === 'swap' || choice === inPlace) return;
  throw new DomainError('INVALID_INPUT', `strategy "${choice}" is not available for ${driver.dbType}.`, {
    hint: `Use auto, swap or ${inPlace}.`,
    fields: [{ field: 'strategy', message: `must be auto, swap or ${inPlace} for ${driver.dbType}` }],
  });
}

/** A database takes about as much room as its dump, and indexes take more. The size of a foreign file's dump is not known. */
function spaceBlocker({ freeBytes }: SwapExamination, plan: LoadPlan, { manifest }: RestoreSource): string[] {
  const needed = Math.max(manifest?.dump_size ?? 0, manifest === undefined ? plan.targetBytes : 0);
  if (freeBytes === undefined || freeBytes >= needed) return [];
  return [
    `Only ${formatBytes(freeBytes)} are free where the server keeps its data; a staging database needs about ${formatBytes(needed)}.`,
  ];
}
