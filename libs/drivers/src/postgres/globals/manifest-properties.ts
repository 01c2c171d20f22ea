import type { ManifestProperties } from '@app/domain';
import type { PostgresSession } from '../login/postgres-session.js';
import { propertiesOf } from '../swap/database-properties.js';

/** Those of the session's own database, as a manifest holds them. */
export async function manifestProperties(session: PostgresSession): Promise<ManifestProperties> {
  const properties = await propertiesOf(session, session.connection.database);
  return {
    owner: properties.owner,
    grants: properties.grants,
    settings: properties.settings,
    role_settings: properties.roleSettings,
    comment: properties.comment,
    connection_limit: properties.connectionLimit,
    ...(properties.isTemplate ? { is_template: true } : {}),
  };
}
