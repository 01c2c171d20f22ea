import type { ConnectionParams, ManifestProperties } from '@app/domain';
import type { DumpPlan, RolesRestored, ServerGlobals } from '../../db-driver.js';
import { databaseError } from '../login/postgres-errors.js';
import { openOther, openFirst } from '../maintenance-session.js';
import { applyProperties, missingRoles } from './apply-properties.js';
import { dumpGlobals } from './dump-globals.js';
import { restoreRoles } from './restore-roles.js';

/** PostgreSQL's: a database has an owner, rights, settings, a limit and a comment; roles belong to the server. */
export class PostgresGlobals implements ServerGlobals {
  constructor(private readonly runtimeDir: string) {}

  async missingRoles(connection: ConnectionParams, names: readonly string[], signal?: AbortSignal): Promise<string[]> {
    await using session = await openFirst(connection, [connection.database, 'postgres', 'template1'], signal);
    return await missingRoles(session, names).catch((error: unknown) => {
      throw databaseError(error, 'The roles of the server could not be listed');
    });
  }

  applyProperties(
    connection: ConnectionParams,
    database: string,
    properties: ManifestProperties,
    options: { skipOwnership: boolean },
  ): Promise<string[]> {
    return applyProperties(connection, database, properties, options);
  }

  dump(plan: DumpPlan, options: { passwords: boolean }, signal: AbortSignal): Promise<string> {
    return dumpGlobals(plan, this.runtimeDir, options, signal);
  }

  async restoreRoles(
    connection: ConnectionParams,
    script: string,
    options: { roles: readonly string[]; dryRun: boolean },
    signal?: AbortSignal,
  ): Promise<RolesRestored> {
    await using session = await openOther(connection, [], signal);
    return await restoreRoles(session, script, options).catch((error: unknown) => {
      throw databaseError(error, 'The roles could not be restored');
    });
  }
}
