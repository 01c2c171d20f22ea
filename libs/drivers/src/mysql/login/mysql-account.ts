import type { ServerInfo } from '@app/domain';
import { Privileges, escapedPattern, parseGrants } from './mysql-grants.js';
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
  const rows = await session.rows<Record<string, string>>(await showGrants(session, server));
  const privileges = new Privileges(parseGrants(rows.map((row) => Object.values(row)[0] ?? '')));
  return { quoted: quotedAccount(user, host), user, host, privileges };
}

/** MariaDB adds the grants of enabled roles and of PUBLIC by itself; MySQL wants the roles named. */
async function showGrants(session: MysqlSession, server: ServerInfo): Promise<string> {
  if (server.flavour === 'MariaDB' || (server.versionParts[0] ?? 0) < 8) return 'SHOW GRANTS';
  const { roles } = await session.row<{ roles: string }>('SELECT CURRENT_ROLE() AS roles');
  return roles === 'NONE' ? 'SHOW GRANTS' : `SHOW GRANTS FOR CURRENT_USER() USING ${roles}`;
}

export function quotedAccount(user: string, host: string): string {
  return `${quotedText(user)}@${quotedText(host)}`;
}

/** For people to copy, and for DDL that takes no placeholders; see the session's sql_mode. */
function quotedText(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

export function quotedName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** `` `shop\_eu`.* ``, for a GRANT that means this database only. */
export function grantTarget(database: string): string {
  return `${quotedName(escapedPattern(database))}.*`;
}

/** Names, of accounts as of databases, are utf8mb3 on these servers: no emoji. */
export function beyondUtf8mb3(name: string): boolean {
  return /[\u{10000}-\u{10ffff}]/u.test(name);
}
