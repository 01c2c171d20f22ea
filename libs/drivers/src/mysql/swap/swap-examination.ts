import { statfs } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import type { LoadPlan, SwapExamination } from '../../db-driver.js';
import { currentAccount, quotedName } from '../login/mysql-account.js';
import type { Account } from '../login/mysql-account.js';
import { statementError } from '../login/mysql-errors.js';
import { escapedPattern } from '../login/mysql-grants.js';
import { withSession } from '../login/mysql-session.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { preparedXa } from '../login/xa-transactions.js';
import { NEEDED_TO_LOAD } from '../load/mysql-load-privileges.js';
import { asSpelled, isDatabase, thrice } from '../server-names.js';
import { copyName } from './copy-names.js';
import { hiddenForeignKeys } from './tables/foreign-keys.js';
import { moveCosts } from './tables/move-costs.js';
import { blockersOf } from './swap-blockers.js';

export async function examine(plan: LoadPlan, signal: AbortSignal | undefined): Promise<SwapExamination> {
  const { connection, server } = plan;
  return withSession(connection, { signal }, async (session) => {
    const database = await asSpelled(session, connection.database);
    try {
      const account = await currentAccount(session, server);
      const hidden = await hiddenForeignKeys(session, server, account, database);
      return {
        blockers: [
          ...missingForCopies(account, database),
          ...(await blockersOf(session, server, database)),
          ...(hidden.found.length === 0
            ? []
            : [
                `Foreign keys from databases that ${account.quoted} may not see refer to tables of "${database}": ${hidden.found.join(', ')}.`,
              ]),
        ],
        warnings: [...(await warningsFor(session, account, database)), ...hidden.warnings],
        // Sessions wait for a moment at the swap; none is ended.
        sessions: 0,
        freeBytes: await freeBytes(session, connection.host),
        moves: await moveCosts(session, server, database),
      };
    } catch (error) {
      throw statementError(error, `Examining "${database}"`);
    }
  });
}

/** The account must be allowed to make and fill the staging and the previous database, which have other names. */
function missingForCopies(account: Account, database: string): string[] {
  const { privileges, quoted } = account;
  const stems = new Set<string>();
  const missing = NEEDED_TO_LOAD.filter((privilege) =>
    (['restore', 'before'] as const).some((role) => {
      const name = copyName(database, role, '0'.repeat(8));
      if (privileges.onDatabase(privilege, name)) return false;
      stems.add(name.slice(0, name.indexOf(`__${role}_`)));
      return true;
    }),
  );
  if (missing.length === 0) return [];
  const targets = [...stems].map((stem) => `${quotedName(`${escapedPattern(stem)}\\_\\_%`)}.*`);
  // The server would use these grants instead of any on a wider pattern, so that they give what that gave, too.
  const grants = targets.map((target) => `GRANT ${NEEDED_TO_LOAD.join(', ')} ON ${target} TO ${quoted};`);
  return [
    `${quoted} may not make a staging database for "${database}": it lacks ${missing.join(', ')} there. As an administrator run: ${grants.join(' ')}`,
  ];
}

async function warningsFor(session: MysqlSession, account: Account, database: string): Promise<string[]> {
  const warnings: string[] = [];
  const triggers = await session.rows(
    'SELECT 1 FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = ? LIMIT 1',
    [database],
  );
  if (triggers.length > 0) {
    warnings.push(
      `Because of its triggers the tables of "${database}" are away for a moment at the swap: clients are told that a table does not exist (1146).`,
    );
  }
  const prepared = await preparedXa(session);
  if (prepared.length > 0) {
    warnings.push(
      `The server holds prepared XA transactions (${prepared.join('; ')}). The swap cannot be done while one of them uses tables of "${database}": end it with XA COMMIT or XA ROLLBACK first.`,
    );
  }
  if (account.privileges.global('PROCESS')) {
    const { sessions } = await session.row<{ sessions: number }>(
      `SELECT COUNT(*) AS sessions FROM information_schema.PROCESSLIST WHERE ${isDatabase('DB')} AND ID <> CONNECTION_ID()`,
      thrice(database),
    );
    if (Number(sessions) > 0) {
      warnings.push(
        `${sessions} ${Number(sessions) === 1 ? 'session uses' : 'sessions use'} "${database}" now. The swap ends none, and waits for their open transactions for half a minute.`,
      );
    }
  } else {
    warnings.push(
      'Without the privilege PROCESS it cannot be told which sessions have transactions that the swap must wait for.',
    );
  }
  return warnings;
}

/** Undefined unless the server certainly is on this machine, and not in a container of its own. */
async function freeBytes(session: MysqlSession, host: string): Promise<number | undefined> {
  const own = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
  if (!['localhost', ...own].includes(host.toLowerCase())) return undefined;
  const { name, directory } = await session.row<{ name: string; directory: string }>(
    'SELECT @@hostname AS name, @@datadir AS directory',
  );
  if (name !== hostname()) return undefined;
  try {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
