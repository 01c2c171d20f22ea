import { someOf } from '@app/domain';
import type { ObjectCounts } from '@app/domain';
import type { DumpContents } from '@app/drivers';

export interface ReplacedDatabase {
  name: string;
  /** The objects that it holds now. */
  objects: ObjectCounts;
}

/**
 * Warns, in whole sentences, of a foreign dump that may hold only a part of a database. No dump says which part of its source
 * it holds, so it is compared with the database that it `replaces`; undefined without one, and for a restore of some tables.
 */
export function partialDumpWarnings(
  contents: DumpContents | undefined,
  replaces: ReplacedDatabase | undefined,
): string[] {
  if (contents === undefined) return [];
  const { tables, rows, withoutRows, condition, indexes } = contents;
  const warnings: string[] = [];
  const held = replaces === undefined ? 0 : tablesOf(replaces.objects);
  if (replaces !== undefined && tables < held) {
    warnings.push(
      `The dump holds ${count(tables)}, and the restore replaces all of "${replaces.name}", which has ${count(held)}. To replace only tables that the dump holds, name them in "tables".`,
    );
  }
  if (tables > 0 && !rows) {
    const made = tables === 1 ? 'its table is' : `its ${tables} tables are`;
    warnings.push(
      `The dump holds no rows: ${made} restored empty. It was made without them (--schema-only, --section, --no-data), or of empty tables.`,
    );
  }
  if (withoutRows.length > 0) {
    const tables = someOf(withoutRows);
    warnings.push(`The dump holds no rows of these tables, which are restored empty: ${tables}.`);
  }
  if (condition !== undefined) {
    warnings.push(`The dump holds only rows that were chosen by a condition (--where): ${condition}.`);
  }
  if (indexes === false && tables > 0 && (replaces?.objects['indexes'] ?? 0) > 0) {
    warnings.push(
      `The dump makes no index and no key, and "${replaces?.name}" has some: it may lack its last section (--section=post-data).`,
    );
  }
  return warnings;
}

function tablesOf(objects: ObjectCounts): number {
  return (objects['tables'] ?? 0) + (objects['partitioned_tables'] ?? 0);
}

function count(tables: number): string {
  return tables === 0 ? 'no table' : tables === 1 ? '1 table' : `${tables} tables`;
}
