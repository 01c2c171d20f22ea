import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { startApi } from './support/api-harness.js';
import type { ApiAnswer, RunningApi } from './support/api-harness.js';

jest.setTimeout(60_000);

const DUMP = '--\n-- PostgreSQL database dump\n--\n\nSELECT 1;\n\n--\n-- PostgreSQL database dump complete\n--\n';

describe('paths in requests', () => {
  let server: SandboxServer;
  let api: RunningApi;
  let home: string;
  let outside: string;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'paths-'));
    outside = await mkdtemp(join(tmpdir(), 'outside-'));
    server = await startPostgres();
    api = await startApi({ workingDirectory: home, environment: { BACKUP_ALLOWED_DIRS: './extra' } });
    const { host, port, username, password } = server;
    const connected = await api.call('POST', '/api/connect', {
      db_type: 'PostgreSQL',
      database: 'postgres',
      host,
      port,
      username,
      password,
    });
    expect(connected.status).toBe(200);
    await writeFile(join(outside, 'secret.sql'), DUMP);
    await writeFile(join(home, 'outside.sql'), DUMP);
    await mkdir(join(home, 'backups', 'sub'), { recursive: true });
    await symlink(outside, join(home, 'backups', 'link'));
    await symlink(join(outside, 'secret.sql'), join(home, 'backups', 'link.sql'));
    await mkdir(join(home, 'backups-evil'));
    await writeFile(join(home, 'backups', 'in.sql'), DUMP);
  }, 120_000);

  afterAll(async () => {
    await api.close();
    await server.stop();
    await rm(home, { recursive: true });
    await rm(outside, { recursive: true });
  });

  const refused = (code: string): object => ({
    status: 400,
    body: { success: false, code, message: expect.any(String) as string },
  });

  /** Inputs that lead outside; `@` stands for a folder outside the backup roots. */
  const OUTSIDE = [
    '..',
    './backups/..',
    './backups/../..',
    'backups/sub/../../../x',
    './backups-evil',
    './backups/link',
    '/etc',
    '/',
    '@',
    '~',
    '....//....//etc',
    '.',
  ];

  it.each(OUTSIDE)('cannot lead a backup or a list outside: %s', async (given) => {
    const location = given.replace('@', outside);
    const before = await readdir(outside);
    const answers: ApiAnswer[] = [
      await api.call('POST', '/api/backup', { backup_location: location }),
      await api.call('GET', `/api/backups?backup_location=${encodeURIComponent(location)}`),
    ];
    for (const answer of answers) {
      expect(answer).toMatchObject(refused('INVALID_PATH'));
      expect(JSON.stringify(answer.body).replaceAll(JSON.stringify(location).slice(1, -1), '')).not.toContain(tmpdir());
    }
    expect(await readdir(outside)).toEqual(before);
  });

  it.each([
    '../secret.sql',
    './outside.sql',
    './backups/../outside.sql',
    './backups/link.sql',
    './backups/link/secret.sql',
    '@/secret.sql',
    '/etc/passwd',
    '/proc/self/environ',
  ])('cannot make a restore read from outside: %s', async (given) => {
    const answer = await api.call('POST', '/api/restore', { backup_file_path: given.replace('@', outside) });
    expect(answer).toMatchObject(refused('INVALID_PATH'));
  });

  it('does not write behind a link, not even into a folder that is not there yet', async () => {
    const location = './backups/link/deeper';
    expect(await api.call('POST', '/api/backup', { backup_location: location })).toMatchObject(refused('INVALID_PATH'));
    expect((await api.call('GET', `/api/backups?backup_location=${location}`)).body).toMatchObject({ success: false });
    expect(await readdir(outside)).toEqual(['secret.sql']);
  });

  it('are not decoded a second time', async () => {
    const encoded = '%2e%2e%2f%2e%2e';
    // Once by HTTP in a query: it leads outside. Twice: it is an odd name that does not exist.
    expect(await api.call('GET', `/api/backups?backup_location=./backups/${encoded}`)).toMatchObject(
      refused('INVALID_PATH'),
    );
    const twice = await api.call('GET', `/api/backups?backup_location=./backups/${encodeURIComponent(encoded)}`);
    expect(twice).toMatchObject({ status: 404, body: { code: 'LOCATION_NOT_FOUND' } });
    const inBody = await api.call('POST', '/api/restore', { backup_file_path: `./backups/${encoded}.sql` });
    expect(inBody).toMatchObject({ status: 404, body: { code: 'BACKUP_NOT_FOUND' } });
    expect(await api.call('GET', '/api/backups?backup_location=%FF%FE')).toMatchObject({ body: { success: false } });
  });

  it('cannot contain NUL, be given twice, or be endless', async () => {
    const long = `./backups/${'x'.repeat(5000)}`;
    const requests: [string, string, unknown][] = [
      ['POST', '/api/backup', { backup_location: './backups\0/etc' }],
      ['POST', '/api/restore', { backup_file_path: './backups/in.sql\0.txt' }],
      ['POST', '/api/backup', { backup_name: 'a\0b' }],
      ['GET', '/api/backups?backup_location=./backups%00', undefined],
      ['GET', '/api/backups?backup_location=./backups&backup_location=/etc', undefined],
      ['GET', '/api/backups?backup_location[]=./backups', undefined],
      ['GET', '/api/backups?location=./backups', undefined],
      ['POST', '/api/backup', { backup_location: long }],
      ['POST', '/api/backup', { backup_location: `./backups/${'y'.repeat(300)}` }],
      ['GET', `/api/backups?backup_location=${long}`, undefined],
      ['POST', '/api/restore', { backup_file_path: `${long}.sql` }],
    ];
    for (const [method, path, body] of requests) {
      const answer = await api.call(method, path, body);
      expect({ request: path.slice(0, 80), ...answer }).toMatchObject({ status: 400, body: { success: false } });
      expect(['INVALID_PATH', 'INVALID_INPUT']).toContain(answer.body['code']);
    }
  });

  it.each([
    '../x',
    'a/b',
    'a\\b',
    '.hidden',
    '-rf',
    '..',
    'new\nline',
    'x:y',
    'a*',
    ' lead',
    'dot.',
    'n'.repeat(300),
    '漢'.repeat(60),
  ])('a backup name is a name, not a path: %j', async (backup_name) => {
    const answer = await api.call('POST', '/api/backup', { backup_name });
    expect(answer).toMatchObject({ status: 400, body: { success: false, code: 'INVALID_INPUT' } });
    expect(answer.body['errors']).toEqual([{ field: 'backup_name', message: expect.any(String) as string }]);
  });

  it.each(['with space', 'dots.in.it', 'ünïcödé 漢', '%2e%2e%2f', '$(id)', "quote'", 'n'.repeat(160)])(
    'a backup may be called %j',
    async (backup_name) => {
      const answer = await api.call('POST', '/api/backup', { backup_name });
      expect(answer.status).toBe(200);
      const { backup } = answer.body as { backup: { filename: string; path: string } };
      expect(backup.filename.startsWith(`${backup_name}_`)).toBe(true);
      expect(
        await api.call('POST', '/api/restore', { backup_file_path: backup.path, target_database: 'copy' }),
      ).toMatchObject({
        status: 200,
      });
    },
  );

  it('may lead to folders inside, which are made, and to those that the operator allowed', async () => {
    for (const location of [
      './backups/new/deep',
      'backups/sub/../sub2',
      './extra',
      join(home, 'backups', 'absolute'),
    ]) {
      const made = await api.call('POST', '/api/backup', { backup_location: location });
      expect(made.status).toBe(200);
      const { backup } = made.body as { backup: { path: string } };
      const listed = await api.call('GET', `/api/backups?backup_location=${encodeURIComponent(location)}`);
      expect(listed.body).toMatchObject({ backups: [{ path: backup.path }] });
    }
  });

  it('tell a missing folder and a file in its place', async () => {
    expect(await api.call('GET', '/api/backups?backup_location=./backups/none')).toMatchObject({
      status: 404,
      body: { code: 'LOCATION_NOT_FOUND' },
    });
    expect(await api.call('GET', '/api/backups?backup_location=./backups/in.sql')).toMatchObject(
      refused('INVALID_PATH'),
    );
    expect(await api.call('POST', '/api/backup', { backup_location: './backups/in.sql' })).toMatchObject(
      refused('INVALID_PATH'),
    );
  });

  it('do not lead to the folder of the catalog exports', async () => {
    for (const location of ['./backups/.catalog', './backups/sub/../.CATALOG/x']) {
      expect(await api.call('POST', '/api/backup', { backup_location: location })).toMatchObject(
        refused('INVALID_PATH'),
      );
    }
  });

  it('80: lead nowhere while the storage is not mounted, and the service says so, until it is back or another is accepted', async () => {
    const backups = join(home, 'backups');
    expect((await api.call('POST', '/api/backup', { backup_name: 'whole' })).status).toBe(200);
    const listed = (await api.call('GET', '/api/backups')).body;
    const made = (listed['backups'] as { filename: string; id: string }[]).find(({ filename }) =>
      filename.startsWith('whole'),
    );
    const id = String(made?.id);
    await rename(backups, join(home, 'device'));
    await mkdir(backups);
    const away = { status: 503, body: { code: 'STORAGE_MISSING', hint: expect.stringContaining('Mount') as string } };
    expect(await api.call('POST', '/api/backup')).toMatchObject(away);
    expect(await api.call('GET', '/api/backups')).toMatchObject(away);
    expect(await api.call('POST', '/api/restore', { backup_file_path: './backups/in.sql' })).toMatchObject(away);
    for (const [method, what] of [
      ['GET', `backups/${id}`],
      ['GET', `backups/${id}/download`],
      ['POST', `backups/${id}/verify`],
      ['POST', `backups/${id}/adopt`],
      ['DELETE', `backups/${id}`],
      ['POST', 'catalog/rebuild'],
    ] as const) {
      expect({ what, ...(await api.call(method, `/api/${what}`)) }).toMatchObject({ what, ...away });
    }
    expect(await api.call('GET', '/api/health/ready')).toMatchObject({
      status: 503,
      body: { checks: { backup_folder: expect.stringContaining('not the storage that was used before') as string } },
    });
    expect((await api.call('GET', '/api/settings')).body).toMatchObject({
      storage_problems: [{ path: backups, message: expect.stringContaining('marker is missing') as string }],
    });
    expect((await api.call('GET', '/api/overview')).status).toBe(200);
    expect(await readdir(backups)).toEqual([]);
    await rm(backups, { recursive: true });
    await rename(join(home, 'device'), backups);
    expect((await api.call('GET', '/api/backups')).body).toEqual(listed);
    await rename(backups, join(home, 'device'));
    await mkdir(backups);
    expect(await api.call('POST', '/api/settings/storage/accept', { path: '/tmp' })).toMatchObject(
      refused('INVALID_PATH'),
    );
    expect((await api.call('POST', '/api/settings/storage/accept', { path: './backups' })).status).toBe(200);
    expect((await api.call('GET', '/api/backups')).body).toMatchObject({ backups: [] });
    expect((await api.call('GET', '/api/health/ready')).status).toBe(200);
  });
});
