import type { DatabaseSettings, ObjectCounts } from '@app/domain';
import { isDatabase, thrice } from '../server-names.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { STORED_OBJECTS_TABLE } from '../stored-objects/stored-objects-table-name.js';

export interface TableEntry {
  name: string;
  /** `BASE TABLE`, `SYSTEM VERSIONED`, `SEQUENCE`, `VIEW`. */
  type: string;
  /** Null for views and tables that cannot be opened. */
  engine: string | null;
  bytes: number;
}

export type RoutineType = 'PROCEDURE' | 'FUNCTION' | 'PACKAGE' | 'PACKAGE BODY';

export interface RoutineEntry {
  name: string;
  type: RoutineType;
  /** Whether the account may see the body. */
  readable: boolean;
}

/** Everything that a database holds, by name, as far as the account can see it. */
export interface Inventory {
  tables: TableEntry[];
  views: string[];
  sequences: string[];
  triggers: string[];
  routines: RoutineEntry[];
  /** Code that routines share (MySQL 9.2 and newer). */
  libraries: string[];
  events: string[];
}

export async function readInventory(session: MysqlSession, database: string): Promise<Inventory> {
  const all = await session.rows<{ name: string; type: string; engine: string | null; bytes: number | string | null }>(
    `SELECT TABLE_NAME AS name, TABLE_TYPE AS type, ENGINE AS engine, DATA_LENGTH AS bytes
       FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME`,
    [database],
  );
  const entries = all.map((entry) => ({ ...entry, bytes: Number(entry.bytes ?? 0) }));
  const routines = await session.rows<{ name: string; type: RoutineType; readable: number }>(
    `SELECT ROUTINE_NAME AS name, ROUTINE_TYPE AS type, ROUTINE_DEFINITION IS NOT NULL AS readable
       FROM information_schema.ROUTINES WHERE ${isDatabase('ROUTINE_SCHEMA')} ORDER BY ROUTINE_NAME`,
    thrice(database),
  );
  const events = await session.rows<{ name: string }>(
    `SELECT EVENT_NAME AS name FROM information_schema.EVENTS WHERE ${isDatabase('EVENT_SCHEMA')} ORDER BY EVENT_NAME`,
    thrice(database),
  );
  return {
    tables: entries.filter(({ type }) => !['VIEW', 'SYSTEM VIEW', 'SEQUENCE'].includes(type)),
    views: entries.filter(({ type }) => type === 'VIEW').map(({ name }) => name),
    sequences: entries.filter(({ type }) => type === 'SEQUENCE').map(({ name }) => name),
    triggers: await names(session, 'TRIGGERS', 'TRIGGER_NAME', 'EVENT_OBJECT_SCHEMA', database),
    routines: routines.map(({ name, type, readable }) => ({ name, type, readable: Boolean(readable) })),
    libraries: await librariesOf(session, database),
    events: events.map(({ name }) => name),
  };
}

export async function librariesOf(session: MysqlSession, database: string): Promise<string[]> {
  const view = await session.rows(
    `SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'information_schema' AND TABLE_NAME = 'LIBRARIES'`,
  );
  return view.length === 0 ? [] : names(session, 'LIBRARIES', 'LIBRARY_NAME', 'LIBRARY_SCHEMA', database);
}

async function names(
  session: MysqlSession,
  view: string,
  column: string,
  schema: string,
  database: string,
): Promise<string[]> {
  const sql = `SELECT ${column} AS name FROM information_schema.${view} WHERE ${isDatabase(schema)} ORDER BY ${column}`;
  return (await session.rows<{ name: string }>(sql, thrice(database))).map(({ name }) => name);
}

export function isEmpty(inventory: Inventory): boolean {
  return Object.values(inventory).every((list: readonly unknown[]) => list.length === 0);
}

/** Without the table that is ours. */
export function countedTables(inventory: Inventory): TableEntry[] {
  return inventory.tables.filter(({ name }) => name !== STORED_OBJECTS_TABLE);
}

/** Counts the objects of each kind that a dump writes: those in `inventory`, and those that belong to tables. */
export async function objectCounts(
  session: MysqlSession,
  database: string,
  inventory: Inventory,
): Promise<ObjectCounts> {
  return { ...namedObjects(inventory), ...(await partsOfTables(session, database)) };
}

/** Constraints of kinds that a table has without a name are among the indexes. */
async function partsOfTables(session: MysqlSession, database: string): Promise<ObjectCounts> {
  const { indexes } = await session.row<{ indexes: number | string }>(
    `SELECT COUNT(DISTINCT TABLE_NAME, INDEX_NAME) AS indexes FROM information_schema.STATISTICS
      WHERE TABLE_SCHEMA = ? AND TABLE_NAME <> ?`,
    [database, STORED_OBJECTS_TABLE],
  );
  const constraints = await session.rows<{ type: string; count: number | string }>(
    `SELECT CONSTRAINT_TYPE AS type, COUNT(*) AS count FROM information_schema.TABLE_CONSTRAINTS
      WHERE TABLE_SCHEMA = ? AND TABLE_NAME <> ? AND CONSTRAINT_TYPE IN ('FOREIGN KEY', 'CHECK') GROUP BY CONSTRAINT_TYPE`,
    [database, STORED_OBJECTS_TABLE],
  );
  const of = (wanted: string): number => Number(constraints.find(({ type }) => type === wanted)?.count ?? 0);
  return { indexes: Number(indexes), foreign_keys: of('FOREIGN KEY'), checks: of('CHECK') };
}

function namedObjects(inventory: Inventory): ObjectCounts {
  const routines = (type: RoutineType): number => inventory.routines.filter((routine) => routine.type === type).length;
  const counts = {
    tables: countedTables(inventory).length,
    views: inventory.views.length,
    triggers: inventory.triggers.length,
    procedures: routines('PROCEDURE'),
    functions: routines('FUNCTION'),
    events: inventory.events.length,
  };
  // Only where there are any: one family of servers alone has them.
  const packages = routines('PACKAGE') + routines('PACKAGE BODY');
  return {
    ...counts,
    ...(packages === 0 ? {} : { packages }),
    ...(inventory.libraries.length === 0 ? {} : { libraries: inventory.libraries.length }),
    ...(inventory.sequences.length === 0 ? {} : { sequences: inventory.sequences.length }),
  };
}

/** `user@host` of each account in whose name something of the database was made; of a role `role@`. */
export async function definersOf(session: MysqlSession, database: string): Promise<string[]> {
  const rows = await session.rows<{ definer: string }>(
    `SELECT DEFINER AS definer FROM information_schema.ROUTINES WHERE ${isDatabase('ROUTINE_SCHEMA')}
     UNION SELECT DEFINER FROM information_schema.VIEWS WHERE ${isDatabase('TABLE_SCHEMA')}
     UNION SELECT DEFINER FROM information_schema.TRIGGERS WHERE ${isDatabase('EVENT_OBJECT_SCHEMA')}
     UNION SELECT DEFINER FROM information_schema.EVENTS WHERE ${isDatabase('EVENT_SCHEMA')} ORDER BY 1`,
    [1, 2, 3, 4].flatMap(() => thrice(database)),
  );
  return rows.map(({ definer }) => definer);
}

export async function databaseSettings(session: MysqlSession, database: string): Promise<DatabaseSettings> {
  return {
    ...(await session.row<{ character_set: string; collation: string }>(
      `SELECT DEFAULT_CHARACTER_SET_NAME AS character_set, DEFAULT_COLLATION_NAME AS collation
         FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?`,
      [database],
    )),
  };
}
