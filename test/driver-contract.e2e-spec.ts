import { randomUUID } from 'node:crypto';
import { access, mkdir, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ConnectionParams, DbType, DumpFormat } from '@app/domain';
import { DriverRegistry, MysqlDriver, PostgresDriver } from '@app/drivers';
import type { DbDriver, DumpSource, LoadHooks } from '@app/drivers';
import { startMariadb, startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { isTested, startTestServer } from './support/given-engine.js';
import { runSql } from './support/run-sql.js';

/** What every driver promises the rest of the service, called through the interface alone. */

interface Subject {
  name: string;
  dbType: DbType;
  create(runtimeDir: string): DbDriver;
  /** A database that every server of this engine has. */
  maintenanceDatabase: string;
  /** Content with every kind of object that both engines know. */
  seed: readonly string[];
  /** What somebody does to it who will be sorry. */
  damage: readonly string[];
  /** All of the content that must come back, as one row. */
  fingerprint: string;
  /** Creates a user who may log in, with password `weak`, and see next to nothing. */
  weakUser: readonly string[];
  /** Databases `ajar`, to which the weak user may connect, and `shut`, of which they see the name. */
  onlySeesNames: readonly string[];
  /** A command that fails, to be put into a dump. */
  failing: string;
  /** Commands that would run on our machine if a client obeyed them. */
  hostile: readonly string[];
  /** The line behind which commands can be put into a dump. */
  endMark: string;
  somePrivilege: string;
  otherPrivilege: string;
}

const FINGERPRINT_COLUMNS = `(SELECT count(*) FROM item) AS items, (SELECT sum(price) FROM item) AS total,
  (SELECT count(*) FROM cheap) AS cheap, (SELECT max(name) FROM item) AS name, twice(21) AS doubled`;

const SUBJECTS: readonly Subject[] = [
  {
    name: 'PostgresDriver',
    dbType: 'PostgreSQL',
    create: (runtimeDir) => new PostgresDriver({ runtimeDir }),
    maintenanceDatabase: 'postgres',
    seed: [
      'CREATE TABLE item (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, price numeric(10, 2))',
      `INSERT INTO item (name, price) SELECT 'größe 🐘 ' || n, n / 4.0 FROM generate_series(1, 500) n`,
      'CREATE VIEW cheap AS SELECT * FROM item WHERE price < 10',
      `CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT n * 2'`,
      `CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := upper(NEW.name); RETURN NEW; END $$`,
      'CREATE TRIGGER shout BEFORE INSERT ON item FOR EACH ROW EXECUTE FUNCTION shout()',
    ],
    damage: [
      'DROP VIEW cheap',
      'DELETE FROM item WHERE id > 100',
      'CREATE TABLE newcomer (a int)',
      'DROP TRIGGER shout ON item',
      `CREATE OR REPLACE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 0'`,
    ],
    fingerprint: `SELECT ${FINGERPRINT_COLUMNS}, (SELECT count(*) FROM pg_trigger WHERE tgname = 'shout') AS triggers,
      (SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')) AS tables`,
    weakUser: [`CREATE ROLE weak LOGIN PASSWORD 'weak'`],
    onlySeesNames: ['CREATE DATABASE ajar', 'CREATE DATABASE shut', 'REVOKE CONNECT ON DATABASE shut FROM PUBLIC'],
    failing: 'SELECT no_such_column FROM item;',
    hostile: ['\\! touch MARKER', "\\copy item to program 'touch MARKER'", '\\connect postgres'],
    endMark: '--\n-- PostgreSQL database dump complete',
    somePrivilege: 'CREATEDB',
    otherPrivilege: 'CREATEROLE',
  },
  {
    name: 'MysqlDriver',
    dbType: 'MySQL',
    create: (runtimeDir) => new MysqlDriver({ runtimeDir }),
    maintenanceDatabase: 'mysql',
    seed: [
      'CREATE TABLE item (id int AUTO_INCREMENT PRIMARY KEY, name varchar(100) NOT NULL, price decimal(10, 2)) CHARACTER SET utf8mb4',
      `INSERT INTO item (name, price) WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 500)
        SELECT concat('größe 🐘 ', n), n / 4.0 FROM s`,
      'CREATE VIEW cheap AS SELECT * FROM item WHERE price < 10',
      'CREATE FUNCTION twice(n int) RETURNS int DETERMINISTIC RETURN n * 2',
      'CREATE TRIGGER shout BEFORE INSERT ON item FOR EACH ROW SET NEW.name = upper(NEW.name)',
    ],
    damage: [
      'DROP VIEW cheap',
      'DELETE FROM item WHERE id > 100',
      'CREATE TABLE newcomer (a int)',
      'DROP TRIGGER shout',
      'DROP FUNCTION twice',
      'CREATE FUNCTION twice(n int) RETURNS int DETERMINISTIC RETURN 0',
    ],
    fingerprint: `SELECT ${FINGERPRINT_COLUMNS},
      (SELECT count(*) FROM information_schema.triggers WHERE trigger_schema = database() AND trigger_name = 'shout') AS triggers,
      (SELECT group_concat(table_name ORDER BY table_name) FROM information_schema.tables WHERE table_schema = database()) AS tables`,
    weakUser: [`CREATE USER weak@'%' IDENTIFIED BY 'weak'`],
    onlySeesNames: [
      'CREATE DATABASE ajar',
      'CREATE DATABASE shut',
      `GRANT SHOW DATABASES ON *.* TO weak@'%'`,
      `GRANT SELECT ON ajar.* TO weak@'%'`,
    ],
    failing: 'SELECT no_such_column FROM item;',
    hostile: ['\\! touch MARKER', 'system touch MARKER'],
    endMark: '-- Dump completed',
    somePrivilege: 'CREATE USER',
    otherPrivilege: 'PROCESS',
  },
];

const never = new AbortController().signal;
const home = join(tmpdir(), `backup-contract-${randomUUID()}`);

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const sink = new PassThrough();
  sink.on('data', (chunk: Buffer) => chunks.push(chunk));
  await pipeline(stream, sink);
  return Buffer.concat(chunks);
}

/** Something that listens and is no database. */
async function listen(greet: (socket: Socket) => void): Promise<{ port: number } & AsyncDisposable> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    greet(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

afterAll(() => rm(home, { recursive: true, force: true }));

describe('DriverRegistry', () => {
  it('knows one driver for each engine, and refuses two', () => {
    const drivers = SUBJECTS.map((subject) => subject.create(home));
    const registry = new DriverRegistry(drivers);
    expect(registry.all().map((driver) => driver.dbType)).toEqual(['PostgreSQL', 'MySQL']);
    for (const driver of drivers) expect(registry.get(driver.dbType)).toBe(driver);
    expect(() => new DriverRegistry([...drivers, ...drivers.slice(0, 1)])).toThrow(/Two drivers/);
  });
});

describe.each(SUBJECTS.filter(({ dbType }) => isTested(dbType)))('$name', (subject) => {
  const runtimeDir = join(home, subject.name);
  const marker = join(home, `${subject.name}-obeyed`);
  const driver = subject.create(runtimeDir);
  let server: SandboxServer;
  let source: ConnectionParams;
  let weak: ConnectionParams;
  let original: Record<string, unknown>[];

  const fingerprint = (connection: ConnectionParams): Promise<Record<string, unknown>[]> =>
    runSql(connection, [subject.fingerprint]);

  const maintenance = (): ConnectionParams => server.connection(subject.maintenanceDatabase);

  beforeAll(async () => {
    await mkdir(home, { recursive: true });
    server = await startTestServer(subject.dbType);
    source = server.connection('shop');
    weak = { ...source, username: 'weak', password: 'weak' };
    await driver.createDatabase(maintenance(), 'shop', {});
    await runSql(source, subject.seed);
    await runSql(source, subject.weakUser);
    original = await fingerprint(source);
  }, 60_000);

  afterAll(() => server.stop());

  afterEach(async () => {
    // After each: the test that left something is the one that fails.
    expect(await readdir(runtimeDir).catch(() => [])).toEqual([]);
  });

  async function dump(connection = source, format = driver.formats[0] ?? 'plain'): Promise<Buffer> {
    const plan = await driver.prepareDump({ connection, format, tools: {} });
    const { output, completed } = await driver.startDump(plan, never);
    const [bytes] = await Promise.all([collect(output), completed]);
    return bytes;
  }

  function sourceOf(content: Buffer | string, format: DumpFormat = 'plain', own = true): DumpSource {
    const bytes = Buffer.from(content as string);
    return { format, own, open: () => Readable.from([bytes.subarray(0, 1000), bytes.subarray(1000)]) };
  }

  async function load(connection: ConnectionParams, dumped: DumpSource, hooks: Partial<LoadHooks> = {}): Promise<void> {
    const request = { connection, format: dumped.format, tools: {}, skipOwnership: false };
    const plan = await driver.prepareLoad(request);
    await driver.load(plan, dumped, { signal: never, beforeCommit: () => Promise.resolve(), ...hooks });
  }

  async function freshDatabase(): Promise<ConnectionParams> {
    const name = `fresh_${randomUUID()}`;
    await driver.createDatabase(maintenance(), name, {});
    return server.connection(name);
  }

  /** A database with the seed in it, to be spoilt. */
  async function copy(): Promise<ConnectionParams> {
    const connection = await freshDatabase();
    await runSql(connection, subject.seed);
    return connection;
  }

  it('writes plain dumps at least', () => {
    expect(driver.formats).toContain('plain');
  });

  describe('tools', () => {
    it('finds a usable tool for each of its keys', async () => {
      const found = await driver.tools.detect({});
      expect(found.map((tool) => tool.key)).toEqual(driver.tools.keys);
      for (const { key, best, all } of found) {
        expect(all).toContainEqual(best);
        expect(best?.versionParts.length).toBeGreaterThan(0);
        await expect(driver.tools.verify(key, best?.path ?? '')).resolves.toEqual(best);
      }
    });

    it('refuses what is not that tool', async () => {
      for (const key of driver.tools.keys) {
        for (const path of ['/nowhere/at/all', '/bin/true', '/etc/passwd', '/bin', 'relative/path']) {
          await expect(driver.tools.verify(key, path)).rejects.toMatchObject({ code: 'TOOL_UNUSABLE' });
        }
      }
    });

    it('puts a custom path first', async () => {
      for (const { key, best } of await driver.tools.detect({})) {
        const custom = (await driver.tools.detect({ [key]: best?.path ?? '' })).find((tool) => tool.key === key);
        expect(custom?.best).toEqual(best);
      }
    });
  });

  describe('probe', () => {
    it('logs in and says who is there', async () => {
      const info = await driver.probe(source);
      expect(info.dbType).toBe(driver.dbType);
      expect(info.version.startsWith(String(info.versionParts[0]))).toBe(true);
    });

    test.each<[string, Partial<ConnectionParams>]>([
      ['WRONG_CREDENTIALS', { password: 'wrong' }],
      ['WRONG_CREDENTIALS', { username: 'nobody' }],
      ['DATABASE_NOT_FOUND', { database: 'not there' }],
      ['HOST_UNREACHABLE', { port: 1 }],
      ['HOST_UNREACHABLE', { host: 'no-such-host.invalid' }],
      ['TLS_FAILED', { sslMode: 'verify-full' }],
    ])('fails with %s for %j', async (code, change) => {
      await expect(driver.probe({ ...source, ...change })).rejects.toMatchObject({ name: 'DomainError', code });
    });

    it('fails within 10 s with CONNECTION_TIMEOUT where nobody says anything', async () => {
      await using silent = await listen(() => undefined);
      await expect(driver.probe({ ...source, port: silent.port })).rejects.toMatchObject({
        code: 'CONNECTION_TIMEOUT',
      });
    }, 10_000);

    it('fails with WRONG_ENGINE at a web server', async () => {
      await using web = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'));
      await expect(driver.probe({ ...source, port: web.port })).rejects.toMatchObject({ code: 'WRONG_ENGINE' });
    });

    it('fails with WRONG_ENGINE at the server of another engine', async () => {
      const [stranger] = SUBJECTS.filter(({ name }) => name !== subject.name);
      await using other = await (stranger?.dbType === 'MySQL' ? startMariadb() : startPostgres());
      const answer = driver.probe({ ...source, port: other.port });
      await expect(answer).rejects.toMatchObject({ code: 'WRONG_ENGINE' });
    }, 60_000);

    it('can be cancelled', async () => {
      const controller = new AbortController();
      controller.abort();
      await expect(driver.probe(source, controller.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
    });
  });

  describe('dump', () => {
    it.each(driver.formats)('is planned, whole and recognised as %s', async (format) => {
      const plan = await driver.prepareDump({ connection: source, format, tools: {} });
      expect(plan).toMatchObject({ connection: source, format, server: { dbType: driver.dbType }, warnings: [] });
      expect(plan.tool.path).toMatch(/^\//);
      expect(plan.estimatedBytes).toBeGreaterThan(0);
      expect(plan.objects).toMatchObject({ tables: 1, views: 1, triggers: 1 });
      const bytes = await dump(source, format);
      expect(driver.recognise(bytes.subarray(0, 4096))).toBe(format);
      const check = driver.completenessCheck(format);
      for (let at = 0; at < bytes.length; at += 777) check.update(bytes.subarray(at, at + 777));
      expect(() => check.finish()).not.toThrow();
      expect(check.tables).toBe(format === 'plain' ? 1 : undefined);
      await expect(driver.checkArchive(sourceOf(bytes, format), {}, never)).resolves.toBeUndefined();
      await expect(driver.checkArchive(sourceOf(bytes, format, false), {}, never)).resolves.toBeUndefined();
    });

    it('FAILURES 1, 2, 5: is not whole without its end', async () => {
      const bytes = await dump();
      for (const part of [bytes.subarray(0, -60), bytes.subarray(0, bytes.length / 2), Buffer.alloc(0)]) {
        const check = driver.completenessCheck('plain');
        check.update(part);
        expect(() => check.finish()).toThrow(expect.objectContaining({ code: 'DUMP_INCOMPLETE' }));
      }
    });

    it('FAILURES 16: is refused where something would be left out for want of rights', async () => {
      const request = { connection: { ...weak, database: source.database }, format: 'plain' as const, tools: {} };
      await expect(driver.prepareDump(request)).rejects.toMatchObject({
        code: expect.stringMatching(/^(MISSING_PRIVILEGE|WRONG_CREDENTIALS|DATABASE_NOT_FOUND|SERVER_REFUSED)$/),
      });
    });

    it('is refused for a missing database or tool', async () => {
      const prepare = (change: Partial<ConnectionParams>, tools = {}): Promise<unknown> =>
        driver.prepareDump({ connection: { ...source, ...change }, format: 'plain', tools });
      await expect(prepare({ database: 'not there' })).rejects.toMatchObject({ code: 'DATABASE_NOT_FOUND' });
      const [key = 'pg_dump_path'] = driver.tools.keys;
      await expect(prepare({}, { [key]: '/nowhere/at/all' })).rejects.toMatchObject({ code: 'TOOL_UNUSABLE' });
    });

    it('FAILURES 1: fails when the tool fails, in its words and without secrets', async () => {
      const plan = await driver.prepareDump({ connection: source, format: 'plain', tools: {} });
      const gone = { ...plan, connection: { ...plan.connection, database: 'dropped_since' } };
      const { output, completed } = await driver.startDump(gone, never);
      output.resume();
      await expect(completed).rejects.toMatchObject({
        code: 'DUMP_FAILED',
        message: expect.stringContaining('dropped_since'),
      });
      await expect(completed).rejects.not.toMatchObject({ message: expect.stringContaining(source.password) });
    });

    it('can be cancelled, though nobody reads it', async () => {
      const plan = await driver.prepareDump({ connection: source, format: 'plain', tools: {} });
      const controller = new AbortController();
      const { output, completed } = await driver.startDump(plan, controller.signal);
      output.on('error', () => undefined);
      controller.abort();
      await expect(completed).rejects.toMatchObject({ code: 'CANCELLED' });
    });
  });

  describe('recognise', () => {
    it('is not taken in by anything else', async () => {
      const others = ['', 'hello', '\u001f\u008b\u0008', '(\u00b5/\u00fd', 'SELECT 1;\n', '-- x\n'.repeat(900)];
      for (const other of others) expect(driver.recognise(Buffer.from(other, 'latin1'))).toBeUndefined();
      const own = (await dump()).subarray(0, 4096);
      for (const stranger of SUBJECTS.filter(({ name }) => name !== subject.name)) {
        expect(stranger.create(home).recognise(own)).toBeUndefined();
      }
    });
  });

  describe('databases', () => {
    it.each(['plain_name', `it's "quoted" \`ticked\`; DROP DATABASE shop; --`, 'größe 日本', '100%_'])(
      'are created, found and dropped: %s',
      async (name) => {
        const { settings } = await driver.prepareDump({ connection: source, format: 'plain', tools: {} });
        expect(await driver.databaseExists(source, name)).toBe(false);
        await driver.createDatabase(source, name, settings);
        expect(await driver.databaseExists(source, name)).toBe(true);
        const empty = await driver.prepareDump({ connection: server.connection(name), format: 'plain', tools: {} });
        expect(empty.settings).toEqual(settings);
        await driver.dropDatabase(source, name);
        expect(await driver.databaseExists(source, name)).toBe(false);
      },
    );

    it('are found through a connection whose own database is gone', async () => {
      expect(await driver.databaseExists({ ...source, database: 'gone' }, 'shop')).toBe(true);
      expect(await driver.databaseExists({ ...source, database: 'gone' }, 'gone')).toBe(false);
    });

    it('are listed by name, with their size, also through a connection without a database', async () => {
      for (const database of ['shop', 'gone', '']) {
        const listed = await driver.listDatabases({ ...source, database });
        expect(listed).toContainEqual({ name: 'shop', sizeBytes: expect.any(Number), accessible: true });
        expect(listed.find(({ name }) => name === 'shop')?.sizeBytes).toBeGreaterThan(8_000);
        const names = listed.map(({ name }) => name);
        expect(names).toEqual(names.toSorted());
        expect(
          names.filter((name) => /^(template\d|information_schema|mysql|sys|performance_schema)$/.test(name)),
        ).toEqual([]);
      }
    });

    it('are listed without the staging and previous databases of restores, but with what somebody called alike', async () => {
      const copy = driver.swap.copyName('shop', 'before', '0badcafe');
      for (const name of [copy, 'shop__before_migration']) await driver.createDatabase(source, name, {});
      const names = (await driver.listDatabases(source)).map(({ name }) => name);
      expect(names).not.toContain(copy);
      expect(names).toContain('shop__before_migration');
      for (const name of [copy, 'shop__before_migration']) await driver.dropDatabase(source, name);
    });

    it('are listed as not accessible to a user who may not connect to them', async () => {
      await runSql(maintenance(), subject.onlySeesNames);
      const listed = await driver.listDatabases({ ...weak, database: '' });
      expect(listed).toContainEqual({ name: 'shut', sizeBytes: undefined, accessible: false });
      expect(listed).toContainEqual({ name: 'ajar', sizeBytes: expect.any(Number), accessible: true });
    });

    it('are neither made nor dropped by somebody who may not', async () => {
      const stranger = { ...weak, database: subject.maintenanceDatabase };
      await expect(driver.createDatabase(stranger, 'mine', {})).rejects.toMatchObject({ name: 'DomainError' });
      expect(await driver.databaseExists(source, 'mine')).toBe(false);
      await expect(driver.dropDatabase(stranger, 'shop')).rejects.toMatchObject({ name: 'DomainError' });
      expect(await fingerprint(source)).toEqual(original);
    });
  });

  describe('load', () => {
    it.each(driver.formats)('brings all of it into an empty database from %s', async (format) => {
      const bytes = await dump(source, format);
      const target = await freshDatabase();
      const request = { connection: target, format, tools: {}, skipOwnership: false };
      expect(await driver.prepareLoad(request)).toMatchObject({ ...request, targetIsEmpty: true, warnings: [] });
      await load(target, sourceOf(bytes, format));
      expect(await fingerprint(target)).toEqual(original);
      expect(await driver.prepareLoad(request)).toMatchObject({ targetIsEmpty: false });
    });

    it.each(driver.formats)('FAILURES 38: replaces all that was there from %s', async (format) => {
      const bytes = await dump(source, format);
      const target = await copy();
      await runSql(target, subject.damage);
      await load(target, sourceOf(bytes, format));
      expect(await fingerprint(target)).toEqual(original);
    });

    it('asks its caller once before it is done, and takes no for an answer', async () => {
      const target = await copy();
      let asked = 0;
      const beforeCommit = (): Promise<void> => {
        asked += 1;
        return Promise.reject(new Error('rather not'));
      };
      const bytes = await dump();
      await runSql(target, ['DELETE FROM item']);
      await expect(load(target, sourceOf(bytes), { beforeCommit })).rejects.toThrow('rather not');
      expect(asked).toBe(1);
      if (driver.atomicLoad) expect(await runSql(target, ['SELECT * FROM item'])).toEqual([]);
    });

    it('FAILURES 47: fails with any SQL error, and says where', async () => {
      const text = (await dump()).toString('utf8');
      expect(text).toContain(subject.endMark);
      const target = await copy();
      await runSql(target, ['DELETE FROM item WHERE id > 7']);
      const faulty = text.replace(subject.endMark, `${subject.failing}\n${subject.endMark}`);
      await expect(load(target, sourceOf(faulty))).rejects.toMatchObject({
        code: 'RESTORE_FAILED',
        message: expect.stringMatching(/no_such_column[^]*line \d+|line \d+[^]*no_such_column/),
      });
      if (driver.atomicLoad) {
        expect(await runSql(target, ['SELECT max(id) AS last FROM item'])).toEqual([{ last: 7 }]);
      }
    });

    it.each(subject.hostile)('FAILURES 31, 34: never obeys a client command: %s', async (command) => {
      const text = (await dump()).toString('utf8');
      const target = await copy();
      const evil = text.replace(subject.endMark, `\n${command.replace('MARKER', marker)}\n${subject.endMark}`);
      await expect(load(target, sourceOf(evil, 'plain', false))).rejects.toMatchObject({
        code: expect.stringMatching(/^(BACKUP_UNSAFE|RESTORE_FAILED)$/),
      });
      await expect(access(marker)).rejects.toMatchObject({ code: 'ENOENT' });
      if (driver.atomicLoad) expect(await fingerprint(target)).toEqual(original);
    });

    it('fails when its source does', async () => {
      const bytes = await dump();
      const target = await freshDatabase();
      const open = (): Readable =>
        Readable.from(
          (function* () {
            yield bytes.subarray(0, bytes.length / 2);
            throw new Error('the disk is on fire');
          })(),
        );
      await expect(load(target, { format: 'plain', own: true, open })).rejects.toMatchObject({
        message: expect.stringContaining('the disk is on fire'),
      });
    });

    it('can be cancelled while its source keeps it waiting', async () => {
      const bytes = await dump();
      const target = await freshDatabase();
      const controller = new AbortController();
      const open = (): Readable => {
        let given = false;
        return new Readable({
          read() {
            if (given) setImmediate(() => controller.abort());
            else this.push(bytes.subarray(0, bytes.length / 2));
            given = true;
          },
        });
      };
      const loading = load(target, { format: 'plain', own: true, open }, { signal: controller.signal });
      await expect(loading).rejects.toMatchObject({ code: 'CANCELLED' });
    });

    it('is refused for a database that is not there, or not theirs', async () => {
      const prepare = (connection: ConnectionParams): Promise<unknown> =>
        driver.prepareLoad({ connection, format: 'plain', tools: {}, skipOwnership: false });
      await expect(prepare(server.connection('not there'))).rejects.toMatchObject({ code: 'DATABASE_NOT_FOUND' });
      await expect(prepare(weak)).rejects.toMatchObject({ name: 'DomainError' });
      expect(await fingerprint(source)).toEqual(original);
    });
  });

  describe('users', () => {
    const names = async (): Promise<string[]> => (await driver.users.list(source)).map((user) => user.username);
    const login = (username: string, password: string): Promise<unknown> =>
      driver.probe({ ...source, username, password });

    it('have the fields of the specification', async () => {
      const self = (await driver.users.list(source)).find((user) => user.username === server.username);
      expect(self).toMatchObject({ superuser: true, createDb: true, details: expect.any(Object) });
      for (const user of await driver.users.list(source)) {
        for (const key of ['superuser', 'createDb', 'replication', 'bypassRls'] as const) {
          expect(typeof user[key]).toBe('boolean');
        }
      }
    });

    test.each(['ann', `o'brien"; DROP USER ann; -- \``, 'größe 日本'])('come and go: %s', async (username) => {
      const { users } = driver;
      const first = `p'w"\\ä`;
      await users.create(source, { username, password: first, privileges: [subject.somePrivilege] });
      expect(await names()).toContain(username);
      await expect(login(username, first))
        .resolves.toBeDefined()
        .catch(async () => {
          // Where logging in to a database needs a right to it.
          await expect(login(username, 'not it')).rejects.toMatchObject({ code: 'WRONG_CREDENTIALS' });
        });
      await users.modify(source, { username, password: 'second', privileges: [subject.otherPrivilege] });
      await expect(login(username, first)).rejects.toMatchObject({ code: 'WRONG_CREDENTIALS' });
      await expect(users.create(source, { username, password: 'x' })).rejects.toMatchObject({ code: 'USER_EXISTS' });
      await users.remove(source, { username });
      expect(await names()).not.toContain(username);
    });

    it('have a code for each thing that can be wrong', async () => {
      const { users } = driver;
      const ghost = { username: 'ghost' };
      await expect(users.modify(source, { ...ghost, password: 'x' })).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
      await expect(users.remove(source, ghost)).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
      await expect(
        users.create(source, { ...ghost, password: 'x', privileges: [subject.somePrivilege, 'FLY', 'SWIM'] }),
      ).rejects.toMatchObject({ code: 'UNKNOWN_PRIVILEGE', message: expect.stringMatching(/FLY[^]*SWIM/) });
      expect(await names()).not.toContain('ghost');
      const self = (await users.list(source)).find((user) => user.username === server.username);
      const host = self?.details['host'];
      const account = { username: server.username, ...(typeof host === 'string' ? { host } : {}) };
      await expect(users.remove(source, account)).rejects.toMatchObject({ code: 'USER_IN_USE' });
      await expect(users.create(source, { username: '', password: 'x' })).rejects.toMatchObject({
        code: 'INVALID_INPUT',
      });
      await expect(users.create(source, { username: 'x'.repeat(200), password: 'x' })).rejects.toMatchObject({
        code: 'INVALID_INPUT',
      });
      const stranger = { ...weak, database: subject.maintenanceDatabase };
      await expect(users.create(stranger, { ...ghost, password: 'x' })).rejects.toMatchObject({ name: 'DomainError' });
    });
  });
});
