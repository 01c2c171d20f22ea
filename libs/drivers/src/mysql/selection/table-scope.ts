import type { MysqlSession } from '../login/mysql-session.js';
import type { StoredObject } from '../stored-objects/stored-object.js';
import { storedObjects } from '../stored-objects/stored-objects-table.js';

/** The tables that a staging or previous database holds; undefined when it is a whole database. */
export async function tablesOfCopy(session: MysqlSession, copy: string): Promise<string[] | undefined> {
  const text = (await storedObjects(session, copy))?.note('TABLES');
  return text === undefined ? undefined : (JSON.parse(text) as string[]);
}

export function tablesNote(tables: readonly string[] | undefined): { kind: 'TABLES'; name: ''; text: string }[] {
  return tables === undefined ? [] : [{ kind: 'TABLES', name: '', text: JSON.stringify(tables) }];
}

/** The stored objects that go with these tables: their triggers. Undefined tables: all. */
export function belonging(objects: readonly StoredObject[], tables: readonly string[] | undefined): StoredObject[] {
  return objects.filter(({ kind, table }) => tables === undefined || (kind === 'TRIGGER' && tables.includes(table)));
}

/** The others. */
export function remaining(objects: readonly StoredObject[], tables: readonly string[] | undefined): StoredObject[] {
  const going = new Set(belonging(objects, tables));
  return objects.filter((object) => !going.has(object));
}
