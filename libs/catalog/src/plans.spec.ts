import { silentLogger } from '@app/domain';
import type { JobState } from '@app/domain';
import type { LogEvent } from 'kysely';
import { CamelCasePlugin, CompiledQuery, Kysely } from 'kysely';
import type { Catalog } from './catalog.js';
import { migrate } from './migrations/migrate.js';
import { postgresDialect } from './dialects/postgres-dialect.js';
import { Session } from './session.js';
import { SqlCatalog } from './sql-catalog.js';
import { sqliteDialect } from './dialects/sqlite-dialect.js';
import type { Tables } from './rows/tables.js';
import { catalogPlace, EVERY_CATALOG } from './testing/catalog-matrix.js';
import type { CatalogPlace } from './testing/catalog-matrix.js';
import { aBackup, aConnection, aJob, anAuditEntry, aRestore, aSchedule } from './testing/sample-records.js';

const MANY = 10_000;
/** The number of rows that are inserted one by one. */
const SOME = 2_000;
const STATES: readonly JobState[] = ['succeeded', 'failed', 'cancelled', 'interrupted'];

/** The words of a plan that reads whole tables. In SQLite, an index that is read in its order says `SCAN … USING INDEX`. */
const WHOLE_TABLE = {
  sqlite: /^SCAN (connections|schedules|backups|jobs|restores|audit|ended)\b(?! USING)/m,
  postgres: /Seq Scan/,
};
/** The words of a plan that sorts more than a page. */
const SORTING = { sqlite: /USE TEMP B-TREE FOR ORDER BY/, postgres: /Sort Key/ };

interface Promised {
  name: string;
  run: (catalog: Catalog) => Promise<unknown>;
  /** The query merges pages, or sorts rows that it found by a key. */
  sorts?: boolean;
}

const PROMISED: Promised[] = [
  {
    name: 'connections.page',
    run: nextOf(
      (after) =>
        ({ connections }) =>
          connections.page({ limit: 50, ...after }),
    ),
  },
  {
    name: 'connections.find',
    run: ({ connections }) => connections.find(aConnection()),
  },
  {
    name: 'connections.ofIdentity',
    run: ({ connections }) => connections.ofIdentity('identity-7'),
    sorts: true,
  },
  {
    name: 'schedules.page',
    run: nextOf(
      (after) =>
        ({ schedules }) =>
          schedules.page({ limit: 50, ...after }),
    ),
  },
  {
    name: 'schedules.page of a connection',
    run: nextOf(
      (after) =>
        ({ schedules }) =>
          schedules.page({ limit: 50, connectionId: 'c-7', ...after }),
    ),
  },
  { name: 'schedules.due', run: ({ schedules }) => schedules.due(5_000, 100) },
  { name: 'schedules.nextDueAt', run: ({ schedules }) => schedules.nextDueAt() },
  {
    name: 'backups.page',
    run: nextOf(
      (after) =>
        ({ backups }) =>
          backups.page({ limit: 50, ...after }),
    ),
  },
  {
    name: 'backups.page of a folder',
    run: nextOf(
      (after) =>
        ({ backups }) =>
          backups.page({ limit: 50, folder: { storageId: 'local', folder: 'folder-1' }, ...after }),
    ),
  },
  {
    name: 'backups.page of a connection',
    run: nextOf(
      (after) =>
        ({ backups }) =>
          backups.page({ limit: 50, connectionId: 'c-7', ...after }),
    ),
  },
  {
    name: 'backups.page of a status',
    run: nextOf(
      (after) =>
        ({ backups }) =>
          backups.page({ limit: 50, status: 'damaged', ...after }),
    ),
  },
  { name: 'backups.ofDatabase', run: ({ backups }) => backups.ofDatabase('database-7', { limit: 10 }) },
  { name: 'backups.ofConnection', run: ({ backups }) => backups.ofConnection('c-7'), sorts: true },
  { name: 'backups.get', run: ({ backups }) => backups.get('backup-77'), sorts: true },
  {
    name: 'jobs.page',
    run: nextOf(
      (after) =>
        ({ jobs }) =>
          jobs.page({ limit: 50, ...after }),
    ),
  },
  {
    name: 'jobs.page of a connection',
    run: nextOf(
      (after) =>
        ({ jobs }) =>
          jobs.page({ limit: 50, connectionId: 'c-7', ...after }),
    ),
  },
  {
    name: 'jobs.page of a schedule',
    run: nextOf(
      (after) =>
        ({ jobs }) =>
          jobs.page({ limit: 50, scheduleId: 's-7', ...after }),
    ),
  },
  {
    name: 'jobs.page of states',
    run: nextOf(
      (after) =>
        ({ jobs }) =>
          jobs.page({ limit: 50, states: ['queued', 'running', 'failed'], ...after }),
    ),
    sorts: true,
  },
  {
    name: 'jobs.page of types',
    run: nextOf(
      (after) =>
        ({ jobs }) =>
          jobs.page({ limit: 50, types: ['sweep', 'restore'], ...after }),
    ),
    sorts: true,
  },
  { name: 'jobs.unfinished', run: ({ jobs }) => jobs.unfinished('here') },
  { name: 'jobs.claim', run: ({ jobs }) => jobs.claim('job-1', 'here', 1) },
  { name: 'jobs.adopt', run: ({ jobs }) => jobs.adopt('dead', 'here') },
  { name: 'jobs.lastFinished', run: ({ jobs }) => jobs.lastFinished(['s-1', 's-2']) },
  {
    name: 'restores.page',
    run: nextOf(
      (after) =>
        ({ restores }) =>
          restores.page({ limit: 50, ...after }),
    ),
  },
  {
    name: 'restores.page of a database',
    run: nextOf(
      (after) =>
        ({ restores }) =>
          restores.page({ limit: 50, databaseKey: 'shop@db.example', ...after }),
    ),
  },
  { name: 'restores.expired', run: ({ restores }) => restores.expired(100), sorts: true },
  { name: 'restores.keptBytes', run: ({ restores }) => restores.keptBytes() },
  { name: 'restores.leftOver', run: ({ restores }) => restores.leftOver('c-1') },
  { name: 'restores.unrecovered', run: ({ restores }) => restores.unrecovered(100) },
  { name: 'restores.endInterrupted', run: ({ restores }) => restores.endInterrupted(1) },
  {
    name: 'audit.page',
    run: nextOf(
      (after) =>
        ({ audit }) =>
          audit.page({ limit: 50, ...after }),
    ),
  },
];

describe.each(EVERY_CATALOG)('with thousands of rows in each table, a $kind catalog', ({ kind }) => {
  let place: CatalogPlace;
  let db: Kysely<Tables>;
  let catalog: Catalog;
  let executed: CompiledQuery[];

  beforeAll(async () => {
    place = await catalogPlace(kind);
    const { url = '', file = '' } = await place.fresh();
    const dialect = kind === 'sqlite' ? sqliteDialect(file) : postgresDialect(url, silentLogger);
    executed = [];
    const log = ({ query }: LogEvent): void => void executed.push(query);
    db = new Kysely<Tables>({ dialect: dialect.kysely, plugins: [new CamelCasePlugin()], log });
    await migrate(db, dialect);
    catalog = new SqlCatalog(new Session(db, dialect), { id: 'c' });
    await fill(catalog);
    // PostgreSQL does this by itself. Nobody does it for SQLite, which must choose its plans without statistics.
    if (kind === 'postgres') await db.executeQuery(CompiledQuery.raw('analyze'));
  }, 120_000);

  afterAll(async () => {
    await catalog.close();
    await place.dispose();
  });

  it.each(PROMISED)('reads no whole table for $name', async ({ run, sorts }) => {
    executed.length = 0;
    await run(catalog);
    await run(catalog.seeing(() => ['local', 'another']));
    const queries = executed.splice(0).filter(({ sql }) => /^\s*(select|update|with)/i.test(sql));
    expect(queries.length).toBeGreaterThan(0);
    for (const query of queries) {
      const plan = await planOf(query);
      expect(plan).not.toMatch(WHOLE_TABLE[kind]);
      if (sorts !== true) expect(plan).not.toMatch(SORTING[kind]);
    }
  });

  it('detects a plan that reads a whole table', async () => {
    const plan = await planOf(CompiledQuery.raw('select * from jobs where attempt = 7 order by log'));
    expect(plan).toMatch(WHOLE_TABLE[kind]);
    expect(plan).toMatch(SORTING[kind]);
  });

  async function planOf({ sql, parameters }: CompiledQuery): Promise<string> {
    const explain = kind === 'sqlite' ? 'explain query plan' : 'explain';
    const { rows } = await db
      .withoutPlugins()
      .executeQuery<Record<string, unknown>>(CompiledQuery.raw(`${explain} ${sql}`, [...parameters]));
    return rows.map((row) => String(row['detail'] ?? row['QUERY PLAN'])).join('\n');
  }
});

/** Returns the queries of the first page, and of the next one. */
function nextOf(
  query: (after: { after?: string }) => (catalog: Catalog) => Promise<{ next: string | undefined }>,
): (catalog: Catalog) => Promise<void> {
  return async (catalog) => {
    const { next } = await query({})(catalog);
    expect(next).toBeDefined();
    if (next !== undefined) await query({ after: next })(catalog);
  };
}

async function fill(catalog: Catalog): Promise<void> {
  const numbers = Array.from({ length: MANY }, (_, index) => index);
  await catalog.transaction(async ({ connections, schedules, backups, jobs, restores, audit }) => {
    for (const n of numbers.slice(0, SOME)) await connections.insert(aConnection({ id: `c-${n}`, createdAt: n }));
    await schedules.insert(
      numbers.map((n) =>
        aSchedule({ id: `s-${n}`, connectionId: `c-${n % 10}`, nextDueAt: n, enabled: n % 10 > 0, createdAt: n }),
      ),
    );
    await backups.put(
      numbers.map((n) =>
        aBackup({
          id: `backup-${n}`,
          folder: `folder-${n % 5}`,
          connectionId: `c-${n % 10}`,
          databaseKey: `database-${n % 10}`,
          status: n % 50 === 3 ? 'damaged' : 'complete',
          createdAt: n,
        }),
      ),
    );
    await jobs.insert(
      numbers.map((n) =>
        aJob({
          id: `job-${n}`,
          type: n % 50 === 1 ? 'sweep' : 'backup',
          connectionId: `c-${n % 10}`,
          scheduleId: `s-${n % 10}`,
          createdAt: n,
          ...(n % 100 === 0
            ? { owner: n % 200 === 0 ? 'here' : 'dead' }
            : { state: STATES[n % STATES.length] ?? 'failed', finishedAt: n }),
        }),
      ),
    );
    for (const n of numbers.slice(0, SOME)) {
      await restores.insert(
        aRestore({ jobId: `job-${n}`, startedAt: n, state: n % 1_000 === 0 ? 'running' : 'failed' }),
      );
      await audit.insert(anAuditEntry({ at: n }));
    }
  });
}
