import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { ConnectionParams } from '@app/domain';
import { startProcess, writeSecretFile } from '@app/process';
import { startMariadb, startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { tarOf } from '../libs/drivers/src/testing/tar-of.js';
import { zipOf } from '../libs/artifact/src/testing/zip-of.js';
import { startEngine } from './support/core-harness.js';
import type { Engine } from './support/core-harness.js';
import { changedTar, withContents } from './support/changed-tar.js';
import { runSql } from './support/run-sql.js';

jest.setTimeout(120_000);

const SHOP = [
  'CREATE TABLE customers (id int PRIMARY KEY, name text)',
  'CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customers)',
  'CREATE VIEW names AS SELECT name FROM customers',
  // pg_dump makes it twice, as it needs the primary key.
  'CREATE VIEW counted AS SELECT id, name, count(*) AS orders FROM customers GROUP BY id',
  `INSERT INTO customers VALUES (1, 'ann'), (2, 'bob;')`,
  'INSERT INTO orders VALUES (1, 1), (2, 1), (3, 2)',
];
const SHOP_ROWS = { 'public.customers': 2, 'public.orders': 3 };

let server: SandboxServer;
let engine: Engine;
let target: ConnectionParams;
let number = 0;

beforeAll(async () => {
  [server, engine] = await Promise.all([startPostgres(), startEngine()]);
  target = server.connection('target');
  await runSql(server.connection('postgres'), ['CREATE DATABASE "Shop"', 'CREATE DATABASE target']);
  await runSql(server.connection('Shop'), SHOP);
  await runSql(server.connection('Shop'), [
    `ALTER ROLE CURRENT_USER IN DATABASE "Shop" SET work_mem = '5MB'`,
    'ALTER DATABASE "Shop" IS_TEMPLATE true',
  ]);
  await engine.backup(target);
});
afterAll(async () => {
  await engine?.stop();
  await server?.stop();
});

async function pgDump(...args: string[]): Promise<string> {
  return (await packed(...args)).toString('utf8');
}

async function packed(...args: string[]): Promise<Buffer> {
  const [tool] = await engine.drivers.get('PostgreSQL').tools.detect({});
  await using passwordFile = await writeSecretFile(engine.runtimeDir, `*:*:*:*:${server.password}\n`);
  const child = startProcess({
    command: tool?.best?.path ?? '',
    args: ['-w', '-h127.0.0.1', `-p${server.port}`, `-U${server.username}`, ...args, 'Shop'],
    env: { PGPASSFILE: passwordFile.path },
  });
  const script = await buffer(child.stdout);
  await child.completed;
  return script;
}

/** The folder that pg_dump writes, packed by tar. `from`: where tar is started, and what it is told to pack. */
async function packedFolder(args: readonly string[], from: 'above' | 'inside' | 'files' = 'above'): Promise<Buffer> {
  const folder = join(engine.home, `folder_${(number += 1)}`);
  await mkdir(folder);
  await pgDump('--format=directory', `--file=${join(folder, 'dump')}`, ...args);
  if (from === 'above') return execFileSync('tar', ['-cC', folder, 'dump'], { maxBuffer: 2 ** 30 });
  const inside = join(folder, 'dump');
  const files = await readdir(inside);
  const names = from === 'inside' ? ['.'] : ['toc.dat', ...files.filter((name) => name !== 'toc.dat')];
  return execFileSync('tar', ['-cC', inside, ...names], { maxBuffer: 2 ** 30 });
}

async function put(content: string | Buffer, ending = '.sql'): Promise<string> {
  const name = `foreign_${(number += 1)}${ending}`;
  await writeFile(join(engine.backupFolder, name), content);
  return `./backups/${name}`;
}

const rows = async () => (await engine.drivers.get('PostgreSQL').census(target)).rows;

describe('foreign dumps that people have are restored', () => {
  afterEach(async () => {
    expect(await rows()).toEqual(SHOP_ROWS);
    await runSql(target, ['DROP TABLE orders', 'DELETE FROM customers', 'CREATE TABLE stray (a int)']);
  });

  it.each([
    ['pg_dump --create', ['--create'], /CREATE DATABASE/],
    ['pg_dump --create --clean', ['--create', '--clean'], /CREATE DATABASE/],
    ['pg_dump --clean without --if-exists', ['--clean'], /DROP commands/],
    ['pg_dump --clean --if-exists', ['--clean', '--if-exists'], undefined],
    ['pg_dump -n public', ['-n', 'public'], undefined],
    ['pg_dump --inserts', ['--inserts', '--rows-per-insert=2'], undefined],
  ])('%s', async (_title, args, warning) => {
    const outcome = await engine.restore(target, await put(await pgDump(...args)));
    if (warning !== undefined) expect(outcome.warnings).toContainEqual(expect.stringMatching(warning));
  });

  it('with text behind the end mark, settings before the header and the language and OIDs of pg_dump 8', async () => {
    const script = (await pgDump()).replace(
      'CREATE TABLE public.customers',
      'CREATE PROCEDURAL LANGUAGE plpgsql;\n\nALTER PROCEDURAL LANGUAGE plpgsql OWNER TO postgres;\n\nSET default_with_oids = true;\n\nCREATE TABLE public.customers',
    );
    const file = await put(`SET session_replication_role = replica;\n\n${script}RESET ALL;\n`);
    const { warnings } = await engine.restore(target, file);
    expect(warnings).toContain(
      'Left out of the foreign dump: WITH OIDS, as tables have had no OIDs since PostgreSQL 12.',
    );
  });

  it('36: between commands for the output of psql, in a transaction, and with maintenance at its end', async () => {
    const script = await pgDump();
    const file = await put(
      `\\set ON_ERROR_STOP on\n\\encoding UTF8\n/* nightly */\nBEGIN;\n${script}COMMIT;\nVACUUM ANALYZE;\n\\q\n`,
    );
    const { warnings } = await engine.restore(target, file);
    expect(warnings).toContain('Left out of the foreign dump: commands for the output of psql (\\set, \\echo).');
  });

  it('37: one database of a dump of the whole server, when it is named', async () => {
    const whole = await pgDump('--create');
    const other = whole.replaceAll('"Shop"', 'other').replaceAll("'Shop'", "'other'").replace('1\tann', '1\teve');
    const cluster = `--\n-- PostgreSQL database cluster dump\n--\n\nSET default_transaction_read_only = off;\n\nCREATE ROLE robber SUPERUSER;\n\n${other}\n${whole}\n${other.replaceAll('other', 'third')}\n--\n-- PostgreSQL database cluster dump complete\n--\n\n`;
    const file = await put(cluster);
    await expect(engine.restore(target, file, { sourceDatabase: 'nowhere' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('the file holds other, Shop, third') as string,
    });
    const outcome = await engine.restore(target, file, { sourceDatabase: 'Shop' });
    expect(outcome.warnings).toContain(
      'Only what the dump holds of "Shop" is restored, and nothing of its other databases: other, third.',
    );
    expect(await runSql(target, ['SELECT name FROM customers WHERE id = 1'])).toEqual([{ name: 'ann' }]);
    expect(await runSql(target, [`SELECT rolname FROM pg_roles WHERE rolname = 'robber'`])).toEqual([]);
  });

  it.each([
    ['gz', (bytes: Buffer) => gzipSync(bytes)],
    ['zst', (bytes: Buffer) => zstdCompressSync(bytes)],
    ['bz2', (input: Buffer) => execFileSync('bzip2', ['-c'], { input })],
    ['xz', (input: Buffer) => execFileSync('xz', ['-c'], { input })],
    ['zip', (bytes: Buffer) => zipOf([['dump.sql', bytes]])],
  ])('packed as .%s, which is listed', async (ending, pack) => {
    const file = await put(pack(Buffer.from(await pgDump())), `.sql.${ending}`);
    const listed = await engine.listing.list();
    expect(listed.find(({ path }) => path === file)).toMatchObject({ dbType: 'PostgreSQL', format: 'plain' });
    await engine.restore(target, file);
  });

  it.each<[string, string, () => Promise<Buffer>]>([
    ['tar', '.tar', () => packedFolder([])],
    ['tar -C dump .', '.tar', () => packedFolder(['--compress=0'], 'inside')],
    ['tar toc.dat *.dat', '.tar', () => packedFolder([], 'files')],
    ['tar -z', '.tgz', async () => gzipSync(await packedFolder([]))],
    ['tar --zstd', '.tar.zst', async () => zstdCompressSync(await packedFolder([]))],
  ])('36: the folder of pg_dump --format=directory, packed by %s', async (_title, ending, make) => {
    const file = await put(await make(), ending);
    const listed = await engine.listing.list();
    expect(listed.find(({ path }) => path === file)).toMatchObject({ dbType: 'PostgreSQL', format: 'directory' });
    expect(await engine.plan(target, file)).toMatchObject({ strategy: 'swap', backup: { format: 'directory' } });
    expect(await engine.leftovers()).toEqual([]);
    await engine.restore(target, file);
    expect(await engine.leftovers()).toEqual([]);
  });

  it('36: some tables of a folder in a tar, and large objects', async () => {
    await runSql(server.connection('Shop'), [`SELECT lo_from_bytea(0, 'picture'), lo_from_bytea(0, '')`]);
    const file = await put(await packedFolder([]), '.tar');
    await engine.restore(target, file);
    const found = `SELECT encode(lo_get(oid), 'escape') AS text FROM pg_largeobject_metadata ORDER BY 1`;
    expect(await runSql(target, [found])).toEqual([{ text: '' }, { text: 'picture' }]);
    await runSql(target, ['DELETE FROM orders', 'CREATE TABLE other (a int)']);
    await engine.restore(target, file, { tables: ['public.orders'] });
    await runSql(target, ['DROP TABLE other']);
    await runSql(server.connection('Shop'), ['SELECT lo_unlink(oid) FROM pg_largeobject_metadata']);
    expect(await engine.leftovers()).toEqual([]);
  });

  it.each(['plain', 'custom', 'tar'])(
    '36: but not tables alone where rows are INSERT commands (%s)',
    async (format) => {
      await engine.restore(target, await put(await pgDump()));
      const file = await put(await packed(`--format=${format}`, '--inserts', '--rows-per-insert=2'));
      await expect(engine.restore(target, file, { tables: ['public.orders'] })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
      });
    },
  );

  it.each([
    ['COPY public.orders', 'COPY /* all */ public.orders'],
    [
      '\n--\n-- PostgreSQL database dump complete',
      "\nSELECT setval('public.s', 3);\n--\n-- PostgreSQL database dump complete",
    ],
    [
      '\n--\n-- PostgreSQL database dump complete',
      '\nCREATE SEQUENCE public.s;\nALTER SEQUENCE public.s RESTART WITH 4;\n--\n-- PostgreSQL database dump complete',
    ],
  ])('36: nor where it is filled otherwise than by pg_dump (%p, %p)', async (own, other) => {
    await engine.restore(target, await put(await pgDump()));
    const file = await put((await pgDump()).replace(own, other));
    await expect(engine.restore(target, file, { tables: ['public.orders'] })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
  });

  it('53: no expression of the dump is evaluated by a superuser while tables of it are loaded', async () => {
    await engine.restore(target, await put(await pgDump()));
    const script = await pgDump();
    const where = ` WHERE pg_catalog.lo_create((id + 470000)::oid) <> 0;\n`;
    const file = await put(script.replace(/^(COPY public.orders .*FROM stdin);\n/m, `$1${where}`));
    await expect(engine.restore(target, file, { tables: ['public.orders'] })).rejects.toMatchObject({
      code: 'BACKUP_UNSAFE',
    });
    expect(await runSql(target, ['SELECT oid FROM pg_largeobject_metadata'])).toEqual([]);
  });

  it('scripts without header and end mark, when the caller says that they are whole', async () => {
    const chinook = await put(
      `DROP DATABASE IF EXISTS shop;\nCREATE DATABASE shop;\n\\c shop;\n\n${SHOP.join(';\n')};\n`,
    );
    const structure = await put(
      `SET statement_timeout = 0;\n${SHOP.join(';\n')};\nSET search_path TO "$user", public;\n`,
    );
    for (const file of [chinook, structure]) {
      await expect(engine.restore(target, file)).rejects.toMatchObject({
        code: 'BACKUP_INCOMPLETE',
        hint: expect.stringContaining('"accept_incomplete": true') as string,
      });
      const { warnings } = await engine.restore(target, file, { acceptIncomplete: true });
      expect(warnings).toContainEqual(expect.stringMatching(/no end mark/));
    }
  });
});

describe('what is refused is named for what it is', () => {
  let whole: string;
  beforeAll(async () => {
    whole = await pgDump();
  });

  it.each<[string, () => string | Buffer | Promise<string | Buffer>, RegExp, string?]>([
    ['a cluster dump', () => CLUSTER, /whole server, made by pg_dumpall.*; it holds shop, crm\./],
    [
      'a dump of roles alone',
      () => CLUSTER.replace(/^\\connect .*\n/gm, ''),
      /roles and tablespaces of a whole server .* and no database\./,
    ],
    ['UTF-16', () => Buffer.from(`\ufeff${whole}`, 'utf16le'), /UTF-16 text, as PowerShell/],
    ['data only', () => pgDump('--data-only'), /a dump of data only/, 'UNSUPPORTED'],
    [
      'messages of the tool',
      () => `pg_dump: warning: there are circular foreign keys\npg_dump: x\n${whole}`,
      /begins with messages of pg_dump/,
    ],
    ['a web page', () => '<!DOCTYPE html><html><body>Login</body></html>', /is a web page/],
    ['JSON', () => '{"success":false,"message":"x"}', /is JSON/],
    ['a .gz of nothing', () => gzipSync(''), /holds nothing/],
    [
      'phpMyAdmin',
      () => '-- phpMyAdmin SQL Dump\nCREATE TABLE `t` (`a` int) ENGINE=InnoDB;\n',
      /is a MySQL backup/,
      'WRONG_ENGINE',
    ],
    [
      'a dump that is cut off',
      () => whole.slice(0, whole.indexOf('COPY public.orders') - 5),
      /has no end mark/,
      'BACKUP_INCOMPLETE',
    ],
    [
      '36: a folder in a tar that reads a file of the service',
      async () => withContents(await packedFolder([]), /\d{4}\.dat/, '../a.dat'),
      /names a file that pg_dump does not write/,
      'BACKUP_UNSAFE',
    ],
    [
      '36: a folder in a tar that grants itself a role',
      async () =>
        withContents(
          await packedFolder([]),
          /CREATE VIEW public\.names AS\s+SELECT[^;]+;/,
          'GRANT pg_read_all_data TO postgres;',
        ),
      /GRANT|role/,
      'BACKUP_UNSAFE',
    ],
    [
      '36: a folder in a tar without its rows',
      async () => changedTar(await packedFolder([]), (name, bytes) => (/\d+\.dat/.test(name) ? undefined : bytes)),
      /could not open input file "\d+\.dat/,
      'BACKUP_DAMAGED',
    ],
    [
      '36: a folder in a tar whose rows are cut off',
      async () =>
        changedTar(await packedFolder([]), (name, bytes) => (/\d+\.dat/.test(name) ? bytes.subarray(0, -9) : bytes)),
      /directory archive cannot be read/,
      'BACKUP_DAMAGED',
    ],
    [
      '36: a folder in a tar that was packed while pg_dump wrote it',
      async () => changedTar(await packedFolder([]), (name, bytes) => (name.endsWith('toc.dat') ? undefined : bytes)),
      /no toc\.dat/,
      'BACKUP_INCOMPLETE',
    ],
    ['36: files of a server in a tar', () => tarOf([{ name: 'base/PG_VERSION', content: '15' }]), /files of a server/],
    [
      '36: a folder of mydumper in a tar',
      () => tarOf([{ name: 'd/metadata' }, { name: 'd/shop-schema-create.sql' }]),
      /folder of mydumper/,
    ],
    [
      '36: a folder of mysqldump --tab in a tar',
      () => tarOf([{ name: 'd/t.sql' }, { name: 'd/t.txt' }]),
      /mysqldump --tab/,
    ],
    [
      '36: a script in a tar',
      () => tarOf([{ name: 'dump.sql', content: whole }]),
      /tar archive of other files \(dump\.sql\)/,
    ],
    ['a picture', () => Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0]), /no dump of pg_dump/],
  ])('%s', async (_title, content, message, code = 'NOT_A_BACKUP') => {
    const before = await rows();
    const file = await put(await content());
    await expect(engine.restore(target, file)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
      hint: expect.any(String) as string,
    });
    expect(await rows()).toEqual(before);
    expect(await engine.leftovers()).toEqual([]);
  });
});

describe('37: dumps of a part of a database say so before anything is replaced', () => {
  beforeAll(async () => {
    await runSql(target, [
      ...['DROP SCHEMA public CASCADE', 'CREATE SCHEMA public', 'CREATE TABLE customers (id int)'],
      ...['CREATE TABLE second (a int)', 'CREATE INDEX i ON second (a)', 'CREATE TABLE third (a int)'],
    ]);
  });

  const FEWER = /holds 1 table, and the restore replaces all of "target", which has 3 tables/;
  const custom = async (...args: string[]): Promise<Buffer> => {
    const file = join(engine.home, `custom_${(number += 1)}`);
    await pgDump('--format=custom', `--file=${file}`, ...args);
    return readFile(file);
  };

  it.each<[string, () => Promise<string | Buffer>, RegExp]>([
    ['pg_dump -t', () => pgDump('-t', 'customers'), FEWER],
    ['pg_dump -t, custom', () => custom('-t', 'customers'), FEWER],
    ['pg_dump --schema-only', () => pgDump('--schema-only'), /no rows: its 2 tables are restored empty/],
    ['pg_dump --schema-only, custom', () => custom('--schema-only'), /no rows: its 2 tables are restored empty/],
    ['pg_dump --section=pre-data', () => custom('--section=pre-data'), /no rows: its 2 tables are restored empty/],
    ['without post-data', () => custom('--section=pre-data', '--section=data'), /makes no index .*--section=post-data/],
    [
      'pg_dump --exclude-table-data',
      () => custom('--exclude-table-data=orders'),
      /no rows of these tables, which are restored empty: public\.orders\.$/,
    ],
    ['a folder of pg_dump -t in a tar', () => packedFolder(['-t', 'customers']), FEWER],
  ])('%s', async (_title, make, warning) => {
    const before = await rows();
    const plan = await engine.plan(target, await put(await make()));
    expect(plan.warnings).toContainEqual(expect.stringMatching(warning));
    expect(await rows()).toEqual(before);
  });

  it.each<[string, () => Promise<Buffer>, RegExp]>([
    ['data only, custom', () => custom('--data-only'), /a dump of data only/],
    ['data only, a folder in a tar', () => packedFolder(['--data-only']), /a dump of data only/],
    ['--section=post-data', () => custom('--section=post-data'), /the last section of a dump/],
  ])('%s is refused', async (_title, make, message) => {
    const file = await put(await make());
    await expect(engine.restore(target, file)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(message) as string,
    });
  });

  it('also when it is restored, and not when its tables are restored as such', async () => {
    const file = await put(await pgDump('-t', 'customers'));
    const { warnings } = await engine.restore(target, file, { tables: ['public.customers'] });
    expect(warnings.filter((warning) => FEWER.test(warning))).toEqual([]);
    expect((await engine.restore(target, file)).warnings).toContainEqual(expect.stringMatching(FEWER));
  });
});

it('36: an archive that holds more than a dump of its size does is refused, as it may exhaust the machine', async () => {
  const driver = engine.drivers.get('PostgreSQL');
  const signal = AbortSignal.timeout(60_000);
  const archive = await packedFolder([]);
  const packed = { format: 'directory', own: false, open: () => Readable.from([archive]) } as const;
  await using unpacked = await driver.unpackForeign?.(packed, signal);
  if (unpacked === undefined) throw new Error('It was not unpacked.');
  await driver.checkArchive({ ...unpacked.source, limitBytes: 20_000 }, {}, signal);
  await expect(driver.checkArchive({ ...unpacked.source, limitBytes: 900 }, {}, signal)).rejects.toMatchObject({
    code: 'BACKUP_UNSAFE',
    message: expect.stringContaining('more than 900 B') as string,
  });
});

const CLUSTER = `--
-- PostgreSQL database cluster dump
--

CREATE ROLE admin;
\\connect shop

--
-- PostgreSQL database dump
--
CREATE TABLE a (i int);
\\connect -reuse-previous=on "dbname='crm'"
--
-- PostgreSQL database dump complete
--
--
-- PostgreSQL database cluster dump complete
--
`;

describe('36, 37: foreign dumps of MySQL', () => {
  let mariadb: SandboxServer;
  let shop: ConnectionParams;

  beforeAll(async () => {
    mariadb = await startMariadb();
    await runSql(mariadb.connection('mysql'), ['CREATE DATABASE shop', 'CREATE DATABASE bystander']);
    shop = mariadb.connection('shop');
    await runSql(shop, ['CREATE TABLE old_one (a int)', 'INSERT INTO old_one VALUES (1)']);
    await runSql(mariadb.connection('bystander'), ['CREATE TABLE t (a int)', 'INSERT INTO t VALUES (7)']);
  });
  afterAll(() => mariadb?.stop());

  const of = (name: string, value: number): string =>
    `CREATE DATABASE /*!32312 IF NOT EXISTS*/ \`${name}\` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;\n\nUSE \`${name}\`;\n\n` +
    `--\n-- Table structure for table \`t\`\n--\n\nDROP TABLE IF EXISTS \`t\`;\nCREATE TABLE \`t\` (\n  \`a\` int DEFAULT NULL\n);\nINSERT INTO \`t\` VALUES (${value});\n\n`;
  const script = (...parts: string[]): string =>
    `-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB\n--\n-- Host: localhost    Database: \n-- ------------------------------------------------------\n/*!40101 SET NAMES utf8mb4 */;\n\n${parts.join('')}-- Dump completed on 2026-11-29 12:00:00\n`;
  const held = async (database: string) =>
    (await runSql(mariadb.connection(database), ['SELECT a FROM t'])).map(({ a }) => a);

  it('of one database with CREATE DATABASE and USE are restored into the target, and nowhere else', async () => {
    const outcome = await engine.restore(shop, await put(script(of('bystander', 1))));
    expect(outcome.warnings.join()).toMatch(/Left out of the foreign dump: CREATE DATABASE.*bystander.*USE bystander/);
    expect([await held('shop'), await held('bystander')]).toEqual([[1], [7]]);
  });

  it('packed as .zip are restored', async () => {
    await engine.restore(shop, await put(zipOf([['dump.sql', Buffer.from(script(of('shop', 5)))]]), '.sql.zip'));
    expect(await held('shop')).toEqual([5]);
  });

  it('of several databases name them, and give the one that is asked for', async () => {
    const file = await put(script(of('one', 11), of('two', 22), of('bystander', 33)));
    await expect(engine.restore(shop, file)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('holds several databases: one, two, bystander.') as string,
      hint: expect.stringContaining('source_database') as string,
      fields: [{ field: 'source_database', message: 'is needed: one of one, two, bystander' }],
    });
    await engine.restore(shop, file, { sourceDatabase: 'two' });
    expect([await held('shop'), await held('bystander')]).toEqual([[22], [7]]);
  });

  it.each<[string, (text: string) => Buffer]>([
    ['.gz', (text) => gzipSync(text)],
    ['.zst', (text) => zstdCompressSync(text)],
    ['.bz2', (text) => execFileSync('bzip2', ['-c'], { input: text })],
    ['.xz', (text) => execFileSync('xz', ['-c'], { input: text })],
    ['.zip of a folder, packed on a Mac', (text) => zipOf(packedOnMac(text))],
  ])('27: scripts without header and end mark are restored packed as %s', async (ending, pack) => {
    const value = 100 + ending.length;
    const file = await put(pack(of('source', value)), '.packed');
    await engine.restore(shop, file, { acceptIncomplete: true });
    expect(await held('shop')).toEqual([value]);
  });

  it.each<[string, () => Promise<string>, RegExp, RegExp]>([
    ['a .zip of several scripts', () => put(zipOf(TWO)), /is a zip archive of 2 files \(a\.sql, b\.sql\)/, /unzip -p/],
    ['a .zip of mydumper', () => put(zipOf(named('metadata', 's.t-schema.sql.zst'))), /folder of mydumper/, /myloader/],
    ['a .zip of mysqldump --tab', () => put(zipOf(named('t.sql', 't.txt'))), /mysqldump --tab/, /mysqlimport/],
    [
      'a .tar of MySQL Shell',
      () => put(tarOf([{ name: 'd/@.json' }, { name: 'd/s@t@@0.tsv.zst' }])),
      /MySQL Shell/,
      /loadDump/,
    ],
    [
      'a .tar.gz of mariabackup',
      () => put(gzipSync(tarOf([{ name: 'xtrabackup_checkpoints' }]))),
      /files of a server/,
      /mysqldump/,
    ],
    [
      'a folder of mydumper',
      () => putFolder('metadata', 'shop-schema-create.sql.gz'),
      /is a folder of mydumper/,
      /myloader/,
    ],
    ['a folder of mysqldump --tab', () => putFolder('t.sql', 't.txt'), /mysqldump --tab/, /mysqlimport/],
    ['a folder of MySQL Shell', () => putFolder('@.json', '@.done.json'), /folder of MySQL Shell/, /loadDump/],
    ['a folder of a server', () => putFolder('ibdata1', 'shop.opt'), /files of a server/, /mysqldump/],
    ['a folder of tables', () => putFolder('t.ibd', 't.frm'), /files of single tables/, /IMPORT TABLESPACE/],
    ['binary logs', () => putFolder('binlog.000001', 'binlog.index'), /binary logs/, /mysqlbinlog/],
    ['an .ibd file', () => ofServer('t.ibd'), /file of a single table/, /mysqldump/],
    ['an .frm file', () => ofServer('t.frm'), /file of a single table/, /mysqldump/],
    ['CSV', () => put('id,name\n1,"a, b"\n2,c\n'), /table of values/, /LOAD DATA/],
    ['text of mysqldump --tab', () => put('1\tann\n2\tbob\n'), /table of values/, /LOAD DATA/],
  ])('27: %s is refused by name, and the hint says what to do', async (_what, file, message, hint) => {
    await expect(file().then((path) => engine.restore(shop, path, { acceptIncomplete: true }))).rejects.toMatchObject({
      message: expect.stringMatching(message) as string,
      hint: expect.stringMatching(hint) as string,
    });
  });

  const TWO = named('a.sql', 'b.sql');
  function named(...names: string[]): [string, Buffer][] {
    return names.map((name) => [name, Buffer.from(`-- ${name}\nSELECT 1;\n`)]);
  }
  function packedOnMac(text: string): [string, Buffer | undefined][] {
    return [['backup/', undefined], ['backup/dump.sql', Buffer.from(text)], ...named('__MACOSX/backup/._dump.sql')];
  }
  async function putFolder(...names: string[]): Promise<string> {
    const name = `folder_${(number += 1)}`;
    await mkdir(join(engine.backupFolder, name));
    for (const file of names) await writeFile(join(engine.backupFolder, name, file), 'x');
    return `./backups/${name}`;
  }
  async function ofServer(name: string): Promise<string> {
    // It is on the disk then.
    await runSql(mariadb.connection('bystander'), ['FLUSH TABLES t FOR EXPORT']);
    const [row] = await runSql(shop, ['SELECT @@datadir AS folder']);
    return put(await readFile(join(String(row?.['folder']), 'bystander', name)), '.file');
  }

  describe('27, 37: of a part of a database or of a server say so', () => {
    const mariadbDump = async (...args: string[]): Promise<string> => {
      const [tool] = await engine.drivers.get('MySQL').tools.detect({});
      await using options = await writeSecretFile(engine.runtimeDir, `[client]\npassword="${mariadb.password}"\n`);
      const login = ['-h127.0.0.1', `-P${mariadb.port}`, `-u${mariadb.username}`];
      const child = startProcess({
        command: tool?.best?.path ?? '',
        args: [`--defaults-extra-file=${options.path}`, ...login, ...args],
      });
      const script = await text(child.stdout);
      await child.completed;
      return script;
    };

    beforeAll(async () => {
      await runSql(mariadb.connection('mysql'), ['CREATE DATABASE parts']);
      await runSql(mariadb.connection('parts'), [
        'CREATE TABLE t (a int)',
        'INSERT INTO t VALUES (1), (2)',
        'CREATE TABLE u (a int)',
        'CREATE VIEW v AS SELECT a FROM t',
      ]);
      await runSql(shop, ['CREATE TABLE IF NOT EXISTS t (a int)', 'CREATE TABLE more (a int)']);
    });

    it.each<[string, string[], RegExp | undefined]>([
      ['mysqldump DATABASE', ['parts'], undefined],
      [
        'mysqldump DATABASE TABLE',
        ['parts', 't'],
        /holds 1 table, and the restore replaces all of "shop", which has 2/,
      ],
      ['mysqldump --ignore-table', ['--ignore-table=parts.u', 'parts'], /holds 1 table, /],
      ['mysqldump --no-data', ['--no-data', 'parts'], /no rows: its 2 tables are restored empty/],
      ['mysqldump --where', ['--where=a < 2', 'parts'], /chosen by a condition \(--where\): a < 2\.$/],
    ])('%s', async (_title, args, warning) => {
      const { warnings } = await engine.plan(shop, await put(await mariadbDump(...args)));
      expect(warnings).toEqual(warning === undefined ? [] : [expect.stringMatching(warning)]);
    });

    it('27: of a whole server give one database, and none of the server itself', async () => {
      await runSql(mariadb.connection('mysql'), ['CREATE DATABASE late', 'CREATE TABLE late.t (a int)']);
      await runSql(mariadb.connection('late'), ['INSERT INTO t VALUES (41), (42)']);
      const file = await put(await mariadbDump('--all-databases', '--routines', '--events'));
      await expect(engine.restore(shop, file)).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(
          /holds several databases: (?=.*late)(?=.*parts).*, and those of the server itself, which .* not restored \(.*mysql/,
        ) as string,
        fields: [{ field: 'source_database', message: expect.not.stringContaining('mysql') as string }],
      });
      await expect(engine.restore(shop, file, { sourceDatabase: 'mysql' })).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        message: expect.stringMatching(/"mysql" belongs to the server that was dumped/) as string,
      });
      await engine.restore(shop, file, { sourceDatabase: 'late' });
      expect(await held('shop')).toEqual([41, 42]);
      await runSql(shop, ['CREATE TABLE more (a int)']);
    });

    it('mysqldump --no-create-info is refused', async () => {
      const file = await put(await mariadbDump('--no-create-info', 'parts'));
      await expect(engine.restore(shop, file)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    });
  });
});
