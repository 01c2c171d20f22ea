import type { ConnectionParams } from '@app/domain';
import type { SandboxServer } from '@app/sandbox';
import { startApi } from '../../support/api-harness.js';
import type { RunningApi } from '../../support/api-harness.js';
import { startTestServer } from '../../support/given-engine.js';
import { runSql } from '../../support/run-sql.js';

jest.setTimeout(180_000);

describe('Histograms of Oracle MySQL', () => {
  let server: SandboxServer;
  let api: RunningApi;
  let shop: ConnectionParams;

  beforeAll(async () => {
    [server, api] = await Promise.all([startTestServer('MySQL'), startApi()]);
    await runSql(server.connection('mysql'), ['CREATE DATABASE shop']);
    shop = server.connection('shop');
    await runSql(shop, [
      'CREATE TABLE t (id int PRIMARY KEY, a int, b int, c int)',
      'INSERT INTO t VALUES (1, 1, 1, 1), (2, 2, 2, 2), (3, 3, 3, 3)',
      'ANALYZE TABLE t UPDATE HISTOGRAM ON a WITH 7 BUCKETS',
      'ANALYZE TABLE t UPDATE HISTOGRAM ON b WITH 9 BUCKETS',
    ]);
    const { host, port, username, password } = server;
    const login = { db_type: 'MySQL', host, port: String(port), database: 'shop', username, password };
    expect(await api.call('POST', '/api/connect', login)).toMatchObject({ status: 200 });
  });
  afterAll(async () => {
    await api?.close();
    await server?.stop();
  });

  const histograms = (): Promise<unknown> =>
    runSql(shop, [
      `SELECT COLUMN_NAME AS name, HISTOGRAM->>'$."number-of-buckets-specified"' AS buckets, JSON_LENGTH(HISTOGRAM->'$.buckets') AS filled
         FROM information_schema.COLUMN_STATISTICS WHERE SCHEMA_NAME = 'shop' ORDER BY 1`,
    ]);

  it('75: are made anew by a swap, and are there again when it is undone', async () => {
    const before = await histograms();
    expect(before).toHaveLength(2);
    const made = await api.call('POST', '/api/backup', { verification: 'stored' });
    const { path } = made.body['backup'] as { path: string };
    const answer = await api.call('POST', '/api/restore', { backup_file_path: path });
    expect(answer).toMatchObject({ status: 200, body: { restore: { strategy: 'swap', warnings: [] } } });
    expect(await histograms()).toEqual(before);
    const { id } = answer.body['restore'] as { id: string };
    expect(await api.call('POST', `/api/restores/${id}/undo`)).toMatchObject({ status: 200 });
    expect(await histograms()).toEqual(before);
  });

  it('25: are made anew by a restore in place, which moves the loaded tables in', async () => {
    const before = await histograms();
    const made = await api.call('POST', '/api/backup', { verification: 'stored' });
    const { path } = made.body['backup'] as { path: string };
    const answer = await api.call('POST', '/api/restore', { backup_file_path: path, strategy: 'safety_backup' });
    expect(answer).toMatchObject({ status: 200, body: { restore: { strategy: 'safety_backup' } } });
    expect(await histograms()).toEqual(before);
  });

  it('25: a restore warns of grants on routines that it replaces, and not of those that it makes in a new database', async () => {
    await runSql(shop, ['CREATE PROCEDURE p() SELECT 1']);
    const made = await api.call('POST', '/api/backup', { verification: 'stored' });
    const { path } = made.body['backup'] as { path: string };
    const warnings = async (options: object): Promise<string> => {
      const answer = await api.call('POST', '/api/restore', { backup_file_path: path, ...options });
      expect(answer).toMatchObject({ status: 200 });
      return JSON.stringify((answer.body['restore'] as { warnings: string[] }).warnings);
    };
    expect(await warnings({ target_database: 'fresh' })).not.toContain('granted on single routines');
    await runSql(shop, ['DROP PROCEDURE p']);
    expect(await warnings({})).not.toContain('granted on single routines');
    await runSql(shop, ['DROP PROCEDURE p', 'CREATE PROCEDURE p() SELECT 2']);
    expect(await warnings({})).toMatch(/granted on single routines is lost with those that were replaced: p/);
  });
});
