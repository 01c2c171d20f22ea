import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { silentLogger, systemClock } from '@app/domain';
import { Kysely, sql } from 'kysely';
import type { Catalog } from '../catalog.js';
import { openCatalog } from '../open-catalog.js';
import { sqliteDialect } from './sqlite-dialect.js';
import { sqliteErrorOf } from './sqlite-errors.js';
import { aBackup, anAuditEntry } from '../testing/sample-records.js';

describe('a catalog in a file', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'catalog-'));
    file = join(folder, 'catalog.sqlite');
  });

  afterEach(() => rm(folder, { recursive: true }));

  const open = (): Promise<Catalog> => openCatalog({ file, clock: systemClock, logger: silentLogger });

  it('is synced with each commit, so that a power cut loses no confirmed write', async () => {
    const db = new Kysely<unknown>({ dialect: sqliteDialect(file).kysely });
    const settings = await Promise.all(
      ['synchronous', 'journal_mode', 'foreign_keys'].map(async (name) => {
        const { rows } = await sql<Record<string, unknown>>`pragma ${sql.raw(name)}`.execute(db);
        return rows[0]?.[name];
      }),
    );
    await db.destroy();
    expect(settings).toEqual([2, 'wal', 1]);
  });

  it('is reported as damaged when it is no database, with its path and what to do', async () => {
    await writeFile(file, 'This is not a database, but long enough to be taken for one. '.repeat(100));
    await expect(open()).rejects.toMatchObject({
      code: 'CATALOG_FAILED',
      message: expect.stringContaining(file),
      hint: expect.stringMatching(/Move it away.*rebuilt/),
    });
  });

  it('is reported as damaged when a part of it is missing', async () => {
    const catalog = await open();
    await catalog.backups.put(Array.from({ length: 2_000 }, () => aBackup()));
    await catalog.close();
    await truncate(file, 40_000);
    const cut = open().then(async (opened) => {
      try {
        await opened.backups.page({ limit: 500 });
      } finally {
        await opened.close();
      }
    });
    await expect(cut).rejects.toMatchObject({ code: 'CATALOG_FAILED', hint: expect.stringMatching(/Move it away/) });
  });

  it('waits for another process that writes, without blocking this one', async () => {
    const catalog = await open();
    const other = new DatabaseSync(file);
    other.exec('begin immediate');
    let kept = false;
    const insert = catalog.audit.insert(anAuditEntry()).then(() => {
      kept = true;
    });
    await sleep(50); // if the thread were blocked, this would last until the end of the wait
    expect(kept).toBe(false);
    other.exec('commit');
    other.close();
    await insert;
    expect((await catalog.audit.page({ limit: 5 })).rows).toHaveLength(1);
    await catalog.close();
  });
});

it('reports a full disk, and leaves no transaction open', async () => {
  const db = new Kysely<{ filled: { content: string } }>({ dialect: sqliteDialect(':memory:').kysely });
  await db.schema.createTable('filled').addColumn('content', 'text').execute();
  await sql`pragma max_page_count = 10`.execute(db);
  const fill = (bytes: number): Promise<unknown> =>
    db.transaction().execute((transaction) =>
      transaction
        .insertInto('filled')
        .values({ content: 'x'.repeat(bytes) })
        .execute(),
    );
  await expect(fill(100_000)).rejects.toMatchObject({ code: 'NO_SPACE', message: expect.stringContaining(':memory:') });
  await fill(10);
  expect(await db.selectFrom('filled').select('content').execute()).toEqual([{ content: 'x'.repeat(10) }]);
  await db.destroy();
});

it('reports a file that is locked for too long, or cannot be written', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'catalog-'));
  const [one, two] = [new DatabaseSync(join(folder, 'a')), new DatabaseSync(join(folder, 'a'), { timeout: 0 })];
  one.exec('create table t (x); begin immediate');
  expect(errorOf(() => two.exec('insert into t values (1)'))).toMatchObject({ code: 'CATALOG_UNAVAILABLE' });
  one.exec('commit; pragma query_only = on');
  expect(errorOf(() => one.exec('insert into t values (1)'))).toMatchObject({
    code: 'CATALOG_FAILED',
    message: expect.stringContaining('cannot be written'),
  });
  one.close();
  two.close();
  await rm(folder, { recursive: true });
});

function errorOf(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return sqliteErrorOf(error, '/data/c.sqlite');
  }
  return undefined;
}
