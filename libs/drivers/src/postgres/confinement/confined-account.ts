import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { AS_LONG_AS_IT_TAKES } from '../../session/answer-guard.js';
import type { ConfinedAccount, Confinement, ConfinementRefusal } from '../../db-driver.js';
import { databaseError, isServerError, serverWords } from '../login/postgres-errors.js';
import { PostgresSession } from '../login/postgres-session.js';
import { openOther } from '../maintenance-session.js';
import { requireName } from '../identifier.js';
import { scramVerifier } from '../users/scram-verifier.js';

/** We know our own accounts by this comment: nothing else is ever dropped. */
export const ACCOUNT_COMMENT = 'Loads one database for database-backup-service, and is dropped with that.';
/** Nobody can log in with what a crash may leave behind, even before it is dropped. */
const VALID_DAYS = 14;
const quote = (name: string): string => pg.escapeIdentifier(name);

/** A condition on `r`, a row of `pg_roles`. */
export const IS_OURS = `pg_catalog.shobj_description(r.oid, 'pg_authid') = ${pg.escapeLiteral(ACCOUNT_COMMENT)}`;

/**
 * A login role that owns one database, is a member of nothing, and has of the rest of the server what PUBLIC has. It bears
 * the name of the database, so that it is known without any journal. See ADR 26.
 */
export class PostgresConfinement implements Confinement {
  async confine(
    administrator: ConnectionParams,
    { readsAllRows, signal }: { readsAllRows: boolean; signal?: AbortSignal | undefined },
  ): Promise<ConfinedAccount | ConfinementRefusal> {
    const { database } = administrator;
    requireName(database, 'database name');
    await using session = await openOther(administrator, [database], signal);
    try {
      await dropOrphans(session);
      const maker = await makerOf(session, database);
      const refused = (why: string): ConfinementRefusal => ({ refused: why, harmless: maker.harmless });
      if (!maker.superuser && !maker.createsRoles) {
        return refused(`"${administrator.username}" may not make an account: it lacks CREATEROLE.`);
      }
      const password = randomBytes(24).toString('base64url');
      const account: ConfinedAccount = {
        connection: { ...administrator, username: database, password },
        administrator,
        owner: maker.owner,
      };
      const rights = readsAllRows && (maker.superuser || maker.bypassesRls) ? 'BYPASSRLS' : 'NOBYPASSRLS';
      try {
        await make(session, database, `${rights} PASSWORD ${pg.escapeLiteral(await scramVerifier(password))}`, maker);
      } catch (error) {
        await undo(session, database, maker.owner);
        if (!isServerError(error) || error.code !== '42501') throw error;
        return refused(`An account for it could not be made: ${serverWords(error)}.`);
      }
      const failure = await loginFailure(account.connection, signal);
      if (failure === undefined) return account;
      await undo(session, database, maker.owner);
      if (signal?.aborted === true) throw failure;
      return refused(`The server does not let the account log in that was made for it: ${failure.message}`);
    } catch (error) {
      throw databaseError(error, `An account for loading "${database}" could not be made`);
    }
  }

  async release({ connection, administrator, owner }: ConfinedAccount): Promise<void> {
    const { username, database } = connection;
    try {
      await using session = await PostgresSession.open(administrator);
      await session.query(`REASSIGN OWNED BY ${quote(username)} TO ${quote(owner)}`, [], AS_LONG_AS_IT_TAKES);
      await session.query(`DROP OWNED BY ${quote(username)} CASCADE`, [], AS_LONG_AS_IT_TAKES);
      await session.query(`ALTER DATABASE ${quote(database)} OWNER TO ${quote(owner)}`);
      await endSessionsOf(session, username);
      await session.query(`DROP ROLE ${quote(username)}`);
    } catch (error) {
      throw databaseError(error, `What was loaded into "${database}" could not be handed over to "${owner}"`);
    }
  }
}

interface Maker {
  superuser: boolean;
  createsRoles: boolean;
  bypassesRls: boolean;
  /** Whether code that runs as this role reaches nothing but what the role owns. */
  harmless: boolean;
  /** The owner of the database. */
  owner: string;
  version: number;
}

function makerOf(session: PostgresSession, database: string): Promise<Maker> {
  return session.queryOne<{
    superuser: boolean;
    createsRoles: boolean;
    bypassesRls: boolean;
    harmless: boolean;
    owner: string;
    version: number;
  }>(
    `SELECT r.rolsuper AS superuser, r.rolcreaterole AS "createsRoles", r.rolbypassrls AS "bypassesRls",
            NOT r.rolsuper AND NOT EXISTS (SELECT FROM pg_roles p WHERE pg_has_role(r.oid, p.oid, 'MEMBER')
              AND (p.rolsuper OR p.rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files'))) AS harmless,
            pg_get_userbyid(d.datdba)::text AS owner, current_setting('server_version_num')::int AS version
       FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = $1`,
    [database],
  );
}

async function make(session: PostgresSession, name: string, options: string, maker: Maker): Promise<void> {
  const until = new Date(Date.now() + VALID_DAYS * 86_400_000).toISOString();
  await dropAccount(session, name);
  await session.query(
    `CREATE ROLE ${quote(name)} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION INHERIT ${options} VALID UNTIL '${until}'`,
  );
  await session.query(`COMMENT ON ROLE ${quote(name)} IS ${pg.escapeLiteral(ACCOUNT_COMMENT)}`);
  if (!maker.superuser) {
    const how = maker.version >= 160_000 ? ' WITH INHERIT TRUE, SET TRUE' : '';
    await session.query(`GRANT ${quote(name)} TO CURRENT_USER${how}`);
  }
  await session.query(`ALTER DATABASE ${quote(name)} OWNER TO ${quote(name)}`);
}

async function undo(session: PostgresSession, name: string, owner: string): Promise<void> {
  await session.query(`ALTER DATABASE ${quote(name)} OWNER TO ${quote(owner)}`);
  await dropAccount(session, name);
}

async function loginFailure(connection: ConnectionParams, signal?: AbortSignal): Promise<DomainError | undefined> {
  try {
    await using session = await PostgresSession.open(connection, signal);
    await session.query('SELECT');
    return undefined;
  } catch (error) {
    return databaseError(error, 'It could not log in');
  }
}

async function endSessionsOf(session: PostgresSession, username: string): Promise<void> {
  await session.query(
    'SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE usename = $1 AND pid <> pg_catalog.pg_backend_pid()',
    [username],
  );
}

/** Drops the account of a database that is gone or has another owner. No error when there is none. */
export async function dropAccount(session: PostgresSession, name: string): Promise<void> {
  const [found] = await session.query(`SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = $1 AND ${IS_OURS}`, [name]);
  if (found === undefined) return;
  await endSessionsOf(session, name);
  await session.query(`DROP ROLE ${quote(name)}`);
}

/** Drops the accounts that a crash left between dropping a database and its account. */
async function dropOrphans(session: PostgresSession): Promise<void> {
  const orphans = await session.query<{ name: string }>(
    `SELECT r.rolname AS name FROM pg_catalog.pg_roles r WHERE ${IS_OURS}
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_database d WHERE d.datname = r.rolname OR d.datdba = r.oid)`,
  );
  for (const { name } of orphans) await dropAccount(session, name).catch(() => undefined);
}
