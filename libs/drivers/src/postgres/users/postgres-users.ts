import pg from 'pg';
import { DomainError } from '@app/domain';
import type { ConnectionParams, ErrorCode } from '@app/domain';
import { LISTING_MS } from '../../session/answer-guard.js';
import type { DatabaseUser, UserAdministration, UserChange } from '../../db-driver.js';
import { requireName } from '../identifier.js';
import { databaseError, isServerError, serverWords } from '../login/postgres-errors.js';
import type { ServerError } from '../login/postgres-errors.js';
import { PostgresSession } from '../login/postgres-session.js';
import { roleAttributes } from './role-privileges.js';
import { scramVerifier } from './scram-verifier.js';

interface RoleRow {
  username: string;
  superuser: boolean;
  create_db: boolean;
  replication: boolean;
  bypass_rls: boolean;
  details: Record<string, unknown>;
}

/** Roles that may log in. Passwords leave this process as SCRAM verifiers only. */
export class PostgresUsers implements UserAdministration {
  async list(connection: ConnectionParams): Promise<DatabaseUser[]> {
    const rows = await this.run(connection, 'The users could not be listed', (session) =>
      session.query<RoleRow>(
        `SELECT rolname AS username, rolsuper AS superuser, rolcreatedb AS create_db, rolreplication AS replication,
                rolbypassrls AS bypass_rls, pg_catalog.jsonb_build_object('login', rolcanlogin, 'create_role', rolcreaterole,
                'inherit', rolinherit, 'connection_limit', rolconnlimit, 'valid_until', rolvaliduntil,
                'in_use', rolname = session_user) AS details
           FROM pg_catalog.pg_roles WHERE rolcanlogin AND rolname !~ '^pg_' ORDER BY rolname COLLATE "C"`,
      ),
    );
    return rows.map((row) => ({
      username: row.username,
      superuser: row.superuser,
      createDb: row.create_db,
      replication: row.replication,
      bypassRls: row.bypass_rls,
      details: row.details,
    }));
  }

  async create(connection: ConnectionParams, user: UserChange): Promise<void> {
    const attributes = roleAttributes(user.privileges ?? []);
    if (!attributes.includes('NOLOGIN') && !attributes.includes('LOGIN')) attributes.unshift('LOGIN');
    await this.change(connection, 'CREATE', user.username, attributes, user.password);
  }

  async modify(connection: ConnectionParams, user: UserChange): Promise<void> {
    const attributes = roleAttributes(user.privileges ?? []);
    if (attributes.length === 0 && user.password === undefined) {
      throw new DomainError('INVALID_INPUT', `Nothing is to be changed about "${user.username}".`, {
        hint: 'Give a password, privileges, or both.',
      });
    }
    await this.change(connection, 'ALTER', user.username, attributes, user.password);
  }

  async remove(connection: ConnectionParams, user: Pick<UserChange, 'username'>): Promise<void> {
    const { username } = user;
    requireName(username, 'user name', 'username');
    if (username === connection.username) throw inUse(username);
    await this.run(connection, `User "${username}" could not be deleted`, async (session) => {
      await session.query(`DROP ROLE ${pg.escapeIdentifier(username)}`).catch((error: unknown) => {
        throw roleError(error, username);
      });
    });
  }

  private async change(
    connection: ConnectionParams,
    verb: 'CREATE' | 'ALTER',
    username: string,
    attributes: readonly string[],
    password: string | undefined,
  ): Promise<void> {
    requireName(username, 'user name', 'username');
    const secret = password === undefined ? [] : [`PASSWORD ${pg.escapeLiteral(await scramVerifier(password))}`];
    const what = `User "${username}" could not be ${verb === 'CREATE' ? 'created' : 'modified'}`;
    await this.run(connection, what, async (session) => {
      const statement = [`${verb} ROLE ${pg.escapeIdentifier(username)} WITH`, ...attributes, ...secret].join(' ');
      await session.query(statement).catch((error: unknown) => {
        throw roleError(error, username);
      });
    });
  }

  private async run<T>(
    connection: ConnectionParams,
    what: string,
    work: (session: PostgresSession) => Promise<T>,
  ): Promise<T> {
    await using session = await PostgresSession.open(connection);
    session.answerWithin(LISTING_MS);
    try {
      return await work(session);
    } catch (error) {
      throw databaseError(error, what);
    }
  }
}

function inUse(username: string): DomainError {
  return new DomainError('USER_IN_USE', `"${username}" is the user that this service itself is logged in as.`, {
    hint: 'Connect as another user first.',
  });
}

function roleError(error: unknown, username: string): unknown {
  if (!isServerError(error)) return error;
  const make = (code: ErrorCode, message: string, hint?: string): DomainError =>
    new DomainError(code, message, { cause: error, ...(hint === undefined ? {} : { hint }) });
  switch (error.code) {
    case '42710':
      return make('USER_EXISTS', `There is a user "${username}" already.`, 'Modify it, or take another name.');
    case '42704':
      return make('USER_NOT_FOUND', `There is no user "${username}".`);
    case '2BP01':
      return make('USER_OWNS_OBJECTS', `User "${username}" cannot be deleted: ${whatItHas(error)}.`, REASSIGN_HINT);
    case '55006':
      return inUse(username);
    case '42939': {
      const message = `The name "${username}" is reserved by PostgreSQL.`;
      return new DomainError('INVALID_INPUT', message, { cause: error, fields: [{ field: 'username', message }] });
    }
    case '42501':
      return make(
        'MISSING_PRIVILEGE',
        `The connected user may not do this to "${username}": ${serverWords(error)}.`,
        error.detail?.trim() || 'Connect as a superuser, or as a user with CREATEROLE.',
      );
    default:
      return error;
  }
}

const REASSIGN_HINT =
  'Hand its objects over with REASSIGN OWNED and take its rights back with DROP OWNED, in each database concerned.';

/** The server lists one thing a line: "owner of table t", "privileges for schema s", "2 objects in database x". */
function whatItHas(error: ServerError): string {
  const lines = (error.detail ?? '').split('\n').filter((line) => line !== '');
  return lines.length === 0 ? serverWords(error) : lines.join(', ').slice(0, 500);
}
