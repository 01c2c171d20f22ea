import { randomUUID } from 'node:crypto';
import { copyFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { BackupFormat, Compression, ConnectionParams } from '@app/domain';
import { runProcess, writeSecretFile } from '@app/process';
import { startMariadb, startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { startEngine } from './support/core-harness.js';
import type { Engine } from './support/core-harness.js';
import { runSql } from './support/run-sql.js';

jest.setTimeout(180_000);

/** As a COPY or INSERT of all columns lists them: 4,650 bytes, 105,000 bytes. */
const thirtyLetters = Array.from(
  { length: 150 },
  (_, n) => `${String.fromCharCode(97 + (n % 26)).repeat(27)}${100 + n}`,
);
const quoted = Array.from({ length: 1_600 }, (_, n) => `${'ü'.repeat(29)}"${1_000 + n}`);

function tables(quote: (name: string) => string, widest: number): string[] {
  const wide = (name: string, columns: readonly string[]): string[] => [
    `CREATE TABLE ${name} (${columns.map((column) => `${quote(column)} smallint`).join(', ')})`,
    `INSERT INTO ${name} VALUES (${columns.map((_, n) => (n % 3 === 0 ? 'NULL' : n)).join(', ')})`,
  ];
  return [
    ...wide('wide', thirtyLetters),
    ...wide('widest', quoted.slice(0, widest)),
    `CREATE VIEW all_of_it AS SELECT ${quoted.slice(0, 400).map(quote).join(', ')} FROM widest`,
  ];
}

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine?.stop());

describe('60: tables with long lists of columns, PostgreSQL', () => {
  let server: SandboxServer;
  let source: ConnectionParams;
  const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

  beforeAll(async () => {
    server = await startPostgres();
    source = server.connection('source');
    await runSql(server.connection('postgres'), ['CREATE DATABASE source', 'CREATE DATABASE target']);
    await runSql(source, tables(quote, 1_600));
  });
  afterAll(() => server?.stop());

  const counts = async (name: string) => (await engine.drivers.get('PostgreSQL').census(server.connection(name))).rows;

  test.each<[BackupFormat, Compression]>([
    ['plain', 'none'],
    ['plain', 'zstd'],
    ['custom', 'none'],
    ['custom', 'zstd'],
  ])('are restored, whole and alone, from a backup: %s, %s', async (format, compression) => {
    const made = await engine.backup(source, { format, compression });
    const target = server.connection('target');
    expect(await engine.restore(target, made.path)).toMatchObject({ strategy: 'swap' });
    expect(await counts('target')).toEqual({ 'public.wide': 1, 'public.widest': 1 });
    await runSql(target, ['DELETE FROM wide']);
    expect(await engine.restore(target, made.path, { tables: ['wide'] })).toMatchObject({ tables: ['public.wide'] });
    expect(await counts('target')).toEqual({ 'public.wide': 1, 'public.widest': 1 });
  });

  it('are verified, and restored in place', async () => {
    const made = await engine.backup(source, { format: 'custom', compression: 'zstd' });
    expect(await engine.verify(made.path, 'restored')).toMatchObject({ verification: { level: 'restored' } });
    const inPlace = await engine.restore(server.connection('target'), made.path, { strategy: 'transaction' });
    expect(inPlace).toMatchObject({ strategy: 'transaction' });
    expect(await counts('target')).toEqual({ 'public.wide': 1, 'public.widest': 1 });
  });

  it.each(['tar', 'custom', 'plain'])('are restored from somebody else\u2019s dump: %s', async (format) => {
    const [tool] = await engine.drivers.get('PostgreSQL').tools.detect({});
    await using passwordFile = await writeSecretFile(engine.runtimeDir, `*:*:*:*:${source.password}\n`);
    const file = join(engine.backupFolder, `foreign-${randomUUID()}.${format === 'plain' ? 'sql' : format}`);
    await runProcess({
      command: tool?.best?.path ?? '',
      args: [
        '-w',
        `-h${source.host}`,
        `-p${source.port}`,
        `-U${source.username}`,
        `-f${file}`,
        `-F${format}`,
        'source',
      ],
      env: { PGPASSFILE: passwordFile.path },
      timeoutMs: 60_000,
    });
    await engine.restore(server.connection('target'), join('backups', basename(file)));
    expect(await counts('target')).toEqual({ 'public.wide': 1, 'public.widest': 1 });
  });
});

describe('60: tables with long lists of columns, MariaDB', () => {
  let server: SandboxServer;
  beforeAll(async () => {
    server = await startMariadb();
    await runSql(server.connection('mysql'), ['CREATE DATABASE source', 'CREATE DATABASE target']);
    await runSql(
      server.connection('source'),
      tables((name) => `\`${name}\``, 400),
    );
  });
  afterAll(() => server?.stop());

  it('are verified and restored, from a backup and from a foreign dump', async () => {
    const made = await engine.backup(server.connection('source'));
    expect(await engine.verify(made.path, 'restored')).toMatchObject({ verification: { level: 'restored' } });
    const foreign = `foreign-${randomUUID()}.sql`;
    await copyFile(join(engine.backupFolder, made.filename), join(engine.backupFolder, foreign));
    for (const file of [made.path, join('backups', foreign)]) {
      await engine.restore(server.connection('target'), file);
      const { rows } = await engine.drivers.get('MySQL').census(server.connection('target'));
      expect(rows).toEqual({ wide: 1, widest: 1 });
    }
  });
});
