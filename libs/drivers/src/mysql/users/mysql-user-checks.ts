import { DomainError } from '@app/domain';
import type { UserChange } from '../../db-driver.js';
import { beyondUtf8mb3, quotedAccount } from '../login/mysql-account.js';
import type { MysqlSession } from '../login/mysql-session.js';

export interface UserAccount {
  user: string;
  host: string;
}

export const ANY_HOST = '%';

/** The account that a request means. INVALID_INPUT for a name that no server can have. */
export function requestedAccount({ username, host }: Pick<UserChange, 'username' | 'host'>): UserAccount {
  if (username.trim() === '') throw invalid('username', 'The user name is empty.');
  if (username.endsWith(' '))
    throw invalid('username', 'The user name ends with a space, which the server would drop.');
  if (/\0/.test(username)) throw invalid('username', 'The user name holds a NUL character.');
  if (beyondUtf8mb3(username))
    throw invalid('username', 'The user name holds a character that MySQL names cannot hold.');
  const wanted = host === undefined || host === '' ? ANY_HOST : host;
  if (/[\0@]/.test(wanted)) throw invalid('host', 'The host holds a character that no host has.');
  return { user: username, host: wanted };
}

export function requirePassword(password: string | undefined): string {
  if (password === undefined || password === '') {
    throw invalid('password', 'A password is required: a MySQL account without one lets anybody in.');
  }
  return usablePassword(password);
}

export function usablePassword(password: string): string {
  if (password === '') throw invalid('password', 'The password is empty: a MySQL account without one lets anybody in.');
  if (password.includes('\0')) throw invalid('password', 'The password holds a NUL character.');
  return password;
}

/** Every account of this name, by host. Needs SELECT on mysql.user. */
export async function hostsOf(session: MysqlSession, user: string): Promise<string[]> {
  const rows = await session.rows<{ user: string; host: string }>(
    'SELECT User AS user, Host AS host FROM mysql.user WHERE User = ? ORDER BY Host',
    [user],
  );
  // Case counts in names, and trailing spaces; a comparison in SQL need not see either.
  return rows.filter((row) => row.user === user).map(({ host }) => host);
}

/** USER_NOT_FOUND; says with which hosts the name exists. */
export async function requireExisting(session: MysqlSession, account: UserAccount): Promise<void> {
  const hosts = await hostsOf(session, account.user);
  if (hosts.some((host) => sameHost(host, account.host))) return;
  throw new DomainError('USER_NOT_FOUND', `There is no user ${quotedAccount(account.user, account.host)}.`, {
    hint:
      hosts.length === 0
        ? 'GET /api/users lists all users.'
        : `The name exists for ${hosts.length === 1 ? 'the host' : 'the hosts'} ${hosts.map((host) => `"${host}"`).join(', ')}: give it as "host".`,
  });
}

export function sameHost(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

const SHOWN = 20;

/** USER_OWNS_OBJECTS: what is defined in an account's name stops working without it. */
export async function requireDefinesNothing(session: MysqlSession, account: UserAccount): Promise<void> {
  const definer = `${account.user}@${account.host}`;
  const kinds = [
    ['view', 'VIEWS', 'TABLE_SCHEMA', 'TABLE_NAME'],
    ['routine', 'ROUTINES', 'ROUTINE_SCHEMA', 'ROUTINE_NAME'],
    ['trigger', 'TRIGGERS', 'TRIGGER_SCHEMA', 'TRIGGER_NAME'],
    ['event', 'EVENTS', 'EVENT_SCHEMA', 'EVENT_NAME'],
  ];
  const sql = kinds
    .map(
      ([kind, view, schema, name]) =>
        `(SELECT '${kind}' AS kind, ${schema} AS db, ${name} AS name FROM information_schema.${view} WHERE DEFINER = ?)`,
    )
    .join(' UNION ALL ');
  const owned = await session.rows<{ kind: string; db: string; name: string }>(
    `${sql} LIMIT ${SHOWN + 1}`,
    kinds.map(() => definer),
  );
  if (owned.length === 0) return;
  const names = owned.slice(0, SHOWN).map(({ kind, db, name }) => `${kind} ${db}.${name}`);
  throw new DomainError(
    'USER_OWNS_OBJECTS',
    `${quotedAccount(account.user, account.host)} is the definer of ${names.join(', ')}${owned.length > SHOWN ? ' and more' : ''}, which would stop working.`,
    { hint: 'Drop them, or make them anew with another definer, then delete the user.' },
  );
}

export function invalid(field: string, message: string, cause?: unknown): DomainError {
  return new DomainError('INVALID_INPUT', message, { fields: [{ field, message }], cause });
}
