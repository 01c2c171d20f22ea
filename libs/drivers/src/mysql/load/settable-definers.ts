import { randomBytes } from 'node:crypto';
import { DomainError } from '@app/domain';
import type { ServerInfo } from '@app/domain';
import { quotedAccount, quotedName } from '../login/mysql-account.js';
import type { Account } from '../login/mysql-account.js';
import { serverRefusal } from '../login/mysql-errors.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { loadLimits } from './mysql-load-demands.js';

const DENIED = 1227;
/** No server takes a routine with a longer comment. */
const TOO_LONG = 70_000;

/** An account in whose name this one may make nothing. */
export interface Unsettable {
  /** `user@host`. */
  definer: string;
  /** The privilege that would allow it. */
  privilege: string;
}

/**
 * Those of `definers` in whose names the account may make no objects. A privilege alone does not say: MySQL wants another one for accounts
 * that have SYSTEM_USER, and one for those that are not there, which this account may not see. So the server is asked for a
 * routine that it refuses in any case, which says whether the definer is the reason. Nothing is made.
 */
export async function unsettableDefiners(
  session: MysqlSession,
  server: ServerInfo,
  account: Account,
  database: string,
  definers: Iterable<string>,
): Promise<Unsettable[]> {
  const foreign = [...definers].filter((definer) => definer !== `${account.user}@${account.host}`);
  if (foreign.length === 0) return [];
  const { foreignDefiners, definerPrivilege } = await loadLimits(session, server, account);
  if (foreignDefiners) return foreign.map((definer) => ({ definer, privilege: definerPrivilege }));
  if (server.flavour === 'MariaDB') return [];
  const found: Unsettable[] = [];
  const { mode } = await session.row<{ mode: string }>('SELECT @@SESSION.sql_mode AS mode');
  try {
    await session.run(`SET SESSION sql_mode = 'STRICT_ALL_TABLES'`);
    for (const definer of foreign) {
      const privilege = await missingFor(session, database, definer);
      if (privilege !== undefined) found.push({ definer, privilege });
    }
  } finally {
    await session.run('SET SESSION sql_mode = ?', [mode]);
  }
  return found;
}

/** Returns what the account lacks for a definer, as the server names it. */
async function missingFor(session: MysqlSession, database: string, definer: string): Promise<string | undefined> {
  const at = definer.lastIndexOf('@');
  const name = `${quotedName(database)}.${quotedName(`dbs_probe_${randomBytes(8).toString('hex')}`)}`;
  try {
    await session.run(
      `CREATE DEFINER=${quotedAccount(definer.slice(0, at), definer.slice(at + 1))} PROCEDURE ${name}() COMMENT '${'-'.repeat(TOO_LONG)}' BEGIN END`,
    );
    await session.run(`DROP PROCEDURE ${name}`);
    return undefined;
  } catch (error) {
    const refusal = serverRefusal(error);
    if (refusal === undefined) throw error;
    if (refusal.errno !== DENIED) return undefined;
    const names = /\bthe (.+?) privilege/.exec(refusal.words)?.[1]?.split(' or ') ?? [];
    return names.find((each) => each !== 'SUPER') ?? names[0] ?? 'SUPER';
  }
}

/** MISSING_PRIVILEGE when the dump names accounts in whose names this one may make nothing; before anything is touched. */
export async function requireSettable(
  session: MysqlSession,
  server: ServerInfo,
  account: Account,
  database: string,
  definers: Iterable<string>,
): Promise<void> {
  const unsettable = await unsettableDefiners(session, server, account, database, definers);
  if (unsettable.length === 0) return;
  const { names, grant } = remedyFor(unsettable, account);
  throw new DomainError(
    'MISSING_PRIVILEGE',
    `The dump makes objects in the name of ${names}, for which ${account.quoted} lacks the privilege in brackets.`,
    {
      hint: `Nothing was changed. As an administrator run: ${grant} Or restore with "definer": "current_user".`,
    },
  );
}

/** `app@% (SET USER), boss@localhost (SYSTEM_USER)`, and what an administrator has to run. */
export function remedyFor(unsettable: readonly Unsettable[], account: Account): { names: string; grant: string } {
  const privileges = [...new Set(unsettable.map(({ privilege }) => privilege))];
  return {
    names: unsettable.map(({ definer, privilege }) => `${definer} (${privilege})`).join(', '),
    grant: `GRANT ${privileges.join(', ')} ON *.* TO ${account.quoted};`,
  };
}
