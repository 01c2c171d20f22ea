import { DomainError, editDistance } from '@app/domain';

/** A table of a dump under the names that people may call it by; the first that fits wins. */
export interface NamedTable {
  /** The key of the table, as in `Census.rows`. */
  key: string;
  spellings: readonly string[];
}

const NEAREST = 3;

/**
 * The tables that are meant, each once, in the order asked. INVALID_INPUT, field `tables`, for every name that the dump
 * does not hold, with those that come nearest.
 */
export function chooseTables<T extends NamedTable>(asked: readonly string[], held: readonly T[]): T[] {
  if (asked.length === 0) throw unknownTables('No table is named.', 'name at least one table');
  // A later spelling is a looser one, and must not hide somebody's first.
  const bySpelling = new Map<string, T>();
  const longest = Math.max(0, ...held.map(({ spellings }) => spellings.length));
  for (let rank = 0; rank < longest; rank += 1) {
    for (const table of held) {
      const spelling = table.spellings[rank];
      if (spelling !== undefined && !bySpelling.has(spelling)) bySpelling.set(spelling, table);
    }
  }
  const unknown = asked.filter((name) => !bySpelling.has(name));
  if (unknown.length > 0) {
    const keys = held.map(({ key }) => key);
    const phrases = [...new Set(unknown)].map((name) => phraseFor(name, keys));
    throw unknownTables(
      `The backup does not hold every table that was named: ${phrases.join('; ')}.`,
      phrases.join('; '),
    );
  }
  return [...new Set(asked.flatMap((name) => bySpelling.get(name) ?? []))];
}

function phraseFor(name: string, keys: readonly string[]): string {
  const near = nearest(name, keys);
  return near.length === 0 ? `there is no "${name}"` : `there is no "${name}", but ${near.join(', ')}`;
}

function unknownTables(message: string, fault: string): DomainError {
  return new DomainError('INVALID_INPUT', message, {
    hint: 'GET /api/backups/:id shows the tables of a backup that was counted.',
    fields: [{ field: 'tables', message: fault }],
  });
}

/** The names that are most alike, best first. */
function nearest(name: string, keys: readonly string[]): string[] {
  const wanted = name.toLowerCase();
  const bare = (key: string): string => key.slice(key.indexOf('.') + 1);
  return keys
    .map((key) => ({
      key,
      steps: Math.min(editDistance(wanted, key.toLowerCase()), editDistance(wanted, bare(key).toLowerCase())),
    }))
    .toSorted((a, b) => a.steps - b.steps || (a.key < b.key ? -1 : 1))
    .slice(0, NEAREST)
    .map(({ key }) => key);
}
