/** The kinds of objects in a dump, as people read them: those that there are, and those that there are none of. */
export function kindsOf(objects: Readonly<Record<string, number>>): {
  there: { kind: string; count: number }[];
  absent: string[];
} {
  const kinds = Object.entries(objects).map(([name, count]) => ({ kind: wordOf(name, count), count }));
  return {
    there: kinds.filter(({ count }) => count > 0),
    absent: kinds.filter(({ count }) => count === 0).map(({ kind }) => kind),
  };
}

/** Names in a manifest are plurals: `foreign_tables`. */
function wordOf(name: string, count: number): string {
  const words = name.replaceAll('_', ' ');
  if (count !== 1) return words;
  if (words.endsWith('indexes')) return words.slice(0, -2);
  if (words.endsWith('ies')) return `${words.slice(0, -3)}y`;
  return words.replace(/s$/, '');
}

/** The largest first. `search`: part of the name, in any case. */
export function matchingTables(
  rows: Readonly<Record<string, number>>,
  search: string,
): { table: string; count: number }[] {
  const part = search.trim().toLowerCase();
  return Object.entries(rows)
    .map(([table, count]) => ({ table, count }))
    .filter(({ table }) => table.toLowerCase().includes(part))
    .toSorted((a, b) => b.count - a.count || a.table.localeCompare(b.table));
}
