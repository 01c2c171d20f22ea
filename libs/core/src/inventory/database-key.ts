import type { ConnectionParams } from '@app/domain';

/** Identifies a database, whatever the account. Jobs on one database wait for each other, and its backups are kept together. */
export function databaseKey(connection: Pick<ConnectionParams, 'dbType' | 'host' | 'port' | 'database'>): string {
  return JSON.stringify([connection.dbType, connection.host.toLowerCase(), connection.port, connection.database]);
}
