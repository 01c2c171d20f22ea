import type { ServerInfo } from '@app/domain';
import type { DatabaseUser } from '../../db-driver.js';
import { currentAccount } from '../login/mysql-account.js';
import type { Account } from '../login/mysql-account.js';
import { serverRefusal } from '../login/mysql-errors.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { sameHost } from './mysql-user-checks.js';
import { grantedTo } from './mysql-user-grants.js';
import type { GrantedPrivileges } from './mysql-user-grants.js';

interface UserRow {
  user: string;
  host: string;
  plugin: string | null;
}

const REPLICATION = [
  ...['REPLICATION SLAVE', 'REPLICATION SLAVE ADMIN', 'REPLICATION MASTER ADMIN', 'REPLICATION_SLAVE_ADMIN'],
  ...['REPLICATION_APPLIER', 'GROUP_REPLICATION_ADMIN'],
];

/** Every account, without MariaDB's roles. Needs SELECT on mysql.user. */
export async function listUsers(session: MysqlSession, server: ServerInfo, database: string): Promise<DatabaseUser[]> {
  const roles = server.flavour === 'MariaDB' ? `WHERE is_role = 'N'` : '';
  const accounts = await session.rows<UserRow>(
    `SELECT User AS user, Host AS host, plugin FROM mysql.user ${roles} ORDER BY User, Host`,
  );
  const locked = await lockedAccounts(session, server);
  const own = await currentAccount(session, server);
  const users: DatabaseUser[] = [];
  for (const account of accounts) {
    const granted = await grantsOf(session, account, database);
    users.push(describe(account, granted, locked, own));
  }
  return users;
}

async function grantsOf(session: MysqlSession, account: UserRow, database: string): Promise<GrantedPrivileges> {
  try {
    return await grantedTo(session, account, database);
  } catch (error) {
    // Dropped since, or an account that the server itself cannot show.
    if (serverRefusal(error)?.errno === 1141) return { global: [], database: [] };
    throw error;
  }
}

function describe(
  account: UserRow,
  granted: GrantedPrivileges,
  locked: Set<string> | undefined,
  own: Account,
): DatabaseUser {
  const all = granted.global.includes('ALL PRIVILEGES');
  const has = (...names: string[]): boolean => all || names.some((name) => granted.global.includes(name));
  return {
    username: account.user,
    superuser: has('SUPER'),
    createDb: has('CREATE'),
    replication: has(...REPLICATION),
    // There is no row-level security to bypass.
    bypassRls: false,
    details: {
      host: account.host,
      in_use: account.user === own.user && sameHost(account.host, own.host),
      ...(locked === undefined ? {} : { locked: locked.has(key(account)) }),
      plugin: account.plugin ?? '',
      privileges: granted.global,
      database_privileges: granted.database,
    },
  };
}

/** Undefined where the server does not say. */
async function lockedAccounts(session: MysqlSession, server: ServerInfo): Promise<Set<string> | undefined> {
  const sql =
    server.flavour === 'MariaDB'
      ? `SELECT User AS user, Host AS host FROM mysql.global_priv WHERE JSON_VALUE(Priv, '$.account_locked') = 1`
      : `SELECT User AS user, Host AS host FROM mysql.user WHERE account_locked = 'Y'`;
  try {
    return new Set((await session.rows<UserRow>(sql)).map(key));
  } catch (error) {
    // No such table or column before MariaDB 10.4 and MySQL 5.7, or no privilege to read it.
    if (serverRefusal(error) !== undefined) return undefined;
    throw error;
  }
}

function key({ user, host }: { user: string; host: string }): string {
  return JSON.stringify([user, host]);
}
