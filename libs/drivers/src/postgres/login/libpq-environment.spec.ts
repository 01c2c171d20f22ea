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
  password: 'a:b\\c word',
  sslMode: 'verify-full',
};

const session = { settings: { DateStyle: 'ISO, MDY' }, server: { versionParts: [15, 18] } };

describe('libpqAccess', () => {
  it('FAILURES 35: puts the password into a file for us alone, and nowhere else', async () => {
    const access = await libpqAccess(connection, runtimeDir, session);
    const file = access.env['PGPASSFILE'] ?? '';
    expect(await readFile(file, 'utf8')).toBe('*:*:*:*:a\\:b\\\\c word\n');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(JSON.stringify([access.args, access.env])).not.toContain('c word');
    expect(await readFile(access.env['PGSSLROOTCERT'] ?? '', 'utf8')).toContain('BEGIN CERTIFICATE');
    await access[Symbol.asyncDispose]();
    expect(await readdir(runtimeDir)).toEqual([]);
  });

  it.each(['disable', 'prefer', 'require'] as const)(
    'keeps the tools from files in the home directory that we do not look at either, with "%s"',
    async (sslMode) => {
      await using access = await libpqAccess({ ...connection, sslMode }, runtimeDir, session);
      expect(access.env['PGSSLMODE']).toBe(sslMode);
      for (const name of ['PGSSLROOTCERT', 'PGSSLCERT', 'PGSSLKEY', 'PGSSLCRL']) {
        await expect(stat(access.env[name] ?? '.')).rejects.toMatchObject({ code: 'ENOENT' });
      }
    },
  );

  it('keeps a database name from being read as connection parameters', async () => {
    await using access = await libpqAccess(connection, runtimeDir, session);
    expect(access.args.at(-1)).toMatch(
      /^--dbname=keepalives=1 keepalives_idle=10 .* dbname='it\\'s host=evil \\\\ x'$/,
    );
  });

  it('59: gives the tools our settings, of those of later versions only what the server knows', async () => {
    await using access = await libpqAccess(connection, runtimeDir, { ...session, encoding: 'UTF8' });
    expect(access.env['PGOPTIONS']).toMatch(/^-c DateStyle=ISO,\\ MDY .*-c idle_session_timeout=0$/);
    expect(access.env['PGCLIENTENCODING']).toBe('UTF8');
  });

  it('refuses a password that a password file cannot hold', async () => {
    await expect(libpqAccess({ ...connection, password: 'a\nb' }, runtimeDir, session)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
  });
});
