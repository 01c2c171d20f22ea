import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerInfo } from '@app/domain';
import { programFolder } from '../../../process/src/testing/program-folder.js';
import { parseToolVersion, PostgresTools } from './postgres-tools.js';
import { serverInfo } from './login/postgres-server-info.js';

let root: string;
const searchPath = process.env['PATH'];

async function program(path: string, script: string): Promise<string> {
  const file = join(root, path);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

const pgDump = (place: string, version: string): Promise<string> =>
  program(`${place}/pg_dump`, `echo "pg_dump (PostgreSQL) ${version}"`);

const server = (version: string, number: number): ServerInfo => serverInfo(version, number);

beforeAll(async () => {
  root = await programFolder('postgres-tools-');
  await pgDump('usr/14/bin', '14.10 (Debian 14.10-1)');
  await pgDump('usr/16/bin', '16.1');
  await pgDump('usr/16.4/bin', '16.4');
  await pgDump('usr/17/bin', '17.2');
  await program('share/pg_wrapper', 'echo "Error: no cluster" >&2; exit 1');
  await mkdir(join(root, 'bin'));
  await symlink(join(root, 'share/pg_wrapper'), join(root, 'bin/pg_dump'));
  // `sh` and `echo` are builtins or absolute: nothing else of PATH is needed.
  process.env['PATH'] = join(root, 'bin');
});

afterAll(async () => {
  process.env['PATH'] = searchPath;
  await rm(root, { recursive: true, force: true });
});

describe('PostgresTools', () => {
  const tools = (): PostgresTools => new PostgresTools([join(root, 'storage')], [join(root, 'usr/*/bin')]);

  it('finds every version, newest first, past a wrapper that fails', async () => {
    const [dump, restore] = await tools().detect({});
    expect(dump?.all.map((tool) => tool.version)).toEqual(['17.2', '16.4', '16.1', '14.10']);
    expect(dump?.best).toMatchObject({ path: join(root, 'usr/17/bin/pg_dump'), versionParts: [17, 2] });
    expect(restore).toEqual({ key: 'pg_restore_path', best: undefined, all: [] });
  });

  test.each([
    ['9.6.24', 90624, '14.10'],
    ['14.3', 140003, '14.10'],
    ['15.1', 150001, '16.4'],
    ['16.9', 160009, '16.4'],
    ['17.0', 170000, '17.2'],
  ])('FAILURES 24: dumps a server of version %s with pg_dump %s → %s', async (version, number, expected) => {
    expect((await tools().forDump(server(version, number), {})).version).toBe(expected);
  });

  it('FAILURES 24: says which version is needed and which are there', async () => {
    await expect(tools().forDump(server('18.1', 180001), {})).rejects.toMatchObject({
      code: 'TOOL_TOO_OLD',
      message: expect.stringMatching(/pg_dump 18 or newer is needed.*17\.2, 16\.4, 16\.1, 14\.10/),
      hint: expect.stringContaining('postgresql-client-18'),
    });
  });

  it('uses a configured path alone', async () => {
    const custom = { pg_dump_path: join(root, 'usr/14/bin/pg_dump') };
    await expect(tools().forDump(server('16.1', 160001), custom)).rejects.toMatchObject({
      code: 'TOOL_TOO_OLD',
      message: expect.stringContaining('the configured pg_dump is 14.10'),
    });
    expect((await tools().forDump(server('13.1', 130001), custom)).version).toBe('14.10');
    const [dump] = await tools().detect(custom);
    expect(dump?.best?.version).toBe('14.10');
    expect(dump?.all).toHaveLength(4);
  });

  it('says when there is none', async () => {
    await expect(tools().forRestore({})).rejects.toMatchObject({ code: 'TOOL_MISSING' });
  });

  test.each([
    ['is not there', 'nowhere/pg_dump', '', /cannot be run/],
    ['fails', 'broken/pg_dump', 'echo "no library" >&2; exit 3', /fails when asked for its version: no library/],
    ['is another program', 'other/pg_dump', 'echo "pg_restore (PostgreSQL) 16.1"', /is not pg_dump/],
    ['talks nonsense', 'odd/pg_dump', 'echo hello', /is not pg_dump/],
  ])('refuses a path that %s', async (_title, path, script, message) => {
    const file = script === '' ? join(root, path) : await program(path, script);
    await expect(tools().verify('pg_dump_path', file)).rejects.toMatchObject({
      code: 'TOOL_UNUSABLE',
      message: expect.stringMatching(message),
    });
  });

  it('takes a program that it knows as one tool for no other', async () => {
    const found = tools();
    const file = await pgDump('both', '15.1');
    await found.verify('pg_dump_path', file);
    await expect(found.verify('pg_restore_path', file)).rejects.toMatchObject({
      code: 'TOOL_UNUSABLE',
      message: `"${file}" is not pg_restore.`,
    });
  });

  it('FAILURES 35: refuses a program that others can change, and does not find it', async () => {
    const file = await pgDump('usr/18/bin', '18.1');
    await chmod(file, 0o777);
    await expect(tools().verify('pg_dump_path', file)).rejects.toMatchObject({
      code: 'TOOL_UNUSABLE',
      message: expect.stringContaining(`chmod go-w ${file}`),
    });
    expect((await tools().detect({}))[0]?.best?.version).toBe('17.2');
  });

  it('FAILURES 35: refuses a program that was uploaded into a storage', async () => {
    const file = await pgDump('storage', '15.1');
    await expect(tools().verify('pg_dump_path', file)).rejects.toMatchObject({
      code: 'TOOL_UNUSABLE',
      message: expect.stringContaining(join(root, 'storage')),
    });
  });

  it('FAILURES 35: looks again at a program that it has run before', async () => {
    const found = tools();
    const file = await pgDump('opened', '15.1');
    await found.verify('pg_dump_path', file);
    await chmod(file, 0o757);
    await expect(found.verify('pg_dump_path', file)).rejects.toMatchObject({ code: 'TOOL_UNUSABLE' });
  });

  it('refuses a path that depends on where the service was started', async () => {
    await expect(tools().verify('pg_dump_path', 'bin/pg_dump')).rejects.toMatchObject({ code: 'TOOL_UNUSABLE' });
  });

  it('notices that a program was replaced', async () => {
    const found = tools();
    const file = await pgDump('changing', '15.1');
    expect((await found.verify('pg_dump_path', file)).version).toBe('15.1');
    await rm(file);
    await pgDump('changing', '15.2');
    expect((await found.verify('pg_dump_path', file)).version).toBe('15.2');
  });
});

describe('parseToolVersion', () => {
  test.each([
    ['pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)', '15.18', [15, 18]],
    ['pg_dump (PostgreSQL) 9.6.24', '9.6.24', [9, 6, 24]],
    ['pg_dump (PostgreSQL) 19beta1\n', '19beta1', [19]],
    ['pg_dump (EnterpriseDB) 16.2.0', '16.2.0', [16, 2, 0]],
  ])('reads %s', (output, version, versionParts) => {
    expect(parseToolVersion('pg_dump', output)).toEqual({ version, versionParts });
  });
});
