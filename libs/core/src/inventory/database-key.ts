import type { ConnectionParams } from '@app/domain';

/** Which database it is, whatever the account: work on one waits for each other, and its backups are kept together. */
export function databaseKey(connection: Pick<ConnectionParams, 'dbType' | 'host' | 'port' | 'database'>): string {
  return JSON.stringify([connection.dbType, connection.host.toLowerCase(), connection.port, connection.database]);
}
