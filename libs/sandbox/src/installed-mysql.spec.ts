import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { programFolder } from '../../process/src/testing/program-folder.js';
import { installedMysql } from './mysql.js';

const MYSQL = 'mysqld  Ver 8.4.7 for Linux on x86_64 (MySQL Community Server - GPL)';
const MARIADB = 'mysqld  Ver 10.11.14-MariaDB-0+deb12u2 for debian-linux-gnu on x86_64';
const path = process.env['PATH'];
let folder: string;

beforeEach(async () => {
  folder = await programFolder('installed-mysql-');
});
afterEach(async () => {
  process.env['PATH'] = path;
  await rm(folder, { recursive: true, force: true });
});

async function program(place: string, answer: string): Promise<string> {
  const file = join(folder, place);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\necho '${answer}'\n`, { mode: 0o755 });
  return file;
}

const found = async (toolFolders: string[] = []): Promise<string[]> =>
  (await installedMysql(undefined, toolFolders))
    .map(({ programs }) => programs[1])
    .filter((one) => one.startsWith(folder));

describe('26: the server of Oracle', () => {
  it.each(['bin', 'sbin', 'libexec'])('is found beside a configured client program, in %s', async (place) => {
    const server = await program(`oracle/${place}/mysqld`, MYSQL);
    await program('oracle/bin/mysqldump', '');
    expect(await found()).toEqual([]);
    expect(await found([join(folder, 'oracle/bin')])).toEqual([join(folder, 'oracle/bin', '..', place, 'mysqld')]);
    expect(server).toBe(join(folder, 'oracle', place, 'mysqld'));
  });

  it('is found beside a client program of PATH, though a program of MariaDB with the same name comes first', async () => {
    await program('mariadb/mysqld', MARIADB);
    await program('oracle/bin/mysqld', MYSQL);
    process.env['PATH'] = [join(folder, 'mariadb'), join(folder, 'oracle/bin'), path].join(':');
    expect(await found()).toEqual([join(folder, 'oracle/bin/mysqld')]);
  });

  it('has the path of its other files', async () => {
    await program('oracle/usr/sbin/mysqld', MYSQL);
    await mkdir(join(folder, 'oracle/usr/share/mysql'), { recursive: true });
    const servers = await installedMysql(undefined, [join(folder, 'oracle/usr/bin')]);
    expect(servers).toContainEqual(expect.objectContaining({ version: '8.4.7', home: join(folder, 'oracle/usr') }));
  });

  it('is not run from a folder that others may write', async () => {
    await program('open/mysqld', MYSQL);
    await chmod(join(folder, 'open'), 0o777);
    expect(await found([join(folder, 'open')])).toEqual([]);
  });
});
