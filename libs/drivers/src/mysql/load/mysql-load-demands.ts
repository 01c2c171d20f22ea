import { DomainError, compareVersions } from '@app/domain';
import type { ServerInfo } from '@app/domain';
import type { Account } from '../login/mysql-account.js';
import type { DumpDemands } from '../script/mysql-script-guard.js';
import type { MysqlSession } from '../login/mysql-session.js';

/** The abilities that the account does not have on this server, and that some dumps need (FAILURES 36). */
export interface LoadLimits {
  /** Make objects in another account's name. */
  foreignDefiners: boolean;
  /** Make objects in the name of some other accounts: of those that are not there, or that have SYSTEM_USER. */
  someDefiners: boolean;
  /** Make triggers and functions while the server writes a binary log. */
  loggedRoutines: boolean;
  /** The privilege for the first, by this server's name. */
  definerPrivilege: string;
}

export async function loadLimits(session: MysqlSession, server: ServerInfo, account: Account): Promise<LoadLimits> {
  const { privileges } = account;
  const since = (...version: number[]): boolean => compareVersions(server.versionParts, version) >= 0;
  const mariadb = server.flavour === 'MariaDB';
  const definerPrivileges = mariadb
    ? since(10, 5, 2)
      ? ['SET USER', ...(since(10, 11) ? [] : ['SUPER'])]
      : ['SUPER']
    : since(8, 2)
      ? ['SET_ANY_DEFINER', 'SUPER']
      : since(8, 0)
        ? ['SET_USER_ID', 'SUPER']
        : ['SUPER'];
  const mightiest = [
    ...(since(8, 0, 16) ? ['SYSTEM_USER'] : []),
    ...(since(8, 2) ? ['ALLOW_NONEXISTENT_DEFINER'] : []),
  ];
  const { logged, trusted } = await session.row<{ logged: number; trusted: number }>(
    'SELECT @@GLOBAL.log_bin AS logged, @@GLOBAL.log_bin_trust_function_creators AS trusted',
  );
  return {
    foreignDefiners: !definerPrivileges.some((name) => privileges.global(name)),
    someDefiners:
      !definerPrivileges.some((name) => privileges.global(name)) ||
      (!mariadb && !mightiest.every((name) => privileges.global(name))),
    loggedRoutines: Boolean(logged) && !trusted && !privileges.global('SUPER'),
    definerPrivilege: definerPrivileges[0] ?? 'SUPER',
  };
}

/** MISSING_PRIVILEGE when the dump makes triggers or functions that the account cannot make; before anything is touched. */
export function requireWithinLimits(
  demands: Pick<DumpDemands, 'createsLoggedRoutines'>,
  limits: LoadLimits,
  account: Account,
): void {
  if (limits.loggedRoutines && demands.createsLoggedRoutines) {
    throw new DomainError(
      'MISSING_PRIVILEGE',
      `The dump makes triggers or functions, which the server, as it writes a binary log, lets only accounts with SUPER do.`,
      {
        hint: `Nothing was changed. As an administrator run: SET GLOBAL log_bin_trust_function_creators = 1; or grant SUPER to ${account.quoted}.`,
      },
    );
  }
}
