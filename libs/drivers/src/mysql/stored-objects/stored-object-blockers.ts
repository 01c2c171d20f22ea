import { someOf } from '@app/domain';
import type { ServerInfo } from '@app/domain';
import { isDatabase, thrice } from '../server-names.js';
import { loadLimits } from '../load/mysql-load-demands.js';
import { remedyFor, unsettableDefiners } from '../load/settable-definers.js';
import type { Account } from '../login/mysql-account.js';
import type { MysqlSession } from '../login/mysql-session.js';

/** Client character sets in which a byte of a letter may look like a quote: texts in them are not taken apart. */
export const AMBIGUOUS_CHARACTER_SETS = ['big5', 'cp932', 'gb18030', 'gbk', 'sjis'];

/** Checks that we could make anew what is in the target now when the restore is undone, or fails. */
export async function storedObjectBlockers(
  session: MysqlSession,
  server: ServerInfo,
  account: Account,
  database: string,
): Promise<string[]> {
  return [
    ...(await triggerBlockers(session, database)),
    ...(await blockersOfMakingAnew(session, server, account, database)),
  ];
}

/** Why the account could not make the stored objects of a database anew, whatever the strategy. */
export async function blockersOfMakingAnew(
  session: MysqlSession,
  server: ServerInfo,
  account: Account,
  database: string,
): Promise<string[]> {
  const limits = await loadLimits(session, server, account);
  const blockers: string[] = [];
  const objects = await session.rows<{ kind: string; name: string; definer: string; hidden: number }>(
    `SELECT ROUTINE_TYPE AS kind, ROUTINE_NAME AS name, DEFINER AS definer, ROUTINE_DEFINITION IS NULL AS hidden
       FROM information_schema.ROUTINES WHERE ${isDatabase('ROUTINE_SCHEMA')}
     UNION ALL SELECT 'TRIGGER', TRIGGER_NAME, DEFINER, 0 FROM information_schema.TRIGGERS WHERE ${isDatabase('EVENT_OBJECT_SCHEMA')}
     UNION ALL SELECT 'EVENT', EVENT_NAME, DEFINER, 0 FROM information_schema.EVENTS WHERE ${isDatabase('EVENT_SCHEMA')}
     UNION ALL SELECT 'VIEW', TABLE_NAME, DEFINER, 0 FROM information_schema.VIEWS WHERE ${isDatabase('TABLE_SCHEMA')}
     ORDER BY 1, 2`,
    [1, 2, 3, 4].flatMap(() => thrice(database)),
  );
  const hidden = objects.filter((object) => Number(object.hidden) > 0);
  if (hidden.length > 0) {
    blockers.push(
      `${account.quoted} may not see the texts of routines of "${database}", so they could not be put back: ${listed(hidden)}. ` +
        `As an administrator run: GRANT SELECT ON mysql.proc TO ${account.quoted};`,
    );
  }
  const definers = new Set(objects.map(({ definer }) => definer));
  const unsettable = await unsettableDefiners(session, server, account, database, definers);
  if (unsettable.length > 0) {
    const theirs = objects.filter(({ definer }) => unsettable.some((each) => each.definer === definer));
    const { names, grant } = remedyFor(unsettable, account);
    blockers.push(
      `Objects of "${database}" belong to other accounts (${listed(theirs)}, of ${names}), and ${account.quoted} could not make them anew. ` +
        `As an administrator run: ${grant}`,
    );
  }
  const logged = objects.filter(({ kind }) => kind === 'TRIGGER' || kind === 'FUNCTION');
  if (limits.loggedRoutines && logged.length > 0) {
    blockers.push(
      `The server writes a binary log and lets only accounts with SUPER make triggers and functions (${listed(logged)}). ` +
        `As an administrator run: SET GLOBAL log_bin_trust_function_creators = 1;`,
    );
  }
  return blockers;
}

export async function triggerBlockers(session: MysqlSession, database: string): Promise<string[]> {
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

function listed(objects: readonly { kind: string; name: string }[]): string {
  const names = objects.map(({ kind, name }) => `${kind.toLowerCase()} ${name}`);
  return someOf(names, { most: SHOWN });
}
