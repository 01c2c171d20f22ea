import type { Catalog } from '../catalog.js';
import { openCatalog } from '../open-catalog.js';
import type { CatalogOptions } from '../open-catalog.js';
import { catalogPlace } from './catalog-matrix.js';
import type { CatalogKind, CatalogPlace } from './catalog-matrix.js';

/** What a test of a `describe` works on; there while it runs. */
export interface GivenCatalog {
  place: CatalogPlace;
  options: CatalogOptions;
  catalog: Catalog;
  /** SQL of the test's own, in the same database. */
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

/** Every row of a list that comes by page. */
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

/** For `{ limit, ...after(next) }`. */
export function after(position: string | undefined): { after?: string } {
  return position === undefined ? {} : { after: position };
}
