import { DomainError, formatBytes } from '@app/domain';
import type { ConnectionParams, Manifest, RestoreChoice, RestoreStrategy } from '@app/domain';
import type { DbDriver, LoadPlan, LoadRequest, SwapExamination, TableMoveCosts } from '@app/drivers';
import type { RestoreRequest } from './restore-request.js';
import type { RestoreSource } from './restore-source.js';

/** All that is known of a restore before anything changes. A dry run shows it; the restore goes on from it. */
export interface RestorePreparation {
  driver: DbDriver;
  target: ConnectionParams;
  /** Whether the target exists already. */
  exists: boolean;
  /** The source in the form that the target's server can load. */
  source: RestoreSource;
  /** The tables to restore, as the dump names them; null for everything. */
  tables: readonly string[] | null;
  load: LoadRequest;
}

/** Returns the login for the database that the restore replaces or makes. */
export function targetOf({ connection, targetDatabase }: RestoreRequest): ConnectionParams {
  return { ...connection, database: targetDatabase ?? connection.database };
}

/** Finds the tables, adapts the source to the server and checks what the server can hold. Changes nothing. */
export async function prepareRestore(
  request: RestoreRequest,
  checked: RestoreSource,
  driver: DbDriver,
  signal: AbortSignal,
): Promise<RestorePreparation> {
  const { connection, tools, skipOwnership, skipTablespaces, definer } = request;
  const target = targetOf(request);
  const tables =
    request.tables === undefined ? null : await driver.tables.find(request.tables, checked.dump, tools, signal);
  const exists = await driver.databaseExists(connection, target.database, signal);
  const source = await adapted(driver, checked, request, { tables, exists }, signal);
  const names = tables ?? source.contents?.names ?? Object.keys(source.manifest?.rows ?? {});
  await driver.requireDistinct?.(connection, names, signal);
  const load = {
    ...{ connection: target, format: source.dump.format, tools, skipOwnership, skipTablespaces, definer },
    demands: demandsOn(source, tables),
  };
  if (!exists) await driver.prepareNew?.(load, signal);
  return { driver, target, exists, source, tables, load };
}

/** Creates the target, closed to others where the server can do so. Resolves with warnings. */
export function createTarget(
  { driver, target, source }: RestorePreparation,
  { connection, localeFallback = false }: RestoreRequest,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const settings = source.databaseSettings ?? source.manifest?.database_settings ?? {};
  const options = { orNearest: localeFallback, closed: true, signal };
  return driver.createDatabase(connection, target.database, settings, options);
}

/** Examines the target, which exists by now, and chooses the strategy. `created`: it was made for this restore. */
export async function examineTarget(
  { driver, load, source, tables }: RestorePreparation,
  { created, choice = 'auto' }: { created: boolean; choice?: RestoreRequest['strategy'] },
  signal: AbortSignal,
): Promise<{ plan: LoadPlan; chosen: StrategyChoice }> {
  const plan = await driver.prepareLoad({ ...load, ...(created ? { isNew: true } : {}) }, signal);
  const choose = created ? strategyOfNew : strategyOf;
  return { plan, chosen: await choose({ driver, plan, source, tables, choice }, signal) };
}

async function adapted(
  driver: DbDriver,
  source: RestoreSource,
  { connection, collations, localeFallback }: RestoreRequest,
  { tables, exists }: Pick<RestorePreparation, 'tables' | 'exists'>,
  signal: AbortSignal,
): Promise<RestoreSource> {
  const { dump, manifest } = source;
  if (dump.format !== 'plain' || driver.adaptDump === undefined) return source;
  // An existing database keeps its own settings. A new one may get other settings where `localeFallback` permits them.
  const isMade = localeFallback !== true && !exists;
  const asked = isMade && manifest !== undefined ? { databaseSettings: manifest.database_settings } : {};
  const adaptation = await driver.adaptDump(dump, { connection, tables, collations, ...asked }, signal);
  return {
    ...source,
    dump: adaptation.source,
    warnings: [...source.warnings, ...adaptation.warnings],
    ...(isMade ? { databaseSettings: adaptation.databaseSettings } : {}),
  };
}

/** Returns what the backup demands of the server. With `tables`, only those are restored, and not what uses them. */
function demandsOn({ manifest }: RestoreSource, tables: readonly string[] | null): Manifest['demands'] {
  if (tables === null || manifest?.demands === undefined) return manifest?.demands;
  const { long_values: values = {} } = manifest.demands;
  return { long_values: Object.fromEntries(Object.entries(values).filter(([table]) => tables.includes(table))) };
}

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
  /** The costs of the moves, on a server where a swap moves the tables one by one. */
  moves?: TableMoveCosts | undefined;
}

interface StrategyQuestion {
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
async function strategyOf(question: StrategyQuestion, signal: AbortSignal): Promise<StrategyChoice> {
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
async function strategyOfNew(question: StrategyQuestion, signal: AbortSignal): Promise<StrategyChoice> {
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
