import { createHash } from 'node:crypto';
import { access, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { BackupFormat, Compression, ConnectionParams, Manifest } from '@app/domain';
import { startMariadb, startPostgres } from '@app/sandbox';
import type { InstalledServer, SandboxServer } from '@app/sandbox';
import { startEngine } from './support/core-harness.js';
import type { Engine } from './support/core-harness.js';
import { startMysqlWithEverything, startPostgresWithEverything } from './support/everything.js';
import { runSql } from './support/run-sql.js';
import { QuietWork } from '../libs/core/src/testing/quiet-work.js';
import { amendManifest } from '../libs/artifact/src/testing/test-signer.js';

jest.setTimeout(240_000);

interface Way {
  format: BackupFormat;
  compression: Compression;
}

const sides = [
  {
    name: 'PostgreSQL' as const,
    start: startPostgres,
    startWithEverything: startPostgresWithEverything,
    maintenance: 'postgres',
    ways: [
      { format: 'plain', compression: 'zstd' },
      { format: 'custom', compression: 'none' },
      { format: 'custom', compression: 'zstd' },
    ] satisfies Way[],
    /** Of the table `t` as a dump holds it. */
    dropRow: (dump: string) => dump.replace(/^2\t.*\n/m, ''),
    addBadStatement: (dump: string) => dump.replace(/^COPY /m, 'SELECT nobody_knows_it();\n$&'),
    key: 'public.t',
  },
  {
    name: 'MariaDB' as const,
    start: startMariadb,
    startWithEverything: startMysqlWithEverything,
    maintenance: 'mysql',
    ways: [{ format: 'plain', compression: 'zstd' }] satisfies Way[],
    dropRow: (dump: string) => dump.replace(/\(2,'[^']*'\),?\n?/, ''),
    addBadStatement: (dump: string) => dump.replace(/^INSERT INTO/m, 'SELECT nobody_knows_it();\n$&'),
    key: 't',
  },
];

describe.each(sides)('$name: a backup that is restored to verify it', (side) => {
  let everything: SandboxServer;
  let named: SandboxServer;
  let database: ConnectionParams;
  let small: ConnectionParams;
  /** With throwaway servers. */
  let engine: Engine;
  /** With a server that was named for it, which saves the start of one each time. */
  let quick: Engine;

  beforeAll(async () => {
    [{ server: everything, database }, named, engine] = await Promise.all([
      side.startWithEverything(),
      side.start(),
      startEngine(),
    ]);
    const connection = named.connection(side.maintenance);
    quick = await startEngine({ verificationServers: { named: { [connection.dbType]: connection } } });
    small = everything.connection('small');
    await runSql(everything.connection(side.maintenance), ['CREATE DATABASE small', 'CREATE DATABASE busy']);
    await runSql(small, [
      'CREATE TABLE t (a int PRIMARY KEY, b varchar(20))',
      `INSERT INTO t VALUES (1, 'one'), (2, 'two'), (3, 'three')`,
      'CREATE TABLE empty_one (a int)',
    ]);
  });
  afterAll(async () => {
    await Promise.all([engine?.stop(), quick?.stop()]);
    await Promise.all([everything?.stop(), named?.stop()]);
  });

  const manifestOf = async (file: string) => JSON.parse(await readFile(`${file}.manifest.json`, 'utf8')) as Manifest;
  const alter = async (file: string, change: (manifest: Manifest) => Partial<Manifest>) => {
    await amendManifest(file, change(await manifestOf(file)));
  };
  /** As somebody would who can write to the disk and has the key. */
  const tamper = async (file: string, change: (dump: string) => string) => {
    const { compression } = await manifestOf(file);
    const stored = await readFile(file);
    const dump = (compression === 'zstd' ? zstdDecompressSync(stored) : stored).toString();
    const altered = change(dump);
    expect(altered).not.toBe(dump);
    const bytes = compression === 'zstd' ? zstdCompressSync(altered) : Buffer.from(altered);
    await writeFile(file, bytes);
    await alter(file, () => ({ size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }));
  };
  /** What verifications could leave. */
  const remains = async () => [
    ...(await readdir(join(engine.home, 'scratch')).catch(() => [])),
    ...(await engine.leftovers()),
    ...(await quick.leftovers()),
    ...(await databasesOf()).filter((name) => name.startsWith('verify')),
  ];
  const databasesOf = async () =>
    (await quick.drivers.get(small.dbType).listDatabases(named.connection(side.maintenance))).map(({ name }) => name);
  afterEach(async () => {
    expect(await remains()).toEqual([]);
  });

  it.each(side.ways.slice(0, 2))(
    '62: is found whole where it needs the search path of its source: $format, $compression',
    async (way) => {
      if (side.name !== 'PostgreSQL') return;
      const needy = everything.connection(`needy_${way.format}_${way.compression}`);
      await runSql(everything.connection(side.maintenance), [
        `CREATE DATABASE ${needy.database}`,
        `ALTER DATABASE ${needy.database} SET search_path = app, public`,
      ]);
      await runSql(needy, [
        'CREATE SCHEMA app',
        'CREATE EXTENSION hstore SCHEMA app',
        'CREATE TABLE app.a_rates (id int PRIMARY KEY, rate int)',
        'INSERT INTO app.a_rates SELECT i, i % 5 FROM generate_series(1, 50) i',
        `CREATE FUNCTION app.rate_of(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT rate FROM a_rates WHERE id = $1); END'`,
        'CREATE TABLE app.b_items (i int, r int GENERATED ALWAYS AS (app.rate_of(i)) STORED, h app.hstore)',
        'INSERT INTO app.b_items (i) SELECT i FROM generate_series(1, 50) i',
        'CREATE INDEX by_rate ON app.b_items (app.rate_of(i))',
      ]);
      const made = await engine.backup(needy, { ...way, verification: 'restored' });
      const { verification } = await manifestOf(join(engine.home, made.path));
      expect(verification).toMatchObject({ level: 'restored', details: { compared_with: 'snapshot' } });
      expect(verification.details?.notes).toEqual([
        expect.stringContaining('it was loaded with that of the source: app, public.'),
      ]);
      await runSql(everything.connection(side.maintenance), [`DROP DATABASE ${needy.database}`]);
    },
  );

  it.each(side.ways)('is found whole, with everything in it: $format, $compression', async (way) => {
    const made = await engine.backup(database, { ...way, verification: 'restored' });
    const { verification, rows, objects } = await manifestOf(join(engine.home, made.path));
    expect(verification).toMatchObject({ level: 'restored', details: { compared_with: 'snapshot' } });
    expect(verification.failed).toBeUndefined();
    expect(verification.details?.warnings).toBeUndefined();
    expect(verification.details?.restore_ms).toBeGreaterThan(0);
    expect(verification.details?.server).toMatch(/^(PostgreSQL|MariaDB) \d/);
    expect(verification.details?.tables).toBe(Object.keys(rows ?? {}).length);
    expect(objects['tables']).toBeGreaterThan(5);
    expect(made.warnings.join()).not.toMatch(/verify/);
  });

  it('that nobody counted is compared with what its dump holds', async () => {
    const made = await engine.backup(database, side.ways.at(-1));
    expect((await manifestOf(join(engine.home, made.path))).rows).toBeUndefined();
    const { verification } = await engine.verify(made.path, 'restored');
    expect(verification).toMatchObject({ level: 'restored', details: { compared_with: 'dump' } });
    expect(verification.details?.warnings).toBeUndefined();
  });

  if (side.name === 'PostgreSQL') {
    it.each(side.ways)(
      '59, 62: is loaded with the settings and the search path that functions of its source need: $format, $compression',
      async (way) => {
        const source = everything.connection('depending');
        await runSql(everything.connection('postgres'), [
          'DROP DATABASE IF EXISTS depending',
          'CREATE DATABASE depending',
          `ALTER DATABASE depending SET search_path = app`,
          `ALTER DATABASE depending SET timezone = 'Asia/Tokyo'`,
          `ALTER DATABASE depending SET app.tenant = 'acme, "it''s"'`,
        ]);
        await runSql(source, [
          'CREATE SCHEMA app',
          `CREATE FUNCTION day_of(timestamptz) RETURNS date IMMUTABLE LANGUAGE sql AS 'SELECT $1::date'`,
          `CREATE FUNCTION is_ours(text) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RETURN $1 = tenant(); END'`,
          `CREATE FUNCTION tenant() RETURNS text LANGUAGE sql AS 'SELECT current_setting(''app.tenant'')'`,
          'CREATE TABLE visit (at timestamptz, tenant text CHECK (is_ours(tenant)), d date GENERATED ALWAYS AS (day_of(at)) STORED)',
          `INSERT INTO visit (at, tenant) SELECT timestamptz '2026-01-01 20:00+00' + n * interval '1 hour', tenant() FROM generate_series(1, 48) n`,
        ]);
        const made = await engine.backup(source, { ...way, verification: 'restored' });
        const { verification } = await manifestOf(join(engine.home, made.path));
        expect(verification).toMatchObject({ level: 'restored', details: { compared: 'content' } });
        expect(verification.failed).toBeUndefined();
        // The database's own settings are neither in it nor on the server: they come with the backup.
        const target = everything.connection('elsewhere');
        await runSql(everything.connection('postgres'), [
          'DROP DATABASE IF EXISTS elsewhere',
          'CREATE DATABASE elsewhere',
        ]);
        await engine.restore(target, made.path);
        const sum = ['SELECT md5(string_agg(v::text, chr(10) ORDER BY at)) AS sum FROM app.visit v'];
        const inUtc = ({ database: name }: ConnectionParams) =>
          runSql(everything.connection(name), [`SET timezone = 'UTC'`, ...sum]);
        expect(await inUtc(target)).toEqual(await inUtc(source));
      },
    );

    it('71: fails, and is not swapped in, where what was loaded has as many rows and other values', async () => {
      const source = everything.connection('derived');
      await runSql(everything.connection('postgres'), ['CREATE DATABASE derived']);
      await runSql(source, [
        'CREATE TABLE a_rate (id int, rate int, since date, names text[]); CREATE TABLE b_item (i int, rate int GENERATED ALWAYS AS (i * 2) STORED)',
        `INSERT INTO a_rate VALUES (1, 10, '2026-03-04', ARRAY['NULL']); INSERT INTO b_item SELECT generate_series(1, 3)`,
      ]);
      const made = await quick.backup(source, { verification: 'restored' });
      expect(made.verification).toMatchObject({ level: 'restored', details: { compared: 'content' } });
      expect(made.verification?.details?.warnings).toBeUndefined();
      // As loads in a wrong order, or under other settings, have left it.
      const wrong: [string, string][] = [
        ['public.b_item', 'ALTER TABLE b_item ALTER COLUMN rate DROP EXPRESSION; UPDATE b_item SET rate = NULL'],
        ['public.a_rate', `UPDATE a_rate SET since = '2026-04-03'`],
        ['public.a_rate', 'UPDATE a_rate SET names = ARRAY[NULL]'],
      ];
      const driver = quick.drivers.get('PostgreSQL');
      const load = driver.load.bind(driver);
      for (const [table, statement] of wrong) {
        const spoilt = jest.spyOn(driver, 'load').mockImplementation(async (plan, dump, hooks) => {
          const result = await load(plan, dump, hooks);
          await runSql(plan.connection, [statement]);
          return result;
        });
        const message = expect.stringContaining(`${table} holds other values`) as string;
        await expect(quick.verify(made.path, 'restored')).rejects.toMatchObject({
          code: 'VERIFICATION_FAILED',
          message,
        });
        await expect(quick.restore(source, made.path, { strategy: 'swap' })).rejects.toMatchObject({
          code: 'RESTORE_FAILED',
          message,
        });
        await expect(quick.restore(source, made.path, { strategy: 'swap', compare: 'counts' })).resolves.toMatchObject({
          strategy: 'swap',
        });
        spoilt.mockRestore();
      }
      await quick.restore(source, made.path, { strategy: 'swap' });
      expect((await quick.verify(made.path, 'restored')).verification).toMatchObject({ level: 'restored' });
    });
  }

  it('is counted as it was dumped, whoever writes meanwhile', async () => {
    const busy = everything.connection('busy');
    await runSql(busy, ['CREATE TABLE a (n int)', 'CREATE TABLE b (n int)', 'INSERT INTO a VALUES (0)']);
    let going = true;
    const writers = [0, 1].map(async () => {
      while (going) {
        await runSql(busy, [
          ...Array.from({ length: 20 }, () => 'INSERT INTO a VALUES (1), (2), (3)'),
          ...['BEGIN', 'INSERT INTO b VALUES (1)', 'DELETE FROM a WHERE n = 0', 'INSERT INTO a VALUES (0)', 'COMMIT'],
        ]);
      }
    });
    try {
      const counts = new Set<number>();
      for (let round = 0; round < 3; round += 1) {
        const { verification } = await quick.backup(busy, { verification: 'restored' });
        expect(verification).toMatchObject({ level: 'restored', details: { tables: 2, compared_with: 'snapshot' } });
        counts.add(verification?.details?.rows ?? 0);
      }
      expect(counts.size).toBe(3);
    } finally {
      going = false;
      await Promise.all(writers);
    }
  });

  it.each<[string, (file: string) => Promise<void>, RegExp]>([
    [
      'fewer rows than its manifest counts',
      (file) => alter(file, ({ rows }) => ({ rows: { ...rows, [side.key]: 4 } })),
      /\bt has 3 rows instead of 4/,
    ],
    [
      'a row that was taken out, and the hash made to fit',
      (file) => tamper(file, side.dropRow),
      /\bt has 2 rows instead of 3/,
    ],
    [
      'a view that its manifest counts and nobody has',
      (file) => alter(file, ({ objects }) => ({ objects: { ...objects, views: 1 } })),
      /0 views instead of 1/,
    ],
    [
      'a statement that no server takes',
      (file) => tamper(file, side.addBadStatement),
      /could not be restored.*nobody_knows_it/is,
    ],
  ])('that is not what it says fails, is marked and counts for nothing: %s', async (_what, damage, words) => {
    const older = await quick.backup(small, { verification: 'restored' });
    const made = await quick.backup(small, { verification: 'restored', compression: 'zstd' });
    const file = join(quick.home, made.path);
    await damage(file);
    await expect(quick.verify(made.path, 'restored')).rejects.toMatchObject({
      code: 'VERIFICATION_FAILED',
      message: expect.stringMatching(words),
    });
    const failed = { level: 'restored', message: expect.stringMatching(words) };
    expect((await manifestOf(file)).verification.failed).toMatchObject(failed);

    // That it reads back as it lies there does not take this back.
    await quick.verify(made.path, 'stored');
    expect((await manifestOf(file)).verification.failed).toMatchObject(failed);
    expect(await quick.catalog.backups.get(made.id)).toMatchObject([{ verificationFailed: true, status: 'damaged' }]);
    const newest = await quick.backup(small);
    // Of those that count, the newest is kept, and the newest that was verified.
    expect((await quick.retain(small, newest.id)).kept).toEqual([newest.id, older.id]);
    await access(file);
  });

  it('of a newer server than any here cannot be tried, and says so', async () => {
    const made = await engine.backup(small);
    await alter(join(engine.home, made.path), ({ server }) => ({ server: { ...server, version: '99.1.2' } }));
    await expect(engine.verify(made.path, 'restored')).rejects.toMatchObject({
      code: 'VERIFICATION_UNAVAILABLE',
      message: expect.stringMatching(
        /cannot verify here, because the backup is of \w+ 99\.1\.2, and installed is only/,
      ),
      hint: expect.stringMatching(/VERIFY_(POSTGRES|MYSQL)_URL/),
    });
    const { verification } = await manifestOf(join(engine.home, made.path));
    expect(verification).toMatchObject({ level: 'stored', untried: { message: expect.stringMatching(/99\.1\.2/) } });
    expect(verification.failed).toBeUndefined();
  });

  it.each([
    ['start server', 0],
    ['load', 1],
    ['compare', 0],
  ])('can be cancelled in the phase "%s" (%i), and leaves nothing', async (phase, told) => {
    const made = await engine.backup(database, { compression: 'zstd' });
    const cancel = new AbortController();
    const work = new QuietWork(cancel.signal);
    const told_ = work.progress.bind(work);
    let now: string | undefined;
    let since = 0;
    work.progress = (change) => {
      told_(change);
      if (change.phase !== undefined && change.phase !== now) [now, since] = [change.phase, 0];
      else since += 1;
      if (now === phase && since >= told) setImmediate(() => cancel.abort());
    };
    await expect(engine.verify(made.path, 'restored', work)).rejects.toMatchObject({ code: 'CANCELLED' });
    const { verification } = await manifestOf(join(engine.home, made.path));
    expect(verification).toMatchObject({ level: 'stored' });
    expect(verification.untried).toBeUndefined();
    expect(verification.failed).toBeUndefined();
  });

  it('on a named server does away with what a killed service left there, and with nothing else', async () => {
    const old = `verify_00000000_${(Date.now() - 48 * 3_600_000).toString(36)}_00000000`;
    const others = [`verify_00000000_${Date.now().toString(36)}_00000000`, 'verify_something'];
    const maintenance = named.connection(side.maintenance);
    await runSql(
      maintenance,
      [old, ...others].map((name) => `CREATE DATABASE ${name}`),
    );
    const { verification } = await quick.backup(small, { verification: 'restored' });
    expect(verification).toMatchObject({ level: 'restored', details: { rows: 3 } });
    expect(await remains()).toEqual(others.toSorted());
    await runSql(
      maintenance,
      others.map((name) => `DROP DATABASE ${name}`),
    );
  });

  it('on a named server that is away stands as it is', async () => {
    const away = { ...named.connection(side.maintenance), port: 1 };
    const elsewhere = await startEngine({ verificationServers: { named: { [away.dbType]: away } } });
    try {
      const made = await elsewhere.backup(small);
      await expect(elsewhere.verify(made.path, 'restored')).rejects.toMatchObject({
        code: 'VERIFICATION_UNAVAILABLE',
        message: expect.stringMatching(/cannot verify here, because the server of VERIFY_\w+_URL could not be used/),
      });
    } finally {
      await elsewhere.stop();
    }
  });

  it('where there are no server programs stands as it is, with a warning', async () => {
    const bare = await startEngine({
      verificationServers: {
        sandbox: {
          installed: () => Promise.resolve([]),
          account: () => Promise.resolve({}),
          start: () => Promise.reject(new Error('never')),
        },
      },
    });
    try {
      const made = await bare.backup(small, { verification: 'restored' });
      expect(made.verification).toMatchObject({ level: 'stored' });
      expect(made.warnings.join()).toMatch(/cannot verify here, because no \w+ server programs are installed/);
      await access(join(bare.home, made.path));
    } finally {
      await bare.stop();
    }
  });

  it('on a server that dies says nothing of it', async () => {
    let server: SandboxServer | undefined;
    const dying = await startEngine({
      verificationServers: {
        sandbox: {
          installed: () => Promise.resolve([installedOf(side.name)]),
          account: () => Promise.resolve({}),
          start: async () => (server = await side.start()),
        },
      },
    });
    try {
      const made = await dying.backup(database, { compression: 'zstd' });
      const work = new QuietWork();
      const tell = work.progress.bind(work);
      work.progress = (change) => {
        tell(change);
        if (change.phase === 'load') void server?.stop();
      };
      await expect(dying.verify(made.path, 'restored', work)).rejects.toMatchObject({
        code: 'VERIFICATION_UNAVAILABLE',
      });
      const { verification } = await manifestOf(join(dying.home, made.path));
      expect(verification).toMatchObject({ level: 'stored', untried: { message: expect.any(String) } });
      expect(verification.failed).toBeUndefined();
    } finally {
      await server?.stop();
      await dying.stop();
    }
  });
});

function installedOf(flavour: 'PostgreSQL' | 'MariaDB'): InstalledServer {
  return { flavour, version: '99.0', versionParts: [99, 0], programs: ['', ''] };
}
