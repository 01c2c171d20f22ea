import { chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programFolder } from './testing/program-folder.js';
import { assertTrustedProgram, startTool } from './trusted-program.js';

let folder: string;

beforeEach(async () => {
  folder = await programFolder('trust-');
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function tool(name: string, mode = 0o755): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true, mode: 0o755 });
  await writeFile(path, '#!/bin/sh\necho ran\n');
  await chmod(path, mode);
  return path;
}

const refusal = (...words: readonly string[]): unknown =>
  expect.objectContaining({
    code: 'TOOL_UNUSABLE',
    message: expect.stringMatching(
      new RegExp(words.map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)).join('.*'), 's'),
    ) as unknown,
  });

function refusalOf(path: string, excluded: readonly string[] = []): unknown {
  try {
    assertTrustedProgram(path, excluded);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('a program that only root and the service can change', () => {
  it('is accepted, also through a link', async () => {
    const path = await tool('bin/pg_dump');
    await symlink(path, join(folder, 'link'));
    expect(refusalOf(path)).toBeUndefined();
    expect(refusalOf(join(folder, 'link'))).toBeUndefined();
    expect(refusalOf('/bin/sh')).toBeUndefined();
  });

  it('is not checked when it does not exist', () => {
    expect(refusalOf(join(folder, 'nothing/at/all'))).toBeUndefined();
  });
});

describe('FAILURES 35: a program that another local account can change is refused', () => {
  it.each([0o775, 0o757, 0o777])('by mode %o of the file', async (mode) => {
    const path = await tool('pg_dump', mode);
    expect(refusalOf(path)).toEqual(refusal(path, 'can be written by other accounts', `chmod go-w ${path}`));
  });

  it.each([0o775, 0o757])('by mode %o of a folder above it', async (mode) => {
    const path = await tool('a/b/pg_dump');
    await chmod(join(folder, 'a'), mode);
    expect(refusalOf(path)).toEqual(refusal(path, `the folder "${join(folder, 'a')}" can be written`, 'chmod go-w'));
  });

  it('by a folder above it for temporary files, whose mode must not change', async () => {
    const path = await tool('a/b/pg_dump');
    await chmod(join(folder, 'a'), 0o1777);
    expect(refusalOf(path)).toEqual(
      refusal(path, `the folder "${join(folder, 'a')}" can be written`, 'Install the tool elsewhere.'),
    );
    expect(JSON.stringify(refusalOf(path))).not.toContain('chmod');
  });

  it('because the program that runs the script can be changed, or is named without its folder', async () => {
    const interpreter = await tool('open', 0o757);
    const script = await tool('pg_dump');
    for (const line of [`#!${interpreter}`, `#! \t${interpreter} -x`]) {
      await writeFile(script, `${line}\n`);
      expect(refusalOf(script)).toEqual(refusal(interpreter, 'can be written by other accounts'));
    }
    const between = await tool('between');
    await writeFile(between, `#!${interpreter}\n`);
    await writeFile(script, `#!${between}\n`);
    expect(refusalOf(script)).toEqual(refusal(interpreter, 'can be written by other accounts'));
    await writeFile(script, '#!sh\n');
    expect(refusalOf(script)).toEqual(refusal(script, 'names "sh" without a folder'));
    await chmod(interpreter, 0o755);
    await writeFile(script, `#!${between}\n`);
    expect(refusalOf(script)).toBeUndefined();
    expect(refusalOf(script, [between])).toEqual(refusal(between, 'it lies in'));
  });

  it('because it lies in the folder for temporary files, though that has a sticky bit', async () => {
    const open = await mkdtemp(join(tmpdir(), 'trust-'));
    try {
      await writeFile(join(open, 'pg_dump'), '#!/bin/sh\n', { mode: 0o755 });
      expect(refusalOf(join(open, 'pg_dump'))).toEqual(refusal('can be written by other accounts'));
    } finally {
      await rm(open, { recursive: true });
    }
  });

  it('because a link to it can be replaced, though it leads to a good one', async () => {
    await mkdir(join(folder, 'open'));
    await symlink('/bin/sh', join(folder, 'open/pg_dump'));
    await chmod(join(folder, 'open'), 0o777);
    expect(refusalOf(join(folder, 'open/pg_dump'))).toEqual(refusal(join(folder, 'open')));
  });

  it('because a good link leads to one that can be changed', async () => {
    const path = await tool('open/pg_dump', 0o777);
    await symlink('open/pg_dump', join(folder, 'pg_dump'));
    expect(refusalOf(join(folder, 'pg_dump'))).toEqual(refusal(`the file "${path}"`));
  });

  // Only root can give files to other accounts.
  (process.getuid?.() === 0 ? it : () => undefined)(
    'because another account owns it, or a folder above it',
    async () => {
      const path = await tool('a/pg_dump');
      await chown(path, 65534, 65534);
      expect(refusalOf(path)).toEqual(refusal('it belongs to another account (uid 65534)', `chown root ${path}`));
      await chown(path, 0, 0);
      await chown(join(folder, 'a'), 65534, 65534);
      expect(refusalOf(path)).toEqual(refusal(`the folder "${join(folder, 'a')}" belongs to another account`));
    },
  );

  it('because it lies where backups are kept, also behind a link', async () => {
    const path = await tool('backups/pg_dump');
    await symlink(join(folder, 'backups'), join(folder, 'storage'));
    await symlink(path, join(folder, 'link'));
    const inside = refusal('where the service keeps backups or its own data', 'Install it elsewhere');
    expect(refusalOf(path, [join(folder, 'backups')])).toEqual(inside);
    expect(refusalOf(path, [join(folder, 'storage')])).toEqual(inside);
    expect(refusalOf(join(folder, 'link'), [join(folder, 'storage')])).toEqual(inside);
    expect(refusalOf(path, [join(folder, 'back')])).toBeUndefined();
  });

  it('right before it is started', async () => {
    const path = await tool('pg_dump');
    const running = startTool({ command: path, args: [] });
    running.stdout.resume();
    await running.completed;
    await chmod(path, 0o777);
    expect(() => startTool({ command: path, args: [] })).toThrow(/can be written by other accounts/);
  });
});
