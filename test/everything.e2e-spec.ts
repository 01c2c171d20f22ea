import { COMPRESSIONS } from '@app/domain';
import type { BackupFormat, ConnectionParams } from '@app/domain';
import type { SandboxServer } from '@app/sandbox';
import { startEngine } from './support/core-harness.js';
import type { Engine } from './support/core-harness.js';
import { startMysqlWithEverything, startPostgresWithEverything } from './support/everything.js';
import { isFull, isTested } from './support/given-engine.js';
import { mysqlSnapshot } from './support/mysql-snapshot.js';
import { postgresSnapshot } from './support/postgres-snapshot.js';
import { runSql } from './support/run-sql.js';

const sides = [
  {
    name: 'PostgreSQL',
    start: startPostgresWithEverything,
    snapshot: postgresSnapshot as (connection: ConnectionParams) => Promise<unknown>,
    inPlace: 'transaction' as const,
    formats: ['plain', 'custom'] as readonly BackupFormat[],
  },
  {
    name: 'MySQL',
    start: startMysqlWithEverything,
    snapshot: mysqlSnapshot as (connection: ConnectionParams) => Promise<unknown>,
    inPlace: 'safety_backup' as const,
    formats: ['plain'] as readonly BackupFormat[],
  },
  {
    // Rows and keys of every table go to sessions of their own.
    name: 'MySQL, in parallel',
    start: startMysqlWithEverything,
    snapshot: mysqlSnapshot as (connection: ConnectionParams) => Promise<unknown>,
    inPlace: 'safety_backup' as const,
    formats: ['plain'] as readonly BackupFormat[],
    mysql: { largeTableBytes: 1 },
  },
];

/** `npm test` tries one format and compression of other versions; `npm run test:engines` tries all. */
const isShort = globalThis.ENGINE !== undefined && !isFull;
const tested = sides.filter(({ name }) => isTested(name === 'PostgreSQL' ? name : 'MySQL')).slice(isShort ? -1 : 0);

/** What each kind of object needs is tested with the drivers; here, that no format and compression loses any of it. */
describe.each(tested)('$name: a database with everything in it', (side) => {
  let server: SandboxServer;
  let database: ConnectionParams;
  let engine: Engine;
  let intact: unknown;

  beforeAll(async () => {
    [{ server, database }, engine] = await Promise.all([
      side.start(),
      startEngine('mysql' in side ? { mysql: side.mysql } : {}),
    ]);
    intact = await side.snapshot(database);
  });
  afterAll(async () => {
    await engine.stop();
    await server.stop();
  });

  const compressions = isShort ? (['zstd'] as const) : COMPRESSIONS;
  const ways = side.formats.flatMap((format) => compressions.map((compression) => ({ format, compression })));

  it.each(ways)(
    'comes back whole, swapped in, in place and anew: $format, $compression',
    async ({ format, compression }) => {
      const made = await engine.backup(database, { format, compression });
      expect(made).toMatchObject({ format, compression, status: 'complete' });

      for (const strategy of ['swap', side.inPlace] as const) {
        await runSql(database, ['create table stray (x int)', 'insert into stray values (1)']);
        expect(await engine.restore(database, made.path, { strategy })).toMatchObject({ strategy });
        expect(await side.snapshot(database)).toEqual(intact);
      }

      const copy = { ...database, database: `copy_${format}_${compression}` };
      expect(await engine.restore(database, made.path, { targetDatabase: copy.database })).toMatchObject({
        created: true,
      });
      expect(await side.snapshot(copy)).toEqual(intact);
      expect(await engine.leftovers()).toEqual([]);
    },
  );
});
