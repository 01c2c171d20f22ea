import type { Page } from '@app/catalog';

const AT_ONCE = 500;

/** All pages of a list of the catalog together. */
export async function everyRow<T>(page: (query: { limit: number; after?: string }) => Promise<Page<T>>): Promise<T[]> {
  const rows: T[] = [];
  let after: string | undefined;
  do {
    const { rows: some, next } = await page({ limit: AT_ONCE, ...(after === undefined ? {} : { after }) });
    rows.push(...some);
    after = next;
  } while (after !== undefined);
  return rows;
}
