import { DomainError, someOf } from '@app/domain';
import type { ServerInfo } from '@app/domain';
import { loadLimits } from '../load/mysql-load-demands.js';
import { unsettableDefiners } from '../load/settable-definers.js';
import { currentAccount } from '../login/mysql-account.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { hiddenForeignKeys } from '../swap/tables/foreign-keys.js';
import { AMBIGUOUS_CHARACTER_SETS } from '../stored-objects/stored-object-blockers.js';
import type { DumpedForeignKey } from './dump-sections.js';

const SHOWN = 10;

/** UNSUPPORTED, naming everything that stands in the way of other tables under these names in `database`. */
export async function requireReplaceable(
  session: MysqlSession,
  server: ServerInfo,
  database: string,
  tables: readonly string[],
): Promise<void> {
  const phrases = [
    ...(await crossing(session, database, tables)),
    ...(await hidden(session, server, database)),
    ...(await strangers(session, database, tables)),
    ...(await triggers(session, server, database, tables)),
  ];
  requireNone(database, phrases);
}

/** UNSUPPORTED for foreign keys of the dump's tables to others, of which nobody knows whether they are as they were. */
export function requireClosed(database: string, keys: readonly DumpedForeignKey[], tables: ReadonlySet<string>): void {
  requireNone(database, openKeys(keys, tables).map(phraseFor));
}

/** Those that lead from the tables to others. */
export function openKeys(keys: readonly DumpedForeignKey[], tables: ReadonlySet<string>): DumpedForeignKey[] {
  return keys.filter(
    ({ table, targetSchema, target }) => tables.has(table) && (targetSchema !== undefined || !tables.has(target)),
  );
}

/** UNSUPPORTED when triggers would come by names that other tables' triggers have. */
export async function requireFreeTriggerNames(
  session: MysqlSession,
  database: string,
  tables: readonly string[],
  coming: readonly string[],
): Promise<void> {
  const there = await triggersOf(session, database);
  const taken = there.filter(({ name, table }) => coming.includes(name) && !tables.includes(table));
  requireNone(
    database,
    taken.map(({ name, table }) => `trigger ${name} is now one of ${table}`),
  );
}

function requireNone(database: string, phrases: readonly string[]): void {
  if (phrases.length === 0) return;
  throw new DomainError(
    'UNSUPPORTED',
    `Tables of "${database}" cannot be replaced alone: ${someOf(phrases, { most: SHOWN, separator: '; ' })}.`,
    { hint: 'Nothing was changed. Name the other tables, too, or restore into another database with target_database.' },
  );
}

/** RENAME TABLE takes a key with both its ends: it would bind to the old table, or act from it. */
async function crossing(session: MysqlSession, database: string, tables: readonly string[]): Promise<string[]> {
  const keys = await session.rows<{
    schema: string;
    table: string;
    name: string;
    targetSchema: string;
    target: string;
  }>(
    `SELECT CONSTRAINT_SCHEMA AS \`schema\`, TABLE_NAME AS \`table\`, CONSTRAINT_NAME AS name,
            UNIQUE_CONSTRAINT_SCHEMA AS targetSchema, REFERENCED_TABLE_NAME AS target
       FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = ? OR UNIQUE_CONSTRAINT_SCHEMA = ? ORDER BY 1, 2, 3`,
    [database, database],
  );
  const selected = (schema: string, table: string): boolean => schema === database && tables.includes(table);
  const place = (schema: string, table: string): string => (schema === database ? table : `${schema}.${table}`);
  return keys
    .filter((key) => selected(key.schema, key.table) !== selected(key.targetSchema, key.target))
    .map(
      (key) =>
        `foreign key ${key.name} leads from ${place(key.schema, key.table)} to ${place(key.targetSchema, key.target)}`,
    );
}

function phraseFor({ name, table, targetSchema, target }: DumpedForeignKey): string {
  const place = targetSchema === undefined ? target : `${targetSchema}.${target}`;
  return `in the backup foreign key ${name} leads from ${table} to ${place}`;
}

async function hidden(session: MysqlSession, server: ServerInfo, database: string): Promise<string[]> {
  const { found } = await hiddenForeignKeys(session, server, await currentAccount(session, server), database);
  return found.map((key) => `foreign key ${key} of a database that the account may not see leads to "${database}"`);
}

/** Views under these names, and tables that cannot be opened. */
async function strangers(session: MysqlSession, database: string, tables: readonly string[]): Promise<string[]> {
  const rows = await session.rows<{ name: string; type: string; engine: string | null }>(
    'SELECT TABLE_NAME AS name, TABLE_TYPE AS type, ENGINE AS engine FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?',
    [database],
  );
  return rows
    .filter(({ name }) => tables.includes(name))
    .flatMap(({ name, type, engine }) => {
      if (type === 'VIEW') return [`${name} is a view there`];
      if (type === 'SEQUENCE') return [`${name} is a sequence there`];
      return engine === null ? [`${name} cannot be opened`] : [];
    });
}

/** Those of the old tables must be made anew when the restore is undone, or fails. */
async function triggers(
  session: MysqlSession,
  server: ServerInfo,
  database: string,
  tables: readonly string[],
): Promise<string[]> {
  const own = (await triggersOf(session, database)).filter(({ table }) => tables.includes(table));
  if (own.length === 0) return [];
  const account = await currentAccount(session, server);
  const limits = await loadLimits(session, server, account);
  const definers = new Set(own.map(({ definer }) => definer));
  const unsettable = await unsettableDefiners(session, server, account, database, definers);
  return own.flatMap(({ name, definer, characterSet }) => {
    if (AMBIGUOUS_CHARACTER_SETS.includes(characterSet)) return [`trigger ${name} was written in ${characterSet}`];
    if (limits.loggedRoutines)
      return [`trigger ${name} could not be made anew without SUPER, as there is a binary log`];
    const missing = unsettable.find((each) => each.definer === definer);
    return missing === undefined
      ? []
      : [`trigger ${name} of ${definer} could not be made anew without ${missing.privilege}`];
  });
}

async function triggersOf(
  session: MysqlSession,
  database: string,
): Promise<{ name: string; table: string; definer: string; characterSet: string }[]> {
  return session.rows(
    `SELECT TRIGGER_NAME AS name, EVENT_OBJECT_TABLE AS \`table\`, DEFINER AS definer, CHARACTER_SET_CLIENT AS characterSet
       FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = ? ORDER BY TRIGGER_NAME`,
    [database],
  );
}
