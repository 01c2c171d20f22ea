import { createHash } from 'node:crypto';
import type { ConnectionParams, ObjectCounts } from '@app/domain';
import { withSession } from '../login/mysql-session.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { isDatabase } from '../server-names.js';
import { objectCounts, readInventory } from './mysql-inventory.js';
import { waitForLocks } from './locks/mysql-patience.js';

/** The schema of a database at one moment: for each object, by kind and name, a hash of all that defines it. */
export interface Schema {
  hashes: ReadonlyMap<string, string>;
  /** When each table was made or last rebuilt, where the server can tell at this moment. */
  created: ReadonlyMap<string, string>;
  objects: ObjectCounts;
}

/**
 * One question for each part of a definition: `kind` and `name` say of which object, all other columns are hashed. Nothing is
 * among them that changes while data does, or by a GRANT. CREATE_TIME, compared for itself, tells of an ALTER that was taken
 * back; MariaDB has none for a table whose virtual columns its purge is looking at.
 */
const QUESTIONS: readonly string[] = [
  `SELECT IF(TABLE_TYPE = 'VIEW', 'view', IF(TABLE_TYPE = 'SEQUENCE', 'sequence', 'table')) AS kind, TABLE_NAME AS name,
          TABLE_TYPE, ENGINE, TABLE_COLLATION, CREATE_OPTIONS, TABLE_COMMENT, CREATE_TIME
     FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?`,
  `SELECT 'table' AS kind, c.* , c.TABLE_NAME AS name FROM information_schema.COLUMNS c
    WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME, ORDINAL_POSITION`,
  `SELECT 'table' AS kind, TABLE_NAME AS name, INDEX_NAME, SEQ_IN_INDEX, COLUMN_NAME, NON_UNIQUE, SUB_PART, INDEX_TYPE
     FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`,
  `SELECT 'table' AS kind, TABLE_NAME AS name, CONSTRAINT_NAME, CONSTRAINT_TYPE
     FROM information_schema.TABLE_CONSTRAINTS WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME, CONSTRAINT_NAME`,
  `SELECT 'view' AS kind, TABLE_NAME AS name, VIEW_DEFINITION FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ?`,
  `SELECT 'trigger' AS kind, TRIGGER_NAME AS name, EVENT_OBJECT_TABLE, EVENT_MANIPULATION, ACTION_TIMING, ACTION_STATEMENT
     FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = ?`,
  `SELECT LOWER(ROUTINE_TYPE) AS kind, ROUTINE_NAME AS name, ROUTINE_DEFINITION, CREATED, LAST_ALTERED
     FROM information_schema.ROUTINES WHERE ${isDatabase('ROUTINE_SCHEMA')}`,
  // Its status and times change when it runs.
  `SELECT 'event' AS kind, EVENT_NAME AS name, EVENT_DEFINITION, INTERVAL_VALUE, INTERVAL_FIELD, EXECUTE_AT, STARTS, ENDS
     FROM information_schema.EVENTS WHERE ${isDatabase('EVENT_SCHEMA')}`,
];

const RELATIONS = new Set(['table', 'view', 'sequence']);
/** Change with grants. */
const VOLATILE_COLUMNS = new Set(['PRIVILEGES']);

/** The database may be missing: then there is nothing in it. */
export async function readSchema(
  connection: ConnectionParams,
  lockTimeoutMs: number,
  signal: AbortSignal,
): Promise<Schema> {
  const { database } = connection;
  return withSession(connection, { database: null, signal }, async (session) => {
    await waitForLocks(session, lockTimeoutMs);
    return {
      ...(await definitionsOf(session, database)),
      objects: await objectCounts(session, database, await readInventory(session, database)),
    };
  });
}

async function definitionsOf(session: MysqlSession, database: string): Promise<Pick<Schema, 'hashes' | 'created'>> {
  const created = new Map<string, string>();
  const relationOf = new Map<string, string>();
  const parts = new Map<string, ReturnType<typeof createHash>>();
  for (const question of QUESTIONS) {
    type Row = { kind: string; name: string; CREATE_TIME?: string | null };
    // A hundred thousand tables have millions of columns.
    const values = Array.from(question.matchAll(/\?/g), () => database);
    await session.each(question, values, (row) => {
      const { kind, name, CREATE_TIME: createdAt, ...rest } = row as Row;
      // Views and sequences have columns, too.
      const key = kind === 'table' ? (relationOf.get(name) ?? `table ${name}`) : `${kind} ${name}`;
      if (RELATIONS.has(kind)) relationOf.set(name, key);
      if (typeof createdAt === 'string') created.set(key, createdAt);
      const hash = parts.get(key) ?? createHash('sha256');
      hash.update(JSON.stringify(Object.entries(rest).filter(([column]) => !VOLATILE_COLUMNS.has(column))));
      parts.set(key, hash);
    });
  }
  return { hashes: new Map([...parts].map(([key, hash]) => [key, hash.digest('base64')])), created };
}

/** Returns what somebody changed in between, a phrase for each object: "table t (altered)". */
export function changesBetween(before: Schema, after: Schema): string[] {
  const names = [...new Set([...before.hashes.keys(), ...after.hashes.keys()])].toSorted();
  return names.flatMap((name) => {
    const [old, now] = [before.hashes.get(name), after.hashes.get(name)];
    const [madeOld, madeNow] = [before.created.get(name), after.created.get(name)];
    const remade = madeOld !== undefined && madeNow !== undefined && madeOld !== madeNow;
    if (old === now && !remade) return [];
    return [`${name} (${old === undefined ? 'created' : now === undefined ? 'dropped' : 'altered'})`];
  });
}
