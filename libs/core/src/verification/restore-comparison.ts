import { DomainError, someOf } from '@app/domain';
import type { CompareDepth, ContentChecksums, Manifest, ObjectCounts, RowCounts, ServerInfo } from '@app/domain';
import type { Census, LoadCheck } from '@app/drivers';

/** Describes the differences between two counts, one phrase each, sorted by name. A missing name counts as 0. */
export function differencesOf(
  expected: ObjectCounts | RowCounts,
  found: ObjectCounts | RowCounts,
  say: (name: string, expected: number, found: number) => string,
): string[] {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])].toSorted();
  return names.flatMap((name) => {
    const [wanted = 0, is = 0] = [expected[name], found[name]];
    return wanted === is ? [] : [say(name, wanted, is)];
  });
}

/** `differing` holds tables whose values may differ, as the load itself says. */
export function withoutTables<T extends Partial<Census>>(
  census: T,
  differing: Readonly<Record<string, string>> = {},
): T {
  const { checksums } = census;
  if (checksums === undefined || Object.keys(differing).length === 0) return census;
  const tables = Object.fromEntries(Object.entries(checksums.tables).filter(([table]) => !(table in differing)));
  return { ...census, checksums: { ...checksums, tables, uncovered: { ...checksums.uncovered, ...differing } } };
}

/** The differences in the restored database, one phrase for each. */
export interface Differences {
  rows: readonly string[];
  /** Differences in the content of tables that have the right number of rows. */
  content: readonly string[];
  missingObjects: readonly string[];
  excessObjects: readonly string[];
  /** Whether content was compared at all. */
  compared: CompareDepth;
  /** Whole sentences that say what was not compared and why. */
  notes: readonly string[];
  /** The tables whose content was not compared, where content was compared. */
  byCount: readonly string[];
}

/**
 * `expected` holds the right number of rows, by the tables that the dump holds them under. `depth` is what the caller asked
 * for; the checksums are compared where both sides have them.
 */
export function differencesFrom(
  manifest: Pick<Manifest, 'objects' | 'checksums'>,
  expected: RowCounts | undefined,
  found: Pick<Census, 'objects'> & Partial<Census>,
  depth: CompareDepth,
): Differences {
  // Earlier versions counted fewer kinds, so kinds that the manifest does not name are not compared.
  const known = Object.fromEntries(
    Object.entries(found.objects).filter(([kind]) => manifest.objects[kind] !== undefined),
  );
  const objects = (more: boolean): string[] =>
    differencesOf(manifest.objects, known, (kind, wanted, is) =>
      is > wanted === more ? `${is} ${kind.replaceAll('_', ' ')} instead of ${wanted}` : '',
    ).filter((phrase) => phrase !== '');
  const wanted = expected === undefined ? undefined : byUnit(bySpelling(expected, found), found.partOf);
  const rows =
    wanted === undefined || found.rows === undefined
      ? []
      : differencesOf(wanted, found.rows, (table, count, is) => `${table} has ${is} rows instead of ${count}`);
  const counted = (table: string): boolean => wanted === undefined || wanted[table] === found.rows?.[table];
  const content =
    depth === 'counts'
      ? { phrases: [], notes: [], byCount: [], compared: depth }
      : compareContent(spelledChecksums(manifest.checksums, found), found.checksums, counted);
  return {
    rows,
    content: content.phrases,
    missingObjects: objects(false),
    excessObjects: objects(true),
    compared: content.compared,
    notes: content.notes,
    byCount: content.byCount,
  };
}

/** Returns the manifest's values under the names that a server uses which does not tell names apart by case. */
export function bySpelling<T>(
  of: Readonly<Record<string, T>>,
  { folds, rows = {} }: Pick<Partial<Census>, 'folds' | 'rows'>,
): Readonly<Record<string, T>> {
  if (folds !== true) return of;
  const spelled = new Map(Object.keys(rows).map((table) => [table.toLowerCase(), table]));
  return Object.fromEntries(
    Object.entries(of).map(([table, value]) => [
      Object.hasOwn(rows, table) ? table : (spelled.get(table.toLowerCase()) ?? table),
      value,
    ]),
  );
}

function spelledChecksums(
  checksums: ContentChecksums | undefined,
  found: Pick<Partial<Census>, 'folds' | 'rows'>,
): ContentChecksums | undefined {
  if (checksums === undefined || found.folds !== true) return checksums;
  const { tables, uncovered } = checksums;
  return {
    ...checksums,
    tables: bySpelling(tables, found),
    ...(uncovered === undefined ? {} : { uncovered: bySpelling(uncovered, found) }),
  };
}

/** Older backups counted such partitions one by one, although a restore may distribute their rows differently. */
function byUnit(rows: RowCounts, partOf: Census['partOf'] = {}): RowCounts {
  const units: Record<string, number> = {};
  for (const [table, count] of Object.entries(rows)) {
    const unit = partOf[table] ?? table;
    units[unit] = (units[unit] ?? 0) + count;
  }
  return units;
}

function compareContent(
  wanted: ContentChecksums | undefined,
  found: ContentChecksums | undefined,
  counted: (table: string) => boolean,
): { phrases: string[]; notes: string[]; byCount: string[]; compared: CompareDepth } {
  const counts = { phrases: [], notes: [], byCount: [], compared: 'counts' as const };
  if (wanted === undefined) return counts;
  const notesOf = (left: Readonly<Record<string, string>> = {}): string[] =>
    Object.entries(left).map(([table, why]) => `The content of ${table} was not compared: ${why}.`);
  const hasContent = Object.keys(wanted.tables).length > 0 || wanted.large_objects !== undefined;
  if (!hasContent && wanted.uncovered !== undefined) return { ...counts, notes: notesOf(wanted.uncovered) };
  const without = (why: string) => ({ ...counts, notes: [`Only the number of rows was compared: ${why}.`] });
  if (found?.algorithm !== wanted.algorithm)
    return without('no checksums like those of the backup could be computed here');
  if (found.basis !== wanted.basis)
    return without('the encoding here is another one, or the server writes values otherwise');
  const left = { ...wanted.uncovered, ...found.uncovered };
  const phrases: string[] = [];
  for (const table of Object.keys(wanted.tables).toSorted()) {
    const is = found.tables[table];
    if (is !== undefined && counted(table) && is !== wanted.tables[table]) phrases.push(`${table} holds other values`);
  }
  if (wanted.large_objects !== found.large_objects && left['large objects'] === undefined) {
    phrases.push('large objects have another content');
  }
  return { phrases, notes: notesOf(left), byCount: Object.keys(left).toSorted(), compared: 'content' };
}

/**
 * Compares the data that was loaded into `server` with the manifest. Throws RESTORE_FAILED when rows, or their content, that
 * were counted in the dump's own snapshot are missing, and when objects are missing where the server counts as the source did.
 * These differences are only warnings, as they must not stop a restore in an emergency: objects in excess, objects that were
 * counted before the dump began, and objects of another major version, which may need more or fewer of them.
 */
export function compareWithManifest(
  manifest: Manifest,
  found: Pick<Census, 'objects'> & Partial<Census>,
  server: ServerInfo,
  depth: CompareDepth,
): string[] {
  const expected = manifest.rows;
  const { rows, content, missingObjects, excessObjects, notes } = differencesFrom(manifest, expected, found, depth);
  const exact = manifest.rows !== undefined && isSameMajor(manifest.server, server);
  const wrong = [...rows, ...content, ...(exact ? missingObjects : [])];
  const told = [...missingObjects, ...excessObjects];
  if (wrong.length === 0) {
    const differing =
      told.length === 0
        ? []
        : [`What was loaded differs from what the backup counted: ${someOf(told, { separator: '; ' })}.`];
    return [...differing, ...notes];
  }
  const all = [...rows, ...content, ...told];
  throw notBackedUp(all, content.length > 0);
}

/**
 * Returns the check for loads that can only be compared before they are committed: into the target itself, and of single
 * tables. Undefined where the manifest has no rows. After a load, `notes` says what was not compared. `some`: not all tables
 * were restored.
 */
export function checkAgainst(
  manifest: Manifest | undefined,
  depth: CompareDepth,
  { some }: { some: boolean },
): (LoadCheck & { notes: readonly string[] }) | undefined {
  if (manifest?.rows === undefined) return undefined;
  const { rows: counted } = manifest;
  const notes: string[] = [];
  return {
    depth: manifest.checksums === undefined ? 'counts' : depth,
    notes,
    judge: (found) => {
      const expected = bySpelling(counted, found);
      const checksums = spelledChecksums(manifest.checksums, found);
      const loaded = <T>(of: Readonly<Record<string, T>> = {}): Record<string, T> =>
        Object.fromEntries(Object.entries(of).filter(([table]) => !some || found.rows[table] !== undefined));
      const ofSome =
        checksums === undefined
          ? {}
          : {
              checksums: {
                ...(some ? without(checksums) : checksums),
                tables: loaded(checksums.tables),
                uncovered: loaded(checksums.uncovered),
              },
            };
      const there = { objects: {}, ...withoutTables(found, found.differing) };
      const known = some
        ? {
            ...there,
            rows: Object.fromEntries(Object.entries(found.rows).filter(([table]) => expected[table] !== undefined)),
          }
        : there;
      const differences = differencesFrom({ objects: {}, ...ofSome }, loaded(expected), known, depth);
      notes.push(...differences.notes);
      const wrong = [...differences.rows, ...differences.content];
      if (wrong.length > 0) throw notBackedUp(wrong, differences.content.length > 0);
    },
  };
}

/** Large objects belong to no table. */
function without({ large_objects: _objects, ...checksums }: ContentChecksums): ContentChecksums {
  return checksums;
}

function notBackedUp(wrong: readonly string[], byContent: boolean): DomainError {
  const cheaper = byContent ? ' To restore it all the same, compare counts alone: "compare": "counts".' : '';
  return new DomainError(
    'RESTORE_FAILED',
    `What was loaded is not what was backed up: ${someOf(wrong, { separator: '; ' })}.`,
    {
      hint: `Nothing was changed. Restore another backup, and look at how this one differs: POST /api/backups/:id/verify.${cheaper}`,
    },
  );
}

function isSameMajor(source: Manifest['server'], { flavour, versionParts }: ServerInfo): boolean {
  const parts = source.version.split('.').map(Number);
  // A major version is the first number of PostgreSQL, and the first two numbers of the others.
  const length = flavour === 'PostgreSQL' ? 1 : 2;
  return source.flavour === flavour && parts.slice(0, length).join('.') === versionParts.slice(0, length).join('.');
}
