interface Named {
  name: string;
  db_type: string;
  port: number;
}

/**
 * Gives each connection a name by which it can be chosen from a list: its own, and where two have the same one, as with
 * two servers on one host, what tells them apart.
 */
export function distinctNames<T extends Named>(connections: readonly T[]): (T & { distinctName: string })[] {
  const times = new Map<string, number>();
  for (const { name } of connections) times.set(name, (times.get(name) ?? 0) + 1);
  return connections.map((connection) => {
    const { name, db_type: engine, port } = connection;
    return { ...connection, distinctName: times.get(name) === 1 ? name : `${name} (${engine}, port ${port})` };
  });
}
