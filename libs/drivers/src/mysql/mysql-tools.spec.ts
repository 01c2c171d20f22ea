import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerInfo, ToolInfo } from '@app/domain';
import { programFolder } from '../../../process/src/testing/program-folder.js';
import { refusesRoutineQueries, refuseWrongTool, tooOldFor } from './dump/mysql-tool-fit.js';
import type { MysqlSession } from './login/mysql-session.js';
import { MysqlTools, bestFor, parseToolVersion } from './mysql-tools.js';

const ORACLE_8 = 'mysqldump  Ver 8.0.36 for Linux on x86_64 (MySQL Community Server - GPL)';
const MARIADB_10 = 'mysqldump  Ver 10.19 Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)';

describe('The version of a client', () => {
  it.each([
    [ORACLE_8, 'mysqldump', 'MySQL', '8.0.36'],
    ['mysqldump  Ver 10.13 Distrib 5.7.44, for Linux (x86_64)', 'mysqldump', 'MySQL', '5.7.44'],
    ['mysql  Ver 14.14 Distrib 5.7.44, for Linux (x86_64) using  EditLine wrapper', 'mysql', 'MySQL', '5.7.44'],
    ['/opt/mysql/bin/mysql  Ver 9.4.0 for macos15 on arm64 (Homebrew)', 'mysql', 'MySQL', '9.4.0'],
    ['mysqldump  Ver 8.0.35-27 for Linux on x86_64 (Percona Server (GPL), Release 27)', 'mysqldump', 'MySQL', '8.0.35'],
    [MARIADB_10, 'mysqldump', 'MariaDB', '10.11.19'],
    [
      'mariadb-dump from 11.8.2-MariaDB, client 10.19 for debian-linux-gnu (x86_64)',
      'mariadb-dump',
      'MariaDB',
      '11.8.2',
    ],
    [
      'mariadb from 11.8.2-MariaDB, client 15.2 for debian-linux-gnu (x86_64) using  EditLine wrapper',
      'mariadb',
      'MariaDB',
      '11.8.2',
    ],
  ])('is read from %s', (line, name, flavour, version) => {
    const versionParts = version.split('.').map(Number);
    expect(parseToolVersion(`${line}\n`)).toEqual({ name, flavour, version, versionParts });
  });

  it('is not read from something else', () => {
    expect(parseToolVersion('pg_dump (PostgreSQL) 15.20\n')).toBeUndefined();
  });
});

describe('The choice of a client', () => {
  const tool = (flavour: ToolInfo['flavour'], version: string): ToolInfo => ({
    path: `/${flavour}/${version}`,
    flavour,
    version,
    versionParts: version.split('.').map(Number),
  });
  const server = (flavour: ServerInfo['flavour'], version: string): ServerInfo => ({
    ...{ dbType: 'MySQL', flavour, version },
    versionParts: version.split('.').map(Number),
  });
  const all = [tool('MySQL', '5.7.44'), tool('MariaDB', '10.6.1'), tool('MySQL', '8.4.3'), tool('MariaDB', '10.11.19')];

  it.each([
    [server('MariaDB', '10.5.1'), '/MariaDB/10.11.19'],
    [server('MariaDB', '11.8.2'), '/MariaDB/10.11.19'],
    [server('MySQL', '8.0.36'), '/MySQL/8.4.3'],
    [server('MySQL', '9.1.0'), '/MySQL/8.4.3'],
  ])('is of the family of the server and the newest there (FAILURES 25)', (of, path) => {
    expect(bestFor(of, all)?.path).toBe(path);
  });

  it('falls back to the other family', () => {
    expect(bestFor(server('MySQL', '8.0.36'), [tool('MariaDB', '10.11.19')])?.flavour).toBe('MariaDB');
    expect(bestFor(server('MySQL', '8.0.36'), [])).toBeUndefined();
  });

  it.each([
    [tool('MySQL', '5.7.44'), server('MySQL', '8.0.36'), '8.0'],
    [tool('MySQL', '8.0.36'), server('MySQL', '9.4.0'), undefined],
    [tool('MariaDB', '10.2.44'), server('MariaDB', '10.11.19'), '10.3'],
    [tool('MariaDB', '10.11.19'), server('MariaDB', '11.8.2'), undefined],
    [tool('MySQL', '5.7.44'), server('MariaDB', '11.8.2'), undefined],
  ])('refuses one that leaves out what the server can hold (FAILURES 24)', (client, of, needed) => {
    expect(tooOldFor(client, of)).toBe(needed);
  });
});

describe('Finding clients', () => {
  let folder: string;
  let path: string | undefined;
  const tools = new MysqlTools();

  beforeEach(async () => {
    folder = await programFolder('mysql-tools-');
    path = process.env['PATH'];
  });
  afterEach(async () => {
    process.env['PATH'] = path;
    await rm(folder, { recursive: true, force: true });
  });

  async function program(name: string, says: string): Promise<string> {
    const file = join(folder, name);
    await writeFile(file, `#!/bin/sh\necho '${says}'\n`);
    await chmod(file, 0o755);
    return file;
  }

  it('lists the installed ones once each, links followed, with family and version', async () => {
    const [dump, client] = await tools.detect({});
    expect(dump).toMatchObject({ key: 'mysqldump_path', best: { flavour: 'MariaDB' } });
    expect(client).toMatchObject({ key: 'mysql_path', best: { flavour: 'MariaDB' } });
    expect(dump?.all.filter(({ flavour }) => flavour === 'MariaDB')).toHaveLength(1);
  });

  it('tells apart two that have the same name (FAILURES 25)', async () => {
    const oracle = await program('mysqldump', ORACLE_8);
    await mkdir(join(folder, 'links'));
    await symlink(oracle, join(folder, 'links', 'mysqldump'));
    process.env['PATH'] = `${folder}:${join(folder, 'links')}:${path}`;
    const [dump] = await tools.detect({});
    expect(dump?.all.map(({ flavour }) => flavour)).toEqual(['MySQL', 'MariaDB']);
    const server: ServerInfo = { dbType: 'MySQL', flavour: 'MySQL', version: '8.0.36', versionParts: [8, 0, 36] };
    expect(await tools.choose('mysqldump_path', {}, server)).toMatchObject({ path: oracle, version: '8.0.36' });
  });

  it('uses a custom path alone', async () => {
    const own = await program('mysqldump-8.0', ORACLE_8.replace('mysqldump', 'mysqldump-8.0'));
    const server: ServerInfo = { dbType: 'MySQL', flavour: 'MariaDB', version: '11.8.2', versionParts: [11, 8, 2] };
    expect(await tools.choose('mysqldump_path', { mysqldump_path: own }, server)).toMatchObject({ path: own });
    expect((await tools.detect({ mysqldump_path: own }))[0]?.best?.path).toBe(own);
  });

  it.each([
    ['mysqldump_path', 'absent', undefined, 'cannot be started'],
    ['mysqldump_path', 'mysql', 'mysql  Ver 8.0.36 for Linux on x86_64', 'another program'],
    ['mysql_path', 'mysqladmin', 'mysqladmin  Ver 8.0.36 for Linux on x86_64', 'another program'],
    ['mysql_path', 'mysql', 'hello', 'another program'],
  ] as const)('refuses for %s %s, saying why', async (key, name, says, fault) => {
    const file = says === undefined ? join(folder, name) : await program(name, says);
    await expect(tools.verify(key, file)).rejects.toMatchObject({
      code: 'TOOL_UNUSABLE',
      message: expect.stringContaining(fault) as unknown,
    });
  });
});

it.each([
  ['MySQL', [9, 7, 4], false],
  ['MySQL', [26, 7, 0], true],
  ['MariaDB', [11, 8, 9], false],
] as const)("25: MariaDB's tool may ask %s %j about routines in vain: %s", (flavour, versionParts, refuses) => {
  expect(refusesRoutineQueries({ flavour, versionParts: [...versionParts] })).toBe(refuses);
});

it("29: MariaDB's tool is refused before the dump where it would end in the middle of it, also without any routines", async () => {
  const session = { rows: async () => [], row: async () => ({ count: 0 }) } as unknown as MysqlSession;
  const nothing = { tables: [], views: [], sequences: [], triggers: [], routines: [], libraries: [], events: [] };
  const tool: ToolInfo = {
    path: '/usr/bin/mariadb-dump',
    flavour: 'MariaDB',
    version: '11.8.9',
    versionParts: [11, 8, 9],
  };
  const judged = (version: string): Promise<void> =>
    refuseWrongTool(session, 'shop', nothing, tool, {
      ...{ dbType: 'MySQL', flavour: 'MySQL', version, versionParts: version.split('.').map(Number) },
    });
  await expect(judged('26.7.0')).rejects.toMatchObject({
    code: 'TOOL_MISSING',
    message: expect.stringContaining('would not dump stored routines') as unknown,
    hint: 'Install mysqldump of MySQL, or set mysqldump_path to it.',
  });
  await judged('9.7.4');
});
