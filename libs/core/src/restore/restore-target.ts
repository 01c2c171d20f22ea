import { DomainError, formatBytes } from '@app/domain';
import type { ConnectionParams, Manifest } from '@app/domain';
import type { DbDriver, LoadPlan, SwapExamination, TableMoveCosts } from '@app/drivers';
import type { RestoreChoice, RestoreStrategy } from './restore-request.js';
import type { RestoreSource } from './restore-source.js';

/** Where a restore goes to, and which way. */
export interface StrategyChoice {
  strategy: Exclude<RestoreStrategy, 'new'>;
  /** Why not by `swap`. */
  blockers: readonly string[];
  warnings: readonly string[];
  sessions: number | undefined;
  freeBytes: number | undefined;
  /** There is no room for a second copy beside the target. */
  noRoom: boolean;
  /** Where the tables move one by one. */
  moves?: TableMoveCosts | undefined;
}

export interface StrategyQuestion {
  driver: DbDriver;
  /** Of the target. */
  plan: LoadPlan;
  source: RestoreSource;
  /** Null: everything. */
  tables: readonly string[] | null;
  choice: RestoreChoice;
}

const UNEXAMINED = { blockers: [], warnings: [], sessions: undefined, freeBytes: undefined, noRoom: false };

/**
 * The way for this target. UNSUPPORTED when `swap` was asked for and cannot be done, with everything that stands in the
 * way; INVALID_INPUT for a way that the engine does not have.
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
    // One transaction needs the room for both in any case.
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
    `"${plan.connection.database}" cannot be replaced by a copy beside it: ${blockers.join(' ')}`,
    { hint: `Nothing was changed. Mend that, or leave out the strategy: then "${inPlace}" is used.` },
  );
}

/**
 * For a target that was just made: by a copy that takes its place, so that nobody writes into what is half loaded, or what
 * he writes is kept (FAILURES 56). In place only where an account may make this database and no other.
 */
export async function strategyOfNew(question: StrategyQuestion, signal: AbortSignal): Promise<StrategyChoice> {
  const { driver, choice, tables } = question;
  requireKnown(driver, choice, inPlaceStrategyOf(driver));
  if (driver.closesNew === true || tables !== null) return { ...UNEXAMINED, strategy: 'swap' };
  return await strategyOf({ ...question, choice: choice === 'swap' ? choice : 'auto' }, signal);
}

/**
 * Whether the target is empty, and a restore in place that fails leaves it empty. Where a failure can leave it half loaded, its
 * emptiness is put back as any other state is: from a safety backup.
 */
export function staysEmpty(driver: DbDriver, plan: LoadPlan): boolean {
  return plan.targetIsEmpty && driver.atomicLoad;
}

export function inPlaceStrategyOf(driver: DbDriver): 'transaction' | 'safety_backup' {
  return driver.atomicLoad ? 'transaction' : 'safety_backup';
}

/** MISSING_PRIVILEGE, with what stood in the way of a swap where that was tried first. */
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

/** A database takes about as much as its dump, indexes more; a foreign file's dump nobody has measured. */
function spaceBlocker({ freeBytes }: SwapExamination, plan: LoadPlan, { manifest }: RestoreSource): string[] {
  const needed = Math.max(manifest?.dump_size ?? 0, manifest === undefined ? plan.targetBytes : 0);
  if (freeBytes === undefined || freeBytes >= needed) return [];
  return [
    `Only ${formatBytes(freeBytes)} are free where the server keeps its data; a second copy needs about ${formatBytes(needed)}.`,
  ];
}

/** UNSUPPORTED for a dump whose tables the server would take for one another; `tables` null: all of them. */
export async function requireDistinct(
  driver: DbDriver,
  connection: ConnectionParams,
  { manifest, contents }: RestoreSource,
  tables: readonly string[] | null,
  signal: AbortSignal,
): Promise<void> {
  const names = tables ?? contents?.names ?? Object.keys(manifest?.rows ?? {});
  await driver.requireDistinct?.(connection, names, signal);
}

/** What the backup asks of the server. `tables`: only these are restored, and not what uses them. */
export function demandsOn({ manifest }: RestoreSource, tables: readonly string[] | null): Manifest['demands'] {
  if (tables === null || manifest?.demands === undefined) return manifest?.demands;
  const { long_values: values = {} } = manifest.demands;
  return { long_values: Object.fromEntries(Object.entries(values).filter(([table]) => tables.includes(table))) };
}

/** Makes the target when it is not there, after `announce`. Resolves with warnings where it did, else with undefined. */
export async function createIfAbsent(
  driver: DbDriver,
  connection: ConnectionParams,
  name: string,
  source: RestoreSource,
  localeFallback: boolean,
  signal: AbortSignal,
  announce: () => Promise<void>,
): Promise<readonly string[] | undefined> {
  if (await driver.databaseExists(connection, name, signal)) return undefined;
  signal.throwIfAborted();
  await announce();
  return driver.createDatabase(connection, name, source.databaseSettings ?? source.manifest?.database_settings ?? {}, {
    orNearest: localeFallback,
    closed: true,
    signal,
  });
}
