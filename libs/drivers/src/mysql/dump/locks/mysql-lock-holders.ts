import { serverRefusal } from '../../login/mysql-errors.js';
import type { MysqlSession } from '../../login/mysql-session.js';
import { preparedXa } from '../../login/xa-transactions.js';
import { isDatabase } from '../../server-names.js';

interface Holder {
  id: number | string;
  user: string;
  host: string | null;
  command: string;
  seconds: number | string;
  state: string | null;
  statement: string | null;
}

const COLUMNS = `p.ID AS id, p.USER AS user, p.HOST AS host, p.COMMAND AS command, p.TIME AS seconds, p.STATE AS state,
  LEFT(p.INFO, 80) AS statement`;
const SHOWN = 5;

/** Who holds locks of tables, by what servers know; each knows one of them, or none. The last one only guesses. */
const QUESTIONS: readonly string[] = [
  `SELECT DISTINCT ${COLUMNS} FROM performance_schema.metadata_locks l
     JOIN performance_schema.threads t ON t.THREAD_ID = l.OWNER_THREAD_ID
     JOIN information_schema.PROCESSLIST p ON p.ID = t.PROCESSLIST_ID
    WHERE l.OBJECT_TYPE = 'TABLE' AND l.OBJECT_SCHEMA = ? AND p.ID <> CONNECTION_ID()
      AND (l.LOCK_STATUS = 'PENDING' OR l.LOCK_STATUS = 'GRANTED')
      AND l.LOCK_TYPE IN ('SHARED_NO_WRITE', 'SHARED_NO_READ_WRITE', 'EXCLUSIVE', 'SHARED_UPGRADABLE')`,
  `SELECT DISTINCT ${COLUMNS} FROM information_schema.METADATA_LOCK_INFO l
     JOIN information_schema.PROCESSLIST p ON p.ID = l.THREAD_ID
    WHERE l.TABLE_SCHEMA = ? AND p.ID <> CONNECTION_ID() AND l.LOCK_MODE REGEXP 'NO_WRITE|NO_READ|EXCLUSIVE|UPGRADABLE'`,
  `SELECT ${COLUMNS} FROM information_schema.PROCESSLIST p
    WHERE ${isDatabase('p.DB')} AND p.ID <> CONNECTION_ID() ORDER BY p.TIME DESC`,
];

/**
 * Sessions that may keep others from the tables of `database`, as a person can find them: "connection 12, user app,
 * Sleep for 300 s". At most five, without those of `ours`; before them the prepared XA transactions, which have none.
 */
export async function lockHolders(
  session: MysqlSession,
  database: string,
  ours: readonly number[] = [],
): Promise<string> {
  const prepared = (await preparedXa(session)).slice(0, SHOWN).map((id) => `prepared XA transaction ${id}`);
  const sessions = await sessionsOf(session, database, ours);
  if (sessions.length + prepared.length > 0) return [...prepared, ...sessions].join('; ');
  return 'they could not be listed, which takes the privilege PROCESS';
}

async function sessionsOf(session: MysqlSession, database: string, ours: readonly number[]): Promise<string[]> {
  for (const question of QUESTIONS) {
    const values = Array.from(question.matchAll(/\?/g), () => database);
    const found = await session.rows<Holder>(question, values).catch((error: unknown) => {
      if (serverRefusal(error) === undefined) throw error;
      return [];
    });
    const others = found.filter(({ id }) => !ours.includes(Number(id)));
    if (others.length > 0) return others.slice(0, SHOWN).map(describe);
  }
  return [];
}

function describe({ id, user, host, command, seconds, state, statement }: Holder): string {
  const doing = statement ?? (state === null || state === '' ? command : state);
  return `connection ${id}, user ${user}${host === null || host === '' ? '' : ` from ${host}`}, ${doing.replaceAll(/\s+/g, ' ')} for ${seconds} s`;
}
