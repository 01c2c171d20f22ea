import { DomainError } from '@app/domain';
import type { ConnectionParams, ServerInfo } from '@app/domain';
import { LISTING_MS } from '../../session/answer-guard.js';
import type { DatabaseUser, UserAdministration, UserChange } from '../../db-driver.js';
import { currentAccount, quotedAccount } from '../login/mysql-account.js';
import type { Account } from '../login/mysql-account.js';
import { isLackOfPrivilege, serverRefusal, statementError } from '../login/mysql-errors.js';
import { readPrivilegeChanges } from './mysql-privilege-names.js';
import { MysqlSession, withSession } from '../login/mysql-session.js';
import {
  hostsOf,
  invalid,
  requestedAccount,
  requireDefinesNothing,
  requireExisting,
  requirePassword,
  sameHost,
  usablePassword,
} from './mysql-user-checks.js';
import type { UserAccount } from './mysql-user-checks.js';
import { listUsers } from './mysql-user-list.js';
import { applyChanges } from './mysql-user-grants.js';

/** Accounts, which are a name and a host. A password never leaves in a message: statements are not part of errors. */
export class MysqlUsers implements UserAdministration {
  async list(connection: ConnectionParams): Promise<DatabaseUser[]> {
    return this.administer(connection, 'Listing the users', (session, server) =>
      listUsers(session, server, connection.database),
    );
  }

  /** All is checked before the first statement; when a grant fails after all, the new account is dropped again. */
  async create(connection: ConnectionParams, change: UserChange): Promise<void> {
    const account = requestedAccount(change);
    const password = requirePassword(change.password);
    const name = quotedAccount(account.user, account.host);
    await this.administer(connection, `Creating the user ${name}`, async (session) => {
      const changes = await readPrivilegeChanges(session, change.privileges ?? []);
      if ((await hostsOf(session, account.user)).some((host) => sameHost(host, account.host))) throw exists(name);
      await session.run('CREATE USER ?@? IDENTIFIED BY ?', [account.user, account.host, password]);
      try {
        await applyChanges(session, account, connection.database, changes);
      } catch (error) {
        await session.run(`DROP USER ${name}`);
        throw error;
      }
    });
  }

  async modify(connection: ConnectionParams, change: UserChange): Promise<void> {
    const account = requestedAccount(change);
    const password = change.password === undefined ? undefined : usablePassword(change.password);
    const name = quotedAccount(account.user, account.host);
    await this.administer(connection, `Modifying the user ${name}`, async (session) => {
      const changes = await readPrivilegeChanges(session, change.privileges ?? []);
      await requireExisting(session, account);
      const undo = await applyChanges(session, account, connection.database, changes);
      if (password === undefined) return;
      try {
        await session.run('ALTER USER ?@? IDENTIFIED BY ?', [account.user, account.host, password]);
      } catch (error) {
        await undo();
        throw error;
      }
    });
  }

  async remove(connection: ConnectionParams, user: Pick<UserChange, 'username' | 'host'>): Promise<void> {
    const account = requestedAccount(user);
    const name = quotedAccount(account.user, account.host);
    await this.administer(connection, `Deleting the user ${name}`, async (session, server) => {
      await requireExisting(session, account);
      requireNotOurselves(account, await currentAccount(session, server));
      await requireDefinesNothing(session, account);
      await session.run(`DROP USER ${name}`);
    });
  }

  private async administer<T>(
    connection: ConnectionParams,
    doing: string,
    work: (session: MysqlSession, server: ServerInfo) => Promise<T>,
  ): Promise<T> {
    return withSession(connection, {}, async (session) => {
      session.answerWithin(LISTING_MS);
      try {
        return await work(session, await session.serverInfo());
      } catch (error) {
        throw userError(error, doing);
      }
    });
  }
}

function userError(error: unknown, doing: string): DomainError {
  const refusal = serverRefusal(error);
  switch (refusal?.errno) {
    case 1819: // the password policy says no
      return invalid('password', `The server does not take the password: ${refusal.words}.`, error);
    case 1470: // too long
      return invalid('username', `${doing} failed: ${refusal.words}.`, error);
    case 1396: // made or dropped by somebody else in between
      return new DomainError('DATABASE_ERROR', `${doing} failed: ${refusal.words}.`, { cause: error });
    default:
  }
  if (refusal !== undefined && isLackOfPrivilege(refusal.errno)) {
    return statementError(error, doing, {
      hint: 'Managing users takes CREATE USER ON *.*, SELECT ON mysql.*, and GRANT OPTION for what is to be granted.',
    });
  }
  return statementError(error, doing);
}

function requireNotOurselves(account: UserAccount, own: Account): void {
  if (account.user !== own.user || !sameHost(account.host, own.host)) return;
  throw new DomainError('USER_IN_USE', `${own.quoted} is the user that this service is logged in as.`, {
    hint: 'Connect as another user first.',
  });
}

function exists(name: string): DomainError {
  return new DomainError('USER_EXISTS', `There is a user ${name} already.`, {
    hint: 'Use the operation "Modify Users", or give another host.',
  });
}
