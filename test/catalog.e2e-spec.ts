import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import type { JobQueue } from '@app/jobs';
import { JOB_QUEUE } from '../apps/api/src/foundation/tokens.js';
import { startApi } from './support/api-harness.js';
import type { RunningApi } from './support/api-harness.js';
import { loseCatalog } from './support/catalog-server.js';
import { runSql } from './support/run-sql.js';

jest.setTimeout(60_000);

interface Backup {
  id: string;
  filename: string;
  path: string;
  pinned: boolean;
  status: string;
  connection_id: string;
  verification: { level: string; failed: { message: string } | null };
}

describe('the catalog', () => {
  let server: SandboxServer;
  let home: string;
  let api: RunningApi;

  beforeAll(async () => {
    server = await startPostgres();
    await runSql(server.connection('postgres'), ['CREATE DATABASE shop']);
    await runSql(server.connection('shop'), ['CREATE TABLE t AS SELECT generate_series(1, 1000) AS id']);
  }, 60_000);
  afterAll(() => server.stop());
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'catalog-e2e-'));
    api = await startApi({ workingDirectory: home });
    await post('/api/connect', login());
  });
  afterEach(async () => {
    await api.close();
    await rm(home, { recursive: true });
  });

  const login = () => {
    const { host, port, username, password } = server;
    return { db_type: 'PostgreSQL', host, port, database: 'shop', username, password };
  };
  const get = async (path: string) => (await api.call('GET', path)).body;
  async function post(path: string, body: object = {}): Promise<Record<string, unknown>> {
    const answer = await api.call('POST', path, body);
    expect({ path, ...answer }).toMatchObject({ status: 200 });
    return answer.body;
  }
  const backUp = async (more: object = {}): Promise<Backup> => (await post('/api/backup', more))['backup'] as Backup;
  const listed = async (query = ''): Promise<Backup[]> =>
    (await get(`/api/catalog/backups${query}`))['backups'] as Backup[];

  describe('of backups', () => {
    it('comes by page, newest first, each backup once, and can be searched', async () => {
      const made: string[] = [];
      for (const name of ['one', 'two', 'three']) made.unshift((await backUp({ backup_name: name })).filename);
      const first = await get('/api/catalog/backups?limit=2');
      expect(first).toMatchObject({ success: true, total: 3, next: expect.any(String) as string });
      const second = await get(`/api/catalog/backups?limit=2&after=${encodeURIComponent(String(first['next']))}`);
      expect(second).toMatchObject({ next: null, total: 3 });
      const all = [...(first['backups'] as Backup[]), ...(second['backups'] as Backup[])];
      expect(all.map(({ filename }) => filename)).toEqual(made);
      expect((await listed('?search=TWO')).map(({ filename }) => filename)).toEqual([made[1]]);
      const [{ connection_id: id } = { connection_id: '' }] = all;
      expect(await listed(`?connection_id=${id}`)).toHaveLength(3);
      expect(await listed('?connection_id=none')).toEqual([]);
    });

    it('knows what people put into the folder and take out of it', async () => {
      const { filename } = await backUp();
      const folder = join(home, 'backups');
      await copyFile(join(folder, filename), join(folder, 'elsewhere.sql'));
      expect((await listed()).map((backup) => [backup.filename, backup.status]).toSorted()).toEqual([
        ['elsewhere.sql', 'foreign'],
        [filename, 'complete'],
      ]);
      await rm(join(folder, 'elsewhere.sql'));
      await rm(join(folder, filename));
      expect(await listed()).toEqual([]);
    });

    it('refuses a page that there cannot be, naming the field', async () => {
      for (const query of ['limit=0', 'limit=501', 'limit=all', 'after=%00', 'after=nonsense', 'status=lost']) {
        const field = query.split('=')[0] as string;
        expect(await api.call('GET', `/api/catalog/backups?${query}`)).toMatchObject({
          status: 400,
          body: { code: 'INVALID_INPUT', message: expect.stringContaining(field) as string },
        });
      }
    });

    it('shows one with its whole manifest, and says when there is none', async () => {
      const { id, filename } = await backUp();
      const text = await readFile(join(home, 'backups', `${filename}.manifest.json`), 'utf8');
      expect(await get(`/api/backups/${id}`)).toMatchObject({ backup: { id }, manifest: JSON.parse(text) as object });
      expect(await api.call('GET', '/api/backups/none')).toMatchObject({
        status: 404,
        body: { code: 'BACKUP_NOT_FOUND' },
      });
    });
  });

  it('54: treats a backup with an altered manifest as foreign everywhere, until somebody adopts it', async () => {
    const made = await backUp({ format: 'custom' });
    const path = join(home, 'backups', `${made.filename}.manifest.json`);
    const manifest = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    await writeFile(
      path,
      JSON.stringify({ ...manifest, verification: { level: 'restored', at: '2026-01-01T00:00:00Z' } }),
    );
    const why = expect.stringMatching(/because its manifest was altered after it was signed/) as string;
    const { backups } = (await get('/api/backups')) as unknown as { backups: Backup[] };
    expect(backups).toMatchObject([{ status: 'foreign', warnings: [why], database: null }]);
    const foreign = backups[0]?.id ?? '';
    expect(await get(`/api/backups/${foreign}`)).toMatchObject({ manifest: null, backup: { verification: null } });
    expect(await api.call('POST', `/api/backups/${foreign}/verify`)).toMatchObject({ status: 422 });
    expect(await api.call('DELETE', `/api/backups/${foreign}`)).toMatchObject({ status: 422 });
    const restored = await post('/api/restore', { backup_file_path: made.path });
    expect(restored).toMatchObject({ success: true, restore: { warnings: expect.arrayContaining([why]) as string[] } });
    const plan = await post('/api/restore', { backup_file_path: made.path, dry_run: true });
    expect(plan).toMatchObject({ plan: { warnings: expect.arrayContaining([why]) as string[] } });
    await api.close();
    await loseCatalog(home);
    api = await startApi({ workingDirectory: home });
    expect(await post('/api/catalog/rebuild')).toMatchObject({ success: true });
    expect((await listed()).map(({ status }) => status)).toEqual(['foreign']);
    const adopted = await post(`/api/backups/${foreign}/adopt`);
    expect(adopted).toMatchObject({
      backup: { id: made.id, status: 'complete', verification: { level: 'stored' }, warnings: [] },
      manifest: { signature: { key_id: expect.stringMatching(/^[0-9a-f]{16}$/) as string } },
    });
    expect(await post(`/api/backups/${made.id}/verify`)).toMatchObject({ success: true });
  });

  it('keeps a pinned backup, which takes nobody’s place, until it is pinned no more', async () => {
    const pinned = await backUp({ backup_name: 'pinned' });
    expect(await post(`/api/backups/${pinned.id}/pin`, { pinned: true })).toMatchObject({ backup: { pinned: true } });
    for (let i = 0; i < 4; i += 1) await backUp({ backup_name: `later${i}` });
    expect(await listed()).toHaveLength(4);
    expect((await listed()).some(({ id }) => id === pinned.id)).toBe(true);
    await post(`/api/backups/${pinned.id}/pin`, { pinned: false });
    await backUp();
    expect((await listed()).some(({ id }) => id === pinned.id)).toBe(false);
    expect(await api.call('POST', `/api/backups/${pinned.id}/pin`, { pinned: true })).toMatchObject({ status: 404 });
  });

  describe('of verifications', () => {
    it('has a backup that was read back, with the backup or later', async () => {
      const made = await backUp({ verification: 'stored' });
      const { backup } = await get(`/api/backups/${made.id}`);
      expect(backup).toMatchObject({ verification: { level: 'stored', failed: null } });
      const later = await backUp({ verification: 'complete' });
      expect(await post(`/api/backups/${later.id}/verify`)).toMatchObject({
        backup: { verification: { level: 'stored' } },
      });
    });

    it('has one that was restored into a throwaway server, with what was found there', async () => {
      const { id } = await backUp();
      const verification = {
        ...{ level: 'restored', at: expect.any(String) as string, failed: null, untried: null },
        details: {
          ...{ server: expect.stringMatching(/^PostgreSQL \d/) as string, tables: 1, rows: 1000 },
          ...{ compared_with: 'dump', compared: 'counts', restore_ms: expect.any(Number) as number },
        },
      };
      const { backup } = await post(`/api/backups/${id}/verify`, { level: 'restored' });
      expect(backup).toMatchObject({ status: 'complete', verification });
      expect(await get(`/api/backups/${id}`)).toMatchObject({
        backup,
        manifest: { verification: { level: 'restored' } },
      });
      const { jobs } = (await get('/api/jobs?type=verify')) as { jobs: { result: object }[] };
      expect(jobs[0]?.result).toEqual({ verification });
      expect(await api.call('POST', `/api/backups/${id}/verify`, { level: 'complete' })).toMatchObject({
        status: 400,
        body: { code: 'INVALID_INPUT', errors: [{ field: 'level' }] },
      });
    });

    it('says that none was verified where that cannot be done here, and why', async () => {
      const { id } = await backUp();
      await api.close();
      api = await startApi({
        workingDirectory: home,
        environment: { VERIFY_POSTGRES_URL: 'postgres://nobody:wrong@127.0.0.1:1/postgres' },
      });
      expect(await api.call('POST', `/api/backups/${id}/verify`, { level: 'restored' })).toMatchObject({
        status: 503,
        body: { code: 'VERIFICATION_UNAVAILABLE', message: expect.stringContaining('cannot verify here') as string },
      });
      expect((await listed())[0]).toMatchObject({
        status: 'complete',
        verification: {
          level: 'stored',
          failed: null,
          details: null,
          untried: { message: expect.any(String) as string },
        },
      });
    });

    it('has one that was altered in place as damaged from then on, although its length is as it was', async () => {
      const { id, filename } = await backUp();
      const file = join(home, 'backups', filename);
      const text = await readFile(file, 'utf8');
      await writeFile(file, text.replace('CREATE TABLE', 'CREATE TAble'));
      expect(await api.call('POST', `/api/backups/${id}/verify`)).toMatchObject({
        status: 422,
        body: { code: 'BACKUP_DAMAGED', message: expect.stringContaining('its hash differs') as string },
      });
      expect((await listed())[0]).toMatchObject({ status: 'damaged', verification: { level: 'stored', failed: {} } });
    });

    it('refuses to verify a file whose content nobody knows', async () => {
      const { filename } = await backUp();
      await copyFile(join(home, 'backups', filename), join(home, 'backups', 'elsewhere.sql'));
      const foreign = (await listed()).find(({ status }) => status === 'foreign') as Backup;
      expect(await api.call('POST', `/api/backups/${foreign.id}/verify`)).toMatchObject({
        status: 422,
        body: { code: 'NOT_A_BACKUP' },
      });
    });
  });

  describe('that is gone', () => {
    it('is rebuilt at start: connections with their passwords, schedules, pins, backups; all but jobs', async () => {
      const made = await backUp({ verification: 'stored' });
      await post(`/api/backups/${made.id}/pin`, { pinned: true });
      const created = await post('/api/connections', { ...login(), database: 'postgres', label: 'Second' });
      const second = (created['connection'] as { id: string }).id;
      await post('/api/schedules', {
        name: 'nightly',
        connection_id: second,
        cron: '30 2 * * *',
        timezone: 'Asia/Tokyo',
      });
      const paths = ['/api/connections', '/api/schedules', '/api/catalog/backups', '/api/status'];
      const before = await Promise.all(paths.map(get));
      const password = new RegExp(server.password);
      await api.close();

      const copies = await readdir(join(home, 'backups/.catalog'));
      expect(copies).toHaveLength(1);
      expect(await readFile(join(home, 'backups/.catalog', copies[0] ?? ''), 'utf8')).not.toMatch(password);
      await loseCatalog(home);

      api = await startApi({ workingDirectory: home });
      expect(await Promise.all(paths.map(get))).toEqual(before);
      expect(await post(`/api/connections/${second}/test`)).toMatchObject({ success: true });
      const jobs = (await get('/api/jobs?type=backup'))['jobs'];
      expect(jobs).toEqual([]);
    });

    it('54: and whose secret key is gone as well comes back without the passwords, once somebody trusts what is there', async () => {
      const { id, filename } = await backUp();
      await post('/api/connections', { ...login(), database: 'postgres' });
      await api.close();
      await loseCatalog(home);
      await rm(join(home, 'data'), { recursive: true });
      api = await startApi({ workingDirectory: home });
      // Who has lost the key cannot tell them from what somebody else has put there.
      const [foreign] = await listed();
      expect(foreign).toMatchObject({ filename, status: 'foreign' });
      // A job, as it reads the whole file.
      const accepted = await fetch(`${api.url}/api/backups/${foreign?.id}/adopt`, {
        method: 'POST',
        headers: { prefer: 'respond-async', connection: 'close' },
      });
      expect(accepted.status).toBe(202);
      const { job } = (await accepted.json()) as { job: { id: string; type: string } };
      expect(job.type).toBe('adopt');
      await api.app.get<JobQueue>(JOB_QUEUE).ended(job.id);
      expect(await get(`/api/jobs/${job.id}`)).toMatchObject({
        job: { state: 'succeeded', result: { backup_id: id } },
      });
      expect((await listed()).map((backup) => backup.id)).toEqual([id]);
      expect((await get('/api/connections'))['connections']).toEqual([]);
      expect((await post('/api/catalog/rebuild'))['warnings']).toEqual([
        expect.stringMatching(/was passed over: it was signed with another secret key.*accept_foreign_copy/),
      ]);
      expect(await post('/api/catalog/rebuild', { accept_foreign_copy: true })).toMatchObject({ connections: 2 });
      expect((await get('/api/connections'))['connections']).toHaveLength(2);
      expect(await api.call('POST', '/api/backup')).toMatchObject({ status: 409, body: { code: 'NOT_CONNECTED' } });
      await post('/api/connect', login());
      expect((await get('/api/connections'))['connections']).toHaveLength(2);
      await backUp();
    });

    it('can be asked to look again at any time, and loses nothing by it', async () => {
      await backUp();
      const before = await Promise.all(['/api/connections', '/api/catalog/backups'].map(get));
      expect(await post('/api/catalog/rebuild')).toMatchObject({ backups: 1, connections: 0, schedules: 0 });
      expect(await Promise.all(['/api/connections', '/api/catalog/backups'].map(get))).toEqual(before);
    });

    it('does not bring back what was deleted a moment ago', async () => {
      const created = await post('/api/connections', { ...login(), database: 'postgres' });
      const { id } = created['connection'] as { id: string };
      expect(await post('/api/catalog/rebuild')).toMatchObject({ connections: 0 });
      expect((await api.call('DELETE', `/api/connections/${id}`)).status).toBe(200);
      expect(await post('/api/catalog/rebuild')).toMatchObject({ connections: 0 });
      expect((await get('/api/connections'))['connections']).toHaveLength(1);
    });
  });
});
