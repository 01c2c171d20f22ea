import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProcessFailure, startProcess } from './index.js';
import type { ProcessSpec, RunningProcess } from './index.js';

const sh = (script: string, more: Partial<ProcessSpec> = {}): RunningProcess =>
  startProcess({ command: 'sh', args: ['-c', script], ...more });

async function failureOf(child: RunningProcess): Promise<ProcessFailure> {
  const outcome = await child.completed.catch((error: unknown) => error);
  if (!(outcome instanceof ProcessFailure))
    throw new Error('it succeeded, or failed in a strange way', { cause: outcome });
  return outcome;
}

/** Whether a process is alive, and not a zombie that waits for init. */
async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return status !== undefined && !/^\d+ \(.*\) [ZX]/.test(status);
}

async function untilGone(pid: number): Promise<void> {
  for (let tries = 0; await isRunning(pid); tries += 1) {
    if (tries > 500) throw new Error(`process ${pid} is still there`);
    await sleep(10);
  }
}

async function lineOf(child: RunningProcess): Promise<string> {
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
  return chunk.toString('utf8').trim();
}

describe('the end of a process', () => {
  it('is a success after exit status 0, with all of its output', async () => {
    const child = sh('echo out; echo err >&2');
    expect(await text(child.stdout)).toBe('out\n');
    expect(await child.completed).toEqual({ stderr: 'err\n' });
  });

  it('does not cost a late reader any output', async () => {
    const child = sh('echo hello');
    await untilGone(child.pid as number);
    await sleep(50);
    expect(await text(child.stdout)).toBe('hello\n');
    await child.completed;
  });

  it('is no success before its output was read to the end (FAILURES 2)', async () => {
    const child = sh('head -c 10000 /dev/zero');
    let completed = false;
    void child.completed.then(() => (completed = true));
    await untilGone(child.pid as number);
    await sleep(50);
    expect(completed).toBe(false);
    child.stdout.resume();
    await child.completed;
  });

  it('is a failure when the reader stopped early, though the status is 0', async () => {
    const child = sh('trap "" PIPE; cat /dev/zero 2>/dev/null; exit 0');
    await once(child.stdout, 'readable');
    child.stdout.destroy();
    expect(await failureOf(child)).toMatchObject({ reason: 'exit', exitCode: 0 });
  });

  it.each([1, 2, 255])(
    'is a failure with the message of the tool after exit status %i (FAILURES 1)',
    async (status) => {
      const failure = await failureOf(sh(`echo first >&2; echo '  no such table  ' >&2; exit ${status}`));
      expect(failure).toMatchObject({ reason: 'exit', exitCode: status, lastWords: 'no such table' });
      expect(failure.message).toBe(`sh failed with exit status ${status}: first\n  no such table`);
    },
  );

  it('is a failure when somebody killed it', async () => {
    const failure = await failureOf(sh('kill -9 $$'));
    expect(failure).toMatchObject({ reason: 'signal', exitCode: undefined, message: 'sh was killed' });
  });

  it.each([
    ['there is no such program', { command: '/no/such/program', args: [] }],
    ['its directory is missing', { command: 'sh', args: ['-c', 'true'], cwd: '/no/such/directory' }],
    ['an argument has a NUL in it', { command: 'echo', args: ['a\0b'] }],
    ['an argument is too long', { command: 'echo', args: ['x'.repeat(3_000_000)] }],
  ])('is "not started" when %s, and nothing is thrown', async (_, spec) => {
    const child = startProcess(spec);
    child.stdout.resume();
    expect(await failureOf(child)).toMatchObject({ reason: 'not_started', exitCode: undefined });
  });

  it('leaves no process and no open pipe of the tool behind', async () => {
    const child = sh('sleep 1000 & echo $!');
    const orphan = Number(await lineOf(child));
    child.stdout.resume();
    expect(await child.completed).toEqual({ stderr: '' });
    await untilGone(orphan);
  });
});

describe('an abort', () => {
  it('ends the tool and has another reason than a failure', async () => {
    const controller = new AbortController();
    const child = sh('echo started; exec sleep 1000', { signal: controller.signal });
    await lineOf(child);
    controller.abort();
    expect(await failureOf(child)).toMatchObject({ reason: 'aborted', message: 'sh was cancelled' });
    await untilGone(child.pid as number);
  });

  it('is an abort even when the tool then exits with 0', async () => {
    const controller = new AbortController();
    const child = sh('trap "exit 0" TERM; echo started; while :; do sleep 0.01; done', { signal: controller.signal });
    await lineOf(child);
    controller.abort();
    expect(await failureOf(child)).toMatchObject({ reason: 'aborted', exitCode: 0 });
  });

  it('ends the whole group, with KILL where TERM is ignored', async () => {
    const controller = new AbortController();
    const script = 'trap "" TERM; sleep 1000 & echo $!; while :; do sleep 1000; done';
    const child = sh(script, { signal: controller.signal, killAfterMs: 50 });
    const grandchild = Number(await lineOf(child));
    expect(await isRunning(grandchild)).toBe(true);
    controller.abort();
    expect(await failureOf(child)).toMatchObject({ reason: 'aborted' });
    await untilGone(child.pid as number);
    await untilGone(grandchild);
  });

  it('before the start ends the tool at once', async () => {
    const child = sh('exec sleep 1000', { signal: AbortSignal.abort() });
    expect(await failureOf(child)).toMatchObject({ reason: 'aborted' });
  });

  it('after the exit still fails the output that was not read yet', async () => {
    const controller = new AbortController();
    const child = sh('echo unread', { signal: controller.signal });
    await untilGone(child.pid as number);
    await sleep(50);
    controller.abort();
    expect(await failureOf(child)).toMatchObject({ reason: 'aborted' });
  });
});

describe('between us and a tool', () => {
  it('a slow reader slows the tool down instead of filling our memory', async () => {
    const size = 64 * 1024 * 1024;
    const child = startProcess({ command: 'head', args: ['-c', String(size), '/dev/zero'] });
    let written = -1;
    for (let before = -2; written <= 0 || written !== before; await sleep(50)) {
      before = written;
      const io = await readFile(`/proc/${child.pid}/io`, 'utf8');
      written = Number(/^wchar: (\d+)$/m.exec(io)?.[1]);
    }
    expect(written).toBeLessThan(4 * 1024 * 1024);
    let received = 0;
    for await (const chunk of child.stdout) received += (chunk as Buffer).length;
    await child.completed;
    expect(received).toBe(size);
  });

  it('input arrives unchanged, and its end ends the tool', async () => {
    const child = startProcess({ command: 'cat', args: [], stdin: 'pipe' });
    const input = 'Größe\n'.repeat(100_000);
    child.stdin?.end(input);
    expect(await text(child.stdout)).toBe(input);
    await child.completed;
  });

  it('a tool that stops reading is reported by its status, not by our broken pipe', async () => {
    const child = sh('exec <&-; echo full >&2; exit 3', { stdin: 'pipe' });
    child.stdin?.write(Buffer.alloc(1024 * 1024));
    expect(await failureOf(child)).toMatchObject({ reason: 'exit', exitCode: 3, lastWords: 'full' });
  });

  it('only the allowed part of our environment is passed on (FAILURES 35)', async () => {
    process.env['PGPASSWORD'] = 'secret of ours';
    process.env['LC_SPECIMEN'] = 'C.UTF-8';
    try {
      const child = startProcess({ command: 'env', args: [], env: { PGPASSFILE: '/run/file' } });
      const lines = (await text(child.stdout)).trim().split('\n');
      await child.completed;
      const names = lines.map((line) => line.split('=')[0] ?? '');
      expect(names).toEqual(expect.arrayContaining(['PATH', 'LC_SPECIMEN', 'PGPASSFILE']));
      expect(names.filter((name) => !/^(PATH|HOME|LANG|LANGUAGE|TZ|TMPDIR|LC_\w+|PGPASSFILE)$/.test(name))).toEqual([]);
    } finally {
      delete process.env['PGPASSWORD'];
      delete process.env['LC_SPECIMEN'];
    }
  });

  it('stderr is kept to its last 16 KiB, in whole lines', async () => {
    const child = sh('i=0; while [ $i -lt 5000 ]; do echo "line number $i" >&2; i=$((i+1)); done; exit 1');
    const { stderr } = await failureOf(child);
    expect(stderr.length).toBeLessThanOrEqual(16 * 1024);
    expect(stderr.length).toBeGreaterThan(15 * 1024);
    expect(stderr).toMatch(/^line number \d+\n/);
    expect(stderr).toMatch(/line number 4999\n$/);
  });

  it.each([
    ['in the midst of lines', 'hunter2\n'],
    ['in one endless line', 'hunter2'],
  ])('a secret in stderr is removed, even where the cut goes through it, %s', async (_, word) => {
    const child = startProcess({
      command: process.execPath,
      args: ['-e', `process.stderr.write(${JSON.stringify(word)}.repeat(${3 * 16384 + 5}), () => process.exit(1))`],
      redact: (words) => words.replaceAll('hunter2', '***'),
    });
    const { stderr, message } = await failureOf(child);
    expect(stderr).toContain('***');
    expect(stderr.replaceAll('***', '').trim()).toBe('');
    expect(message).not.toContain('hunter2');
  });
});
