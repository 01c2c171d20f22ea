import { DomainError } from '@app/domain';
import type { ServerInfo } from '@app/domain';
import { isDatabase, thrice } from '../server-names.js';
import { currentAccount } from '../login/mysql-account.js';
import type { Account } from '../login/mysql-account.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { loadLimits } from '../load/mysql-load-demands.js';
import { danglingForeignKeys, incomingForeignKeys, outgoingForeignKeys } from './foreign-keys.js';

/** Client character sets in which a byte of a letter may look like a quote: texts in them are not taken apart. */
const AMBIGUOUS_CHARACTER_SETS = ['big5', 'cp932', 'gb18030', 'gbk', 'sjis'];

const HINT =
  'Nothing was changed. If the dump holds single tables only (mysqldump db table), make one of the whole database. ' +
  'Else restore in place: "strategy": "safety_backup".';

/** What stands in the way of swapping something in for `database`, in sentences with names. */
export async function obstaclesOf(session: MysqlSession, server: ServerInfo, database: string): Promise<string[]> {
  const account = await currentAccount(session, server);
  return [
    ...(await foreignKeyObstacles(session, database)),
    ...(await tableObstacles(session, database)),
    ...(await programObstacles(session, server, account, database)),
  ];
}

/** UNSUPPORTED, naming what stands in the way, on either side. */
export async function requireNoObstacle(
  session: MysqlSession,
  server: ServerInfo,
  live: string,
  incoming: string,
): Promise<void> {
  const ofIncoming = [
    ...(await foreignKeyObstacles(session, incoming)),
    ...(await triggerObstacles(session, incoming)),
  ];
  const obstacles = [
    ...(await obstaclesOf(session, server, live)),
    // Nobody knows the staging database by its name.
    ...ofIncoming.map((sentence) => sentence.replaceAll(incoming, live)),
  ];
  if (obstacles.length === 0) return;
  throw new DomainError('UNSUPPORTED', obstacles.join(' '), { hint: HINT });
}

/** What keeps tables of a staging database from moving into a target that holds nothing, or would be lost on the way. */
export async function obstaclesOfArrival(session: MysqlSession, incoming: string): Promise<string[]> {
  return [...(await danglingForeignKeys(session, incoming)), ...(await triggerObstacles(session, incoming))];
}

async function foreignKeyObstacles(session: MysqlSession, database: string): Promise<string[]> {
  const sentences: [readonly string[], string][] = [
    [
      await incomingForeignKeys(session, database),
      `Foreign keys from other databases refer to tables of "${database}" and would follow the old tables`,
    ],
    [
      await outgoingForeignKeys(session, database),
      `Foreign keys of "${database}" refer to tables of other databases, and would go on to act from the copy`,
    ],
    [
      await danglingForeignKeys(session, database),
      `Foreign keys of "${database}" refer to tables that are not there, and would bind to others`,
    ],
  ];
  return sentences.filter(([keys]) => keys.length > 0).map(([keys, sentence]) => `${sentence}: ${keys.join(', ')}.`);
}

async function tableObstacles(session: MysqlSession, database: string): Promise<string[]> {
  const broken = await session.rows<{ name: string }>(
    `SELECT TABLE_NAME AS name FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = ? AND TABLE_TYPE NOT IN ('VIEW', 'SYSTEM VIEW') AND ENGINE IS NULL ORDER BY TABLE_NAME`,
    [database],
  );
  if (broken.length === 0) return [];
  return [`Tables of "${database}" cannot be opened: ${broken.map(({ name }) => name).join(', ')}.`];
}

/** What is in the target now must be made anew by us when the restore is undone, or fails. */
async function programObstacles(
  session: MysqlSession,
  server: ServerInfo,
  account: Account,
  database: string,
): Promise<string[]> {
  const limits = await loadLimits(session, server, account);
  const obstacles = await triggerObstacles(session, database);
  const programs = await session.rows<{ kind: string; name: string; definer: string; hidden: number }>(
    `SELECT ROUTINE_TYPE AS kind, ROUTINE_NAME AS name, DEFINER AS definer, ROUTINE_DEFINITION IS NULL AS hidden
       FROM information_schema.ROUTINES WHERE ${isDatabase('ROUTINE_SCHEMA')}
     UNION ALL SELECT 'TRIGGER', TRIGGER_NAME, DEFINER, 0 FROM information_schema.TRIGGERS WHERE ${isDatabase('EVENT_OBJECT_SCHEMA')}
     UNION ALL SELECT 'EVENT', EVENT_NAME, DEFINER, 0 FROM information_schema.EVENTS WHERE ${isDatabase('EVENT_SCHEMA')}
     UNION ALL SELECT 'VIEW', TABLE_NAME, DEFINER, 0 FROM information_schema.VIEWS WHERE ${isDatabase('TABLE_SCHEMA')}
     ORDER BY 1, 2`,
    [1, 2, 3, 4].flatMap(() => thrice(database)),
  );
  const hidden = programs.filter((program) => Number(program.hidden) > 0);
  if (hidden.length > 0) {
    obstacles.push(
      `${account.quoted} may not see the texts of routines of "${database}", so they could not be put back: ${listed(hidden)}. ` +
        `As an administrator run: GRANT SELECT ON mysql.proc TO ${account.quoted};`,
    );
  }
  const foreign = programs.filter(({ definer }) => definer !== `${account.user}@${account.host}`);
  if (limits.foreignDefiners && foreign.length > 0) {
    obstacles.push(
      `Objects of "${database}" belong to other accounts (${listed(foreign)}), and ${account.quoted} could not make them anew. ` +
        `As an administrator run: GRANT ${limits.definerPrivilege} ON *.* TO ${account.quoted};`,
    );
  }
  const logged = programs.filter(({ kind }) => kind === 'TRIGGER' || kind === 'FUNCTION');
  if (limits.loggedRoutines && logged.length > 0) {
    obstacles.push(
      `The server writes a binary log and lets only accounts with SUPER make triggers and functions (${listed(logged)}). ` +
        `As an administrator run: SET GLOBAL log_bin_trust_function_creators = 1;`,
    );
  }
  return obstacles;
}

async function triggerObstacles(session: MysqlSession, database: string): Promise<string[]> {
  const rows = await session.rows<{ name: string; characterSet: string }>(
    `SELECT TRIGGER_NAME AS name, CHARACTER_SET_CLIENT AS characterSet FROM information_schema.TRIGGERS
      WHERE EVENT_OBJECT_SCHEMA = ? ORDER BY TRIGGER_NAME`,
    [database],
  );
  const unreadable = rows.filter(({ characterSet }) => AMBIGUOUS_CHARACTER_SETS.includes(characterSet));
  if (unreadable.length === 0) return [];
  const names = unreadable.map(({ name, characterSet }) => `${name} (${characterSet})`).join(', ');
  return [`Triggers were written in character sets in which they cannot be taken apart safely: ${names}.`];
}

const SHOWN = 10;

function listed(programs: readonly { kind: string; name: string }[]): string {
  const names = programs.slice(0, SHOWN).map(({ kind, name }) => `${kind.toLowerCase()} ${name}`);
  if (programs.length > SHOWN) names.push(`${programs.length - SHOWN} more`);
  return names.join(', ');
}
