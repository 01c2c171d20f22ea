import { DomainError } from '@app/domain';
import { librariesOf } from '../dump/mysql-inventory.js';
import { isDatabase, thrice } from '../server-names.js';
import { quotedName } from '../login/mysql-account.js';
import { serverRefusal } from '../login/mysql-errors.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { ROUTINE_KINDS } from './stored-object.js';
import type { StoredObject, StoredObjectKind } from './stored-object.js';

/** Columns of SHOW CREATE …, which call the text differently for each kind. */
const TEXT_COLUMN: Readonly<Record<StoredObjectKind, string>> = {
  VIEW: 'Create View',
  TRIGGER: 'SQL Original Statement',
  EVENT: 'Create Event',
  PROCEDURE: 'Create Procedure',
  FUNCTION: 'Create Function',
  LIBRARY: 'Create Library',
  PACKAGE: 'Create Package',
  'PACKAGE BODY': 'Create Package Body',
};

/**
 * Reads the stored objects of a schema as they are now, each in its own character set; triggers in the order in which they fire. The
 * session's own schema is `database` afterwards, so that views do not name it where they need not. MISSING_PRIVILEGE when
 * a text may not be seen.
 */
export async function readStoredObjects(session: MysqlSession, database: string): Promise<StoredObject[]> {
  await session.run(`USE ${quotedName(database)}`);
  const listed = await listStoredObjects(session, database);
  const objects: StoredObject[] = [];
  await session.run(`SET SESSION character_set_results = 'binary'`);
  try {
    for (const { kind, name, table } of listed) {
      const [row] = await session.byteRows(`SHOW CREATE ${kind} ${quotedName(name)}`);
      const text = row?.[TEXT_COLUMN[kind]];
      if (row === undefined || !text) throw unreadable(kind, database, name);
      const column = (title: string): string => row[title]?.toString('utf8') ?? '';
      objects.push({
        ...{ kind, name, table, text },
        sqlMode: column('sql_mode'),
        // The server keeps neither for a library: its text is UTF-8.
        characterSet: column('character_set_client') || 'utf8mb4',
        collation: column('collation_connection') || 'utf8mb4_general_ci',
        databaseCollation: column('Database Collation'),
        timeZone: column('time_zone'),
      });
    }
  } finally {
    await session.run(`SET SESSION character_set_results = 'utf8mb4'`);
  }
  return objects;
}

/** Their names only. Triggers in the order in which they fire. */
export async function listStoredObjects(
  session: MysqlSession,
  database: string,
): Promise<{ kind: StoredObjectKind; name: string; table: string }[]> {
  const routines = await session.rows<{ kind: StoredObjectKind; name: string }>(
    `SELECT ROUTINE_TYPE AS kind, ROUTINE_NAME AS name FROM information_schema.ROUTINES
      WHERE ${isDatabase('ROUTINE_SCHEMA')} ORDER BY ROUTINE_NAME`,
    thrice(database),
  );
  const views = await session.rows<{ name: string }>(
    `SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'VIEW'
      ORDER BY TABLE_NAME`,
    [database],
  );
  const triggers = await listTriggers(session, database);
  const events = await session.rows<{ name: string }>(
    `SELECT EVENT_NAME AS name FROM information_schema.EVENTS WHERE ${isDatabase('EVENT_SCHEMA')} ORDER BY EVENT_NAME`,
    thrice(database),
  );
  const libraries = (await librariesOf(session, database)).map((name) => ({ kind: 'LIBRARY' as const, name }));
  return [
    ...ROUTINE_KINDS.flatMap((kind) => [...libraries, ...routines].filter((routine) => routine.kind === kind)).map(
      (routine) => ({
        ...routine,
        table: '',
      }),
    ),
    ...views.map(({ name }) => ({ kind: 'VIEW' as const, name, table: '' })),
    ...triggers,
    ...events.map(({ name }) => ({ kind: 'EVENT' as const, name, table: '' })),
  ];
}

export type ListedTrigger = Pick<StoredObject, 'kind' | 'name' | 'table'>;

/** In the order in which they fire. */
export async function listTriggers(session: MysqlSession, database: string): Promise<ListedTrigger[]> {
  const rows = await session.rows<{ name: string; table: string }>(
    `SELECT TRIGGER_NAME AS name, EVENT_OBJECT_TABLE AS \`table\` FROM information_schema.TRIGGERS
      WHERE ${isDatabase('EVENT_OBJECT_SCHEMA')} ORDER BY EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER`,
    thrice(database),
  );
  return rows.map(({ name, table }) => ({ kind: 'TRIGGER', name, table }));
}

/** The session must be in their schema. */
export async function withBrokenViewsMarked(
  session: MysqlSession,
  objects: readonly StoredObject[],
): Promise<StoredObject[]> {
  const marked: StoredObject[] = [];
  for (const object of objects) {
    if (object.kind !== 'VIEW') {
      marked.push(object);
      continue;
    }
    const broken = await session.rows(`SHOW FIELDS FROM ${quotedName(object.name)}`).then(
      () => false,
      (error: unknown) => {
        if (serverRefusal(error) === undefined) throw error;
        return true;
      },
    );
    marked.push(broken ? { ...object, broken } : object);
  }
  return marked;
}

function unreadable(kind: StoredObjectKind, database: string, name: string): DomainError {
  return new DomainError(
    'MISSING_PRIVILEGE',
    `The text of the ${kind.toLowerCase()} "${name}" of "${database}" may not be seen by this account.`,
    { hint: 'As an administrator grant it SELECT on mysql.proc, or what shows the texts of routines on this server.' },
  );
}
