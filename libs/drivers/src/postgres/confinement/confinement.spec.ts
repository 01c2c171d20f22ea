import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ConnectionParams } from '@app/domain';
import { runProcess } from '@app/process';
import { startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import type { ConfinedAccount, DumpSource, LoadHooks, LoadResult } from '../../db-driver.js';
import { PostgresSession } from '../login/postgres-session.js';
import { PostgresDriver } from '../postgres-driver.js';
import { ACCOUNT_COMMENT } from './confined-account.js';

jest.setTimeout(120_000);

let server: SandboxServer;
let folder: string;
let driver: PostgresDriver;
let pwned: string;
let copies = 0;

beforeAll(async () => {
  server = await startPostgres();
  folder = await mkdtemp(join(tmpdir(), 'confinement-'));
  pwned = join(server.socketDirectory, 'pwned');
  driver = new PostgresDriver({ runtimeDir: join(folder, 'runtime') });
  await sql(
    'postgres',
    `CREATE ROLE eve LOGIN PASSWORD 'x'; CREATE ROLE app; CREATE ROLE maker LOGIN PASSWORD 'maker' CREATEDB CREATEROLE; CREATE ROLE plain LOGIN PASSWORD 'plain' CREATEDB`,
  );
  for (const name of ['other', 'shop', 'apps', 'made', 'plains']) await sql('postgres', `CREATE DATABASE ${name}`);
  await sql(
    'postgres',
    'ALTER DATABASE apps OWNER TO app; ALTER DATABASE made OWNER TO maker; ALTER DATABASE plains OWNER TO plain',
  );
  await sql('other', `CREATE TABLE secret AS SELECT 'hidden' AS word`);
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function sql(database: string, text: string): Promise<Record<string, unknown>[]> {
  await using session = await PostgresSession.open(server.connection(database));
  await session.query('RESET search_path');
  return await session.query(text);
}

/** Of all that a server has once, and that a dump of one database must not reach. */
async function wholeServer(): Promise<unknown> {
  const roles = `SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls, rolconfig::text, shobj_description(oid, 'pg_authid') FROM pg_roles ORDER BY 1`;
  const members = 'SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members ORDER BY 1, 2';
  const databases = `SELECT datname, datdba::regrole::text, datacl::text, datconnlimit, datallowconn, datistemplate, shobj_description(oid, 'pg_database') FROM pg_database WHERE datname !~ '__restore_' ORDER BY 1`;
  const settings = `SELECT setdatabase, setrole::regrole::text, setconfig::text FROM pg_db_role_setting WHERE setdatabase = 0 OR setdatabase IN (SELECT oid FROM pg_database WHERE datname !~ '__restore_') ORDER BY 1, 2`;
  const others = `SELECT spcname, spcacl::text FROM pg_tablespace UNION ALL SELECT name, setting FROM pg_file_settings ORDER BY 1`;
  const answers = [];
  for (const query of [roles, members, databases, settings, others]) answers.push(await sql('postgres', query));
  return [...answers, await sql('other', 'SELECT * FROM secret')];
}

const hooks = (signal = new AbortController().signal): LoadHooks => ({ signal, beforeCommit: () => Promise.resolve() });

function script(text: string, own = false): DumpSource {
  const whole = `--\n-- PostgreSQL database dump\n--\n\n${text}\n--\n-- PostgreSQL database dump complete\n--\n\n`;
  return { format: 'plain', own, open: () => Readable.from([Buffer.from(whole)]) };
}

interface Loaded {
  name: string;
  account: ConfinedAccount;
  result: LoadResult;
}

async function confined(
  source: DumpSource,
  target: ConnectionParams,
  options: { readsAllRows?: boolean; skipOwnership?: boolean } = {},
): Promise<Loaded> {
  const { readsAllRows = false, skipOwnership = false } = options;
  const name = driver.swap.copyName(target.database, 'restore', (copies += 1).toString(16).padStart(8, '0'));
  const plan = await driver.prepareLoad({ connection: target, format: source.format, tools: {}, skipOwnership });
  await driver.swap.createStaging(target, name);
  const administrator = { ...target, database: name };
  const account = await driver.confinement.confine(administrator, { readsAllRows });
  if ('refused' in account) throw new Error(account.refused);
  const { connection } = account;
  const result = await driver.load({ ...plan, connection, staged: true, confinement: account }, source, hooks());
  return { name, account, result };
}

async function drop(): Promise<void> {
  for (const { name } of await driver.swap.copies(server.connection('shop'))) {
    await driver.swap.dropCopy(server.connection('shop'), name);
  }
}

const RUNS = `copy (select 1) to program 'id > $PWNED'`;
const trying = (statement: string): string =>
  `BEGIN BEGIN EXECUTE $x$${statement}$x$; EXCEPTION WHEN OTHERS THEN NULL; END; RETURN 1; END`;

describe('53: a foreign dump', () => {
  const attacks: [string, string][] = [
    ['grants of roles', 'GRANT pg_read_all_data TO eve;'],
    ['comments of other databases', "COMMENT ON DATABASE other IS 'x'; SELECT 1/0;"],
    ['rights on other databases', 'REVOKE CONNECT ON DATABASE other FROM PUBLIC;'],
    ['a grant from within DO', "DO $$ BEGIN EXECUTE 'GRANT pg_read_all_data TO eve'; END $$;"],
    [
      'a comment from within a function',
      `CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'COMMENT ON DATABASE other IS ''x'''; RETURN 1; END $$; SELECT f();`,
    ],
    [
      'a program from within DO',
      `DO $$ BEGIN ${RUNS.replaceAll("'", "''").replace('copy', "EXECUTE 'copy")}'; END $$;`,
    ],
    ['a program by COPY of a query', `COPY (SELECT a FROM stdin) TO PROGRAM 'id > $PWNED';`],
    ['a file by a large object', `SELECT lo_export(lo_from_bytea(0, 'x'), '$PWNED');`],
    [
      'a file by a default',
      `CREATE TABLE t (a text DEFAULT pg_read_file('/etc/passwd')); INSERT INTO t DEFAULT VALUES;`,
    ],
    ['settings of the server', "DO $$ BEGIN EXECUTE 'ALTER SYSTEM SET log_min_messages = ''panic'''; END $$;"],
    ['settings of a role', "DO $$ BEGIN EXECUTE 'ALTER ROLE eve SET work_mem = ''1MB'''; END $$;"],
    ['a role', "DO $$ BEGIN EXECUTE 'CREATE ROLE mallory SUPERUSER'; END $$;"],
    ['rights of its own', "DO $$ BEGIN EXECUTE format('ALTER ROLE %I SUPERUSER', current_user); END $$;"],
    [
      'rights by going back to the login',
      "RESET SESSION AUTHORIZATION; RESET ROLE; DO $$ BEGIN EXECUTE 'RESET SESSION AUTHORIZATION'; EXECUTE 'CREATE ROLE mallory'; END $$;",
    ],
    [
      'rights of others',
      "DO $$ BEGIN EXECUTE 'SET SESSION AUTHORIZATION postgres'; EXECUTE 'CREATE ROLE mallory'; END $$;",
    ],
    ['owned objects', "DO $$ BEGIN EXECUTE 'REASSIGN OWNED BY postgres TO eve'; END $$;"],
    ['another database', "CREATE EXTENSION dblink; SELECT dblink_exec('dbname=other', 'DROP TABLE secret');"],
    [
      'a file as a table',
      `CREATE EXTENSION file_fdw; CREATE SERVER s FOREIGN DATA WRAPPER file_fdw; CREATE FOREIGN TABLE p (a text) SERVER s OPTIONS (program 'id > $PWNED'); SELECT * FROM p;`,
    ],
    [
      'a program from an index',
      `CREATE TABLE t (i int); INSERT INTO t VALUES (1); CREATE FUNCTION f(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN EXECUTE $x$${RUNS}$x$; RETURN 1; END $$; CREATE INDEX ON t (f(i));`,
    ],
    [
      'the hook of an extension',
      `CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ ${trying('CREATE ROLE mallory')} $$; CREATE CAST (bigint AS text) WITH FUNCTION f() AS IMPLICIT;`,
    ],
    ['session_replication_role', 'SET session_replication_role = replica;'],
    ['system catalogs', `COPY pg_catalog.pg_auth_members (roleid) FROM stdin;\n1\n\\.\n`],
    [
      'the shutdown of sessions',
      'DO $$ BEGIN PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = session_user AND false; PERFORM pg_reload_conf(); END $$;',
    ],
  ];
  test.each(attacks)('cannot reach %s', async (_what, text) => {
    const before = await wholeServer();
    const source = script(text.replaceAll('$PWNED', pwned));
    await expect(confined(source, server.connection('shop'))).rejects.toMatchObject({
      code: expect.stringMatching(/^(RESTORE_FAILED|BACKUP_UNSAFE)$/) as string,
    });
    await drop();
    expect(await wholeServer()).toEqual(before);
    expect(existsSync(pwned)).toBe(false);
  });

  it('is told that it has no other rights, and not to be restored by a superuser', async () => {
    const source = script(`DO $$ BEGIN EXECUTE 'ALTER ROLE eve SUPERUSER'; END $$;`);
    await expect(confined(source, server.connection('shop'))).rejects.toMatchObject({
      code: 'RESTORE_FAILED',
      hint: expect.stringMatching(
        /^A foreign dump is loaded by an account .*Take this command out of the dump/,
      ) as string,
    });
    await drop();
  });

  it('may not bring event triggers, subscriptions and default rights to life, which the answer says', async () => {
    const text = `CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
      CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION f();
      ALTER DEFAULT PRIVILEGES FOR ROLE postgres GRANT SELECT ON TABLES TO eve;
      CREATE SUBSCRIPTION s CONNECTION 'host=x' PUBLICATION p WITH (connect = false);`;
    const { result, account, name } = await confined(script(text), server.connection('shop'));
    await driver.confinement.release(account);
    expect(result.warnings.join()).toMatch(/event triggers; .*ALTER DEFAULT PRIVILEGES.*; subscriptions/);
    expect(
      await sql(name, 'SELECT evtname FROM pg_event_trigger UNION ALL SELECT oid::text FROM pg_default_acl'),
    ).toEqual([]);
    await drop();
  });

  it('ends with its objects owned as the database was, and without the account', async () => {
    const text = `SELECT pg_catalog.set_config('search_path', '', false);
      CREATE EXTENSION hstore WITH SCHEMA public; CREATE EXTENSION pageinspect WITH SCHEMA public;
      CREATE SCHEMA s; ALTER SCHEMA s OWNER TO app;
      CREATE TABLE public.t (i int PRIMARY KEY, h public.hstore); CREATE TABLE s.given (i int); ALTER TABLE s.given OWNER TO app;
      CREATE FUNCTION public.f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'select 1'; ALTER FUNCTION public.f() OWNER TO postgres;
      SELECT pg_catalog.lo_create('4711');
      COPY public.t (i, h) FROM stdin;\n1\t"a"=>"b"\n\\.\n
      GRANT SELECT ON TABLE public.t TO eve;`;
    const { result, account, name } = await confined(script(text), server.connection('apps'));
    await driver.confinement.release(account);
    const owners = `SELECT relname || ' ' || relowner::regrole AS is FROM pg_class WHERE relname IN ('t', 'given') UNION ALL
      SELECT proname || ' ' || proowner::regrole FROM pg_proc WHERE proname = 'f' UNION ALL SELECT 'large ' || lomowner::regrole FROM pg_largeobject_metadata
      UNION ALL SELECT 'base ' || datdba::regrole FROM pg_database WHERE datname = current_database() ORDER BY 1`;
    expect((await sql(name, owners)).map((row) => row['is'])).toEqual([
      'base app',
      'f app',
      'given app',
      'large app',
      't app',
    ]);
    expect(
      await sql(name, `SELECT has_table_privilege('eve', 't', 'SELECT') AS may, (SELECT count(*)::int FROM t) AS rows`),
    ).toEqual([{ may: true, rows: 1 }]);
    expect(result.warnings.join('\n')).toMatch(/superusers belong to "app"/);
    expect(result.warnings.join('\n')).toMatch(/superuser had to make .*extensions/);
    expect(await sql('postgres', `SELECT rolname FROM pg_roles WHERE rolname ~ '__restore_'`)).toEqual([]);
    await drop();
  });

  it('is told which functions act with the rights of a superuser, as the database is one’s', async () => {
    const text = `CREATE EXTENSION dblink; CREATE FUNCTION f(int) RETURNS int LANGUAGE sql SECURITY DEFINER AS 'select 1'; CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'select 1'; ALTER FUNCTION f(int) OWNER TO postgres;`;
    const { result } = await confined(script(text), server.connection('shop'));
    expect(result.warnings.join()).toMatch(/Functions .* "postgres", a superuser, .*: public\.f\(integer\)\. Read/);
    await drop();
    const other = await confined(script(text), server.connection('apps'));
    expect(other.result.warnings.join()).not.toMatch(/SECURITY DEFINER/);
    await drop();
  });

  it('gives nothing to superusers, or to roles that can become one, whatever it calls them', async () => {
    await sql(
      'postgres',
      'CREATE ROLE dba; GRANT postgres TO dba; CREATE ROLE runner; GRANT pg_execute_server_program TO runner',
    );
    const owners = ['CURRENT_USER', 'CURRENT_ROLE', 'SESSION_USER', 'postgres', '"postgres"', 'dba', 'runner', 'eve'];
    const text = owners.map(
      (owner, index) =>
        `CREATE FUNCTION f${index}() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'select 1'; ALTER FUNCTION f${index}() OWNER TO ${owner};`,
    );
    const { result, account, name } = await confined(script(text.join('\n')), server.connection('apps'));
    await driver.confinement.release(account);
    const found = `SELECT DISTINCT proowner::regrole::text AS owner FROM pg_proc WHERE proname ~ '^f\\d$' ORDER BY 1`;
    expect(await sql(name, found)).toEqual([{ owner: 'app' }, { owner: 'eve' }]);
    expect(result.warnings.join()).toMatch(/7 objects that the dump gives to superusers/);
    await drop();
    await sql('postgres', 'DROP ROLE dba; DROP ROLE runner');
  });

  it('is loaded so for an account with CREATEROLE and CREATEDB that is no superuser', async () => {
    const target = { ...server.connection('made'), username: 'maker', password: 'maker' };
    const { account, name } = await confined(
      script('CREATE TABLE t (i int); SELECT pg_catalog.lo_create(12);'),
      target,
    );
    await driver.confinement.release(account);
    expect(await sql(name, `SELECT relowner::regrole::text AS owner FROM pg_class WHERE relname = 't'`)).toEqual([
      { owner: 'maker' },
    ]);
    await driver.swap.dropCopy(target, name);
    expect(await sql('postgres', `SELECT rolname FROM pg_roles WHERE rolname ~ '__restore_'`)).toEqual([]);
  });

  it('says why there is no such account without CREATEROLE, and changes nothing', async () => {
    const target = { ...server.connection('plains'), username: 'plain', password: 'plain' };
    const name = driver.swap.copyName('plains', 'restore', 'abcdef01');
    await driver.swap.createStaging(target, name);
    const refusal = await driver.confinement.confine({ ...target, database: name }, { readsAllRows: false });
    expect(refusal).toEqual({ refused: '"plain" may not make an account: it lacks CREATEROLE.', harmless: true });
    await driver.swap.dropCopy(target, name);
  });

  it('leaves no account when its staging database is dropped, or was dropped by somebody else', async () => {
    await confined(script('CREATE TABLE t (i int);'), server.connection('shop'));
    await drop();
    const { name } = await confined(script('CREATE TABLE t (i int);'), server.connection('shop'));
    await sql('postgres', `DROP DATABASE "${name}" WITH (FORCE)`);
    await confined(script('CREATE TABLE t (i int);'), server.connection('shop'));
    const left = `SELECT count(*)::int AS n FROM pg_roles WHERE shobj_description(oid, 'pg_authid') = '${ACCOUNT_COMMENT}'`;
    expect(await sql('postgres', left)).toEqual([{ n: 1 }]);
    await drop();
    expect(await sql('postgres', left)).toEqual([{ n: 0 }]);
  });
});

describe('52: code of the source on the verification server', () => {
  const SOURCE = `
    CREATE EXTENSION hstore; CREATE EXTENSION pageinspect; CREATE EXTENSION postgres_fdw;
    COMMENT ON EXTENSION pageinspect IS 'said';
    CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'localhost');
    CREATE FUNCTION hit() RETURNS int LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN
      BEGIN EXECUTE 'copy (select 1) to program ''id >> $PWNED'''; EXCEPTION WHEN OTHERS THEN NULL; END;
      BEGIN EXECUTE 'reset session authorization'; EXECUTE 'copy (select 1) to program ''id >> $PWNED'''; EXCEPTION WHEN OTHERS THEN NULL; END;
      BEGIN PERFORM lo_export(lo_from_bytea(0, 'x'), '$PWNED'); EXCEPTION WHEN OTHERS THEN NULL; END;
      RETURN 1; END $f$;
    CREATE FUNCTION hit(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'select public.hit() + $1';
    CREATE FUNCTION hit(date) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN RETURN public.hit(); END $f$;
    CREATE TABLE t (i int CHECK (hit(i) > 0), g int GENERATED ALWAYS AS (public.hit(i)) STORED, d int DEFAULT hit());
    INSERT INTO t SELECT generate_series(1, 50);
    CREATE INDEX ON t (hit(i));
    CREATE MATERIALIZED VIEW v AS SELECT hit() AS h;
    CREATE DOMAIN checked AS int CHECK (hit(VALUE) > 0);
    CREATE TABLE domained (c checked); INSERT INTO domained VALUES (1);
    CREATE POLICY p ON t USING (hit() = 1); ALTER TABLE t ENABLE ROW LEVEL SECURITY; ALTER TABLE t FORCE ROW LEVEL SECURITY;
    CREATE TYPE pair AS (a int, b int);
    CREATE FUNCTION pair_less(pair, pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'select hit() > 0';
    CREATE OPERATOR <<< (LEFTARG = pair, RIGHTARG = pair, FUNCTION = pair_less);
    CREATE CAST (date AS int) WITH FUNCTION hit(date) AS IMPLICIT;
    CREATE AGGREGATE summed(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
    CREATE FUNCTION fired() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN PERFORM public.hit(); END $f$;
    CREATE TABLE before_trigger (i int);
    CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION fired();
    COMMENT ON EVENT TRIGGER e IS 'watches';
    CREATE PUBLICATION everything FOR ALL TABLES;
    SELECT lo_from_bytea(0, 'large');
  `;
  let parts: { plain: DumpSource; custom: DumpSource };

  beforeAll(async () => {
    await sql('postgres', 'CREATE DATABASE source');
    await sql('source', SOURCE.replaceAll('$PWNED', pwned));
    await rm(pwned, { force: true });
    const { host, port, username, password } = server;
    const dump = async (format: string): Promise<string> => {
      const passfile = join(folder, 'pass');
      await writeFile(passfile, `*:*:*:*:${password}\n`, { mode: 0o600 });
      const file = join(folder, `${format}.dump`);
      const args = [
        `--format=${format}`,
        '--compress=0',
        `--host=${host}`,
        `--port=${port}`,
        `--username=${username}`,
        `--file=${file}`,
        'source',
      ];
      const { best } = (await driver.tools.detect({})).find(({ key }) => key === 'pg_dump_path') ?? {};
      await runProcess({ command: best?.path ?? 'pg_dump', args, env: { PGPASSFILE: passfile }, timeoutMs: 60_000 });
      return file;
    };
    const { createReadStream } = await import('node:fs');
    const [plain, custom] = [await dump('plain'), await dump('custom')];
    await rm(pwned, { force: true });
    parts = {
      plain: { format: 'plain', own: true, open: () => createReadStream(plain), file: plain },
      custom: { format: 'custom', own: true, open: () => createReadStream(custom), file: custom },
    };
  });

  test.each(['plain', 'custom'] as const)(
    'never runs with a superuser’s rights, loaded from %s, counted and analyzed',
    async (format) => {
      const source = { ...parts[format] };
      const { account, result } = await confined(source, server.connection('shop'), {
        readsAllRows: true,
        skipOwnership: true,
      });
      const found = await driver.census(account.connection);
      expect(existsSync(pwned)).toBe(false);
      const rows = { 'public.t': 50, 'public.domained': 1, 'public.before_trigger': 0 };
      expect(found.rows).toEqual(rows);
      const before = (await driver.prepareDump({ connection: server.connection('source'), format: 'plain', tools: {} }))
        .objects;
      expect(found.objects).toEqual(before);
      expect(existsSync(pwned)).toBe(false);
      expect(result.warnings.join()).toMatch(
        /superuser had to make .*casts, event triggers, which stay disabled, extensions, publications/,
      );
      await drop();
      expect(existsSync(pwned)).toBe(false);
    },
  );
});
