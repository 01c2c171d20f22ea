import { createHash, randomBytes } from 'node:crypto';
import type { ConnectionParams } from '@app/domain';
import { messageOf } from '@app/domain';
import { currentAccount, grantTarget, quotedAccount } from '../login/mysql-account.js';
import { serverRefusal, statementError } from '../login/mysql-errors.js';
import { withSession } from '../login/mysql-session.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { lockNameOf } from '../mysql-lock.js';
import { parseCopyName } from '../swap/copy-names.js';

/** Our own accounts are known by these: no other account is ever dropped. A name has 32 characters at the most. */
const PREFIX = 'dbs_load_';
const NAME = /^dbs_load_[0-9a-f]{20}$/;
/** Servers may ask for every kind of character in a password. */
const EVERY_KIND = 'aA1!';

export interface LoadingAccount {
  /** Logs in as the account, into its database. */
  connection: ConnectionParams;
  user: string;
  host: string;
  /** Rights that the server gives it in addition to ours: a line of SHOW GRANTS. */
  surplus: string | undefined;
  /** Why it is still there; undefined when it is gone. */
  drop(): Promise<string | undefined>;
}

export interface NoAccount {
  /** Why it could not be made, a whole sentence. */
  refused: string;
}

/**
 * An account for one load: with all rights on `administrator.database`, none elsewhere, and a password that nobody knows.
 * It bears a name that is made of the database's, so that it is known without any journal. See ADR 38.
 */
export async function makeLoadingAccount(
  administrator: ConnectionParams,
  signal: AbortSignal | undefined,
): Promise<LoadingAccount | NoAccount> {
  const { database, username } = administrator;
  const user = accountName(database);
  return withSession(administrator, { database: null, signal }, async (session) => {
    try {
      await dropOrphans(session);
      const { client } = await session.row<{ client: string }>('SELECT USER() AS client');
      const failures: string[] = [];
      // The very host first: an account without a name for this host would come before one for every host.
      for (const host of [client.slice(client.lastIndexOf('@') + 1), '%']) {
        const made = await attempt(session, administrator, { user, host }, signal);
        if (!('refused' in made)) return made;
        failures.push(made.refused);
        signal?.throwIfAborted();
      }
      return { refused: `"${username}" may not make an account for it: ${failures[0]}` };
    } catch (error) {
      throw statementError(error, `Making an account for loading "${database}"`);
    }
  });
}

async function attempt(
  session: MysqlSession,
  administrator: ConnectionParams,
  { user, host }: { user: string; host: string },
  signal: AbortSignal | undefined,
): Promise<LoadingAccount | NoAccount> {
  const account = quotedAccount(user, host);
  const password = `${randomBytes(24).toString('base64url')}${EVERY_KIND}`;
  const connection = { ...administrator, username: user, password };
  const drop = async (): Promise<string | undefined> => {
    try {
      await withSession(administrator, { database: null }, (own) => dropAccounts(own, [{ user, host }]));
      return undefined;
    } catch (error) {
      return `The account ${account}, which loaded "${administrator.database}", could not be dropped: ${messageOf(error)}`;
    }
  };
  try {
    await session.run(`DROP USER IF EXISTS ${account}`);
    await session.run(`CREATE USER ${account} IDENTIFIED BY ?`, [password]);
    await session.run(`GRANT ALL PRIVILEGES ON ${grantTarget(administrator.database)} TO ${account}`);
  } catch (error) {
    const refusal = serverRefusal(error);
    await drop();
    if (refusal === undefined) throw error;
    return { refused: `${refusal.words} (${refusal.errno}).` };
  }
  try {
    const surplus = await withSession(connection, { signal }, (own) => surplusOf(own, { user, host }));
    return { connection, user, host, surplus, drop };
  } catch (error) {
    const left = await drop();
    if (signal?.aborted === true || left !== undefined)
      throw left === undefined ? error : new Error(left, { cause: error });
    return { refused: `it could not log in: ${messageOf(error)}` };
  }
}

/** Roles for everybody, rights of PUBLIC, and what accounts without a name have. */
async function surplusOf(
  session: MysqlSession,
  { user, host }: { user: string; host: string },
): Promise<string | undefined> {
  const server = await session.serverInfo();
  const { quoted } = await currentAccount(session, server);
  if (quoted !== quotedAccount(user, host)) return `the server takes it for ${quoted}`;
  const grants = (await session.rows<Record<string, string>>('SHOW GRANTS')).map((row) => Object.values(row)[0] ?? '');
  const { database } = await session.row<{ database: string }>('SELECT DATABASE() AS `database`');
  const ours = (line: string): boolean =>
    line.startsWith('GRANT USAGE ON *.* TO ') ||
    line.startsWith(`GRANT ALL PRIVILEGES ON ${grantTarget(database)} TO `);
  const other = grants.find((line) => !ours(line));
  if (other !== undefined) return other.replace(/ IDENTIFIED .*/s, '');
  const [seen] = await session.rows<{ name: string }>(
    `SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA
      WHERE SCHEMA_NAME NOT IN (?, 'information_schema', 'performance_schema') LIMIT 1`,
    [database],
  );
  return seen === undefined ? undefined : `everybody may use "${seen.name}"`;
}

/** Drops what a crash has left of a load into this database. Cheap when there is nothing. */
export async function dropAccountOf(session: MysqlSession, database: string): Promise<void> {
  const name = accountName(database);
  await dropAccounts(
    session,
    (await ourAccounts(session)).filter(({ user }) => user === name),
  );
}

/** Drops accounts of databases that are gone, and of loads in place that nobody does any more. */
async function dropOrphans(session: MysqlSession): Promise<void> {
  const accounts = await ourAccounts(session);
  if (accounts.length === 0) return;
  const schemas = await session.rows<{ name: string }>('SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA');
  const databases = new Map(schemas.map(({ name }) => [accountName(name), name]));
  for (const account of accounts) {
    const database = databases.get(account.user);
    // The account of a staging or previous database is dropped with it.
    if (database !== undefined && parseCopyName(database) !== undefined) continue;
    if (database !== undefined && !(await isUnused(session, database))) continue;
    await dropAccounts(session, [account]).catch(() => undefined);
  }
}

async function isUnused(session: MysqlSession, database: string): Promise<boolean> {
  const lock = await lockNameOf(session, database);
  const { free } = await session.row<{ free: number | null }>('SELECT IS_FREE_LOCK(?) AS free', [lock]);
  return free === 1;
}

async function ourAccounts(session: MysqlSession): Promise<{ user: string; host: string }[]> {
  const rows = await session.rows<{ grantee: string }>(
    `SELECT DISTINCT GRANTEE AS grantee FROM information_schema.USER_PRIVILEGES WHERE GRANTEE LIKE ?`,
    [`'${PREFIX.replaceAll('_', '\\_')}%`],
  );
  return rows.flatMap(({ grantee }) => {
    const [, user = '', host = ''] = /^'([^']*)'@'([^']*)'$/.exec(grantee) ?? [];
    return NAME.test(user) ? [{ user, host }] : [];
  });
}

/** With the sessions that they still have, which otherwise would keep their rights. */
async function dropAccounts(session: MysqlSession, accounts: readonly { user: string; host: string }[]): Promise<void> {
  for (const { user, host } of accounts) {
    if (!NAME.test(user)) throw new Error(`"${user}" is no account of ours.`);
    await session.run(`DROP USER IF EXISTS ${quotedAccount(user, host)}`);
    const open = await session.rows<{ id: number }>(
      'SELECT ID AS id FROM information_schema.PROCESSLIST WHERE USER = ?',
      [user],
    );
    for (const { id } of open) {
      await session.run(`KILL ${Number(id)}`).catch((error: unknown) => {
        if (serverRefusal(error) === undefined) throw error;
      });
    }
  }
}

function accountName(database: string): string {
  return `${PREFIX}${createHash('sha256').update(database).digest('hex').slice(0, 20)}`;
}
