import pg from 'pg';
import type { ConnectionParams } from '@app/domain';
import { SwapFixture, until } from '../../testing/swap-fixture.js';
import type { SwapCase } from '../../testing/swap-fixture.js';
import { PostgresDriver } from '../postgres-driver.js';
import type { SwapExamination } from '../../db-driver.js';
import { copyName } from './copy-names.js';

jest.setTimeout(120_000);

const driver = new PostgresDriver({ runtimeDir: '/nonexistent', lockTimeoutMs: 1_000 });
const { swap } = driver;
let fixture: SwapFixture;

beforeAll(async () => {
  fixture = await SwapFixture.start();
  await fixture.sql(
    'postgres',
    `CREATE ROLE owner_of_shop; CREATE ROLE "App Role"; CREATE ROLE reader; CREATE ROLE "Weird ""one"""`,
  );
});
afterAll(() => fixture[Symbol.asyncDispose]());

const sql = <Row extends pg.QueryResultRow>(database: string, text: string): Promise<Row[]> =>
  fixture.sql<Row>(database, text);

async function examine(connection: ConnectionParams): Promise<SwapExamination> {
  const plan = await driver.prepareLoad({ connection, format: 'plain', tools: {}, skipOwnership: false });
  return swap.examine(plan);
}

/** The swap that puts the previous database back. */
const undoOf = (done: SwapCase, id: string): SwapCase => ({
  ...done,
  incoming: done.outgoing,
  outgoing: copyName(done.database, 'before', id),
});

describe('what belongs to the name', () => {
  it('stays with it: owner, grants and who granted, settings, comment, limit, encoding and locale', async () => {
    const swapCase = await fixture.swapCase('every "thing"', `ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'`);
    const name = `"every ""thing"""`;
    await sql(
      'postgres',
      `ALTER DATABASE ${name} OWNER TO owner_of_shop;
       REVOKE ALL ON DATABASE ${name} FROM PUBLIC;
       GRANT CONNECT, CREATE ON DATABASE ${name} TO "App Role" WITH GRANT OPTION;
       SET ROLE "App Role"; GRANT CONNECT ON DATABASE ${name} TO reader; RESET ROLE;
       GRANT TEMPORARY ON DATABASE ${name} TO "Weird ""one""";
       GRANT TEMPORARY ON DATABASE ${name} TO PUBLIC;
       ALTER DATABASE ${name} SET search_path TO "$user", public, "Strange, ""schema""";
       ALTER DATABASE ${name} SET default_transaction_read_only TO on;
       ALTER DATABASE ${name} SET app.note TO E'it''s \\\\ "so", no';
       ALTER DATABASE ${name} SET datestyle TO 'ISO, DMY';
       ALTER DATABASE ${name} SET log_min_duration_statement TO '5s';
       ALTER ROLE reader IN DATABASE ${name} SET search_path TO 'a', 'B c';
       ALTER ROLE "Weird ""one""" IN DATABASE ${name} SET work_mem TO '8MB';
       ALTER DATABASE ${name} CONNECTION LIMIT 17 IS_TEMPLATE true;
       COMMENT ON DATABASE ${name} IS 'Everything, it''s all here';`,
    );
    const before = await fixture.belongings(swapCase.database);
    expect(await examine(swapCase.connection)).toMatchObject({ blockers: [], sessions: 0 });
    await fixture.swap(swapCase);
    expect(await fixture.belongings(swapCase.database)).toEqual(before);
    expect(await fixture.word(swapCase.database)).toBe('new');
    expect(await fixture.belongings(swapCase.outgoing)).toMatchObject({
      comment: expect.stringMatching(/^What "every ""thing""" held until .* kept by database-backup-service/),
      datistemplate: false,
    });

    // What is altered in the meantime belongs to the name, too.
    await sql('postgres', `ALTER DATABASE ${name} CONNECTION LIMIT 18; GRANT CREATE ON DATABASE ${name} TO reader`);
    const altered = await fixture.belongings(swapCase.database);
    await fixture.swap(undoOf(swapCase, 'undo0001'));
    expect(await fixture.belongings(swapCase.database)).toEqual(altered);
    expect(await fixture.word(swapCase.database)).toBe('old');
  });

  it('stays built in where nobody ever changed it', async () => {
    const swapCase = await fixture.swapCase();
    const before = await fixture.belongings(swapCase.database);
    expect(before).toMatchObject({ datacl: null, settings: null, comment: null, datallowconn: true });
    await fixture.swap(swapCase);
    expect(await fixture.belongings(swapCase.database)).toEqual(before);
  });

  it.each([
    ['ICU', `ICU_LOCALE 'de-DE' LOCALE_PROVIDER icu LC_COLLATE 'C' LC_CTYPE 'C'`],
    ['libc', `LC_COLLATE 'C.UTF-8' LC_CTYPE 'C'`],
  ])('is the locale as well, by %s', async (_, options) => {
    const swapCase = await fixture.swapCase(undefined, options);
    const before = await fixture.belongings(swapCase.database);
    await fixture.swap(swapCase);
    expect(await fixture.belongings(swapCase.database)).toEqual(before);
  });

  it('is there while the staging database is loaded, but for what would hinder that', async () => {
    const { connection, database } = await fixture.swapCase();
    await sql(
      'postgres',
      `ALTER DATABASE ${database} SET app.tenant TO 'x'; ALTER DATABASE ${database} SET default_transaction_read_only TO on;
       ALTER DATABASE ${database} SET role TO reader; ALTER DATABASE ${database} CONNECTION LIMIT 0`,
    );
    const name = copyName(database, 'restore', 'loading1');
    await swap.createStaging(connection, name, undefined);
    expect(
      await sql(
        name,
        `SELECT current_setting('app.tenant') AS tenant, current_user, current_setting('transaction_read_only') AS read_only`,
      ),
    ).toEqual([{ tenant: 'x', current_user: 'postgres', read_only: 'off' }]);
  });
});

describe('people at work', () => {
  it('read the old data without an error until the swap, and the new data after it', async () => {
    const swapCase = await fixture.swapCase();
    const reader = await fixture.client(swapCase.database);
    let lost: unknown;
    const seen: string[] = [];
    let stop = false;
    const reading = (async () => {
      try {
        while (!stop) seen.push((await reader.query<{ word: string }>('SELECT word FROM t')).rows[0]?.word ?? '');
      } catch (error) {
        lost = error;
      }
    })();
    await sql(swapCase.incoming, `CREATE TABLE big AS SELECT n, md5(n::text) FROM generate_series(1, 100000) n`);
    await until(() => seen.length > 50);
    expect(lost).toBeUndefined();
    expect(await examine(swapCase.connection)).toMatchObject({ sessions: 1 });
    const result = await fixture.swap(swapCase);
    stop = true;
    await reading;
    await reader.end().catch(() => undefined);
    expect(new Set(seen)).toEqual(new Set(['old']));
    expect(lost).toBeDefined();
    expect(result).toMatchObject({ sessionsEnded: 1, warnings: [] });
    expect(result.lockoutMs).toBeGreaterThan(0);
    expect(await fixture.word(swapCase.database)).toBe('new');
  });

  it('lose no write: each that was acknowledged is in what was swapped out', async () => {
    const swapCase = await fixture.swapCase();
    await sql(swapCase.database, 'CREATE TABLE log (writer int, nr int)');
    await sql(swapCase.incoming, 'CREATE TABLE log (writer int, nr int)');
    const oid = (
      await sql<{ oid: number }>('postgres', `SELECT oid FROM pg_database WHERE datname = '${swapCase.database}'`)
    )[0]?.oid;
    const acknowledged: string[] = [];
    let stop = false;
    // Each goes on as soon as it is let in again, as applications do.
    const writers = [1, 2, 3, 4].map(async (writer) => {
      for (let nr = 0; !stop;) {
        const client = await fixture.client(swapCase.database).catch(() => undefined);
        try {
          for (; client !== undefined && !stop; nr += 1) {
            const sent = `WITH w AS (INSERT INTO log VALUES (${writer}, ${nr})) SELECT oid FROM pg_database WHERE datname = current_database()`;
            const { rows } = await client.query<{ oid: number }>(sent);
            if (rows[0]?.oid === oid) acknowledged.push(`${writer}/${nr}`);
          }
        } catch {
          nr += 1;
        } finally {
          await client?.end().catch(() => undefined);
        }
      }
    });
    await until(() => acknowledged.length > 200);
    await fixture.swap(swapCase);
    await until(async () => (await sql(swapCase.database, 'SELECT FROM log')).length > 20);
    stop = true;
    await Promise.all(writers);
    await sql('postgres', `ALTER DATABASE ${swapCase.outgoing} ALLOW_CONNECTIONS true`);
    const kept = await sql<{ key: string }>(swapCase.outgoing, `SELECT writer || '/' || nr AS key FROM log`);
    const keys = new Set(kept.map(({ key }) => key));
    expect(acknowledged.filter((key) => !keys.has(key))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(200);
  });

  it('do not keep it from happening by coming back at once', async () => {
    const swapCase = await fixture.swapCase();
    let stop = false;
    let entered = 0;
    const insistent = Array.from({ length: 6 }, async () => {
      while (!stop) {
        const client = await fixture.client(swapCase.database).catch(() => undefined);
        entered += client === undefined ? 0 : 1;
        await client?.query('SELECT pg_sleep(10)').catch(() => undefined);
        await client?.end().catch(() => undefined);
      }
    });
    await until(() => entered >= 6);
    const result = await fixture.swap(swapCase);
    stop = true;
    await sql(
      'postgres',
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${swapCase.database}'`,
    );
    await Promise.all(insistent);
    expect(result.sessionsEnded).toBeGreaterThanOrEqual(6);
    expect(await fixture.word(swapCase.database)).toBe('new');
  });

  it('cannot enter what is kept by accident, nor write into it', async () => {
    const swapCase = await fixture.swapCase();
    await fixture.swap(swapCase);
    await expect(fixture.client(swapCase.outgoing)).rejects.toMatchObject({ code: '55000' });
  });
});

describe('staging and previous databases', () => {
  it('can be kept from several restores, and each be swapped back in', async () => {
    const first = await fixture.swapCase();
    await fixture.swap(first);
    const second = await fixture.stagingOf(first.database, 'newer');
    await fixture.swap(second);
    expect(await fixture.names(first.database)).toEqual([first.database, first.outgoing, second.outgoing].toSorted());
    await fixture.swap(undoOf(first, 'undo0001'));
    expect(await fixture.word(first.database)).toBe('old');
    await fixture.swap(undoOf({ ...second, outgoing: copyName(first.database, 'before', 'undo0001') }, 'undo0002'));
    expect(await fixture.word(first.database)).toBe('newer');
  });

  it('are listed whoever left them there, and measured', async () => {
    const swapCase = await fixture.swapCase();
    await fixture.swap(swapCase);
    const id = swapCase.outgoing.slice(-8);
    expect(await swap.copies(swapCase.connection)).toContainEqual({
      name: swapCase.outgoing,
      role: 'before',
      id,
      whole: true,
    });
    expect(await swap.copyBytes(swapCase.connection, swapCase.outgoing)).toBeGreaterThan(1_000_000);
    expect(await swap.copyBytes(swapCase.connection, swapCase.incoming)).toBeUndefined();
    expect(await swap.copyBytes(swapCase.connection, 'postgres')).toBeUndefined();
  });

  it('are dropped with sessions in them, twice if need be, and a real database never', async () => {
    const swapCase = await fixture.swapCase();
    const inside = await fixture.client(swapCase.incoming);
    await inside.query('BEGIN');
    await swap.dropCopy(swapCase.connection, swapCase.incoming);
    await swap.dropCopy(swapCase.connection, swapCase.incoming);
    expect(await fixture.names(swapCase.database)).toEqual([swapCase.database]);
    for (const name of [swapCase.database, 'postgres', 'template1', 'x__before_']) {
      await expect(swap.dropCopy(swapCase.connection, name)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      await expect(swap.createStaging(swapCase.connection, name, undefined)).rejects.toMatchObject({
        code: 'INVALID_INPUT',
      });
    }
    expect(await fixture.word(swapCase.database)).toBe('old');
  });

  it('are what they say although the database has the longest name there is', async () => {
    const swapCase = await fixture.swapCase(`${'数据库'.repeat(6)}_shop_eins`);
    await fixture.swap(swapCase);
    expect(await fixture.word(swapCase.database)).toBe('new');
    const twin = await fixture.swapCase(`${'数据库'.repeat(6)}_shop_zwei`);
    expect(await fixture.word(twin.incoming)).toBe('new');
  });

  it('replace the database "postgres" as well, which nobody else can be worked from then', async () => {
    await sql('postgres', `CREATE TABLE t (word text); INSERT INTO t VALUES ('old')`);
    const swapCase = await fixture.stagingOf('postgres');
    expect((await examine(swapCase.connection)).blockers).toEqual([]);
    await fixture.swap(swapCase);
    expect(await fixture.word('postgres')).toBe('new');
    // Where neither of the usual two is open, any other does.
    await sql('postgres', `CREATE DATABASE another TEMPLATE template0`);
    await sql('postgres', `ALTER DATABASE template1 ALLOW_CONNECTIONS false`);
    try {
      await fixture.swap(undoOf(swapCase, 'undo0001'));
      expect(await fixture.word('postgres')).toBe('old');
    } finally {
      await sql('postgres', `ALTER DATABASE template1 ALLOW_CONNECTIONS true; DROP TABLE t`);
    }
  });
});

describe('roles that are no superusers', () => {
  const password = 'pw';
  const as = (user: string, database: string): ConnectionParams => ({
    ...fixture.at(database),
    username: user,
    password,
  });
  let id = 0;

  async function ownedBy(user: string): Promise<string> {
    id += 1;
    await sql('postgres', `CREATE DATABASE owned${id} TEMPLATE template0 OWNER ${user}`);
    await sql(`owned${id}`, `SET ROLE ${user}; CREATE TABLE public.t (word text); INSERT INTO t VALUES ('old')`);
    return `owned${id}`;
  }

  beforeAll(async () => {
    await sql(
      'postgres',
      `CREATE ROLE maker LOGIN PASSWORD '${password}' CREATEDB; CREATE ROLE poor LOGIN PASSWORD '${password}';
       CREATE ROLE friend LOGIN PASSWORD '${password}'`,
    );
  });

  it('swap what they own when they may make databases', async () => {
    const database = await ownedBy('maker');
    const connection = as('maker', database);
    await sql(
      'postgres',
      `GRANT CONNECT ON DATABASE ${database} TO friend; ALTER DATABASE ${database} SET search_path TO a, public; ALTER DATABASE ${database} CONNECTION LIMIT 9`,
    );
    await sql('postgres', `ALTER ROLE maker IN DATABASE ${database} SET work_mem TO '5MB'`);
    const before = await fixture.belongings(database);
    const own = await fixture.client(database, { user: 'maker', password });
    expect(await examine(connection)).toMatchObject({ blockers: [], sessions: 1 });
    const [incoming, outgoing] = [copyName(database, 'restore', 'mine0001'), copyName(database, 'before', 'mine0001')];
    await swap.createStaging(connection, incoming, undefined);
    await sql(incoming, `CREATE TABLE t (word text); INSERT INTO t VALUES ('new')`);
    expect(await fixture.swap({ connection, database, incoming, outgoing, journal: {} })).toMatchObject({
      sessionsEnded: 1,
    });
    await own.end().catch(() => undefined);
    expect(await fixture.belongings(database)).toEqual(before);
    expect(await fixture.word(database)).toBe('new');
    await swap.dropCopy(connection, outgoing);
    expect(await fixture.names(database)).toEqual([database]);
  });

  it('are told beforehand what they may not do', async () => {
    const database = await ownedBy('poor');
    expect((await examine(as('poor', database))).blockers).toEqual([
      'The role poor may not make databases: it lacks CREATEDB.',
    ]);
    await sql(
      'postgres',
      `ALTER ROLE poor CREATEDB; ALTER DATABASE ${database} SET log_statement TO 'all'; ALTER DATABASE ${database} SET app.x TO '1'; ALTER DATABASE ${database} SET work_mem TO '5MB'; ALTER ROLE friend IN DATABASE ${database} SET work_mem TO '5MB'`,
    );
    await sql(
      'postgres',
      `GRANT CONNECT ON DATABASE ${database} TO friend WITH GRANT OPTION; SET ROLE friend; GRANT CONNECT ON DATABASE ${database} TO reader`,
    );
    const strangers = [await fixture.client(database), await fixture.client(database, { user: 'friend', password })];
    const { blockers } = await examine(as('poor', database));
    expect(blockers).toEqual([
      `Only a superuser can give again what others than the owner granted on "${database}": friend.`,
      `Only a superuser can carry over what is set in "${database}" for other roles (ALTER ROLE … IN DATABASE): friend.`,
      `Only a superuser can carry over these settings of "${database}": app.x, log_statement.`,
      expect.stringMatching(
        /^This user may not end these sessions in ".*": pid \d+, user (postgres|friend).*; pid \d+, user/,
      ),
    ]);
    for (const stranger of strangers) await stranger.end();
  });

  it('fail with BUSY, and leave all as it was, when a superuser enters before the swap', async () => {
    const database = await ownedBy('maker');
    const connection = as('maker', database);
    const [incoming, outgoing] = [copyName(database, 'restore', 'mine0002'), copyName(database, 'before', 'mine0002')];
    await swap.createStaging(connection, incoming, undefined);
    const superuser = await fixture.client(database);
    await expect(fixture.swap({ connection, database, incoming, outgoing, journal: {} })).rejects.toMatchObject({
      code: 'BUSY',
      hint: expect.stringContaining('user postgres'),
    });
    expect((await superuser.query('SELECT word FROM t')).rows).toEqual([{ word: 'old' }]);
    await superuser.end();
    expect(await fixture.word(database)).toBe('old');
  });
});

describe('the blockers of a swap', () => {
  it('is named: prepared transactions, subscriptions at work, labels; and nothing is touched', async () => {
    const swapCase = await fixture.swapCase();
    const { database } = swapCase;
    const blockers = async (): Promise<readonly string[]> => (await examine(swapCase.connection)).blockers;
    await sql(database, `BEGIN; INSERT INTO t VALUES ('prepared'); PREPARE TRANSACTION 'it''s mine'`);
    // 39
    const mine = expect.stringMatching(
      /has prepared transactions: 'it''s mine' of postgres, prepared [\d:]+ ago\.$/,
    ) as string;
    expect(await blockers()).toEqual([mine]);
    await expect(fixture.swap(swapCase)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('prepared'),
    });
    await sql(database, `ROLLBACK PREPARED 'it''s mine'`);
    await sql(
      database,
      `CREATE SUBSCRIPTION far CONNECTION 'host=nowhere.invalid' PUBLICATION p WITH (connect = false, slot_name = 'far_slot')`,
    );
    expect(await examine(swapCase.connection)).toMatchObject({
      blockers: [],
      warnings: ['Disabled subscriptions stay with what is swapped out: far.'],
    });
    await sql(database, `ALTER SUBSCRIPTION far ENABLE`);
    expect(await blockers()).toEqual([`"${database}" has subscriptions that are at work: far.`]);
    await sql(
      database,
      `ALTER SUBSCRIPTION far DISABLE; ALTER SUBSCRIPTION far SET (slot_name = NONE); DROP SUBSCRIPTION far`,
    );
    await sql(
      'postgres',
      `SET allow_system_table_mods = on; INSERT INTO pg_shseclabel SELECT oid, 'pg_database'::regclass, 'dummy', 'secret' FROM pg_database WHERE datname = '${database}'`,
    );
    expect(await blockers()).toEqual([`"${database}" has security labels, which cannot be carried over: dummy.`]);
    await sql('postgres', `SET allow_system_table_mods = on; DELETE FROM pg_shseclabel`);
    expect(await blockers()).toEqual([]);
    expect(await fixture.word(database)).toBe('old');
    await fixture.swap(swapCase);
    expect(await fixture.word(database)).toBe('new');
  });

  it('is text that cannot be read from where we work', async () => {
    const { connection, database } = await fixture.swapCase(undefined, `ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'`);
    await sql(database, `COMMENT ON DATABASE ${database} IS 'Geschäft'`);
    expect((await examine(connection)).blockers).toEqual([
      `The comment or a setting of "${database}" is written in another encoding than "postgres" has.`,
    ]);
  });

  it('tells the space that is left where the server keeps its data', async () => {
    const { connection } = await fixture.swapCase();
    const { freeBytes } = await examine(connection);
    expect(freeBytes).toBeGreaterThan(0);
  });
});
