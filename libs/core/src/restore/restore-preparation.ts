import type { ConnectionParams, Manifest } from '@app/domain';
import type { DbDriver, LoadPlan, LoadRequest } from '@app/drivers';
import type { RestoreRequest } from './restore-request.js';
import type { RestoreSource } from './restore-source.js';
import { strategyOf, strategyOfNew } from './restore-target.js';
import type { StrategyChoice } from './restore-target.js';

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
