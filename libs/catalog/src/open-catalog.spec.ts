import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { silentLogger, systemClock } from '@app/domain';
import { openCatalog } from './open-catalog.js';
import { EVERY_CATALOG, catalogPlace } from './testing/catalog-matrix.js';
import type { CatalogPlace } from './testing/catalog-matrix.js';
import { makeEarlierCatalog } from './testing/earlier-catalog.js';
import { givenCatalog } from './testing/given-catalog.js';
import { openingProcess } from './testing/opening-process.js';
import type { Said } from './testing/opening-process.js';
import { aJob, anAuditEntry } from './testing/sample-records.js';

const TABLES: Record<string, string> = {
  sqlite: `select name from sqlite_master where type in ('table', 'index') order by name`,
  postgres: `select relname as name from pg_class where relnamespace = 'public'::regnamespace order by 1`,
};

describe.each(EVERY_CATALOG)('opening a $kind catalog', ({ kind }) => {
  const given = givenCatalog(kind);

  it('creates it once, and finds it again with its content', async () => {
    await given.catalog.audit.insert(anAuditEntry({ subject: 'kept' }));
    await given.catalog.close();
    const again = await openCatalog(given.options);
    expect(again.id).toBe(given.catalog.id);
    expect((await again.audit.page({ limit: 5 })).rows).toMatchObject([{ subject: 'kept' }]);
    await again.close();
  });

  it('works for several processes at once, of which only one creates it', async () => {
    const options = await given.place.fresh();
    const told: string[] = [];
    const logger = { ...silentLogger, info: (_fields: object, message: string) => void told.push(message) };
    const opened = await Promise.all(Array.from({ length: 5 }, () => openCatalog({ ...options, logger })));
    try {
      expect(told).toEqual(['a new catalog was made']);
      expect(new Set(opened.map(({ id }) => id)).size).toBe(1);
      await Promise.all(opened.map((catalog) => catalog.jobs.insert([aJob()])));
      expect((await opened[0]?.jobs.page({ limit: 10 }))?.rows).toHaveLength(5);
      expect(await given.place.run(options, 'select name from catalog_migrations')).toHaveLength(9);
    } finally {
      await Promise.all(opened.map((catalog) => catalog.close()));
    }
  });

  it('refuses a catalog of a newer version, and changes nothing in it', async () => {
    await given.catalog.close();
    await given.run(
      `insert into catalog_migrations (name, timestamp) values ('0002-later', '2027-01-01T00:00:00.000Z')`,
    );
    const before = await given.run(TABLES[kind] ?? '');
    await expect(openCatalog(given.options)).rejects.toMatchObject({
      code: 'CATALOG_TOO_NEW',
      message: expect.stringContaining('0002-later'),
      hint: expect.stringContaining('DATA_DIR'),
    });
    expect(await given.run(TABLES[kind] ?? '')).toEqual(before);
    expect(await given.run('select name from catalog_migrations')).toHaveLength(10);
  });

  it('changes nothing when a migration fails', async () => {
    const options = await given.place.fresh();
    await given.place.run(options, 'create table instances (surprise integer)');
    await expect(openCatalog(options)).rejects.toMatchObject({ code: 'CATALOG_FAILED' });
    const tables = (await given.place.run(options, TABLES[kind] ?? '')).map(({ name }) => name);
    expect(tables).not.toContain('connections');
    await given.place.run(options, 'drop table instances');
    const mended = await openCatalog(options);
    await mended.ping();
    await mended.close();
  });

  it('migrates the catalog of an earlier version, with its content', async () => {
    await given.catalog.close();
    given.options = await given.place.fresh();
    await makeEarlierCatalog(given.options, '0007-manifest-revisions');
    await given.run(
      `insert into audit (id, at, actor, action, subject, details) values ('a', 1, 'admin', 'x', 'kept', '{}')`,
    );
    const [{ value } = {}] = await given.run(`select value from catalog_info where name = 'id'`);
    given.catalog = await openCatalog(given.options);
    expect(given.catalog.id).toBe(value);
    expect((await given.catalog.audit.page({ limit: 5 })).rows).toMatchObject([{ subject: 'kept' }]);
    expect(await given.catalog.outbox.last()).toBe(0);
    await given.catalog.outbox.append([{ id: 'e', name: 'a', version: 1, payload: {} }]);
    expect(await given.catalog.outbox.after(0, 5)).toMatchObject([{ id: 'e', position: 1 }]);
  });

  it('tells callers that it is closed', async () => {
    await given.catalog.close();
    await expect(given.catalog.ping()).rejects.toMatchObject({ code: 'CATALOG_UNAVAILABLE' });
    await given.catalog.close();
  });
});

describe('a catalog in a file', () => {
  let place: CatalogPlace;

  beforeAll(async () => {
    place = await catalogPlace('sqlite');
  });

  afterAll(() => place.dispose());

  async function newFile(): Promise<string> {
    return (await place.fresh()).file ?? '';
  }

  it('can be read by its owner only, with its folder', async () => {
    const options = await place.fresh();
    const catalog = await openCatalog(options);
    const file = options.file ?? '';
    await catalog.audit.insert(anAuditEntry());
    const modes = await Promise.all(
      [join(file, '..'), file, `${file}-wal`].map(async (path) => (await stat(path)).mode),
    );
    expect(modes.map((mode) => mode & 0o777)).toEqual([0o700, 0o600, 0o600]);
    await catalog.close();
  });

  it('is opened by several processes at once, created by one, and accepts the writes of all', async () => {
    const file = await newFile();
    const said = await Promise.all(Array.from({ length: 4 }, () => allSaid(openingProcess(file, 25, 'shared-'))));
    const openings = said.map(([opening]) => opening as Extract<Said, { id: string }>);
    expect(new Set(openings.map(({ id }) => id)).size).toBe(1);
    expect(said.flat().filter((one) => 'inserted' in one && one.inserted)).toHaveLength(25);
    expect(await place.run({ ...(await place.fresh()), file }, 'select count(*) as n from jobs')).toEqual([{ n: 25 }]);
  }, 60_000);

  it('has every write that was confirmed to a killed process', async () => {
    const file = await newFile();
    const told: number[] = [];
    for await (const said of openingProcess(file, 100_000, 'job-')) {
      if ('n' in said) told.push(said.n);
      if (told.length === 200) break;
    }
    const options = { ...(await place.fresh()), file };
    const catalog = await openCatalog(options);
    for (const n of told) expect(await catalog.jobs.byUniqueKey(`job-${n}`)).toBeDefined();
    await catalog.close();
    expect(await place.run(options, 'pragma integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  }, 60_000);

  it('is refused where a folder has its name', async () => {
    const options = await place.fresh();
    await mkdir(options.file ?? '', { recursive: true });
    await expect(openCatalog(options)).rejects.toMatchObject({ code: 'CATALOG_FAILED' });
  });
});

async function allSaid(process: AsyncIterable<Said>): Promise<Said[]> {
  const all: Said[] = [];
  for await (const said of process) all.push(said);
  return all;
}

it('keeps each catalog in memory separate, until it is closed', async () => {
  const options = { clock: systemClock, logger: silentLogger };
  const [one, two] = await Promise.all([openCatalog(options), openCatalog({ ...options, file: ':memory:' })]);
  await one.audit.insert(anAuditEntry());
  expect((await two.audit.page({ limit: 5 })).rows).toEqual([]);
  await Promise.all([one.close(), two.close()]);
});
