import fs, { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { startProcess } from '@app/process';
import { lockFolder } from './folder-lock.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folder-lock-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const holder = `
  const { DatabaseSync } = require('node:sqlite');
  const { writeFileSync } = require('node:fs');
  const database = new DatabaseSync(process.argv[1] + '/service.lock');
  database.exec('BEGIN EXCLUSIVE');
  writeFileSync(process.argv[1] + '/service.lock.json', JSON.stringify({ pid: process.pid, host: 'elsewhere', since: 'noon' }));
  console.log('locked');
  setInterval(() => database.isOpen, 1000);
`;

test('67: a folder that another process has locked is refused, by its process id and host', async () => {
  const other = startProcess({ command: process.execPath, args: ['-e', holder, resolve(folder)] });
  await once(createInterface(other.stdout), 'line');
  try {
    await expect(lockFolder(folder, 0)).rejects.toMatchObject({
      code: 'BUSY',
      message: `Another service works on ${folder}: process ${other.pid} on host elsewhere, since noon.`,
      hint: expect.stringContaining('DATA_DIR') as unknown,
    });
  } finally {
    process.kill(other.pid ?? 0, 'SIGKILL');
  }
  // The lock is free as soon as the process is dead, and nobody has to judge that.
  (await lockFolder(folder)).release();
  await other.completed.catch(() => undefined);
});

test('67: the lock holds within a process as well, names its holder, and can be released', async () => {
  const lock = await lockFolder(join(folder, 'made/here'));
  await expect(lockFolder(join(folder, 'made/here'), 0)).rejects.toThrow(
    `process ${process.pid} on host ${hostname()}`,
  );
  lock.release();
  lock.release();
  const next = await lockFolder(join(folder, 'made/here'), 0);
  next.release();
  expect([...next.pastRuns]).toEqual([lock.run]);
});

test('67: a copied folder counts no run of the original as dead, also at its next start', async () => {
  const original = await lockFolder(join(folder, 'original'));
  await cp(join(folder, 'original'), join(folder, 'copy'), { recursive: true, preserveTimestamps: true });
  const first = await lockFolder(join(folder, 'copy'), 0);
  expect([...first.pastRuns]).toEqual([]);
  first.release();
  const second = await lockFolder(join(folder, 'copy'), 0);
  expect([...second.pastRuns]).toEqual([first.run]);
  second.release();
  original.release();
  const next = await lockFolder(join(folder, 'original'), 0);
  expect([...next.pastRuns]).toEqual([original.run]);
  next.release();
});

test.each(['/etc/machine-id', '/sys/class/net/eth0/address'])(
  '67: a folder on a clone of the machine, which differs in %s, counts no run of the original as dead',
  async (differing) => {
    const { readFile, readdir, stat } = fs;
    const isMachine = (path: unknown) => String(path).startsWith('/etc/') || String(path).startsWith('/sys/');
    let clone = '';
    const spies = [
      jest.spyOn(fs, 'readFile').mockImplementation((path, options) => {
        if (!isMachine(path)) return readFile(path, options);
        return Promise.resolve(path === differing ? `${differing}${clone}\n` : 'the same\n');
      }),
      jest
        .spyOn(fs, 'readdir')
        .mockImplementation(((path: string) => (isMachine(path) ? Promise.resolve(['eth0']) : readdir(path))) as never),
      jest
        .spyOn(fs, 'stat')
        .mockImplementation(((path: string, options: never) =>
          stat(isMachine(path) ? folder : path, options)) as never),
    ];
    try {
      const original = await lockFolder(folder);
      original.release();
      const again = await lockFolder(folder, 0);
      expect([...again.pastRuns]).toEqual([original.run]);
      again.release();
      clone = ' of the clone';
      const next = await lockFolder(folder, 0);
      expect([...next.pastRuns]).toEqual([]);
      next.release();
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  },
);

test('67: counts the runs of a version that did not note its place as its own', async () => {
  const lock = await lockFolder(folder);
  lock.release();
  await writeFile(join(folder, 'service.runs'), 'earlier\n');
  const next = await lockFolder(folder, 0);
  expect([...next.pastRuns]).toEqual(['earlier']);
  next.release();
});

test('the error names a folder that cannot be created', async () => {
  await expect(lockFolder('/proc/nope')).rejects.toMatchObject({
    code: 'STORAGE_FAILED',
    message: 'The folder /proc/nope cannot be locked (ENOENT).',
  });
});
