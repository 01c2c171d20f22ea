import mysql from 'mysql2';
import type { ServerInfo } from '@app/domain';
import { foldsNames } from './folded-names.js';
import { serverRefusal } from './mysql-errors.js';
import { escapedPattern, parseGrants } from './mysql-grants.js';
import { Privileges } from './mysql-privileges.js';
import type { GrantRules } from './mysql-privileges.js';
import type { MysqlSession } from './mysql-session.js';

/** The account that a session is logged in as, which is not always what it asked for. */
export interface Account {
  /** Quoted for SQL: `'backup'@'%'`. */
  quoted: string;
  user: string;
  host: string;
  privileges: Privileges;
}

export async function currentAccount(session: MysqlSession, server: ServerInfo): Promise<Account> {
  const { account } = await session.row<{ account: string }>('SELECT CURRENT_USER() AS account');
  const at = account.lastIndexOf('@');
  const user = account.slice(0, at);
  const host = account.slice(at + 1);
  const roles = await activeRoles(session, server);
  const rows = await session.rows<Record<string, string>>(
    // MariaDB adds the grants of enabled roles and of PUBLIC by itself; MySQL wants the roles named.
    roles === undefined ? 'SHOW GRANTS' : `SHOW GRANTS FOR CURRENT_USER() USING ${roles}`,
  );
  const grants = parseGrants(rows.map((row) => Object.values(row)[0] ?? ''));
  const privileges = new Privileges(grants, await grantRules(session, server, roles !== undefined));
  return { quoted: quotedAccount(user, host), user, host, privileges };
}

/** The active roles, as SQL; undefined where there are none, or where the server names them by itself. */
async function activeRoles(session: MysqlSession, server: ServerInfo): Promise<string | undefined> {
  if (server.flavour === 'MariaDB' || (server.versionParts[0] ?? 0) < 8) return undefined;
  const { roles } = await session.row<{ roles: string }>('SELECT CURRENT_ROLE() AS roles');
  return roles === 'NONE' ? undefined : roles;
}

async function grantRules(session: MysqlSession, server: ServerInfo, roles: boolean): Promise<GrantRules> {
  const names = await foldsNames(session);
  if (server.flavour === 'MariaDB') return { patterns: 'literals', literalNames: false, foldsNames: names };
  // Servers before 8.0.16 do not have this setting.
  const [setting] = await session.rows<{ Value: string }>(`SHOW GLOBAL VARIABLES LIKE 'partial_revokes'`);
  return { patterns: roles ? 'order' : 'first wildcard', literalNames: setting?.Value === 'ON', foldsNames: names };
}

/** Numbers of the errors by which servers say that they do not have an account or role. */
const NO_SUCH_ACCOUNT: ReadonlySet<number> = new Set([1133, 1141, 1396, 1959, 3162, 3530]);

/**
 * SHOW GRANTS of a definer as the information schema writes it: `user@host`, of a role `role@`. `missing` where the server has no
 * such account, `hidden` where this one may not see it.
 */
export async function grantsOfDefiner(
  session: MysqlSession,
  definer: string,
): Promise<readonly string[] | 'missing' | 'hidden'> {
  const at = definer.lastIndexOf('@');
  const [user, host] = [definer.slice(0, at), definer.slice(at + 1)];
  try {
    const rows = await session.rows<Record<string, string>>(
      `SHOW GRANTS FOR ${host === '' ? quotedName(user) : quotedAccount(user, host)}`,
    );
    return rows.map((row) => Object.values(row)[0] ?? '');
  } catch (error) {
    const refusal = serverRefusal(error);
    if (refusal === undefined) throw error;
    return NO_SUCH_ACCOUNT.has(refusal.errno) ? 'missing' : 'hidden';
  }
}

export function quotedAccount(user: string, host: string): string {
  return `${quotedText(user)}@${quotedText(host)}`;
}

/**
 * For people to copy, and for DDL that takes no placeholders; see the session's sql_mode. mysql2's `escape` would also escape
 * double quotes and tabs, which people read in messages.
 */
function quotedText(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

/** A name with dots stays one name. */
export function quotedName(name: string): string {
  return mysql.escapeId(name, true);
}

/**
 * Where a GRANT adds to what the account may do in the database: for the database alone, or as far as the grant reaches that
 * decides now, as one for the database alone would be used instead of it.
 */
export function addTarget({ user, host, privileges }: Account, database: string): string {
  const pattern = privileges.decidingPattern(database, `${quotedName(user)}@${quotedName(host)}`);
  return pattern === undefined ? grantTarget(database) : `${quotedName(pattern)}.*`;
}

/** `` `shop\_eu`.* ``, for a GRANT that means this database only. */
export function grantTarget(database: string): string {
  return `${quotedName(escapedPattern(database))}.*`;
}

/** Names, of accounts as of databases, are utf8mb3 on these servers: no emoji. */
export function beyondUtf8mb3(name: string): boolean {
  return /[\u{10000}-\u{10ffff}]/u.test(name);
}
