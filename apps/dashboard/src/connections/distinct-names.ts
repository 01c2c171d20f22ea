interface Named {
  name: string;
  db_type: string;
  port: number;
  username: string;
}

/**
 * Gives each connection a name by which it can be chosen from a list: its own, and where two have the same one, as with
 * two servers on one host or two logins to one database, what tells them apart.
 */
export function distinctNames<T extends Named>(connections: readonly T[]): (T & { distinctName: string })[] {
  const named = connections.map((connection) => {
    const { name, db_type: engine, port, username } = connection;
    return {
      connection,
      names: [name, `${name} (${engine}, port ${port})`, `${name} (${username}, ${engine}, port ${port})`],
    };
  });
  const isAlone = (name: string, at: number): boolean => named.filter(({ names }) => names[at] === name).length === 1;
  return named.map(({ connection, names }) => ({
    ...connection,
    distinctName: names.find(isAlone) ?? names.at(-1) ?? connection.name,
  }));
}
