import type { User } from './user-words.js';

/** PostgreSQL's role attributes, as the API takes them. */
export const ROLE_ATTRIBUTES = ['LOGIN', 'CREATEDB', 'CREATEROLE', 'REPLICATION', 'BYPASSRLS', 'SUPERUSER'] as const;
export type RoleAttribute = (typeof ROLE_ATTRIBUTES)[number];

/** Returns the attributes of a user of PostgreSQL; a new one may log in and nothing else. */
export function attributesOf(user: User | undefined): RoleAttribute[] {
  if (user === undefined) return ['LOGIN'];
  const has: Record<RoleAttribute, boolean> = {
    LOGIN: user.login !== false,
    CREATEDB: user.create_db,
    CREATEROLE: user.create_role === true,
    REPLICATION: user.replication,
    BYPASSRLS: user.bypass_rls,
    SUPERUSER: user.superuser,
  };
  return ROLE_ATTRIBUTES.filter((name) => has[name]);
}

/** Returns the attributes to send to get from `before` (undefined: a new user) to `after`; none where nothing is to be changed. */
export function attributeChanges(
  before: readonly RoleAttribute[] | undefined,
  after: readonly RoleAttribute[],
): string[] {
  return ROLE_ATTRIBUTES.flatMap((name) => {
    const wanted = after.includes(name);
    // A new role may log in unless that is denied, and has nothing else unless it is given.
    const had = before === undefined ? name === 'LOGIN' : before.includes(name);
    if (before === undefined && name === 'LOGIN') return [wanted ? name : `NO${name}`];
    return wanted === had ? [] : [wanted ? name : `NO${name}`];
  });
}

/** MySQL's privileges, by what they are granted on. */
export interface Grants {
  server: readonly string[];
  database: readonly string[];
}

export const NO_GRANTS: Grants = { server: [], database: [] };

export function grantsOf(user: User | undefined): Grants {
  if (user === undefined) return NO_GRANTS;
  return { server: user.privileges ?? [], database: user.database_privileges ?? [] };
}

const onServer = (name: string): string => `${name} ON *.*`;

/** Returns what is to be sent to get from one to the other: grants first, so that nothing is ever missing in between. */
export function grantChanges(before: Grants, after: Grants): string[] {
  const added = (from: readonly string[], to: readonly string[]): string[] => to.filter((name) => !from.includes(name));
  return [
    ...added(before.server, after.server).map(onServer),
    ...added(before.database, after.database),
    ...added(after.server, before.server).map((name) => `REVOKE ${onServer(name)}`),
    ...added(after.database, before.database).map((name) => `REVOKE ${name}`),
  ];
}

/** Returns the names as the servers spell them: upper case, one space, each once. */
export function spelled(names: readonly string[]): string[] {
  const tidy = names.map((name) => name.trim().replace(/\s+/g, ' ').toUpperCase()).filter((name) => name !== '');
  return [...new Set(tidy)];
}

/** Where the API’s words about unknown privileges belong: they name each as it was sent, in quotes. */
export function whereUnknown(message: string, grants: Grants): (keyof Grants)[] {
  const named = (text: string): boolean => message.includes(`"${text}"`);
  return [
    ...(grants.server.some((name) => named(onServer(name))) ? (['server'] as const) : []),
    ...(grants.database.some(named) ? (['database'] as const) : []),
  ];
}

/** The most useful privileges; any other name may be typed. */
export const DATABASE_PRIVILEGES: readonly string[] = [
  ...['ALL PRIVILEGES', 'SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'ALTER', 'INDEX', 'REFERENCES'],
  ...['CREATE VIEW', 'SHOW VIEW', 'TRIGGER', 'EVENT', 'EXECUTE', 'CREATE ROUTINE', 'ALTER ROUTINE', 'LOCK TABLES'],
  ...['CREATE TEMPORARY TABLES', 'GRANT OPTION'],
];
export const SERVER_PRIVILEGES: readonly string[] = [
  ...['ALL PRIVILEGES', 'PROCESS', 'RELOAD', 'SHOW DATABASES', 'CREATE USER', 'REPLICATION CLIENT'],
  ...['REPLICATION SLAVE', 'SUPER', 'FILE', 'SELECT', 'SHOW VIEW', 'TRIGGER', 'EVENT', 'LOCK TABLES', 'GRANT OPTION'],
];
