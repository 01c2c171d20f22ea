import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startMariadb, startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { startApi } from './support/api-harness.js';
import type { RunningApi } from './support/api-harness.js';
import { runSql } from './support/run-sql.js';

interface Made {
  id: string;
  path: string;
  filename: string;
  size: number;
}

interface Overview {
  connection: { id: string; database: string; active: boolean };
  restorable: boolean;
  proof: string;
  last_backup: { id: string } | null;
  last_proven: { backup_id: string; restore_ms: number } | null;
  backups: number;
  bytes: number;
  sizes: { size: number }[];
  next_run: { schedule_id: string } | null;
  last_failure: { type: string; message: string } | null;
}

let postgres: SandboxServer;
let mariadb: SandboxServer;
let api: RunningApi;

const login = (server: SandboxServer, database: string): Record<string, unknown> => ({
  db_type: server.engine === 'postgres' ? 'PostgreSQL' : 'MySQL',
  ...{ host: server.host, port: server.port, database, username: server.username, password: server.password },
});
const backup = async (options: object = {}): Promise<Made> => {
  const { status, body } = await api.call('POST', '/api/backup', options);
  expect({ status, body }).toMatchObject({ status: 200 });
  return body['backup'] as Made;
};
const overview = async (): Promise<Overview[]> =>
  (await api.call('GET', '/api/overview')).body['databases'] as Overview[];
const remove = (id: string) => api.call('DELETE', `/api/backups/${id}`);

beforeAll(async () => {
  [postgres, mariadb, api] = await Promise.all([startPostgres(), startMariadb(), startApi()]);
  await runSql(postgres.connection('postgres'), ['create database shop', 'create database annex']);
  await runSql(postgres.connection('shop'), ['create table t as select generate_series(1, 100) as i']);
  await runSql(mariadb.connection('mysql'), ['create database store', 'create table store.t (i int)']);
  for (const connection of [login(postgres, 'annex'), login(mariadb, 'store')]) {
    expect((await api.call('POST', '/api/connections', connection)).status).toBe(200);
  }
  expect((await api.call('POST', '/api/connect', login(postgres, 'shop'))).status).toBe(200);
});
afterAll(async () => {
  await api.close();
  await Promise.all([postgres.stop(), mariadb.stop()]);
});

describe('GET /api/overview', () => {
  it('tells of each database whether it could be restored right now, those in need first', async () => {
    const first = await backup();
    const restored = await backup({ verification: 'restored' });
    const newest = await backup({ verification: 'complete' });
    const states = await overview();
    expect(states.map(({ connection }) => connection.database)).toEqual(['annex', 'store', 'shop']);
    expect(states[0]).toMatchObject({
      ...{ restorable: false, proof: 'none', last_backup: null, last_proven: null, backups: 0, bytes: 0, sizes: [] },
      ...{ next_run: { schedule_id: 'default' }, last_failure: null, connection: { active: false } },
    });
    expect(states[2]).toMatchObject({
      ...{ restorable: true, proof: 'complete', last_failure: null },
      connection: { active: true, db_type: 'PostgreSQL', host: postgres.host, port: postgres.port },
      last_backup: { id: newest.id, filename: newest.filename, pinned: false },
      last_proven: { backup_id: restored.id, restore_ms: expect.any(Number) as unknown },
      backups: 3,
      bytes: first.size + restored.size + newest.size,
      sizes: [{ size: first.size }, { size: restored.size }, { size: newest.size }],
      next_run: { schedule_id: 'default', timezone: 'UTC' },
    });
  });

  it('tells in words what failed last, until it has succeeded', async () => {
    await runSql(postgres.connection('postgres'), ['alter database shop rename to gone']);
    expect((await api.call('POST', '/api/backup')).status).toBe(422);
    const failed = (await overview()).find(({ connection }) => connection.database === 'shop');
    expect(failed?.last_failure).toMatchObject({ type: 'backup', message: expect.stringContaining('shop') as unknown });
    // What there is can still be restored.
    expect(failed).toMatchObject({ restorable: true });
    await runSql(postgres.connection('postgres'), ['alter database gone rename to shop']);
    await backup();
    expect((await overview()).find(({ connection }) => connection.database === 'shop')?.last_failure).toBeNull();
  });

  it('counts no backup for restorable whose proof has failed', async () => {
    const connection = (await overview()).find(({ connection: { database } }) => database === 'store')?.connection.id;
    const { path, id } = await backup({ connection_id: connection });
    const file = join(api.workingDirectory, path);
    await rename(file, `${file}.aside`);
    await writeFile(file, 'x'.repeat(10));
    expect((await api.call('POST', `/api/backups/${id}/verify`, {})).status).toBe(422);
    const state = (await overview()).find(({ connection: { database } }) => database === 'store');
    expect(state).toMatchObject({ restorable: false, last_failure: { type: 'verify' } });
  });
});

describe('DELETE /api/backups/:id', () => {
  it('deletes file and manifest, and says what its database has no more', async () => {
    const { body } = await api.call('POST', '/api/connections', {
      ...login(postgres, 'annex'),
      username: 'x',
      test: false,
    });
    const connection = (await overview()).find(({ connection: { database } }) => database === 'annex')?.connection.id;
    expect(body).toMatchObject({ success: true });
    const made = await backup({ connection_id: connection, verification: 'restored' });
    const second = await backup({ connection_id: connection });
    expect(await remove(made.id)).toMatchObject({
      status: 200,
      body: {
        success: true,
        message: `${made.filename} was deleted.`,
        backup: { id: made.id },
        warnings: ['No backup of "annex" is verified by a restore.'],
      },
    });
    const file = join(api.workingDirectory, made.path);
    expect([existsSync(file), existsSync(`${file}.manifest.json`)]).toEqual([false, false]);
    expect((await remove(second.id)).body['warnings']).toEqual(['That was the last backup of "annex".']);
    expect(await remove(second.id)).toMatchObject({ status: 404, body: { code: 'BACKUP_NOT_FOUND' } });
    const { audit } = (await api.call('GET', '/api/audit')).body as unknown as { audit: object[] };
    expect(audit).toContainEqual(
      expect.objectContaining({ action: 'DELETE /api/backups/:id', subject: made.id, status: 200 }),
    );
  });

  it('keeps what is pinned, with the reason', async () => {
    const { id, path } = await backup();
    await api.call('POST', `/api/backups/${id}/pin`, { pinned: true });
    expect(await remove(id)).toMatchObject({
      status: 409,
      body: { code: 'BACKUP_IN_USE', hint: expect.stringContaining('pin') as unknown },
    });
    expect(existsSync(join(api.workingDirectory, path))).toBe(true);
    await api.call('POST', `/api/backups/${id}/pin`, { pinned: false });
    expect((await remove(id)).status).toBe(200);
  });

  it('keeps files that others wrote, and those of which it cannot be told', async () => {
    const foreign = '-- PostgreSQL database dump\n\n-- PostgreSQL database dump complete\n';
    await writeFile(join(api.workingDirectory, 'backups/foreign.sql'), foreign);
    const ours = await backup();
    await writeFile(join(api.workingDirectory, `${ours.path}.manifest.json`), '{');
    const { backups } = (await api.call('GET', '/api/backups')).body as unknown as { backups: Made[] };
    const idOf = (name: string): string => backups.find(({ filename }) => filename === name)?.id ?? '';
    expect(await remove(idOf('foreign.sql'))).toMatchObject({ status: 422, body: { code: 'NOT_A_BACKUP' } });
    expect(await remove(idOf(ours.filename))).toMatchObject({ status: 422, body: { code: 'BACKUP_DAMAGED' } });
    expect(existsSync(join(api.workingDirectory, 'backups/foreign.sql'))).toBe(true);
    expect(existsSync(join(api.workingDirectory, ours.path))).toBe(true);
  });

  it('keeps what a restore can be undone with, until that is given up', async () => {
    const { path } = await backup();
    const answer = await api.call('POST', '/api/restore', { backup_file_path: path, strategy: 'transaction' });
    const { id, safety_backup: safety } = answer.body['restore'] as { id: string; safety_backup: Made };
    expect(await remove(safety.id)).toMatchObject({
      status: 409,
      body: { code: 'BACKUP_IN_USE', hint: expect.stringContaining(`/api/restores/${id}/undo`) as unknown },
    });
    expect(existsSync(join(api.workingDirectory, safety.path))).toBe(true);
  });
});

describe('GET /api/settings', () => {
  it('tells what is in effect, where backups are and how much room is there, and no secret', async () => {
    const { status, body } = await api.call('GET', '/api/settings');
    expect(status).toBe(200);
    const { backups } = (await api.call('GET', '/api/backups')).body as unknown as { backups: Made[] };
    expect(body).toMatchObject({
      version: 'development',
      storage: [
        {
          path: './backups',
          backups: backups.length,
          bytes: backups.reduce((sum, { size }) => sum + size, 0),
        },
      ],
      backup: {
        format: 'plain',
        compression: 'none',
        verification: 'stored',
        scheduled_verification: 'stored',
        retention_count: 3,
      },
      schedule: { timezone: 'UTC', cron: '0 0 * * 6', catch_up_hours: 24 },
      restore: { undo_hours: 24 },
      access: { password: false },
    });
    const [{ free_bytes: free, total_bytes: total }] = body['storage'] as [{ free_bytes: number; total_bytes: number }];
    expect(free).toBeGreaterThan(0);
    expect(total).toBeGreaterThan(free);
    expect(JSON.stringify(body)).not.toContain(postgres.password);
  });
});
