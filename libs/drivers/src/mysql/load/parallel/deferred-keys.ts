import type { Definition, TableDefinition } from './table-definition.js';

/** Statements, as Latin-1 text. */
export interface DeferredKeys {
  /** The CREATE TABLE without what comes later; on as many lines as before. */
  create: string;
  /** Adds the keys; undefined when all of them stay. */
  keys: string | undefined;
  /** Adds the foreign keys; undefined without any. */
  foreignKeys: string | undefined;
}

/** Foreign keys that have been met so far, by the tables that they point to, and the keys that those tables were left. */
export class KeyRegistry {
  private readonly pointedTo = new Map<string, (readonly string[])[]>();
  private readonly left = new Map<string, (readonly string[])[]>();

  /** Notes what this table's foreign keys will need at their other ends. */
  note(table: TableDefinition): void {
    for (const definition of table.definitions) {
      if (definition.kind !== 'foreign') continue;
      const target = folded(definition.target);
      this.pointedTo.set(target, [...(this.pointedTo.get(target) ?? []), definition.targetColumns]);
    }
  }

  /** Whether a foreign key that exists already needs this key to be there from the start. */
  isPointedTo(table: string, columns: readonly string[]): boolean {
    return (this.pointedTo.get(folded(table)) ?? []).some((needed) => startsWith(columns, needed));
  }

  noteLeft(table: string, keys: readonly (readonly string[])[]): void {
    this.left.set(folded(table), [...keys]);
  }

  /** Whether the key that this foreign key points to may not be there yet. */
  lacksTarget({ target, targetColumns }: { target: string; targetColumns: readonly string[] }): boolean {
    const keys = this.left.get(folded(target));
    return keys !== undefined && !keys.some((columns) => startsWith(columns, targetColumns));
  }
}

/**
 * Takes plain keys and foreign keys out of a CREATE TABLE. Everything else stays: the primary key and unique ones, which
 * order and check rows as they come, FULLTEXT and SPATIAL, a key that AUTO_INCREMENT needs, one that a foreign key points
 * to already. Servers keep plain keys in the order in which they were made, after the unique ones and before FULLTEXT: so
 * only those behind the last one that stays can come later.
 */
export function deferKeys(table: TableDefinition, registry: KeyRegistry): DeferredKeys {
  const { definitions } = table;
  const needed = autoIncrementKey(definitions);
  const stays = (definition: Definition): boolean => {
    if (definition.kind === 'other') return /^(SPATIAL|VECTOR) KEY/.test(definition.text);
    if (definition.kind !== 'key') return false;
    return definition === needed || !definition.plain || registry.isPointedTo(table.name, definition.columns);
  };
  const firstMovable = definitions.findLastIndex(stays) + 1;
  const keys = definitions.filter(({ kind }, index) => kind === 'key' && index >= firstMovable);
  const foreign = definitions.filter(({ kind }) => kind === 'foreign');
  const moved = new Set([...keys, ...foreign]);
  const kept = definitions.filter((definition) => !moved.has(definition));
  registry.noteLeft(
    table.name,
    kept.flatMap((definition) => ('plain' in definition ? [definition.columns] : [])),
  );
  return {
    create: createWith(table, kept),
    keys: addAll(table, keys),
    foreignKeys: addAll(table, foreign),
  };
}

/** For a table that keeps its keys: takes out foreign keys whose other end lacks its key so far. Undefined without any. */
export function deferForeignKeys(
  table: TableDefinition,
  registry: KeyRegistry,
): { create: string; foreignKeys: string } | undefined {
  const foreign = table.definitions.filter(
    (definition) => definition.kind === 'foreign' && registry.lacksTarget(definition),
  );
  const foreignKeys = addAll(table, foreign);
  if (foreignKeys === undefined) return undefined;
  const moved = new Set(foreign);
  const kept = table.definitions.filter((definition) => !moved.has(definition));
  return { create: createWith(table, kept), foreignKeys };
}

/** InnoDB wants a key that begins with such a column (1075). Undefined where there is one that stays anyway. */
function autoIncrementKey(definitions: readonly Definition[]): Definition | undefined {
  const column = definitions.find((definition) => definition.kind === 'column' && definition.autoIncrement);
  if (column?.kind !== 'column') return undefined;
  const leads = (definition: Definition): boolean => 'plain' in definition && definition.columns[0] === column.name;
  if (definitions.some((definition) => definition.kind !== 'key' && leads(definition))) return undefined;
  return definitions.find((definition) => definition.kind === 'key' && leads(definition));
}

function createWith({ head, tail, lineEnds }: TableDefinition, kept: readonly Definition[]): string {
  const body = kept.map(({ text }) => `\n  ${text}`).join(',');
  return head + body + '\n'.repeat(Math.max(0, lineEnds - body.split('\n').length + 1)) + tail;
}

function addAll({ name }: TableDefinition, definitions: readonly Definition[]): string | undefined {
  if (definitions.length === 0) return undefined;
  return `ALTER TABLE ${name} ${definitions.map(({ text }) => `ADD ${text}`).join(', ')}`;
}

function startsWith(columns: readonly string[], beginning: readonly string[]): boolean {
  return beginning.every((column, index) => columns[index]?.toLowerCase() === column.toLowerCase());
}

/** Some servers do not tell names apart by case. */
function folded(name: string): string {
  return name.toLowerCase();
}
