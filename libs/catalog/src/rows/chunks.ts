/** The rows of one statement: in every table their values stay below the 32,766 parameters of SQLite (65,535 of PostgreSQL). */
export const ROWS_PER_STATEMENT = 500;

export function* chunksOf<T>(items: readonly T[], size = ROWS_PER_STATEMENT): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
