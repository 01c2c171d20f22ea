import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BackupFormat, ConnectionParams } from '@app/domain';
import { PostgresDriver } from '@app/drivers';
import type { LoadHooks } from '@app/drivers';
import type { SandboxServer } from '@app/sandbox';
import { startPostgresWithEverything } from './support/everything.js';
import { postgresQuery, postgresSnapshot } from './support/postgres-snapshot.js';
import type { PostgresSnapshot } from './support/postgres-snapshot.js';

const runtimeDir = join(tmpdir(), `backup-round-trip-${randomUUID()}`);
const driver = new PostgresDriver({ runtimeDir });
let server: SandboxServer;
let source: ConnectionParams;
let original: PostgresSnapshot;

beforeAll(async () => {
  ({ server, database: source } = await startPostgresWithEverything());
  original = await postgresSnapshot(source);
}, 120_000);

afterAll(async () => {
  await server.stop();
  await rm(runtimeDir, { recursive: true, force: true });
});

async function dump(connection: ConnectionParams, format: BackupFormat): Promise<Buffer> {
  const plan = await driver.prepareDump({ connection, format, tools: {} });
  expect(plan.warnings).toEqual([]);
  const { output, completed } = await driver.startDump(plan, new AbortController().signal);
  const chunks: Buffer[] = [];
  const sink = new PassThrough();
  sink.on('data', (chunk: Buffer) => chunks.push(chunk));
  await Promise.all([pipeline(output, sink), completed]);
  const bytes = Buffer.concat(chunks);
  const check = driver.completenessCheck(format);
  check.update(bytes);
  check.finish();
  expect(driver.recognise(bytes.subarray(0, 4096))).toBe(format);
  return bytes;
}

async function load(connection: ConnectionParams, format: BackupFormat, bytes: Buffer): Promise<readonly string[]> {
  const plan = await driver.prepareLoad({ connection, format, tools: {}, skipOwnership: false });
  const hooks: LoadHooks = { signal: new AbortController().signal, beforeCommit: () => Promise.resolve() };
  // Small, odd pieces, as a network or a decompressor gives them.
  const open = (): Readable => Readable.from(pieces(bytes, 7_919));
  return (await driver.load(plan, { format, own: true, open }, hooks)).warnings;
}

function* pieces(bytes: Buffer, size: number): Generator<Buffer> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

/** As much as a busy afternoon and a bad idea can do to it. */
const DAMAGE = `
  DROP EVENT TRIGGER forbid_drop;
  DROP PUBLICATION everything;
  CREATE PUBLICATION another FOR TABLE shop.parent;
  DROP TABLE shop.hen, shop.egg CASCADE;
  DELETE FROM shop.item WHERE mood = 'sad' OR net < 2;
  UPDATE shop.wide_rows SET filler = 'changed';
  CREATE TABLE shop.newcomer (a int);
  CREATE SCHEMA later CREATE TABLE later.t (a int);
  CREATE EXTENSION pg_trgm;
  CREATE FUNCTION public.added() RETURNS int LANGUAGE sql AS 'SELECT 1';
  ALTER TYPE shop.mood ADD VALUE 'late';
  SELECT lo_unlink(4711), lo_from_bytea(99, 'x');
  ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO fixture_reader;
  GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_logdir() TO PUBLIC;
  GRANT ALL ON SCHEMA public TO PUBLIC;
  SELECT setval('shop.odd', 999);`;

describe('PostgreSQL round trip', () => {
  it.each(['plain', 'custom'] as const)(
    'brings everything into a new database from a %s dump',
    async (format) => {
      const bytes = await dump(source, format);
      const copy = `copy of '${format}' = "x"`;
      await driver.createDatabase(source, copy, { encoding: 'UTF8', lc_collate: 'C.UTF-8', lc_ctype: 'C.UTF-8' });
      expect(await load(server.connection(copy), format, bytes)).toEqual([]);
      expect(await postgresSnapshot(server.connection(copy))).toEqual(original);
      // A dump of the restored database restores as well as the first one.
      expect((await dump(server.connection(copy), format)).length).toBeGreaterThan(0);
      await driver.dropDatabase(source, copy);
    },
    120_000,
  );

  it.each(['plain', 'custom'] as const)(
    'FAILURES 38: brings everything back in place over altered content from a %s dump',
    async (format) => {
      const bytes = await dump(source, format);
      await postgresQuery(source, DAMAGE);
      expect(await postgresSnapshot(source)).not.toEqual(original);
      expect(await load(source, format, bytes)).toEqual([
        'Not published any more, as the backup does not say so: publication another.',
      ]);
      expect(await postgresSnapshot(source)).toEqual(original);
    },
    120_000,
  );

  it('FAILURES 22: leaves statistics behind for the planner', async () => {
    const [row] = await postgresQuery<{ n: number }>(
      source,
      `SELECT reltuples::int AS n FROM pg_class WHERE relname = 'wide_rows'`,
    );
    expect(row).toEqual({ n: 200 });
  });

  it('FAILURES 35: leaves no file with a password behind', async () => {
    expect(await readdir(runtimeDir)).toEqual([]);
  });
});
