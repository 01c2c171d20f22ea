import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startMariadb, startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { startApi } from './support/api-harness.js';
import type { ApiAnswer, RunningApi } from './support/api-harness.js';
import { runSql } from './support/run-sql.js';

jest.setTimeout(120_000);

const PWNED = '/tmp/rights-pwned';

/** With the header and the end mark of pg_dump. */
const dump = (text: string): string =>
  `--\n-- PostgreSQL database dump\n--\n\n${text}\n--\n-- PostgreSQL database dump complete\n--\n\n`;

const WHOLE_SERVER = [
  `select rolname, rolsuper, rolcreaterole, rolconfig::text, shobj_description(oid, 'pg_authid') from pg_roles order by 1`,
  'select roleid::regrole::text, member::regrole::text from pg_auth_members order by 1, 2',
  `select datname, datdba::regrole::text, datacl::text, datallowconn, datistemplate, datconnlimit, shobj_description(oid, 'pg_database') from pg_database order by 1`,
  'select setdatabase, setrole, setconfig::text from pg_db_role_setting order by 1, 2',
  'select name, setting from pg_file_settings order by 1',
];

describe('with which rights a PostgreSQL dump is loaded', () => {
  let server: SandboxServer;
  let api: RunningApi;

  const sql = (statements: readonly string[], database = 'postgres') => runSql(server.connection(database), statements);
  const wholeServer = () => Promise.all(WHOLE_SERVER.map((query) => sql([query])));
  const post = (path: string, body?: unknown): Promise<ApiAnswer> => api.call('POST', path, body);
  const login = (more: object = {}): object => {
    const { host, port, username, password } = server;
    return { db_type: 'PostgreSQL', host, port: String(port), database: 'shop', username, password, ...more };
  };
  const place = async (name: string, text: string): Promise<string> => {
    await writeFile(join(api.workingDirectory, 'backups', name), text);
    return `./backups/${name}`;
  };
  const restore = async (text: string, more: object = {}): Promise<ApiAnswer> =>
    post('/api/restore', { backup_file_path: await place('foreign.sql', dump(text)), ...more });

  /** Restores that keep a previous database. */
  const undoable = async (): Promise<{ id: string }[]> => {
    const { body } = await api.call('GET', '/api/restores');
    return (body['restores'] as { id: string; undo: { copy: string | null } }[]).filter(
      ({ undo }) => undo.copy !== null,
    );
  };

  beforeAll(async () => {
    [server, api] = await Promise.all([startPostgres(), startApi()]);
    await sql(['create role eve login', 'create database other', 'create database shop', 'create database kept']);
    await sql(['create table items (i int primary key)', 'insert into items values (1), (2)'], 'shop');
    expect(await post('/api/connect', login())).toMatchObject({ status: 200 });
    expect(await post('/api/backup')).toMatchObject({ status: 200 });
  });
  afterAll(async () => {
    await api.close();
    await server.stop();
    await rm(PWNED, { force: true });
  });

  const hostile = `grant pg_read_all_data to eve; comment on database other is 'x'; revoke connect on database other from public; select 1/0;`;
  const hidden = `create function f() returns int language plpgsql as $$ begin
      begin execute 'grant pg_read_all_data to eve'; exception when others then null; end;
      begin execute 'comment on database other is ''x'''; exception when others then null; end;
      begin execute 'copy (select 1) to program ''id > ${PWNED}'''; exception when others then null; end;
      begin execute 'alter system set work_mem = ''1GB'''; exception when others then null; end;
      return 1; end $$;
    create table items (i int primary key, n int default f(), check (f() = 1)); insert into items values (1);
    create index on items ((i + 1)); select f();`;
  const attacks = {
    hostile,
    hidden,
    'a DO block': `do $$ begin execute 'comment on database other is ''x'''; end $$;`,
    'a long comment': `create /*${'x'.repeat(5_000)}*/ role mallory superuser;`,
    'an owner that is changed with something else': `${hidden.replace('items (i int primary key', 'other_items (i int')}
      create table items (i int); insert into items values (1); alter table public.items add column c int default public.f(), owner to eve;`,
    'a call in what sets the search path': `${hidden} select set_config('search_path', public.f()::text, false); grant select on public.items to eve;`,
    'a call next to what sets the search path': `${hidden} select pg_catalog.set_config('search_path', 'public', false), public.f(); grant select on public.items to eve;`,
    'a set_config of its own': `${hidden} create function public.set_config(text, text, bool) returns text language sql as 'select f()::text';
      set search_path = public, pg_catalog; select set_config('search_path', 'public', false); grant select on public.items to eve;`,
    'an operator that a superuser would use': `${hidden} set search_path = public, pg_catalog; create extension pageinspect;
      create function public.at_least(oid, int) returns bool language sql as 'select f() = 1';
      create operator public.>= (leftarg = oid, rightarg = int, function = public.at_least); create extension pg_buffercache;`,
    'its own database': `create table public.items (i int); do $$ begin
      execute format('alter database %I is_template true', current_database()); execute format('alter database %I connection limit 0', current_database());
      execute format('alter database %I set search_path = nowhere', current_database()); end $$;`,
    'its own database, before it fails': `do $$ begin execute format('alter database %I is_template true', current_database()); end $$; select 1/0;`,
    'a program': `copy (select a from stdin) to program 'id > ${PWNED}';`,
  };

  describe.each(Object.entries(attacks))('53: %s', (_name, text) => {
    it.each([{}, { strategy: 'transaction' }, { tables: ['items'] }, { target_database: 'brandnew' }])(
      'reaches nothing but the database that it is restored into: %p',
      async (way) => {
        const before = await wholeServer();
        const answer = await restore(text, way);
        expect(existsSync(PWNED)).toBe(false);
        if (answer.status === 200) {
          // What it tried was refused to it; the rest of it is restored.
          for (const { id } of await undoable()) {
            expect(await post(`/api/restores/${id}/undo`)).toMatchObject({ status: 200 });
          }
          for (const { id } of await undoable()) await api.call('DELETE', `/api/restores/${id}/undo`);
          await sql(['drop database if exists brandnew with (force)']);
        } else {
          expect(answer.body).toMatchObject({
            code: expect.stringMatching(/^(BACKUP_UNSAFE|RESTORE_FAILED|INVALID_INPUT|UNSUPPORTED|BACKUP_DAMAGED)$/),
          });
        }
        expect(await wholeServer()).toEqual(before);
        expect(await sql(['select count(*)::int as n from items'], 'shop')).toEqual([{ n: 2 }]);
      },
    );
  });

  it('52: functions of the source run with no rights on the server that verifies a backup', async () => {
    await sql(
      [
        'create schema m',
        `create function m.f() returns int language plpgsql as $$ begin begin execute 'copy (select 1) to program ''id > ${PWNED}'''; exception when others then null; end; return 1; end $$`,
        'create materialized view m.v as select m.f()',
      ],
      'kept',
    );
    await rm(PWNED, { force: true });
    expect(await post('/api/connect', login({ database: 'kept' }))).toMatchObject({ status: 200 });
    const made = await post('/api/backup', { verification: 'restored' });
    expect(await post('/api/connect', login())).toMatchObject({ status: 200 });
    // The source itself is not asked to run it either.
    expect(existsSync(PWNED)).toBe(false);
    const { id } = made.body['backup'] as { id: string };
    expect((await api.call('GET', `/api/backups/${id}`)).body['backup']).toMatchObject({
      verification: { level: 'restored' },
    });
  });

  it('56: nobody can write into a database that a restore has just made, before it is complete', async () => {
    const entered: number[] = [];
    let refused = 0;
    let over = false;
    const intruder = (async () => {
      for (let n = 1; !over; n += 1) {
        await runSql(server.connection('brandnew'), [
          'create table if not exists orders (i int)',
          `insert into orders values (${n})`,
        ]).then(
          () => entered.push(n),
          (error: unknown) => (refused += /not currently accepting/.test(String(error)) ? 1 : 0),
        );
        await sleep(20);
      }
    })();
    const answer = await restore('create table items (i int); select pg_sleep(1.5);', { target_database: 'brandnew' });
    over = true;
    await intruder;
    expect(answer).toMatchObject({ status: 200, body: { restore: { strategy: 'new' } } });
    expect(refused).toBeGreaterThan(0);
    // Whoever came in came in when it was complete, and has kept what he wrote.
    const orders = entered.length === 0 ? [] : await sql(['select i from orders'], 'brandnew');
    expect(orders.map(({ i }) => i)).toEqual(expect.arrayContaining(entered));
    expect(
      await sql([
        `select datallowconn, shobj_description(oid, 'pg_database') as comment from pg_database where datname = 'brandnew'`,
      ]),
    ).toEqual([{ datallowconn: true, comment: null }]);
    await sql(['drop database brandnew with (force)']);
  });

  it('56: a new database for some tables is closed as well, and goes when the restore fails', async () => {
    const { body } = await api.call('GET', '/api/backups');
    const [shops] = (body['backups'] as { path: string; database: string }[]).filter(
      ({ database }) => database === 'shop',
    );
    const answer = await post('/api/restore', {
      backup_file_path: shops?.path,
      tables: ['items'],
      target_database: 'brandnew',
    });
    expect(answer).toMatchObject({ status: 200, body: { restore: { strategy: 'new' } } });
    expect(await sql(['select count(*)::int as n from items'], 'brandnew')).toEqual([{ n: 2 }]);
    await sql(['drop database brandnew']);
    expect(await restore('create table items (i int); select 1/0;', { target_database: 'brandnew' })).toMatchObject({
      body: { code: 'RESTORE_FAILED' },
    });
    expect(await sql([`select datname from pg_database where datname ~ '^brandnew'`])).toEqual([]);
  });

  it('31 of the issue: who owns a database may swap it though a superuser has made an extension there', async () => {
    await sql(["create role keeper login createdb password 'keeper'", 'create database keepers owner keeper']);
    await sql(['create extension hstore'], 'keepers');
    await runSql({ ...server.connection('keepers'), username: 'keeper', password: 'keeper' }, [
      'create table t (h hstore)',
    ]);
    const keeper = login({ database: 'keepers', username: 'keeper', password: 'keeper' });
    expect(await post('/api/connect', keeper)).toMatchObject({ status: 200 });
    const made = (await post('/api/backup')).body['backup'] as { path: string };
    const answer = await post('/api/restore', { backup_file_path: made.path });
    const inPlace = await post('/api/restore', { backup_file_path: made.path, strategy: 'transaction' });
    expect(await post('/api/connect', login())).toMatchObject({ status: 200 });
    expect(answer).toMatchObject({ status: 200, body: { restore: { strategy: 'swap' } } });
    expect(await sql([`select datdba::regrole::text as owner from pg_database where datname = 'keepers'`])).toEqual([
      { owner: 'keeper' },
    ]);
    expect([200, 403, 422]).toContain(inPlace.status);
  });
});

describe('what somebody writes into a new database of MariaDB while it is restored', () => {
  let server: SandboxServer;
  let api: RunningApi;
  let path: string;

  const sql = (statements: string[], database = 'mysql') => runSql(server.connection(database), statements);
  const restore = (more: object): Promise<ApiAnswer> =>
    api.call('POST', '/api/restore', { backup_file_path: path, target_database: 'brandnew', ...more });
  /** As soon as the database is there. */
  const write = async (statements: string[]): Promise<void> => {
    for (let tries = 0; tries < 5_000; tries += 1) {
      const wrote = await sql(statements, 'brandnew').then(
        () => true,
        (error: unknown) => !/Unknown database/.test(String(error)) && Promise.reject(error as Error),
      );
      if (wrote) return;
      await sleep(1);
    }
    throw new Error('The database was never there.');
  };
  const ORDERS = ['create table orders (i int)', 'insert into orders values (7)'];
  const places = async () =>
    (await sql([`select table_schema as place from information_schema.tables where table_name = 'orders'`])).map(
      ({ place }) => String(place),
    );
  const dropAll = async (): Promise<void> => {
    const found = await sql([
      `select schema_name as name from information_schema.schemata where schema_name like 'brandnew%'`,
    ]);
    for (const { name } of found) await sql([`drop database \`${String(name)}\``]);
  };

  beforeAll(async () => {
    [server, api] = await Promise.all([startMariadb(), startApi()]);
    const { host, port, username, password } = server;
    await sql(['create database shop']);
    await sql(['create table items (i int primary key, t varchar(300))'], 'shop');
    await sql([`insert into items select seq, repeat('x', 200) from seq_1_to_20000`], 'shop');
    const details = { db_type: 'MySQL', host, port: String(port), database: 'shop', username, password };
    expect(await api.call('POST', '/api/connect', details)).toMatchObject({ status: 200 });
    path = ((await api.call('POST', '/api/backup')).body['backup'] as { path: string }).path;
  });
  afterEach(dropAll);
  afterAll(async () => {
    await api.close();
    await server.stop();
  });

  it.each([{}, { tables: ['items'] }, { strategy: 'safety_backup' }, { strategy: 'swap' }])(
    '56: is kept with %j, and the answer says where',
    async (more) => {
      const [answer] = await Promise.all([restore(more), write(ORDERS)]);
      expect(answer).toMatchObject({ status: 200, body: { restore: { strategy: 'new', database_created: true } } });
      const [place = ''] = await places();
      expect(await sql(['select i from orders'], place)).toEqual([{ i: 7 }]);
      expect(JSON.stringify(answer.body)).toContain(place);
      expect(await sql(['select count(*) as n from items'], 'brandnew')).toEqual([{ n: 20_000 }]);
    },
  );

  it.each([
    ['a routine', ['create procedure mine() select 1'], 'mine'],
    ['a view', ['create view mine as select 1 as one'], 'mine'],
  ])('56: is kept where it is %s alone', async (_what, statements, name) => {
    const [answer] = await Promise.all([restore({}), write(statements)]);
    const { undo } = (answer.body as { restore: { undo: { copy: string } | null } }).restore;
    const kept = await sql(
      [`select name, convert(text using utf8mb4) as text from __backup_service_programs where name = '${name}'`],
      undo?.copy ?? 'brandnew',
    );
    expect(kept).toMatchObject([{ name }]);
  });

  it('56: is kept when the restore fails', async () => {
    const wrong = join(api.workingDirectory, path.replace(/\.sql$/, '_wrong.sql'));
    const text = await readFile(join(api.workingDirectory, path), 'utf8');
    await writeFile(wrong, text.replace('-- Dump completed', 'insert into nowhere values (1);\n-- Dump completed'));
    const [answer] = await Promise.all([restore({ backup_file_path: wrong }), write(ORDERS)]);
    expect(answer).toMatchObject({
      status: 502,
      body: { message: expect.stringMatching(/"brandnew".* was kept/) as unknown },
    });
    expect(await sql(['select i from orders'], 'brandnew')).toEqual([{ i: 7 }]);
    expect(await restore({ backup_file_path: wrong, target_database: 'brandnew2' })).toMatchObject({ status: 502 });
    expect(await sql([`show databases like 'brandnew2%'`])).toEqual([]);
  });

  it('56: an account that can make only this database loads in place, and refuses what somebody has written meanwhile', async () => {
    await sql([
      `create user only@'%' identified by 'only'`,
      "grant all on brandnew.* to only@'%'",
      "grant all on shop.* to only@'%'",
    ]);
    const { host, port } = server;
    const details = { db_type: 'MySQL', host, port, database: 'shop', username: 'only', password: 'only' };
    const made = await api.call('POST', '/api/connections', { ...details, replace: false, label: 'only' });
    expect(made).toMatchObject({ status: 200 });
    const { id } = made.body['connection'] as { id: string };
    const [answer] = await Promise.all([restore({ connection_id: id }), write(ORDERS)]);
    expect(answer).toMatchObject({
      status: 409,
      body: { code: 'BUSY', message: expect.stringMatching(/was kept/) as unknown },
    });
    const [place = ''] = await places();
    expect(await sql(['select i from orders'], place)).toEqual([{ i: 7 }]);
  });
});
