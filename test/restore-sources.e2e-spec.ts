import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, open, readdir, readFile, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import type { Transform } from 'node:stream';
import type { ConnectionParams } from '@app/domain';
import { startProcess, writeSecretFile } from '@app/process';
import { startMariadb, startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { startEngine } from './support/core-harness.js';
import type { Engine } from './support/core-harness.js';
import { mysqlSnapshot } from './support/mysql-snapshot.js';
import { postgresSnapshot } from './support/postgres-snapshot.js';
import { runSql } from './support/run-sql.js';

interface Side {
  name: 'PostgreSQL' | 'MySQL';
  start(): Promise<SandboxServer>;
  /** A table with all bytes and characters, and what makes the engine's plain dumps hard to load in one piece. */
  schema: string[];
  damage: string[];
  /** Valid until its last statement: fails when nearly everything is loaded. */
  failAtEnd(dump: string): string;
  snapshot(connection: ConnectionParams): Promise<unknown>;
  formats: ('plain' | 'custom')[];
  foreignDumps: Record<string, { format?: string; compress?: () => Transform }>;
  otherDump: string;
}

const postgres: Side = {
  name: 'PostgreSQL',
  start: () => startPostgres(),
  schema: [
    `create table t (id int primary key, body text, raw bytea)`,
    `insert into t select i, 'ä😀 \\ '' " ' || i, decode(lpad(to_hex(i), 8, '0'), 'hex') from generate_series(1, 5000) i`,
    `create view v as select count(*) from t`,
    `create procedure p() language sql begin atomic; delete from t where id < 0; end`,
    `select lo_from_bytea(4711, '\\xdeadbeef')`,
  ],
  damage: [`delete from t where id % 2 = 0`, `drop view v`, `create table stray (x int)`, `select lo_unlink(4711)`],
  failAtEnd: (dump) =>
    dump.replace('--\n-- PostgreSQL database dump complete', 'select 1/0;\n\n--\n-- PostgreSQL database dump complete'),
  snapshot: postgresSnapshot,
  formats: ['plain', 'custom'],
  foreignDumps: {
    'plain.sql': {},
    'plain.sql.gz': { compress: () => createGzip() },
    'plain.sql.zst': { compress: () => createZstdCompress() },
    'archive.dump': { format: 'custom' },
    'archive.tar': { format: 'tar' },
    'misleading.gz': { format: 'custom' },
  },
  otherDump: '-- MariaDB dump 10.19\nCREATE TABLE `t` (`id` int);\n-- Dump completed on 2026-11-22\n',
};

const mysql: Side = {
  name: 'MySQL',
  start: () => startMariadb(),
  schema: [
    `create table t (id int primary key, body text, raw varbinary(20))`,
    `insert into t with recursive s as (select 1 i union all select i + 1 from s where i < 900) select i, concat('ä😀 \\\\ '' " ', i), unhex(lpad(hex(i), 8, '0')) from s`,
    `create view v as select count(*) c from t`,
    `create procedure p() begin delete from t where id < 0; select ';'; end`,
    `create trigger tr before insert on t for each row set new.body = concat(new.body, '')`,
  ],
  damage: [`delete from t where id % 2 = 0`, `drop view v`, `create table stray (x int)`, `drop procedure p`],
  failAtEnd: (dump) => dump.replace('-- Dump completed', 'select no_such_function();\n-- Dump completed'),
  snapshot: mysqlSnapshot,
  formats: ['plain'],
  foreignDumps: {
    'plain.sql': {},
    'plain.sql.gz': { compress: () => createGzip() },
    'plain.sql.zst': { compress: () => createZstdCompress() },
    'misleading.dump': {},
  },
  otherDump:
    '--\n-- PostgreSQL database dump\n--\ncreate table t (id int);\n--\n-- PostgreSQL database dump complete\n--\n',
};

describe.each([postgres, mysql])('$name: what can be restored', (side) => {
  let server: SandboxServer;
  let engine: Engine;
  let shop: ConnectionParams;
  let intact: unknown;

  beforeAll(async () => {
    [server, engine] = await Promise.all([side.start(), startEngine()]);
    const admin = server.connection(side.name === 'PostgreSQL' ? 'postgres' : 'mysql');
    await runSql(admin, ['create database shop']);
    shop = server.connection('shop');
    await runSql(shop, side.schema);
    intact = await side.snapshot(shop);
    await mkdir(engine.backupFolder, { recursive: true });
  }, 120_000);
  afterAll(async () => {
    await engine.stop();
    await server.stop();
  });
  afterEach(async () => {
    expect(await engine.leftovers()).toEqual([]);
  });

  let baseline: string;
  /** Each test begins with the same state, whatever the one before has left. */
  beforeEach(async () => {
    baseline ??= (await engine.backup(shop, { name: 'baseline' })).path;
    await engine.restore(shop, baseline);
  });
  const damage = async () => {
    await runSql(shop, side.damage);
    const damaged = await side.snapshot(shop);
    expect(damaged).not.toEqual(intact);
    return damaged;
  };

  describe.each(side.formats)('our own %s backup', (format) => {
    it.each(['none', 'zstd'] as const)(
      'with compression %s comes back whole, swapped in and anew',
      async (compression) => {
        const made = await engine.backup(shop, { format, compression });
        expect(made.filename).toMatch(format === 'plain' ? /\.sql(\.zst)?$/ : /\.dump(\.zst)?$/);
        await damage();
        const outcome = await engine.restore(shop, made.path);
        expect(outcome.strategy).toBe('swap');
        expect(await side.snapshot(shop)).toEqual(intact);
        const copy = `copy_${format}_${compression}`;
        expect(await engine.restore(shop, made.path, { targetDatabase: copy })).toMatchObject({
          created: true,
          database: copy,
        });
        expect(await side.snapshot({ ...shop, database: copy })).toEqual(intact);
      },
    );
  });

  it.each(Object.entries(side.foreignDumps))(
    'a foreign %s comes back whole',
    async (filename, { format, compress }) => {
      await dumpByHand(shop, join(engine.backupFolder, filename), format, compress?.());
      const listed = (await engine.listing.list()).find((record) => record.filename === filename);
      if (/\.(sql|dump|tar)/.test(filename)) expect(listed).toMatchObject({ status: 'foreign', dbType: side.name });
      await damage();
      await engine.restore(shop, `./backups/${filename}`);
      expect(await side.snapshot(shop)).toEqual(intact);
    },
  );

  it('FAILURES 4, 5: a cut or altered file is refused and nothing is touched', async () => {
    const made = await engine.backup(shop);
    const own = join(engine.backupFolder, made.filename);
    const foreign = join(engine.backupFolder, 'cut.sql');
    await copyFile(own, foreign);
    await truncate(foreign, Math.floor(made.size * 0.7));
    await truncate(own, Math.floor(made.size * 0.7));
    const before = await damage();
    await expect(engine.restore(shop, made.path)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    await expect(engine.restore(shop, './backups/cut.sql')).rejects.toMatchObject({ code: 'BACKUP_INCOMPLETE' });
    expect(await side.snapshot(shop)).toEqual(before);
    expect((await engine.listing.list()).find(({ id }) => id === made.id)).toMatchObject({ status: 'damaged' });
  });

  it.each(side.formats)('FAILURES 7: one flipped bit in a %s backup is enough to refuse it', async (format) => {
    const made = await engine.backup(shop, { format, name: 'flipped' });
    const path = join(engine.backupFolder, made.filename);
    const bytes = await readFile(path);
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    await writeFile(path, bytes);
    const before = await side.snapshot(shop);
    await expect(engine.restore(shop, made.path)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    expect(await side.snapshot(shop)).toEqual(before);
  });

  describe.each(side.formats)('FAILURES 7: our own %s backup, overwritten in place after it was checked,', (format) => {
    /** One letter of a text by another one, or where that is packed one bit; length and times stay. */
    const overwrite = async (path: string) => {
      const { atime, mtime } = await stat(path);
      const bytes = await readFile(path);
      const letter = bytes.lastIndexOf('ä');
      const file = await open(path, 'r+');
      const middle = Math.floor(bytes.length / 2);
      if (letter === -1) await file.write(Buffer.from([(bytes[middle] ?? 0) ^ 1]), 0, 1, middle);
      else await file.write(Buffer.from('ö'), 0, 2, letter);
      await file.close();
      await utimes(path, atime, mtime);
    };
    const before = (method: 'prepareLoad' | 'load', path: string) => {
      const driver = engine.drivers.get(side.name);
      const original = driver[method].bind(driver) as (...args: unknown[]) => Promise<never>;
      return jest.spyOn(driver, method).mockImplementationOnce(async (...args: unknown[]) => {
        await overwrite(path);
        return original(...args);
      });
    };
    const inPlace = side.name === 'PostgreSQL' ? 'transaction' : 'safety_backup';

    it.each([
      ['none', 'swap'],
      ['zstd', 'swap'],
      ['none', inPlace],
    ] as const)('with compression %s, is not restored by %s', async (compression, strategy) => {
      const made = await engine.backup(shop, { format, compression, name: 'overwritten' });
      const damaged = await damage();
      const spy = before('prepareLoad', join(engine.backupFolder, made.filename));
      try {
        await expect(engine.restore(shop, made.path, { strategy })).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
      } finally {
        spy.mockRestore();
      }
      expect(await side.snapshot(shop)).toEqual(damaged);
      expect((await engine.listing.list()).find(({ id }) => id === made.id)).toMatchObject({ status: 'damaged' });
    });

    it('at the last moment: what was checked is restored, or nothing', async () => {
      const made = await engine.backup(shop, { format, name: 'late' });
      const damaged = await damage();
      const spy = before('load', join(engine.backupFolder, made.filename));
      const outcome = await engine.restore(shop, made.path).then(
        () => intact,
        () => damaged,
      );
      spy.mockRestore();
      expect(await side.snapshot(shop)).toEqual(outcome);
    });
  });

  it('a dump of the other engine is refused and nothing is touched', async () => {
    await writeFile(join(engine.backupFolder, 'other.sql'), side.otherDump);
    const before = await side.snapshot(shop);
    await expect(engine.restore(shop, './backups/other.sql')).rejects.toMatchObject({ code: 'WRONG_ENGINE' });
    expect(await side.snapshot(shop)).toEqual(before);
  });

  it('FAILURES 46, 47: a dump that fails at its very end leaves the database as it was', async () => {
    const made = await engine.backup(shop, { name: 'whole' });
    const dump = await readFile(join(engine.backupFolder, made.filename), 'utf8');
    await writeFile(join(engine.backupFolder, 'failing.sql'), side.failAtEnd(dump));
    const before = await damage();
    await expect(engine.restore(shop, './backups/failing.sql')).rejects.toMatchObject({ code: 'RESTORE_FAILED' });
    expect(await side.snapshot(shop)).toEqual(before);
    await expect(engine.restore(shop, './backups/failing.sql', { targetDatabase: 'fresh' })).rejects.toMatchObject({
      code: 'RESTORE_FAILED',
    });
    expect(await engine.drivers.get(side.name).databaseExists(shop, 'fresh')).toBe(false);
    await engine.restore(shop, made.path);
    expect(await side.snapshot(shop)).toEqual(intact);
  });

  it('a cancelled restore leaves the database as it was, and no process or file', async () => {
    const made = await engine.backup(shop, { name: 'cancelled' });
    const before = await damage();
    const cancelling = await startEngine();
    try {
      await mkdir(cancelling.backupFolder, { recursive: true });
      for (const name of await readdir(engine.backupFolder)) {
        if (name.startsWith(made.filename))
          await copyFile(join(engine.backupFolder, name), join(cancelling.backupFolder, name));
      }
      const running = cancelling.restore(shop, made.path);
      const outcome = expect(running).rejects.toMatchObject({
        code: expect.stringMatching(/CANCELLED|SHUTTING_DOWN/) as string,
      });
      await new Promise((resolve) => setTimeout(resolve, 30));
      await cancelling.cancel();
      await outcome;
      expect(await cancelling.leftovers()).toEqual([]);
    } finally {
      await cancelling.stop();
    }
    expect(await side.snapshot(shop)).toEqual(before);
    await engine.restore(shop, made.path);
  });
});

/** As a person would make it, with the engine's own tool. */
async function dumpByHand(shop: ConnectionParams, file: string, format = 'plain', compress?: Transform): Promise<void> {
  const isPostgres = shop.dbType === 'PostgreSQL';
  const { host, port, username, password, database } = shop;
  await using secret = await writeSecretFile(
    join(file, '../../by-hand'),
    isPostgres
      ? `*:*:*:*:${password}\n`
      : `[client]\nuser=${username}\npassword=${password}\nhost=${host}\nport=${port}\n`,
  );
  const dump = isPostgres
    ? startProcess({
        command: 'pg_dump',
        args: ['-h', host, '-p', String(port), '-U', username, '-F', format, database],
        env: { PGPASSFILE: secret.path },
      })
    : startProcess({
        command: 'mariadb-dump',
        args: [`--defaults-file=${secret.path}`, '--routines', '--events', '--default-character-set=utf8mb4', database],
      });
  await (compress === undefined
    ? pipeline(dump.stdout, createWriteStream(file))
    : pipeline(dump.stdout, compress, createWriteStream(file)));
  await dump.completed;
}
