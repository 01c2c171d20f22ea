import type { ConnectionParams, ManifestProperties } from '@app/domain';
import type { ServerGlobals } from '../../db-driver.js';
import { databaseError } from '../login/postgres-errors.js';
import { openFirst } from '../maintenance-session.js';
import { applyProperties, missingRoles } from './apply-properties.js';

/** PostgreSQL's: a database has an owner, rights, settings, a limit and a comment; roles belong to the server. */
export class PostgresGlobals implements ServerGlobals {
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
}
