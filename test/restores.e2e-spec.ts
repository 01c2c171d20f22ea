import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Catalog } from '@app/catalog';
import type { ConnectionParams } from '@app/domain';
import { expiryJob } from '@app/core';
import type { JobQueue } from '@app/jobs';
import { startMariadb, startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { CATALOG, JOB_QUEUE } from '../apps/api/src/foundation/tokens.js';
import { startApi } from './support/api-harness.js';
import type { ApiAnswer, RunningApi } from './support/api-harness.js';
import { sidesOnCatalog } from './support/catalog-server.js';
import { readEvents } from './support/event-reader.js';
import { runSql } from './support/run-sql.js';

const text = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const number: unknown = expect.any(Number);
const UUID = /^[0-9a-f-]{36}$/;
const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

const sides = [
  {
    flavour: 'PostgreSQL',
    dbType: 'PostgreSQL',
    start: () => startPostgres(),
    maintenance: 'postgres',
    databases: `select datname as name from pg_database where datname not in ('postgres', 'template0', 'template1')`,
    inPlace: 'transaction',
    endMark: '--\n-- PostgreSQL database dump complete',
    wrong: 'select 1/0;\n',
    items: 'public.items',
  },
  {
    flavour: 'MariaDB',
    dbType: 'MySQL',
    start: () => startMariadb(),
    maintenance: 'mysql',
    databases: `select schema_name as name from information_schema.schemata
      where schema_name not in ('mysql', 'sys', 'information_schema', 'performance_schema', 'test')`,
    inPlace: 'safety_backup',
    endMark: '-- Dump completed',
    wrong: 'insert into nowhere values (1);\n',
    items: 'items',
  },
] as const;

interface Undo {
  available: boolean;
  state: string;
  until: string | null;
  copy: string | null;
  bytes: number | null;
}
interface Restore {
  id: string;
  kind: string;
  undo: Undo;
}

/** MariaDB's restore in place writes more to the journal: the backup that it makes first. */
const onCatalog = sidesOnCatalog(sides, ({ dbType }) => dbType === 'MySQL');

describe.each(onCatalog)('restores on $flavour', (side) => {
  let server: SandboxServer;
  let api: RunningApi;
  let shop: ConnectionParams;
  let details: Record<string, unknown>;
  /** Holds `whole`. */
  let file: string;

  const post = (path: string, body?: unknown): Promise<ApiAnswer> => api.call('POST', path, body);
  const items = async () => (await runSql(shop, ['select label from items order by i'])).map(({ label }) => label);
  const write = (label: string) => runSql(shop, [`update items set label = '${label}'`]);
  const databases = async () =>
    (await runSql(server.connection(side.maintenance), [side.databases])).map(({ name }) => String(name)).toSorted();
  const restore = async (more: object = {}): Promise<Restore> => {
    const answer = await post('/api/restore', { backup_file_path: file, ...more });
    expect(answer).toMatchObject({ status: 200, body: { message: `Restore successful from ${file}` } });
    return answer.body['restore'] as Restore;
  };
  const list = async () => {
    const { body } = await api.call('GET', '/api/restores');
    return body as unknown as { restores: Restore[]; next: string | null; undo_bytes: number };
  };
  const one = async (id: string): Promise<Restore> =>
    (await api.call('GET', `/api/restores/${id}`)).body['restore'] as Restore;
  const refusal = (code: string, message: string, status = 409) => ({
    status,
    body: { success: false, code, message, hint: expect.any(String) as string },
  });

  beforeAll(async () => {
    [server, api] = await Promise.all([side.start(), startApi()]);
    await runSql(server.connection(side.maintenance), ['create database shop']);
    shop = server.connection('shop');
    await runSql(shop, [
      'create table items (i int primary key, label varchar(50))',
      'create table notes (i int primary key, label varchar(50))',
      "insert into items values (1, 'whole')",
      "insert into notes values (1, 'whole')",
    ]);
    details = { db_type: side.dbType, host: server.host, port: String(server.port), database: 'shop' };
    details = { ...details, username: server.username, password: server.password };
    expect(await post('/api/connect', details)).toMatchObject({ status: 200 });
    file = ((await post('/api/backup')).body['backup'] as { path: string }).path;
  });
  afterEach(async () => {
    for (const { id, undo } of (await list()).restores) {
      if (undo.copy !== null) await api.call('DELETE', `/api/restores/${id}/undo`);
    }
    expect(await databases()).toEqual(['shop']);
  });
  afterAll(async () => {
    await api.close();
    await server.stop();
  });

  it('70: refuses names that the server would cut, wherever a name is given', async () => {
    const long = 'x'.repeat(65);
    // What the server would make of it.
    const cut = side.dbType === 'PostgreSQL' ? long.slice(0, 63) : long.slice(0, 64);
    await runSql(server.connection(side.maintenance), [`create database ${cut}`]);
    const before = await databases();
    const refused = (field: string, answer: ApiAnswer): void => {
      expect({ field, ...answer }).toMatchObject({
        field,
        status: 400,
        body: {
          code: 'INVALID_INPUT',
          message: text(/65 (bytes|characters) long.* allows 6[34]/),
          errors: [{ field }],
        },
      });
    };
    const login = { ...details, database: long };
    for (const dry_run of [true, false]) {
      refused(
        'target_database',
        await post('/api/restore', { backup_file_path: file, target_database: long, dry_run }),
      );
      refused('tables', await post('/api/restore', { backup_file_path: file, tables: [long], dry_run }));
    }
    refused('database', await post('/api/connect', login));
    refused('database', await post('/api/connections', login));
    refused('database', await post('/api/connections', { ...login, test: false }));
    refused('database', await post('/api/connections/discover', login));
    refused('add', await post('/api/connections/discover', { ...details, database: undefined, add: [long] }));
    refused('database', await post('/api/config', { database: long }));
    if (side.dbType === 'PostgreSQL') {
      for (const operation of ['Create User', 'Modify Users', 'Delete Users']) {
        refused('username', await post('/api/users', { operation, username: long, password: 'a long secret' }));
      }
    }
    expect(await databases()).toEqual(before);
    await runSql(server.connection(side.maintenance), [`drop database ${cut}`]);
  });

  it('78: leave a database that was as empty as it was when they fail in place, and are undone to that where they saved it', async () => {
    await runSql(server.connection(side.maintenance), ['create database bare']);
    const into = { target_database: 'bare', strategy: side.inPlace };
    const wrong = file.replace(/\.sql$/, '_wrong.sql');
    const whole = await readFile(join(api.workingDirectory, file), 'utf8');
    await writeFile(join(api.workingDirectory, wrong), whole.replace(side.endMark, side.wrong + side.endMark));
    const tables = () =>
      runSql(server.connection('bare'), [
        `select table_name as name from information_schema.tables where table_schema in ('bare', 'public')`,
      ]);
    const failed = await post('/api/restore', { backup_file_path: wrong, ...into });
    expect(failed).toMatchObject({ status: 502, body: { code: 'RESTORE_FAILED' } });
    expect(await tables()).toEqual([]);
    const { id } = await restore(into);
    expect(await tables()).toHaveLength(2);
    // PostgreSQL saves nothing of an empty database, as its transaction is enough.
    if (side.inPlace === 'safety_backup') {
      expect(await post(`/api/restores/${id}/undo`)).toMatchObject({ status: 200 });
      expect(await tables()).toEqual([]);
    }
    await rm(join(api.workingDirectory, wrong));
    await runSql(server.connection(side.maintenance), ['drop database bare']);
  });

  it('55: refuse as a target what a restore keeps to be undone by', async () => {
    const { id, undo } = await restore();
    const into = { backup_file_path: file, target_database: undo.copy };
    for (const dry_run of [true, false]) {
      expect(await post('/api/restore', { ...into, dry_run })).toEqual({
        status: 400,
        body: {
          ...{ success: false, code: 'INVALID_INPUT' },
          message: `Nothing was changed: "${undo.copy}" is what a restore of "shop" keeps, so that it can be undone.`,
          hint: expect.stringContaining(`/api/restores/${id}/undo`) as string,
          errors: [{ field: 'target_database', message: expect.any(String) as string }],
        },
      });
    }
    // The same server by another name.
    const added = await post('/api/connections', { ...details, host: 'localhost', replace: false });
    const other = (added.body['connection'] as { id: string }).id;
    expect(await post('/api/restore', { ...into, connection_id: other })).toMatchObject({
      ...{ status: 400, body: { code: 'INVALID_INPUT' } },
    });
    expect(await api.call('DELETE', `/api/connections/${other}`)).toMatchObject({ status: 200 });
    expect(await post(`/api/restores/${id}/undo`)).toMatchObject({ status: 200 });
  });

  it('tell beforehand what they would do, and do nothing then', async () => {
    await write('newer');
    const before = await list();
    const answer = await post('/api/restore', { backup_file_path: file, dry_run: true });
    expect(answer).toEqual({
      status: 200,
      body: {
        success: true,
        message:
          'Nothing was changed. The restore would load the backup into a staging database and swap it in for "shop"; ' +
          'that could be undone for 24 hours.',
        plan: {
          ...{
            path: file,
            database: 'shop',
            strategy: 'swap',
            obstacles: [],
            staged: null,
            creates_database: false,
            undo_hours: 24,
          },
          ...{ tables: null, warnings: [] },
          lockout: side.inPlace === 'transaction' ? null : { tables: 4, least_ms: number, most_ms: number },
          backup: {
            ...{ id: text(UUID), database: 'shop', format: 'plain', size: number, dump_size: number },
            ...{ started_at: text(TIME), server: text(/^\w+ \d/), verification: 'stored' },
          },
          target: {
            ...{ server: text(/^\w+ \d/), bytes: number, objects: expect.objectContaining({ tables: 2 }) as unknown },
            ...{ sessions: number, free_bytes: expect.anything() as unknown },
          },
        },
      },
    });
    expect(await items()).toEqual(['newer']);
    expect(await databases()).toEqual(['shop']);
    expect(await list()).toEqual(before);

    const elsewhere = { backup_file_path: file, dry_run: true, target_database: 'fresh', tables: [side.items] };
    expect((await post('/api/restore', elsewhere)).body).toMatchObject({
      message: 'Nothing was changed. The restore would make the database "fresh" and load 1 table into it.',
      plan: { strategy: 'new', creates_database: true, tables: [side.items], undo_hours: 0 },
    });
    const inPlace = { backup_file_path: file, dry_run: true, strategy: side.inPlace };
    expect((await post('/api/restore', inPlace)).body).toMatchObject({
      plan: { strategy: side.inPlace, undo_hours: 24 },
    });
  });

  it('refuse in a dry run what they would refuse', async () => {
    const missing = { backup_file_path: './backups/none.sql', dry_run: true };
    expect(await post('/api/restore', missing)).toMatchObject({ status: 404, body: { code: 'BACKUP_NOT_FOUND' } });
    const answer = await post('/api/restore', { backup_file_path: file, dry_run: true, tables: ['nowhere'] });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.body['message']).toContain('nowhere');
    for (const [field, value] of Object.entries({ strategy: 'luck', tables: [], dry_run: 'yes' })) {
      expect(await post('/api/restore', { backup_file_path: file, [field]: value })).toMatchObject({
        status: 400,
        body: { code: 'INVALID_INPUT', errors: [{ field }] },
      });
    }
    expect(await post('/api/restore', { backup_file_path: file, tables: ['items', ''] })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'tables', message: 'is empty' }] },
    });
  });

  it('say how they were done and how long nobody could get in, and keep what was there', async () => {
    await write('newer');
    const done = await restore();
    expect(done).toEqual({
      ...{ id: text(UUID), strategy: 'swap', database: 'shop', database_created: false, tables: null },
      ...{ duration_ms: number, lockout_ms: number, sessions_ended: number, safety_backup: null, warnings: [] },
      undo: {
        ...{ available: true, state: 'available', until: text(TIME), copy: text(/^shop__before_[0-9a-f]{8}$/) },
        bytes: number,
      },
    });
    expect(Date.parse(done.undo.until ?? '') - Date.now()).toBeGreaterThan(23 * 3_600_000);
    expect(await items()).toEqual(['whole']);
    expect(await databases()).toEqual(['shop', done.undo.copy]);

    const { restores, undo_bytes: bytes } = await list();
    expect(restores[0]).toEqual({
      ...{ id: done.id, kind: 'restore', undoes: null, job_id: text(UUID), connection_id: text(UUID) },
      ...{ database: 'shop', backup_path: file, strategy: 'swap', tables: null, lockout_ms: number },
      ...{ safety_backup_path: null, undo: done.undo, state: 'succeeded', error: null },
      ...{ started_at: text(TIME), finished_at: text(TIME) },
    });
    expect(await one(done.id)).toEqual(restores[0]);
    expect(bytes).toBe(done.undo.bytes);
    expect(bytes).toBeGreaterThan(0);
  });

  it('are undone by one call, that is undone by another, and each once', async () => {
    await write('newer');
    const first = await restore();
    await write('newest');
    const undone = await post(`/api/restores/${first.id}/undo`);
    expect(undone).toMatchObject({
      status: 200,
      body: {
        message: 'Restore undone: "shop" is as it was before.',
        restore: { database: 'shop', strategy: 'swap', lockout_ms: number, undo: { available: true } },
      },
    });
    expect(await items()).toEqual(['newer']);
    const second = undone.body['restore'] as Restore;
    expect(await one(first.id)).toMatchObject({ undo: { available: false, state: 'used', copy: null, bytes: null } });
    expect(await one(second.id)).toMatchObject({ kind: 'undo', undoes: first.id, undo: { state: 'available' } });
    expect(await post(`/api/restores/${first.id}/undo`)).toEqual(
      refusal('UNDO_UNAVAILABLE', 'The restore of "shop" cannot be undone: it was undone already.'),
    );
    expect(await items()).toEqual(['newer']);

    expect((await post(`/api/restores/${second.id}/undo`)).body).toMatchObject({
      message: 'Undo undone: "shop" is as it was before the undo.',
    });
    expect(await items()).toEqual(['newest']);
  });

  it('are undone by a job, for whoever does not wait', async () => {
    await write('newer');
    const { id } = await restore();
    const answer = await fetch(`${api.url}/api/restores/${id}/undo`, {
      method: 'POST',
      headers: { prefer: 'respond-async', connection: 'close' },
    });
    expect(answer.status).toBe(202);
    const { job } = (await answer.json()) as { job: { id: string; type: string; database: string } };
    expect(job).toMatchObject({ type: 'undo', database: 'shop' });
    expect(answer.headers.get('location')).toBe(`/api/jobs/${job.id}`);
    await api.app.get<JobQueue>(JOB_QUEUE).ended(job.id);
    expect((await api.call('GET', `/api/jobs/${job.id}`)).body).toMatchObject({
      job: { state: 'succeeded', result: { restore: { id: text(UUID), path: file, strategy: 'swap' } } },
    });
    expect(await items()).toEqual(['newer']);
  });

  it('let go of what they keep when somebody wants the space', async () => {
    const [first, second] = [await restore(), await restore()];
    const both = await list();
    expect(both.undo_bytes).toBe((first.undo.bytes ?? 0) + (second.undo.bytes ?? 0));
    expect(await databases()).toEqual(['shop', first.undo.copy, second.undo.copy].toSorted());

    const events = await readEvents(`${api.url}/api/events`);
    const dropped = await api.call('DELETE', `/api/restores/${first.id}/undo`);
    const { data } = await events.until(({ event }) => event === 'restore');
    expect(data).toEqual({ change: 'dropped', restore_id: first.id, connection_id: text(UUID) });
    events.leave();
    expect(dropped).toMatchObject({
      status: 200,
      body: {
        message: 'The previous state of "shop" was dropped.',
        restore: { id: first.id, undo: { available: false, state: 'dropped', until: null, copy: null, bytes: null } },
      },
    });
    expect(await databases()).toEqual(['shop', second.undo.copy]);
    expect((await list()).undo_bytes).toBe(second.undo.bytes);
    const refused = refusal(
      'UNDO_UNAVAILABLE',
      'The restore of "shop" cannot be undone: what it replaced was dropped.',
    );
    expect(await post(`/api/restores/${first.id}/undo`)).toEqual(refused);
    expect(await api.call('DELETE', `/api/restores/${first.id}/undo`)).toEqual(refused);
  });

  it('drop what they keep when its time has come', async () => {
    const { id } = await restore();
    const { restores } = api.app.get<Catalog>(CATALOG);
    const queue = api.app.get<JobQueue>(JOB_QUEUE);
    await restores.update(id, { copyUntil: 1_000 });
    await queue.ended((await queue.enqueue(expiryJob())).id);
    expect(await databases()).toEqual(['shop']);
    expect(await one(id)).toMatchObject({ undo: { available: false, state: 'expired', copy: null } });
    expect(await post(`/api/restores/${id}/undo`)).toMatchObject({
      status: 409,
      body: { code: 'UNDO_UNAVAILABLE', message: text(/was kept for its time and has been dropped/) },
    });
  });

  it('bring some tables back only, and those are undone, too', async () => {
    await write('newer');
    await runSql(shop, ["update notes set label = 'newer'"]);
    const notes = async () => (await runSql(shop, ['select label from notes'])).map(({ label }) => label);
    const done = await restore({ tables: [side.items] });
    expect(done).toMatchObject({ strategy: 'swap', tables: [side.items], undo: { available: true } });
    expect([await items(), await notes()]).toEqual([['whole'], ['newer']]);
    expect((await post(`/api/restores/${done.id}/undo`)).body).toMatchObject({
      message: `Restore undone: table ${side.items} of "shop" is as before.`,
    });
    expect([await items(), await notes()]).toEqual([['newer'], ['newer']]);
  });

  it('57: of tables can be undone when a restore of the whole database has been, which the plan says', async () => {
    await write('newer');
    const some = await restore({ tables: [side.items] });
    const plan = async (more: object = {}) =>
      (await post('/api/restore', { backup_file_path: file, dry_run: true, ...more })).body['plan'];
    const [leaves, isLost] =
      side.dbType === 'PostgreSQL'
        ? [[text(/^An earlier restore of public\.items can be undone only after this one has been/)], true]
        : [[], false];
    expect(await plan()).toMatchObject({ strategy: 'swap', warnings: leaves });
    const whole = await restore();
    const meanwhile = isLost
      ? { available: false, state: 'lost', reason: text(/replaced the whole database, undo that one first\.$/) }
      : { available: true, state: 'available' };
    expect(await one(some.id)).toMatchObject({ undo: meanwhile });
    expect(await post(`/api/restores/${whole.id}/undo`)).toMatchObject({ status: 200 });
    expect(await one(some.id)).toMatchObject({ undo: { available: true, state: 'available' } });
    expect(await plan({ strategy: side.inPlace })).toMatchObject({ warnings: [] });
    await restore({ strategy: side.inPlace });
    expect(await post(`/api/restores/${some.id}/undo`)).toMatchObject({ status: 200 });
    expect(await items()).toEqual(['newer']);
  });

  it('57: of tables are marked lost with their reason at once, when what they are made of is replaced', async () => {
    if (side.dbType !== 'PostgreSQL') return;
    await runSql(shop, ["create type mood as enum ('sad')", 'create table days (feeling mood)']);
    const moody = ((await post('/api/backup')).body['backup'] as { path: string }).path;
    const asked = { backup_file_path: moody, tables: ['days'] };
    const days = (await post('/api/restore', asked)).body['restore'] as Restore;
    const done = await post('/api/restore', { backup_file_path: moody, strategy: 'transaction' });
    expect(done.body['restore']).toMatchObject({ warnings: [text(/days cannot be undone any more then.*mood/)] });
    const record = await api.app.get<Catalog>(CATALOG).restores.get(days.id);
    expect(record).toMatchObject({ copyState: 'lost', copyUntil: null });
    expect(await one(days.id)).toMatchObject({
      undo: { available: false, state: 'lost', reason: text(/replaced the whole database in place.*types/) },
    });
    expect(await post(`/api/restores/${days.id}/undo`)).toMatchObject({
      status: 409,
      body: { hint: text(/^Restore a backup from before it instead/) },
    });
    await restore();
  });

  it('48: of tables are refused by name in a dry run, too, where something would follow the old ones', async () => {
    const postgres = side.dbType === 'PostgreSQL';
    const key = 'alter table notes add constraint of_item foreign key (i) references items (i)';
    await runSql(shop, [postgres ? 'create view labels as select label from items' : key]);
    for (const dry_run of [true, false]) {
      expect(await post('/api/restore', { backup_file_path: file, tables: [side.items], dry_run })).toMatchObject({
        status: 422,
        body: { code: 'UNSUPPORTED', message: text(postgres ? /view public\.labels depends on it/ : /of_item/) },
      });
    }
    await runSql(shop, [postgres ? 'drop view labels' : 'alter table notes drop foreign key of_item']);
  });

  it('are done in place where that is asked for, and undone by the backup that was made before', async () => {
    await write('newer');
    const done = await restore({ strategy: side.inPlace });
    expect(done).toMatchObject({
      ...{ strategy: side.inPlace, lockout_ms: null, sessions_ended: null },
      safety_backup: { kind: 'safety', database: 'shop' },
      undo: { available: true, state: 'available', until: text(TIME), copy: null, bytes: null },
    });
    expect(await items()).toEqual(['whole']);
    // 63: a swap may be what cannot be done with this database.
    const undone = await post(`/api/restores/${done.id}/undo`);
    expect(undone).toMatchObject({ status: 200, body: { restore: { strategy: side.inPlace } } });
    expect(await items()).toEqual(['newer']);
    expect(await one(done.id)).toMatchObject({ undo: { available: false, state: 'used', until: null } });
    const again = undone.body['restore'] as Restore;
    expect(await post(`/api/restores/${again.id}/undo`)).toMatchObject({ status: 200 });
    expect(await items()).toEqual(['whole']);
  });

  describe('55: keep the safety backup that they are undone by', () => {
    const safetyBackups = async () => {
      const { body } = await api.call('GET', '/api/backups');
      return (body['backups'] as { id: string; kind: string; path: string }[]).filter(({ kind }) => kind === 'safety');
    };
    let bad: string;
    let done: Restore;
    let safety: { id: string; path: string };

    beforeAll(async () => {
      bad = './backups/bad.sql';
      const good = await readFile(join(api.workingDirectory, file), 'utf8');
      const mark = good.lastIndexOf(side.endMark);
      const wrong = `${good.slice(0, mark)}${side.wrong}\n${good.slice(mark)}`;
      await writeFile(join(api.workingDirectory, bad), wrong);
    });
    afterAll(() => rm(join(api.workingDirectory, bad)));
    beforeEach(async () => {
      for (const { id, undo } of (await list()).restores) {
        if (undo.available) await api.call('DELETE', `/api/restores/${id}/undo`);
      }
      for (const { id } of await safetyBackups()) await api.call('DELETE', `/api/backups/${id}`);
      await write('precious');
      done = await restore({ strategy: side.inPlace });
      const [kept] = await safetyBackups();
      if (kept === undefined) throw new Error('no safety backup was made');
      safety = kept;
    });

    const fail = async () => {
      const answer = await post('/api/restore', { backup_file_path: bad, strategy: side.inPlace });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.body['code']).not.toBe('BACKUP_NOT_FOUND');
    };

    it('however many attempts fail after them, whose own safety backups go', async () => {
      for (let attempt = 0; attempt < 4; attempt += 1) await fail();
      expect(await items()).toEqual(['whole']);
      expect(await one(done.id)).toMatchObject({ undo: { available: true, state: 'available' } });
      expect(await safetyBackups()).toMatchObject([{ path: safety.path }]);
      expect(await post(`/api/restores/${done.id}/undo`)).toMatchObject({ status: 200 });
      expect(await items()).toEqual(['precious']);
    });

    it('however many others succeed after them, and whoever wants to delete it', async () => {
      for (let more = 0; more < 4; more += 1) await restore({ strategy: side.inPlace });
      const { connections } = (await api.call('GET', '/api/connections')).body as { connections: { id: string }[] };
      const applied = await post(`/api/connections/${connections[0]?.id ?? ''}/retention/apply`);
      expect(applied).toMatchObject({ status: 200 });
      expect((await safetyBackups()).map(({ id }) => id)).toContain(safety.id);
      expect(await api.call('DELETE', `/api/backups/${safety.id}`)).toMatchObject({
        status: 409,
        body: { code: 'BACKUP_IN_USE', hint: text(new RegExp(`/api/restores/${done.id}/undo`)) },
      });
      expect(await post('/api/catalog/rebuild')).toMatchObject({ status: 200 });
      expect((await safetyBackups()).map(({ id }) => id)).toContain(safety.id);
      expect(await post(`/api/restores/${done.id}/undo`)).toMatchObject({ status: 200 });
      expect(await items()).toEqual(['precious']);
    });

    it('until that has expired or was given up, and no longer', async () => {
      const { restores } = api.app.get<Catalog>(CATALOG);
      const queue = api.app.get<JobQueue>(JOB_QUEUE);
      await restores.update(done.id, { copyUntil: 1_000 });
      await queue.ended((await queue.enqueue(expiryJob())).id);
      expect(await one(done.id)).toMatchObject({ undo: { available: false, state: 'expired' } });
      expect(await post(`/api/restores/${done.id}/undo`)).toMatchObject({
        status: 409,
        body: { code: 'UNDO_UNAVAILABLE', hint: `Restore ${safety.path} instead.` },
      });
      expect(await api.call('DELETE', `/api/backups/${safety.id}`)).toMatchObject({ status: 200 });

      const second = await restore({ strategy: side.inPlace });
      const [kept] = await safetyBackups();
      expect(await api.call('DELETE', `/api/backups/${kept?.id ?? ''}`)).toMatchObject({ status: 409 });
      expect(await api.call('DELETE', `/api/restores/${second.id}/undo`)).toMatchObject({
        status: 200,
        body: { message: text(/is not kept for an undo any more/), restore: { undo: { state: 'dropped' } } },
      });
      expect(await api.call('DELETE', `/api/backups/${kept?.id ?? ''}`)).toMatchObject({ status: 200 });
    });
  });

  it('keep nothing where no time is given to undo them', async () => {
    await using other = await startApi({
      environment: { RESTORE_UNDO_HOURS: '0', BACKUP_DIR: `${api.workingDirectory}/backups` },
    }).then((started) => ({ ...started, [Symbol.asyncDispose]: () => started.close() }));
    expect(await other.call('POST', '/api/connect', details)).toMatchObject({ status: 200 });
    await write('newer');
    const path = file.replace('./', `${api.workingDirectory}/`);
    const { body } = await other.call('POST', '/api/restore', { backup_file_path: path });
    expect(body).toMatchObject({ restore: { strategy: 'swap', undo: null } });
    expect(await items()).toEqual(['whole']);
    expect(await databases()).toEqual(['shop']);
    const { id } = body['restore'] as Restore;
    expect(await other.call('POST', `/api/restores/${id}/undo`)).toMatchObject({
      status: 409,
      body: { code: 'UNDO_UNAVAILABLE', message: text(/what it replaced was not kept/) },
    });
  });

  it('that nobody knows of cannot be shown, undone or let go', async () => {
    const nobody = refusal('RESTORE_NOT_FOUND', 'There is no restore r0.', 404);
    expect(await api.call('GET', '/api/restores/r0')).toEqual(nobody);
    expect(await post('/api/restores/r0/undo')).toEqual(nobody);
    expect(await api.call('DELETE', '/api/restores/r0/undo')).toEqual(nobody);
  });
});
