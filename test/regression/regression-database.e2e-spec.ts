import { dirname } from 'node:path';
import type { ConnectionParams } from '@app/domain';
import { installedPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { startEngine } from '../support/core-harness.js';
import type { Engine } from '../support/core-harness.js';
import { startTestServer, testedServer } from '../support/given-engine.js';
import { postgresSnapshot } from '../support/postgres-snapshot.js';
import type { PostgresSnapshot } from '../support/postgres-snapshot.js';
import { runSql } from '../support/run-sql.js';
import { copyWithStockTools, makeRegressionDatabase } from './regression-database.js';

jest.setTimeout(1_800_000);

const WAYS = [
  { format: 'plain', compression: 'none' },
  { format: 'plain', compression: 'zstd' },
  { format: 'custom', compression: 'none' },
] as const;

describe("PostgreSQL's own regression database", () => {
  let server: SandboxServer;
  let engine: Engine;
  let database: ConnectionParams;
  let stock: PostgresSnapshot;

  beforeAll(async () => {
    const settings = {
      ...{ max_locks_per_transaction: '2048', allow_in_place_tablespaces: 'on', max_connections: '60' },
      ...{ wal_level: 'logical', max_wal_senders: '4', max_prepared_transactions: '4' },
    };
    [server, engine] = await Promise.all([startTestServer('PostgreSQL', { settings }), startEngine()]);
    const { version, programs } = testedServer() ?? (await installedPostgres())[0] ?? { version: '', programs: [''] };
    database = await makeRegressionDatabase(server, Number.parseInt(version, 10), dirname(programs[0]));
    const maintenance = server.connection('postgres');
    await runSql(maintenance, ['CREATE DATABASE stock TEMPLATE template0']);
    await copyWithStockTools(database, server.connection('stock'));
    stock = await postgresSnapshot(server.connection('stock'));
    process.stderr.write(
      `[regression] PostgreSQL ${version}: ${Object.keys(stock.rows).length} tables and other holders of rows\n`,
    );
  });
  afterAll(async () => {
    await engine?.stop();
    await server?.stop();
  });

  it.each(WAYS)(
    'comes back as with pg_dump and psql, swapped in and into a new database: $format, $compression',
    async (way) => {
      const made = await engine.backup(database, way);
      const anew = { ...database, database: `anew_${way.format}_${way.compression}` };
      expect(await engine.restore(database, made.path, { targetDatabase: anew.database })).toMatchObject({
        created: true,
      });
      const copy = await postgresSnapshot(anew);
      expect(copy.rows).toEqual(stock.rows);
      expect(copy.schema).toBe(stock.schema);
      await runSql(server.connection('postgres'), [`DROP DATABASE ${anew.database}`]);

      await runSql(database, ['CREATE TABLE public.stray (x int)', 'DROP TABLE public.onek CASCADE']);
      expect(await engine.restore(database, made.path, { strategy: 'swap' })).toMatchObject({ strategy: 'swap' });
      const restored = await postgresSnapshot(database);
      expect(restored.rows).toEqual(stock.rows);
      expect(restored.schema).toBe(stock.schema);
      expect(await engine.leftovers()).toEqual([]);
    },
  );
});
