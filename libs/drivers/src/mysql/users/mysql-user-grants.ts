import { matchesPattern, parseGrants } from '../login/mysql-grants.js';
import type { Grant } from '../login/mysql-grants.js';
import { grantTarget, quotedAccount } from '../login/mysql-account.js';
import type { PrivilegeChange } from './mysql-privilege-names.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { sameHost } from './mysql-user-checks.js';
import type { UserAccount } from './mysql-user-checks.js';

export interface GrantedPrivileges {
  global: string[];
  /** On the whole of the active database. */
  database: string[];
}

/** Returns what was granted to the account itself, and not through roles. */
export async function grantedTo(
  session: MysqlSession,
  account: UserAccount,
  database: string,
): Promise<GrantedPrivileges> {
  const rows = await session.rows<Record<string, string>>(
    `SHOW GRANTS FOR ${quotedAccount(account.user, account.host)}`,
  );
  const grants = parseGrants(rows.map((row) => Object.values(row)[0] ?? '')).filter(({ grantee }) =>
    isGrantee(grantee, account),
  );
  const at = (wanted: (grant: Grant) => boolean): string[] => [
    ...new Set(grants.filter(wanted).flatMap(({ privileges }) => privileges.filter((name) => name !== 'USAGE'))),
  ];
  return {
    global: at(({ scope }) => scope.level === 'global'),
    database: at(({ scope }) => scope.level === 'database' && matchesPattern(scope.pattern, database)),
  };
}

/** MariaDB's SHOW GRANTS also prints what the account's roles and PUBLIC have. */
function isGrantee(grantee: string, account: UserAccount): boolean {
  const [, quote = '', user, , host] = /^([`'])(.*)\1@([`'])(.*)\3$/s.exec(grantee) ?? [];
  return (
    user !== undefined &&
    host !== undefined &&
    user.replaceAll(quote + quote, quote) === account.user &&
    sameHost(host, account.host)
  );
}

/**
 * Applies the changes one by one and, when one fails, takes back those that it made, so that nothing is half done.
 * What is granted already, or not there to be revoked, is left alone.
 */
export async function applyChanges(
  session: MysqlSession,
  account: UserAccount,
  database: string,
  changes: readonly PrivilegeChange[],
): Promise<() => Promise<void>> {
  const before = await grantedTo(session, account, database);
  const done: PrivilegeChange[] = [];
  const undo = async (): Promise<void> => {
    for (const change of done.toReversed()) {
      await session
        .run(changeStatement({ ...change, revoke: !change.revoke }, account, database))
        .catch(() => undefined);
    }
  };
  try {
    for (const change of changes) {
      if (before[change.level].includes(change.name) !== change.revoke) continue;
      await session.run(changeStatement(change, account, database));
      done.push(change);
    }
  } catch (error) {
    await undo();
    throw error;
  }
  return undo;
}

function changeStatement(change: PrivilegeChange, account: UserAccount, database: string): string {
  const target = change.level === 'global' ? '*.*' : grantTarget(database);
  const who = quotedAccount(account.user, account.host);
  return change.revoke
    ? `REVOKE ${change.name} ON ${target} FROM ${who}`
    : `GRANT ${change.name} ON ${target} TO ${who}`;
}
