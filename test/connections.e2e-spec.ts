import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Catalog } from '@app/catalog';
import type { ConnectionParams } from '@app/domain';
import { EventLog } from '@app/events';
import type { ServiceEvent } from '@app/events';
import type { JobQueue } from '@app/jobs';
import { startMariadb, startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { CATALOG, JOB_QUEUE } from '../apps/api/src/foundation/tokens.js';
import { startApi } from './support/api-harness.js';
import type { ApiAnswer, RunningApi } from './support/api-harness.js';
import { sidesOnCatalog } from './support/catalog-server.js';
import { runSql } from './support/run-sql.js';

jest.setTimeout(60_000);

const CERTIFICATES = join(__dirname, 'fixtures', 'mariadb-tls');
const DATABASES = ['shop', 'crm', 'hr', 'notes'];
const PASSWORD = `clerk-${randomBytes(8).toString('hex')}`;

interface Entry extends Record<string, unknown> {
  id: string;
}

const sides = [
  {
    dbType: 'PostgreSQL',
    flavour: 'PostgreSQL',
    start: () => startPostgres(),
    maintenance: 'postgres',
    account: [
      `create role clerk login password '${PASSWORD}'`,
      'create database vault',
      'revoke connect on database vault from public',
    ],
    newPassword: (password: string) => `alter role clerk password '${password}'`,
    /** What the clerk sees of the vault. */
    vault: [{ name: 'vault', accessible: false }],
    /** Artifact, manifest, and the roles of the server. */
    filesOfABackup: 3,
    otherEngine: 'MySQL',
  },
  {
    dbType: 'MySQL',
    flavour: 'MariaDB',
    start: () => startMariadb(),
    maintenance: 'mysql',
    account: [
      `create user clerk@'%' identified by '${PASSWORD}'`,
      'create database vault',
      ...DATABASES.map((name) => `grant all on ${name}.* to clerk@'%'`),
    ],
    newPassword: (password: string) => `set password for clerk@'%' = password('${password}')`,
    vault: [],
    filesOfABackup: 2,
    otherEngine: 'PostgreSQL',
  },
] as const;

const onCatalog = sidesOnCatalog(sides, ({ dbType }) => dbType === 'MySQL');

describe.each(onCatalog)('/api/connections on $flavour', (side) => {
  let server: SandboxServer;
  let api: RunningApi;
  let admin: ConnectionParams;
  let login: Record<string, unknown>;
  let authority: string;
  let certificate: string;
  let key: string;
  const answers: string[] = [];
  const secrets = [PASSWORD];

  async function call(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    const answer = await api.call(method, path, body);
    answers.push(JSON.stringify(answer.body));
    return answer;
  }
  const get = (path: string): Promise<ApiAnswer> => call('GET', path);
  const post = (path: string, body: unknown = {}): Promise<ApiAnswer> => call('POST', path, body);
  const patch = (id: string, body: unknown): Promise<ApiAnswer> => call('PATCH', `/api/connections/${id}`, body);
  const remove = (id: string, body?: unknown): Promise<ApiAnswer> => call('DELETE', `/api/connections/${id}`, body);
  const failure = (status: number, code: string, message?: unknown): object => ({
    status,
    body: { success: false, code, ...(message === undefined ? {} : { message }) },
  });

  async function create(change: Record<string, unknown> = {}): Promise<Entry> {
    const answer = await post('/api/connections', { ...login, ...change });
    expect(answer).toMatchObject({ status: 200, body: { success: true, message: 'Connection created.' } });
    return answer.body['connection'] as Entry;
  }
  async function list(query = ''): Promise<Entry[]> {
    const { body } = await get(`/api/connections${query}`);
    return body['connections'] as Entry[];
  }
  const details = async (id: string): Promise<Entry> =>
    (await get(`/api/connections/${id}`)).body['connection'] as Entry;
  const backUp = async (id: string): Promise<{ id: string; filename: string }> =>
    (await post('/api/backup', { connection_id: id })).body['backup'] as { id: string; filename: string };
  const files = async (): Promise<string[]> => (await readdir(join(api.workingDirectory, 'backups'))).toSorted();
  const catalog = (): Catalog => api.app.get<Catalog>(CATALOG, { strict: false });
  const queue = (): JobQueue => api.app.get<JobQueue>(JOB_QUEUE, { strict: false });

  beforeAll(async () => {
    [server, api, authority, certificate, key] = await Promise.all([
      side.start(),
      startApi(),
      readFile(join(CERTIFICATES, 'authority.pem'), 'utf8'),
      readFile(join(CERTIFICATES, 'server.pem'), 'utf8'),
      readFile(join(CERTIFICATES, 'server-key.pem'), 'utf8'),
    ]);
    admin = server.connection(side.maintenance);
    await runSql(admin, [...DATABASES.map((name) => `create database ${name}`), ...side.account]);
    await runSql(server.connection('shop'), ['create table items (i int primary key)', 'insert into items values (1)']);
    secrets.push(server.password);
    login = {
      db_type: side.dbType,
      host: server.host,
      port: server.port,
      database: 'shop',
      username: 'clerk',
      password: PASSWORD,
    };
  }, 120_000);

  /** Each test starts without a connection; those that have backups leave their files behind. */
  afterEach(async () => {
    await post('/api/disconnect');
    for (const { id } of await list('?limit=500')) {
      await catalog()
        .jobs.page({ connectionId: id, states: ['queued'], limit: 50 })
        .then(async ({ rows }) => {
          for (const job of rows) await queue().cancel(job.id);
        });
      expect(await remove(id)).toMatchObject({ status: 200 });
    }
  });

  afterAll(async () => {
    await api.close();
    await server.stop();
  });

  describe('a connection', () => {
    it('is made, listed, read and deleted', async () => {
      const made = await create({ label: 'The shop', port: String(server.port) });
      expect(made).toEqual({
        id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        label: 'The shop',
        name: 'The shop',
        db_type: side.dbType,
        host: '127.0.0.1',
        port: server.port,
        database: 'shop',
        username: 'clerk',
        ssl_mode: 'prefer',
        ssl_ca: null,
        ssl_certificate: null,
        has_ssl_key: false,
        active: false,
        retention: null,
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
        updated_at: made['created_at'],
      });
      expect(await get('/api/connections')).toEqual({
        status: 200,
        body: { success: true, connections: [made], next: null },
      });
      expect(await get(`/api/connections/${made.id}`)).toEqual({
        status: 200,
        body: { success: true, connection: made },
      });
      expect(await remove(made.id)).toEqual({
        status: 200,
        body: {
          success: true,
          message: 'Connection deleted. It had no backups.',
          deleted_schedules: 0,
          deleted_backups: 0,
          remaining_backups: 0,
        },
      });
      expect(await get(`/api/connections/${made.id}`)).toMatchObject(failure(404, 'CONNECTION_NOT_FOUND'));
    });

    it('is called by its database and host without a label', async () => {
      expect(await create()).toMatchObject({ label: null, name: 'shop on 127.0.0.1' });
    });

    it('comes in pages, in the order in which they were made', async () => {
      const made = [];
      for (const database of ['shop', 'hr', 'crm']) made.push((await create({ database })).id);
      const first = await get('/api/connections?limit=2');
      expect((first.body['connections'] as Entry[]).map(({ id }) => id)).toEqual(made.slice(0, 2));
      const second = await get(`/api/connections?limit=2&after=${encodeURIComponent(String(first.body['next']))}`);
      expect(second.body).toMatchObject({ connections: [{ id: made[2] }], next: null });
      expect(await get('/api/connections?limit=501')).toMatchObject(
        failure(400, 'INVALID_INPUT', 'limit must be a whole number from 1 to 500.'),
      );
    });

    it('that is not there is not found by any call', async () => {
      const id = randomUUID();
      const calls: [string, string, unknown?][] = [
        ['GET', ''],
        ['PATCH', '', { label: 'x' }],
        ['DELETE', ''],
        ['POST', '/test'],
        ['POST', '/activate'],
      ];
      for (const [method, path, body] of calls) {
        expect(await call(method, `/api/connections/${id}${path}`, body)).toMatchObject(
          failure(404, 'CONNECTION_NOT_FOUND', `There is no connection ${id}.`),
        );
      }
      expect(await post('/api/connections/discover', { connection_id: id })).toMatchObject(
        failure(404, 'CONNECTION_NOT_FOUND'),
      );
    });

    it('is told of to those who watch', async () => {
      const seen: ServiceEvent[] = [];
      const watching = api.app.get(EventLog, { strict: false }).subscribe((event) => void seen.push(event));
      const { id } = await create();
      await patch(id, { label: 'x' });
      await post(`/api/connections/${id}/activate`);
      await post('/api/disconnect');
      await remove(id);
      const changesNow = () => seen.filter((event) => event.type === 'connection' && event.connectionId === id);
      // Watchers are told in the moment after the answer.
      while (changesNow().length < 4) await new Promise((resolve) => setTimeout(resolve, 5));
      watching.unsubscribe();
      const changes = changesNow();
      expect(changes).toMatchObject(['created', 'changed', 'activated', 'removed'].map((change) => ({ change })));
    });
  });

  describe('a new one', () => {
    it('is refused with every faulty field at once', async () => {
      const answer = await post('/api/connections', {
        host: '--help',
        port: 0,
        label: 'a\nb',
        test: 'no',
        retention: { keep_last: 0, weeks: 3 },
        ssl_key: 5,
        colour: 'red',
      });
      expect(answer).toMatchObject(failure(400, 'INVALID_INPUT'));
      const fields = (answer.body['errors'] as { field: string }[]).map(({ field }) => field);
      expect(fields.toSorted()).toEqual([
        'colour',
        'database',
        'db_type',
        'host',
        'label',
        'password',
        'port',
        'retention.keep_last',
        'retention.weeks',
        'ssl_key',
        'test',
        'username',
      ]);
    });

    it('is refused when the server does, in its words, and nothing is saved', async () => {
      const failures: [Record<string, unknown>, number, string][] = [
        [{ password: 'wrong' }, 422, 'WRONG_CREDENTIALS'],
        [{ ...adminLogin(), database: 'no such' }, 422, 'DATABASE_NOT_FOUND'],
        [{ port: 1 }, 502, 'HOST_UNREACHABLE'],
        [{ ssl_mode: 'require' }, 422, 'TLS_FAILED'],
        [{ db_type: side.otherEngine }, 422, 'WRONG_ENGINE'],
      ];
      for (const [change, status, code] of failures) {
        expect(await post('/api/connections', { ...login, ...change })).toMatchObject(failure(status, code));
      }
      expect(await list()).toEqual([]);
    });

    it('is not tried when it shall not be', async () => {
      const { id } = await create({ password: 'not yet', test: false });
      expect(await post(`/api/connections/${id}/test`)).toMatchObject(failure(422, 'WRONG_CREDENTIALS'));
    });

    it('is refused where there is one with the same login, however the host is written', async () => {
      const { id } = await create({ host: 'localhost' });
      const again = await post('/api/connections', { ...login, host: 'LocalHost', password: 'other', test: false });
      expect(again).toMatchObject({
        status: 409,
        body: {
          code: 'CONNECTION_EXISTS',
          message: `There is a connection of "clerk" to "shop" on localhost:${server.port} already.`,
          hint: expect.stringContaining(id) as string,
        },
      });
      expect(await post(`/api/connections/${id}/test`)).toMatchObject({ status: 200 });
    });

    it('is one, however many calls make it at once', async () => {
      const made = await Promise.all([1, 2, 3, 4].map(() => post('/api/connections', login)));
      expect(made.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409]);
      expect(await list()).toHaveLength(1);
    });

    it('is reused by POST /api/connect, and made by it where there is none', async () => {
      const { id } = await create({ label: 'The shop', retention: { keep_last: 7 } });
      expect(await post('/api/connect', login)).toMatchObject({ status: 200 });
      expect(await list()).toMatchObject([{ id, label: 'The shop', retention: { keep_last: 7 }, active: true }]);
      expect(await post('/api/connect', { ...login, database: 'crm' })).toMatchObject({ status: 200 });
      expect(await list()).toMatchObject([
        { id, active: false },
        { database: 'crm', active: true },
      ]);
      expect(await post('/api/connections', { ...login, database: 'crm' })).toMatchObject(
        failure(409, 'CONNECTION_EXISTS'),
      );
    });
  });

  describe('TLS material', () => {
    it('is kept and shown, but never the key; null takes it away', async () => {
      const { id, ...made } = await create({
        ssl_mode: 'verify-ca',
        ssl_ca: authority,
        ssl_certificate: certificate,
        ssl_key: key,
        test: false,
      });
      const tls = { ssl_mode: 'verify-ca', ssl_ca: authority, ssl_certificate: certificate, has_ssl_key: true };
      expect(made).toMatchObject(tls);
      expect(await details(id)).toMatchObject(tls);
      // The last line is the public half, which stands in the certificate as well.
      secrets.push(
        ...key.split('\n').filter((line) => line.length > 10 && !certificate.includes(line) && !line.startsWith('-')),
      );

      await patch(id, { ssl_ca: null, test: false });
      expect(await details(id)).toMatchObject({ ssl_ca: null, ssl_certificate: certificate, has_ssl_key: true });
      await patch(id, { ssl_certificate: null, ssl_key: null, ssl_mode: 'prefer' });
      expect(await details(id)).toMatchObject({ ssl_certificate: null, has_ssl_key: false, ssl_mode: 'prefer' });
    });

    it('that cannot be used is refused by name', async () => {
      const faults: [Record<string, unknown>, string][] = [
        [{ ssl_ca: 'no PEM' }, 'ssl_ca'],
        [{ ssl_certificate: certificate }, 'ssl_key'],
        [{ ssl_key: key }, 'ssl_certificate'],
        [{ ssl_certificate: authority, ssl_key: key }, 'ssl_key'],
        [{ ssl_ca: 'x'.repeat(65 * 1024) }, 'ssl_ca'],
      ];
      for (const [change, field] of faults) {
        const answer = await post('/api/connections', { ...login, ...change });
        expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_INPUT', errors: [{ field }] } });
      }
      const { id } = await create();
      expect(await patch(id, { ssl_key: key })).toMatchObject(failure(400, 'INVALID_INPUT'));
      expect(await post('/api/connections/discover', { ...login, ssl_ca: 'no PEM' })).toMatchObject(
        failure(400, 'INVALID_INPUT'),
      );
      expect(await list()).toMatchObject([{ id, has_ssl_key: false }]);
    });

    it('counts: a server that it does not vouch for is refused', async () => {
      const answer = await post('/api/connections', { ...login, ssl_mode: 'verify-ca', ssl_ca: authority });
      expect(answer).toMatchObject(failure(422, 'TLS_FAILED'));
    });
  });

  describe('a change', () => {
    it('leaves what it does not mention, and clears with null', async () => {
      const { id, ...made } = await create({ label: 'a', retention: { keep_last: 3, max_bytes: 1_000_000 } });
      expect(made['retention']).toEqual({
        ...{ keep_last: 3, days: null, hourly: null, daily: null, weekly: null, monthly: null, yearly: null },
        max_bytes: 1_000_000,
      });
      const answer = await patch(id, { label: 'b' });
      expect(answer).toMatchObject({ status: 200, body: { success: true, message: 'Connection changed.' } });
      expect(await details(id)).toEqual({
        ...made,
        id,
        label: 'b',
        name: 'b',
        updated_at: expect.any(String) as string,
      });
      await patch(id, { retention: { days: 30 } });
      expect(await details(id)).toMatchObject({ label: 'b', retention: { keep_last: null, days: 30 } });
      await patch(id, { retention: null, label: null });
      expect(await details(id)).toMatchObject({ label: null, retention: null });
    });

    it('does not take the stored password to another server or account', async () => {
      const { id } = await create();
      for (const change of [{ host: 'localhost' }, { port: 1 }, { username: 'other' }]) {
        expect(await patch(id, { ...change, test: false })).toMatchObject({
          status: 400,
          body: { code: 'INVALID_INPUT', errors: [{ field: 'password' }] },
        });
      }
      expect(await patch(id, { host: '127.0.0.1', port: server.port, username: 'clerk' })).toMatchObject({
        status: 200,
      });
      expect(await patch(id, { host: 'localhost', password: PASSWORD })).toMatchObject({ status: 200 });
      expect(await patch(id, { database: 'crm' })).toMatchObject({ status: 200 });
      expect(await details(id)).toMatchObject({ host: 'localhost', database: 'crm', username: 'clerk' });
    });

    it('that does not work changes nothing', async () => {
      const { id } = await create();
      const before = await details(id);
      expect(await patch(id, { password: 'wrong', label: 'x' })).toMatchObject(failure(422, 'WRONG_CREDENTIALS'));
      expect(await patch(id, { ssl_mode: 'require' })).toMatchObject(failure(422, 'TLS_FAILED'));
      expect(await details(id)).toEqual(before);
      expect(await post(`/api/connections/${id}/test`)).toMatchObject({ status: 200 });
    });

    it('cannot make two of one', async () => {
      await create({ database: 'crm' });
      const { id } = await create();
      expect(await patch(id, { database: 'crm' })).toMatchObject(failure(409, 'CONNECTION_EXISTS'));
    });

    it('does not lead a job that waits to another database', async () => {
      const { id } = await create();
      const tomorrow = new Date(Date.now() + 86_400_000);
      await queue().enqueue({ type: 'backup', connectionId: id, payload: { database: 'shop' }, runAfter: tomorrow });
      expect(await patch(id, { database: 'crm' })).toMatchObject(
        failure(
          409,
          'CONNECTION_IN_USE',
          'The connection is to name another database, but has 1 job that waits or runs.',
        ),
      );
      expect(await patch(id, { label: 'still allowed' })).toMatchObject({ status: 200 });
    });

    it('of the active one holds at once, and after a restart', async () => {
      const other = `other-${randomBytes(8).toString('hex')}`;
      secrets.push(other);
      try {
        await withRestart(
          async (first) => {
            const made = await first.call('POST', '/api/connections', login);
            const { id } = made.body['connection'] as Entry;
            await first.call('POST', `/api/connections/${id}/activate`);
            await first.call('POST', '/api/scheduler/stop');
            expect(
              await first.call('PATCH', `/api/connections/${id}`, { password: 'untested', test: false }),
            ).toMatchObject({ status: 400, body: { errors: [{ field: 'test' }] } });
            await runSql(admin, [side.newPassword(other)]);
            const change = { password: other, database: 'crm' };
            expect(await first.call('PATCH', `/api/connections/${id}`, change)).toMatchObject({ status: 200 });
            expect(await first.call('GET', '/api/status')).toMatchObject({
              body: { connected: true, database: 'crm', scheduler_running: false },
            });
            return id;
          },
          async (restarted, id) => {
            expect(await restarted.call('GET', '/api/status')).toMatchObject({
              body: { connected: true, database: 'crm' },
            });
            expect(await restarted.call('GET', `/api/connections/${id}`)).toMatchObject({
              body: { connection: { active: true } },
            });
            expect(await restarted.call('POST', `/api/connections/${id}/test`)).toMatchObject({ status: 200 });
          },
        );
      } finally {
        await runSql(admin, [side.newPassword(PASSWORD)]);
      }
    });
  });

  describe('test and activate', () => {
    it('says who answers, and how fast', async () => {
      const { id } = await create();
      const answer = await post(`/api/connections/${id}/test`);
      expect(answer).toEqual({
        status: 200,
        body: {
          success: true,
          message: 'The login works.',
          flavour: side.flavour,
          server_version: expect.stringMatching(/^\d+\.\d+/) as string,
          latency_ms: expect.any(Number) as number,
        },
      });
      expect(await get('/api/status')).toMatchObject({ body: { connected: false } });
    });

    it('makes a connection the one that the calls act on, as POST /api/connect does', async () => {
      const { id } = await create();
      expect(await post(`/api/connections/${id}/activate`)).toMatchObject({
        status: 200,
        body: { success: true, message: 'Connection successful.', connection: { id, active: true } },
      });
      expect(await get('/api/status')).toMatchObject({
        body: { connected: true, database: 'shop', scheduler_running: true },
      });
      const settings = await readFile(join(api.workingDirectory, 'config.ini'), 'utf8');
      expect(settings).toContain('clerk');
      expect(settings).not.toContain(PASSWORD);
    });

    it('leaves the active one in place when the other does not work', async () => {
      const { id } = await create();
      await post(`/api/connections/${id}/activate`);
      const broken = await create({ database: 'crm', password: 'wrong', test: false });
      expect(await post(`/api/connections/${broken.id}/activate`)).toMatchObject(failure(422, 'WRONG_CREDENTIALS'));
      expect(await get('/api/status')).toMatchObject({ body: { connected: true, database: 'shop' } });
      expect(await details(id)).toMatchObject({ active: true });
    });
  });

  describe('a deletion', () => {
    it('keeps the backups, and says so', async () => {
      const { id } = await create(adminLogin());
      const { filename } = await backUp(id);
      expect(await remove(id)).toMatchObject({
        status: 200,
        body: {
          message: 'Connection deleted. Its backup stays in ./backups.',
          deleted_backups: 0,
          remaining_backups: 1,
        },
      });
      expect(await files()).toEqual(expect.arrayContaining([filename, `${filename}.manifest.json`]));
      expect(await get('/api/backups')).toMatchObject({
        body: {
          backups: expect.arrayContaining([expect.objectContaining({ filename, status: 'complete' })]) as unknown,
        },
      });
    });

    it('takes the backups with it only when told so with the name of the database, and only its own', async () => {
      const other = await create({ ...adminLogin(), database: 'crm' });
      const others = await backUp(other.id);
      const before = await files();
      const { id } = await create(adminLogin());
      await Promise.all([backUp(id), backUp(id)]);
      for (const confirm of [undefined, 'crm', 'SHOP']) {
        expect(await remove(id, { delete_backups: true, confirm })).toMatchObject({
          status: 400,
          body: {
            code: 'INVALID_INPUT',
            message: 'confirm must be "shop", the database whose 2 backups would be deleted.',
            errors: [{ field: 'confirm' }],
          },
        });
      }
      expect(await files()).toHaveLength(before.length + 2 * side.filesOfABackup);
      expect(await remove(id, { delete_backups: true, confirm: 'shop' })).toMatchObject({
        status: 200,
        body: { message: 'Connection deleted. 2 backups were deleted.', deleted_backups: 2, remaining_backups: 0 },
      });
      expect(await files()).toEqual(before);
      expect(before).toContain(others.filename);
    });

    it('does not touch a file that has taken the place of a backup', async () => {
      const { id } = await create(adminLogin());
      const { filename } = await backUp(id);
      const path = join(api.workingDirectory, 'backups', `${filename}.manifest.json`);
      const manifest = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
      await writeFile(path, JSON.stringify({ ...manifest, connection_id: randomUUID() }));
      expect(await remove(id, { delete_backups: true, confirm: 'shop' })).toMatchObject({
        status: 200,
        body: { deleted_backups: 0 },
      });
      expect(await files()).toContain(filename);
    });

    it('keeps what was backed up while the connection named another database', async () => {
      const { id } = await create({ ...adminLogin(), database: 'crm' });
      const { filename } = await backUp(id);
      await patch(id, { database: 'shop' });
      await backUp(id);
      expect(await remove(id, { delete_backups: true, confirm: 'shop' })).toMatchObject({
        body: { message: 'Connection deleted. 1 backup was deleted. 1 more stays in ./backups.' },
      });
      expect(await files()).toContain(filename);
    });

    it('does nothing where a backup that would go is pinned', async () => {
      const { id } = await create(adminLogin());
      const pinned = await backUp(id);
      await backUp(id);
      expect(await post(`/api/backups/${pinned.id}/pin`, { pinned: true })).toMatchObject({ status: 200 });
      const before = await files();
      expect(await remove(id, { delete_backups: true, confirm: 'shop' })).toMatchObject(
        failure(409, 'CONNECTION_IN_USE', '1 of its backups is pinned. Nothing was deleted.'),
      );
      expect(await files()).toEqual(before);
      expect(await details(id)).toMatchObject({ id });
      expect(await remove(id)).toMatchObject({ status: 200 });
    });

    it('takes the schedules with it, and says how many', async () => {
      const { id } = await create();
      for (const name of ['daily', 'weekly']) {
        const made = await post('/api/schedules', { name, connection_id: id, cron: '0 3 * * *', timezone: 'UTC' });
        expect(made).toMatchObject({ status: 200 });
      }
      expect(await remove(id)).toMatchObject({
        body: {
          message: 'Connection deleted. Its 2 schedules went with it. It had no backups.',
          deleted_schedules: 2,
        },
      });
    });

    it('is refused while another schedule restores from it', async () => {
      const source = await create();
      const target = await create({ database: 'crm' });
      const made = await post('/api/schedules', {
        name: 'refresh staging',
        action: 'restore',
        connection_id: target.id,
        source_connection_id: source.id,
        cron: '0 3 * * *',
        timezone: 'UTC',
      });
      expect(made).toMatchObject({ status: 200 });
      expect(await remove(source.id)).toMatchObject(
        failure(409, 'CONNECTION_IN_USE', expect.stringContaining('"refresh staging"')),
      );
      expect(await remove(target.id)).toMatchObject({ status: 200 });
      expect(await remove(source.id)).toMatchObject({ status: 200 });
    });

    it('is refused for the active one', async () => {
      await post('/api/connect', login);
      const [active] = await list();
      expect(await remove(active?.id ?? '')).toMatchObject(
        failure(409, 'CONNECTION_IN_USE', '"shop" is the active connection.'),
      );
      await post('/api/disconnect');
      expect(await remove(active?.id ?? '')).toMatchObject({ status: 200 });
      expect(await get('/api/scheduler/status')).toMatchObject({ status: 200, body: { running: false } });
      expect(await post('/api/connect', login)).toMatchObject({ status: 200 });
    });

    it('is refused while jobs wait or run', async () => {
      const { id } = await create();
      const tomorrow = new Date(Date.now() + 86_400_000);
      await queue().enqueue({ type: 'backup', connectionId: id, payload: { database: 'shop' }, runAfter: tomorrow });
      expect(await remove(id)).toMatchObject({
        status: 409,
        body: { code: 'CONNECTION_IN_USE', hint: expect.stringContaining('/cancel') as string },
      });
      expect(await details(id)).toMatchObject({ id });
    });
  });

  describe('discover', () => {
    const discover = (more: Record<string, unknown> = {}): Promise<ApiAnswer> => {
      const { database: _, ...server } = login;
      return post('/api/connections/discover', { ...server, ...more });
    };
    const found = ({ body }: ApiAnswer): Entry[] => body['databases'] as Entry[];

    it('lists the databases, those that are not backed up first, and adds none', async () => {
      await create({ ...adminLogin(), database: 'hr' }).then(({ id }) => backUp(id));
      const databases = found(await discover());
      const names = databases.map(({ name }) => name as string);
      expect(names).toEqual(expect.arrayContaining([...DATABASES, ...side.vault.map(({ name }) => name)]));
      expect(databases.find(({ name }) => name === 'notes')).toEqual({
        name: 'notes',
        size: expect.any(Number) as number,
        accessible: true,
        backed_up: false,
        connection_id: null,
        added: false,
      });
      for (const hidden of side.vault) expect(databases).toContainEqual(expect.objectContaining(hidden));
      const backedUp = databases.map(({ backed_up }) => backed_up);
      expect(backedUp).toEqual(backedUp.toSorted((a, b) => Number(a) - Number(b)));
      expect(databases).toContainEqual(expect.objectContaining({ name: 'hr', backed_up: true }));
      expect(await list()).toHaveLength(1);
    });

    it('adds those that are named, with the same login, and passes over those that are there', async () => {
      const shop = await create({ label: 'The shop' });
      const databases = found(await discover({ add: ['shop', 'crm'] }));
      const crm = databases.find(({ name }) => name === 'crm');
      expect(crm).toMatchObject({ added: true, connection_id: expect.any(String) as string });
      expect(databases.find(({ name }) => name === 'shop')).toMatchObject({ added: false, connection_id: shop.id });
      expect(databases.find(({ name }) => name === 'hr')).toMatchObject({ added: false, connection_id: null });
      expect(await list()).toMatchObject([
        { id: shop.id, label: 'The shop' },
        { id: crm?.['connection_id'], database: 'crm', username: 'clerk', label: null },
      ]);
      expect(await post(`/api/connections/${crm?.['connection_id'] as string}/test`)).toMatchObject({ status: 200 });
    });

    it('adds all that the login may open, and nothing the second time', async () => {
      const databases = found(await discover({ add: true }));
      const added = databases.filter((database) => database['added']).map(({ name }) => name as string);
      expect(added).toEqual(expect.arrayContaining(DATABASES));
      expect(added).not.toContain('vault');
      expect(added).toHaveLength(databases.filter(({ accessible }) => accessible).length);
      expect((await list()).map(({ database }) => database).toSorted()).toEqual(added.toSorted());
      expect(found(await discover({ add: true })).filter((database) => database['added'])).toEqual([]);
    });

    it('adds nothing when one name is unknown', async () => {
      expect(await discover({ add: ['crm', 'nope', 'no'] })).toMatchObject(
        failure(422, 'DATABASE_NOT_FOUND', 'The server has no database "nope", "no". None was added.'),
      );
      expect(await list()).toEqual([]);
    });

    it('does not add what the login may not open', async () => {
      const code = side.vault.length > 0 ? 'MISSING_PRIVILEGE' : 'DATABASE_NOT_FOUND';
      expect(await discover({ add: ['vault', 'crm'] })).toMatchObject(failure(422, code));
      expect(await list()).toEqual([]);
    });

    it('uses the login of a connection', async () => {
      const { id } = await create();
      const answer = await post('/api/connections/discover', { connection_id: id, add: ['hr'] });
      expect(found(answer)).toContainEqual(expect.objectContaining({ name: 'hr', added: true }));
      expect(found(answer)).toContainEqual(expect.objectContaining({ name: 'shop', connection_id: id, added: false }));
    });

    it('takes either a connection or a whole login', async () => {
      expect(await post('/api/connections/discover', { host: 'localhost', port: 5432 })).toMatchObject(
        failure(400, 'INVALID_INPUT', 'db_type is required; username is required; password is required.'),
      );
      expect(await post('/api/connections/discover', { connection_id: randomUUID(), host: 'localhost' })).toMatchObject(
        failure(400, 'INVALID_INPUT', 'host cannot be given with connection_id.'),
      );
      expect(await discover({ password: 'wrong' })).toMatchObject(failure(422, 'WRONG_CREDENTIALS'));
      expect(await discover({ add: 'crm' })).toMatchObject(failure(400, 'INVALID_INPUT'));
    });
  });

  describe('secrets', () => {
    it('that another key has sealed are told of, and can be given anew', async () => {
      await withRestart(
        async (first) => {
          const made = await first.call('POST', '/api/connections', login);
          return (made.body['connection'] as Entry).id;
        },
        async (restarted, id) => {
          const path = `/api/connections/${id}`;
          expect(await restarted.call('GET', '/api/connections')).toMatchObject({ body: { connections: [{ id }] } });
          expect(await restarted.call('POST', `${path}/test`)).toMatchObject(
            failure(500, 'INTERNAL', expect.stringContaining('sealed with another key')),
          );
          expect(await restarted.call('PATCH', path, { label: 'x' })).toMatchObject({ status: 200 });
          expect(await restarted.call('PATCH', path, { database: 'crm' })).toMatchObject(failure(500, 'INTERNAL'));
          expect(await restarted.call('PATCH', path, { password: PASSWORD })).toMatchObject({ status: 200 });
          expect(await restarted.call('POST', `${path}/test`)).toMatchObject({ status: 200 });
        },
        (home) => writeFile(join(home, 'data', 'secret.key'), randomBytes(32).toString('base64'), { mode: 0o600 }),
      );
    });

    it('are in no answer, and in no file as text', async () => {
      const { id } = await create();
      await post(`/api/connections/${id}/activate`);
      const { rows } = await catalog().connections.page({ limit: 10 });
      const texts = new Map([
        ['answers', answers.join('\n')],
        ['catalog', JSON.stringify(rows)],
      ]);
      for (const entry of await readdir(api.workingDirectory, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name);
        if (entry.isFile()) texts.set(path, await readFile(path, 'latin1'));
      }
      expect([...texts.keys()].some((path) => path.endsWith('config.ini'))).toBe(true);
      expect(answers.length).toBeGreaterThan(50);
      expect(secrets.length).toBeGreaterThan(4);
      const leaks = [...texts].filter(([, text]) => secrets.some((secret) => text.includes(secret)));
      expect(leaks.map(([where]) => where)).toEqual([]);
    });
  });

  /** What happens before and after a restart of another service, in a folder of its own. */
  async function withRestart<T>(
    before: (service: RunningApi) => Promise<T>,
    after: (service: RunningApi, known: T) => Promise<void>,
    between: (home: string) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    const workingDirectory = await mkdtemp(join(tmpdir(), 'connections-'));
    try {
      const known = await served(workingDirectory, before);
      await between(workingDirectory);
      await served(workingDirectory, (service) => after(service, known));
    } finally {
      await rm(workingDirectory, { recursive: true });
    }
  }

  async function served<T>(workingDirectory: string, work: (service: RunningApi) => Promise<T>): Promise<T> {
    const service = await startApi({ workingDirectory });
    try {
      return await work(service);
    } finally {
      await service.close();
    }
  }

  function adminLogin(): Record<string, unknown> {
    return { username: server.username, password: server.password };
  }
});
