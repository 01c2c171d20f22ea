import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionParams } from '@app/domain';
import { libpqAccess } from './libpq-environment.js';

const runtimeDir = join(tmpdir(), `backup-libpq-${randomUUID()}`);
afterAll(() => rm(runtimeDir, { recursive: true, force: true }));

const connection: ConnectionParams = {
  dbType: 'PostgreSQL',
  host: 'db.example',
  port: 5433,
  database: `it's host=evil \\ x`,
  username: 'me',
  password: 'a:b\\c d',
  sslMode: 'verify-full',
};

describe('libpqAccess', () => {
  it('FAILURES 35: puts the password into a file for us alone, and nowhere else', async () => {
    const access = await libpqAccess(connection, runtimeDir);
    const file = access.env['PGPASSFILE'] ?? '';
    expect(await readFile(file, 'utf8')).toBe('*:*:*:*:a\\:b\\\\c d\n');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(JSON.stringify([access.args, access.env])).not.toContain('c d');
    expect(await readFile(access.env['PGSSLROOTCERT'] ?? '', 'utf8')).toContain('BEGIN CERTIFICATE');
    await access[Symbol.asyncDispose]();
    expect(await readdir(runtimeDir)).toEqual([]);
  });

  it.each(['disable', 'prefer', 'require'] as const)(
    'keeps the tools from files in the home directory that we do not look at either, with "%s"',
    async (sslMode) => {
      await using access = await libpqAccess({ ...connection, sslMode }, runtimeDir);
      expect(access.env['PGSSLMODE']).toBe(sslMode);
      for (const name of ['PGSSLROOTCERT', 'PGSSLCERT', 'PGSSLKEY', 'PGSSLCRL']) {
        await expect(stat(access.env[name] ?? '.')).rejects.toMatchObject({ code: 'ENOENT' });
      }
    },
  );

  it('keeps a database name from being read as connection parameters', async () => {
    await using access = await libpqAccess(connection, runtimeDir);
    expect(access.args.at(-1)).toBe(String.raw`--dbname=dbname='it\'s host=evil \\ x'`);
  });

  it('refuses a password that a password file cannot hold', async () => {
    await expect(libpqAccess({ ...connection, password: 'a\nb' }, runtimeDir)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
  });
});
