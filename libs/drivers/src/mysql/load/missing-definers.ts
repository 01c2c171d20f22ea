import { someOf } from '@app/domain';
import type { ConnectionParams, DefinerChoice, ObjectCounts } from '@app/domain';
import { isDatabase } from '../server-names.js';
import { grantsOfDefiner, quotedName } from '../login/mysql-account.js';
import { withSession } from '../login/mysql-session.js';
import type { MysqlSession } from '../login/mysql-session.js';

interface Defined {
  definer: string;
  kind: 'PROCEDURE' | 'FUNCTION' | 'PACKAGE' | 'PACKAGE BODY' | 'VIEW' | 'TRIGGER' | 'EVENT';
  name: string;
}

export interface Ownerless {
  warnings: readonly string[];
  /** The number of objects that were left out, by kind. */
  skipped?: ObjectCounts;
  /** The events among it. */
  events: readonly string[];
}

/**
 * Warns of objects of the database that run with the rights of accounts which the server lacks: whoever uses them is told error
 * 1449. With `skip` they are dropped. Nothing where this account may not know which accounts there are.
 */
export async function missingDefiners(
  connection: ConnectionParams,
  definer: DefinerChoice | undefined,
  signal: AbortSignal,
): Promise<Ownerless> {
  return withSession(connection, { signal }, async (session) => {
    const ownerless = await ownerlessObjects(session);
    if (ownerless.size === 0) return { warnings: [], events: [] };
    const accounts = [...ownerless].map(([account, objects]) => `${account} (${listed(objects)})`).join('; ');
    if (definer !== 'skip') {
      return {
        warnings: [
          `The server has no account ${accounts}: whoever uses these is told error 1449. Make the accounts (CREATE USER), or restore with "definer": "current_user" or "skip".`,
        ],
        events: [],
      };
    }
    const skipped: Record<string, number> = {};
    const dropped = [...ownerless.values()].flat();
    const events = dropped.filter(({ kind }) => kind === 'EVENT').map(({ name }) => name);
    for (const { kind, name } of dropped) {
      // The body of a package goes with it.
      await session.run(`DROP ${kind} IF EXISTS ${quotedName(name)}`);
      const plural = kind.startsWith('PACKAGE') ? 'packages' : `${kind.toLowerCase()}s`;
      skipped[plural] = (skipped[plural] ?? 0) + 1;
    }
    return { warnings: [`Left out, as the server has no account for them: ${accounts}.`], skipped, events };
  });
}

const isCurrent = (column: string): string => isDatabase(column).replaceAll('?', 'DATABASE()');

async function ownerlessObjects(session: MysqlSession): Promise<Map<string, Defined[]>> {
  const rows = await session.rows<Defined>(
    `SELECT DEFINER AS definer, ROUTINE_TYPE AS kind, ROUTINE_NAME AS name FROM information_schema.ROUTINES
      WHERE ${isCurrent('ROUTINE_SCHEMA')} AND SECURITY_TYPE = 'DEFINER'
     UNION ALL SELECT DEFINER, 'VIEW', TABLE_NAME FROM information_schema.VIEWS
      WHERE ${isCurrent('TABLE_SCHEMA')} AND SECURITY_TYPE = 'DEFINER'
     UNION ALL SELECT DEFINER, 'TRIGGER', TRIGGER_NAME FROM information_schema.TRIGGERS
      WHERE ${isCurrent('EVENT_OBJECT_SCHEMA')}
     UNION ALL SELECT DEFINER, 'EVENT', EVENT_NAME FROM information_schema.EVENTS
      WHERE ${isCurrent('EVENT_SCHEMA')}
     ORDER BY 1, 2, 3`,
  );
  const missing = new Map<string, Defined[]>();
  for (const [account, objects] of Map.groupBy(rows, ({ definer }) => definer)) {
    if ((await grantsOfDefiner(session, account)) === 'missing') missing.set(account, objects);
  }
  return missing;
}

function listed(objects: readonly Defined[]): string {
  const names = objects.map(({ kind, name }) => `${kind.toLowerCase()} ${name}`);
  return someOf(names);
}
