import type { ConnectionRecord } from '@app/catalog';
import { databaseKey } from '../inventory/database-key.js';

/**
 * Groups connections to one database, in the order in which they were given: by the identity that the server told, and by
 * address when the server was not asked yet.
 */
export function groupByDatabase(connections: readonly ConnectionRecord[]): ConnectionRecord[][] {
  let groups: { names: Set<string>; members: ConnectionRecord[] }[] = [];
  for (const connection of connections) {
    const names = namesOf(connection);
    const same = groups.filter((group) => names.some((name) => group.names.has(name)));
    const [first = { names: new Set<string>(), members: [] }, ...others] = same;
    for (const name of [...names, ...others.flatMap((group) => [...group.names])]) first.names.add(name);
    first.members.push(...others.flatMap(({ members }) => members), connection);
    groups = [...groups.filter((group) => !others.includes(group) && group !== first), first];
  }
  const place = new Map(connections.map(({ id }, at) => [id, at]));
  const byPlace = (a: ConnectionRecord, b: ConnectionRecord): number => (place.get(a.id) ?? 0) - (place.get(b.id) ?? 0);
  const sorted = groups.map(({ members }) => members.toSorted(byPlace));
  return sorted.toSorted((a, b) => byPlace(a[0] as ConnectionRecord, b[0] as ConnectionRecord));
}

export function isSameDatabase(a: ConnectionRecord, b: ConnectionRecord): boolean {
  const names = namesOf(a);
  return namesOf(b).some((name) => names.includes(name));
}

function namesOf(connection: ConnectionRecord): string[] {
  return [databaseKey(connection), ...(connection.identity === null ? [] : [connection.identity])];
}
