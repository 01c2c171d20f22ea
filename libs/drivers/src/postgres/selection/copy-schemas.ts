import pg from 'pg';
import { DomainError } from '@app/domain';
import type { CopyRole } from '../../db-driver.js';
import type { PostgresSession } from '../login/postgres-session.js';
import type { QualifiedName } from '../script/script-names.js';

/**
 * Staging and previous tables are a row of schemas in the live database, `__restore_<id>_<n>`: one for each schema that tables
 * come from, so that equal names do not meet. The comment of the first says what they are.
 */
export interface CopyContent {
  version: 1;
  /** The tables that a swap replaces by these, whether there is such a table or not; without partitions. */
  selected: readonly QualifiedName[];
  /** Where the content of schema n belongs. */
  homes: readonly string[];
  /** Foreign keys from these tables to others: made when the tables are swapped, as they would act on the others. */
  foreignKeys: readonly ForeignKey[];
  /** The attachments of tables in the copy, which are taken off while they are kept: see {@link Attachment}. */
  attachments?: readonly Attachment[];
  /** The memberships of tables in the copy, for the case that there is no table any more whose memberships they could take over. */
  publications?: readonly Membership[];
}

/** That a publication names a table. */
export interface Membership {
  /** Where the table is when it is live. */
  home: string;
  table: string;
  publication: string;
  /** Only these; null: all. */
  columns: readonly string[] | null;
  /** Only rows for which this is true; null: all. */
  condition: string | null;
}

export interface ForeignKey {
  /** The table that refers to another. `home` is where it is when it is live. */
  home: string;
  table: string;
  name: string;
  columns: readonly string[];
  target: QualifiedName;
  targetColumns: readonly string[];
  /** `FOREIGN KEY (…) REFERENCES …`, all names qualified. */
  definition: string;
  comment?: string | null;
  /** Triggers of it that somebody has disabled or set to fire otherwise: on which table, by the function that each runs. */
  triggers?: readonly KeyTrigger[];
}

/** Something of a table that refers to other objects by what they are, and not by their names: said as SQL, to be made again. */
export interface Attachment {
  /** Where its table is when it is live. */
  home: string;
  table: string;
  /** "policy own". */
  what: string;
  /** With `%T` in place of the table's name. */
  commands: readonly string[];
}

export interface KeyTrigger {
  schema: string;
  table: string;
  function: string;
  /** `pg_trigger.tgenabled`. */
  enabled: string;
}

/** A regular expression that pg_dump and the server read alike; ids are lower case. */
export const COPY_SCHEMAS = '__(restore|before)_[0-9a-z]+_[0-9]+';
const SCHEMA = /^__(restore|before)_([0-9a-z]+)_(\d+)$/;
const COPY = /__(restore|before)_([0-9A-Za-z]+)$/;

/** The role and id, from the name that the core knows staging or previous tables by. */
export function copyRoleAndId(copy: string): { role: CopyRole; id: string } {
  const [, role, id] = COPY.exec(copy) ?? [];
  if (id === undefined)
    throw new DomainError('INVALID_INPUT', `"${copy}" is not the name of staging or previous tables.`);
  return { role: role as CopyRole, id };
}

export function copySchema(copy: string, number: number): string {
  const { role, id } = copyRoleAndId(copy);
  return `__${role}_${id}_${number}`;
}

/** The staging and previous tables that are in this database, each restore once. */
export async function copiesIn(session: PostgresSession): Promise<{ role: CopyRole; id: string }[]> {
  const rows = await session.query<{ name: string }>(
    String.raw`SELECT nspname AS name FROM pg_catalog.pg_namespace WHERE nspname ~ '^__(restore|before)_' ORDER BY nspname`,
  );
  const found = new Map<string, { role: CopyRole; id: string }>();
  for (const { name } of rows) {
    const [, role, id = ''] = SCHEMA.exec(name) ?? [];
    if (role !== undefined) found.set(`${role} ${id}`, { role: role as CopyRole, id });
  }
  return [...found.values()];
}

export async function schemasOf(session: PostgresSession, copy: string): Promise<string[]> {
  const { role, id } = copyRoleAndId(copy);
  const rows = await session.query<{ name: string }>(
    `SELECT nspname AS name FROM pg_catalog.pg_namespace WHERE nspname ~ $1 ORDER BY nspname`,
    [`^__${role}_${id}_[0-9]+$`],
  );
  return rows.map(({ name }) => name);
}

/** Undefined when there are no such tables here, or not all of them. */
export async function contentOf(session: PostgresSession, copy: string): Promise<CopyContent | undefined> {
  const [row] = await session.query<{ text: string | null }>(
    `SELECT pg_catalog.obj_description(oid, 'pg_namespace') AS text FROM pg_catalog.pg_namespace WHERE nspname = $1`,
    [copySchema(copy, 0)],
  );
  try {
    const content = JSON.parse(row?.text ?? 'null') as CopyContent | null;
    return content?.version === 1 ? content : undefined;
  } catch {
    return undefined;
  }
}

export async function writeContent(session: PostgresSession, copy: string, content: CopyContent): Promise<void> {
  const schema = pg.escapeIdentifier(copySchema(copy, 0));
  await session.query(`COMMENT ON SCHEMA ${schema} IS ${pg.escapeLiteral(JSON.stringify(content))}`);
}

export function sqlName(schema: string, name: string): string {
  return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
}
