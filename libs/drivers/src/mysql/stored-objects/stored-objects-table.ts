import { quotedName } from '../login/mysql-account.js';
import type { MysqlSession } from '../login/mysql-session.js';
import type { StoredObject, StoredObjectKind } from './stored-object.js';
import { STORED_OBJECTS_TABLE } from './stored-objects-table-name.js';

/** Rows of the table that are no stored object. */
type NoteKind =
  /** The status that an event of a staging database is to have once it is swapped in; see `DumpRewriter`. */
  | 'EVENT STATUS'
  /** A view that was broken when it was saved. */
  | 'BROKEN VIEW'
  /** All stored objects of the database are in the table, which is right where it differs from the database itself. */
  | 'COMPLETE'
  /** The database holds these tables only (JSON), and not a whole database. */
  | 'TABLES'
  /** The plan of the swap that made the database, for a recovery that has lost the journal. */
  | 'PLAN'
  /** That swap has come to its end. */
  | 'DONE';

export interface Note {
  kind: NoteKind;
  name: string;
  text: string;
}

const table = (copy: string): string => `${quotedName(copy)}.${quotedName(STORED_OBJECTS_TABLE)}`;

/** Makes the table anew, with what is to be in it. Rows are only ever added, never changed. */
export async function writeStoredObjects(
  session: MysqlSession,
  copy: string,
  objects: readonly StoredObject[],
  notes: readonly Note[],
): Promise<void> {
  await session.run(`DROP TABLE IF EXISTS ${table(copy)}`);
  await createStoredObjectsTable(session, copy);
  for (const [position, object] of objects.entries()) {
    await session.run(`INSERT INTO ${table(copy)} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, [
      ...[object.kind, object.name, position, object.text, object.sqlMode, object.characterSet],
      ...[object.collation, object.databaseCollation, object.table, object.timeZone],
    ]);
  }
  const broken = objects.filter((object) => object.broken === true).map(({ name }) => name);
  for (const name of broken) await addNote(session, copy, { kind: 'BROKEN VIEW', name, text: '' });
  for (const note of notes) await addNote(session, copy, note);
}

export async function createStoredObjectsTable(session: MysqlSession, copy: string): Promise<void> {
  await session.run(
    `CREATE TABLE IF NOT EXISTS ${table(copy)} (
       kind VARCHAR(16) NOT NULL, name VARCHAR(64) NOT NULL, position INT NOT NULL, text LONGBLOB NOT NULL,
       sql_mode VARCHAR(2000) NOT NULL, character_set_client VARCHAR(64) NOT NULL, collation_connection VARCHAR(64) NOT NULL,
       database_collation VARCHAR(64) NOT NULL, table_name VARCHAR(64) NOT NULL, time_zone VARCHAR(64) NOT NULL,
       PRIMARY KEY (kind, name)
     ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`,
  );
}

export async function addNote(session: MysqlSession, copy: string, { kind, name, text }: Note): Promise<void> {
  const values = [kind, name, Buffer.from(text, 'utf8')];
  await session.run(`INSERT INTO ${table(copy)} VALUES (?, ?, 0, ?, '', '', '', '', '', '')`, values);
}

export interface StoredObjects {
  /** In the order in which they were written. */
  objects: StoredObject[];
  note(kind: NoteKind, name?: string): string | undefined;
}

/** Undefined when the database has no such table. */
export async function storedObjects(session: MysqlSession, copy: string): Promise<StoredObjects | undefined> {
  const found = await session.rows(
    'SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?',
    [copy, STORED_OBJECTS_TABLE],
  );
  if (found.length === 0) return undefined;
  const rows = await session.rows<Omit<StoredObject, 'kind'> & { kind: StoredObjectKind | NoteKind }>(
    `SELECT kind, name, text, sql_mode AS sqlMode, character_set_client AS characterSet, collation_connection AS collation,
            database_collation AS databaseCollation, table_name AS \`table\`, time_zone AS timeZone
       FROM ${table(copy)} ORDER BY position`,
  );
  const notes = new Map<string, string>();
  const objects: StoredObject[] = [];
  for (const row of rows) {
    const { kind, name, text } = row;
    if (isNote(kind)) notes.set(`${kind} ${name}`, text.toString('utf8'));
    else objects.push({ ...row, kind });
  }
  const note = (kind: NoteKind, name = ''): string | undefined => notes.get(`${kind} ${name}`);
  return {
    objects: objects.map((object) => ({
      ...object,
      ...(object.kind === 'VIEW' && note('BROKEN VIEW', object.name) !== undefined ? { broken: true } : {}),
    })),
    note,
  };
}

function isNote(kind: StoredObjectKind | NoteKind): kind is NoteKind {
  return ['EVENT STATUS', 'BROKEN VIEW', 'COMPLETE', 'TABLES', 'PLAN', 'DONE'].includes(kind);
}
