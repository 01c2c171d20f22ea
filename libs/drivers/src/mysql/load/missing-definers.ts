import { EVENTS_OF_DATABASE } from '../events-of-database.js';
import { grantsOfDefiner } from '../login/mysql-account.js';
import type { MysqlSession } from '../login/mysql-session.js';

const NAMES_SHOWN = 5;

/**
 * Warns of objects of the session's database that run with the rights of accounts which the server lacks: whoever uses them is told
 * error 1449. Nothing where this account may not know which accounts there are.
 */
export async function missingDefiners(session: MysqlSession): Promise<string[]> {
  const rows = await session.rows<{ definer: string; object: string }>(
    `SELECT DEFINER AS definer, CONCAT(LOWER(ROUTINE_TYPE), ' ', ROUTINE_NAME) AS object FROM information_schema.ROUTINES
      WHERE ROUTINE_SCHEMA = DATABASE() AND SECURITY_TYPE = 'DEFINER'
     UNION ALL SELECT DEFINER, CONCAT('view ', TABLE_NAME) FROM information_schema.VIEWS
      WHERE TABLE_SCHEMA = DATABASE() AND SECURITY_TYPE = 'DEFINER'
     UNION ALL SELECT DEFINER, CONCAT('trigger ', TRIGGER_NAME) FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = DATABASE()
     UNION ALL SELECT DEFINER, CONCAT('event ', EVENT_NAME) FROM information_schema.EVENTS
      WHERE ${EVENTS_OF_DATABASE.replaceAll('?', 'DATABASE()')}
     ORDER BY 1, 2`,
  );
  const missing: string[] = [];
  for (const [definer, objects] of Map.groupBy(rows, (row) => row.definer)) {
    if ((await grantsOfDefiner(session, definer)) !== 'missing') continue;
    const names = objects.slice(0, NAMES_SHOWN).map(({ object }) => object);
    const more = objects.length > NAMES_SHOWN ? ` and ${objects.length - NAMES_SHOWN} more` : '';
    missing.push(`${definer} (${names.join(', ')}${more})`);
  }
  if (missing.length === 0) return [];
  return [
    `The server has no account ${missing.join('; ')}: whoever uses these is told error 1449. Make the accounts (CREATE USER), or make the objects anew with another DEFINER.`,
  ];
}
