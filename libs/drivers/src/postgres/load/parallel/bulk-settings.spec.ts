import type { ConnectionParams } from '@app/domain';
import { startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { PostgresSession } from '../../login/postgres-session.js';
import { setForBulkLoad } from './bulk-settings.js';
import { analyzeInParallel } from '../statistics.js';

const NAMES = ['deadlock_timeout', 'lock_timeout', 'statement_timeout', 'synchronous_commit', 'maintenance_work_mem'];

let server: SandboxServer;

beforeAll(async () => {
  // Autovacuum comes at once, and stays for hours; nobody tells it to go unless a session asks for that earlier than the server.
  server = await startPostgres({
    settings: {
      ...{ autovacuum_naptime: '1', autovacuum_vacuum_cost_delay: '100', autovacuum_vacuum_cost_limit: '1' },
      ...{ deadlock_timeout: '30min', lock_timeout: '30s', statement_timeout: '60s' },
    },
  });
  await using session = await PostgresSession.open(server.connection('postgres'));
  await session.query(`CREATE ROLE loader LOGIN PASSWORD 'secret'`);
  await session.query('CREATE DATABASE copy OWNER loader');
});
afterAll(() => server.stop());

const settingsOf = async (connection: ConnectionParams): Promise<Record<string, string>> => {
  await using session = await PostgresSession.open(connection);
  await setForBulkLoad(session);
  const rows = await session.query<{ name: string; setting: string }>(
    'SELECT name, setting FROM pg_settings WHERE name = ANY ($1)',
    [NAMES],
  );
  return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
};

describe('Sessions that load a staging database', () => {
  const loading = { lock_timeout: '0', statement_timeout: '0', synchronous_commit: 'off' };

  it('lift the limits of time, and as a superuser do not wait for autovacuum', async () => {
    expect(await settingsOf(server.connection('copy'))).toEqual({
      ...loading,
      ...{ deadlock_timeout: '20', maintenance_work_mem: '65536' },
    });
  });

  it('of another role leave alone what only a superuser may set', async () => {
    const connection = { ...server.connection('copy'), username: 'loader', password: 'secret' };
    expect(await settingsOf(connection)).toMatchObject({ ...loading, deadlock_timeout: '1800000' });
  });

  it('make statistics of a table that autovacuum is at', async () => {
    const connection = server.connection('copy');
    await using session = await PostgresSession.open(connection);
    await session.query(`CREATE TABLE public.busy AS SELECT i, repeat('x', 500) AS t FROM generate_series(1, 50000) i`);
    await session.query('DELETE FROM public.busy WHERE i % 2 = 0');
    const vacuuming = `SELECT 1 FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' AND query LIKE '%public.busy%'`;
    const isHeld = `SELECT 1 FROM pg_locks WHERE relation = 'public.busy'::regclass AND mode = 'ShareUpdateExclusiveLock'`;
    while ((await session.query(`${vacuuming} AND EXISTS (${isHeld})`)).length === 0) {
      await session.query('SELECT pg_sleep(0.1)');
    }
    expect(await analyzeInParallel(connection, 2, new AbortController().signal)).toEqual([]);
    const [row] = await session.query(`SELECT count(*)::int AS n FROM pg_stats WHERE tablename = 'busy'`);
    expect(row).toEqual({ n: 2 });
  });
});
