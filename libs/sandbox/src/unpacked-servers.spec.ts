import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpackedServers } from './unpacked-servers.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unpacked-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function unpack(name: string, programs: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, answer] of Object.entries(programs)) {
    const file = join(folder, name, 'usr', path);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, `#!/bin/sh\necho '${answer}'\n`, { mode: 0o755 });
  }
}

const POSTGRES = ['initdb', 'postgres'] as const;
const MYSQL = ['mysqld', 'mysqld'] as const;

it('finds each version in a folder of its own, with the place of its other files', async () => {
  await unpack('a', {
    'lib/postgresql/17/bin/initdb': '',
    'lib/postgresql/17/bin/postgres': 'postgres (PostgreSQL) 17.12',
  });
  await unpack('b', {
    'lib/postgresql/18/bin/initdb': '',
    'lib/postgresql/18/bin/postgres': 'postgres (PostgreSQL) 18.6',
  });
  await unpack('c', { 'sbin/mysqld': 'mysqld  Ver 9.7.4-2 for debian-linux-gnu on x86_64 ((Debian))' });
  const found = await unpackedServers('PostgreSQL', POSTGRES, folder);
  expect(found.map(({ version }) => version)).toEqual(['17.12', '18.6']);
  expect(found[0]).toMatchObject({
    flavour: 'PostgreSQL',
    versionParts: [17, 12],
    home: join(folder, 'a/usr'),
    programs: POSTGRES.map((program) => join(folder, 'a/usr/lib/postgresql/17/bin', program)),
  });
  expect(await unpackedServers('MySQL', MYSQL, folder)).toMatchObject([
    { version: '9.7.4', home: join(folder, 'c/usr') },
  ]);
});

it('finds no MySQL in a MariaDB, in an incomplete folder or in a missing one', async () => {
  await unpack('a', { 'sbin/mysqld': 'mysqld  Ver 11.8.9-MariaDB-0+deb13u1 for debian-linux-gnu on x86_64' });
  await unpack('.staging-1', { 'sbin/mysqld': 'mysqld  Ver 9.7.4-2 for debian-linux-gnu' });
  expect(await unpackedServers('MySQL', MYSQL, folder)).toEqual([]);
  expect(await unpackedServers('MySQL', MYSQL, join(folder, 'nowhere'))).toEqual([]);
  expect(await unpackedServers('MySQL', MYSQL, undefined)).toEqual([]);
});

it.each(['', 'a', 'a/usr'])('runs no program that others could have put there: %j', async (open) => {
  await unpack('a', { 'sbin/mysqld': 'mysqld  Ver 9.7.4-2 for debian-linux-gnu' });
  await chmod(join(folder, open), 0o777);
  expect(await unpackedServers('MySQL', MYSQL, folder)).toEqual([]);
});
