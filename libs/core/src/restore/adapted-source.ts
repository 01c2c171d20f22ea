import type { DbDriver } from '@app/drivers';
import type { RestoreRequest } from './restore-request.js';
import type { RestoreSource } from './restore-source.js';

/** Returns the checked source in the form that the target's server can load. `tables` holds names as the dump has them. */
export async function adaptedSource(
  driver: DbDriver,
  source: RestoreSource,
  request: RestoreRequest,
  tables: readonly string[] | null,
  signal: AbortSignal,
): Promise<RestoreSource> {
  const { connection, collations, localeFallback, targetDatabase } = request;
  const { dump, manifest } = source;
  if (dump.format !== 'plain' || driver.adaptDump === undefined) return source;
  const database = targetDatabase ?? connection.database;
  // An existing database keeps its own settings. A new one may get other settings where `localeFallback` permits them.
  const isMade = localeFallback !== true && !(await driver.databaseExists(connection, database, signal));
  const asked = isMade && manifest !== undefined ? { databaseSettings: manifest.database_settings } : {};
  const adapted = await driver.adaptDump(dump, { connection, tables, collations, ...asked }, signal);
  return {
    ...source,
    dump: adapted.source,
    warnings: [...source.warnings, ...adapted.warnings],
    ...(isMade ? { databaseSettings: adapted.databaseSettings } : {}),
  };
}
