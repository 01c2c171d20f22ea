import type { Catalog } from '../catalog.js';
import { openCatalog } from '../open-catalog.js';
import type { CatalogOptions } from '../open-catalog.js';
import { catalogPlace } from './catalog-matrix.js';
import type { CatalogKind, CatalogPlace } from './catalog-matrix.js';

/** The catalog of a test, which exists while the test runs. */
export interface GivenCatalog {
  place: CatalogPlace;
  options: CatalogOptions;
  catalog: Catalog;
  /** Runs SQL of the test in the same database. */
  run(sql: string): Promise<Record<string, unknown>[]>;
}

/** Gives every test of the `describe` that calls this an empty catalog of its own. */
export function givenCatalog(kind: CatalogKind): GivenCatalog {
  const given = {} as GivenCatalog;
  beforeAll(async () => {
    given.place = await catalogPlace(kind);
  });
  beforeEach(async () => {
    given.options = await given.place.fresh();
    given.catalog = await openCatalog(given.options);
    given.run = (sql) => given.place.run(given.options, sql);
  });
  afterEach(() => given.catalog.close());
  afterAll(() => given.place.dispose());
  return given;
}

/** Returns every row of a paged list. */
export async function allPages<T>(
  page: (after: string | undefined) => Promise<{ rows: T[]; next: string | undefined }>,
): Promise<T[]> {
  const all: T[] = [];
  let after: string | undefined;
  do {
    const { rows, next } = await page(after);
    all.push(...rows);
    after = next;
  } while (after !== undefined);
  return all;
}

/** Makes the `after` of a query, as in `{ limit, ...after(next) }`. */
export function after(position: string | undefined): { after?: string } {
  return position === undefined ? {} : { after: position };
}
