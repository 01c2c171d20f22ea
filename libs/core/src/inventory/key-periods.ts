import type { Catalog, KeyPeriod } from '@app/catalog';
import type { ConnectionParams } from '@app/domain';
import { databaseKey } from './database-key.js';

/** Lists the keys of a database's backups, with the periods of its former keys. The present key comes first. */
export async function keyPeriodsOf(
  { connections }: Pick<Catalog, 'connections'>,
  database: Parameters<typeof databaseKey>[0],
): Promise<KeyPeriod[]> {
  const key = databaseKey(database);
  const periods: KeyPeriod[] = [{ key }];
  for (const former of await connections.formerKeys(key)) {
    if (former.until !== undefined || !(await isTaken(connections, former.key))) periods.push(former);
  }
  return periods;
}

async function isTaken(connections: Catalog['connections'], key: string): Promise<boolean> {
  const [dbType, host, port] = JSON.parse(key) as [ConnectionParams['dbType'], string, number, string];
  return (await connections.onServer({ dbType, host, port })).some((connection) => databaseKey(connection) === key);
}
