import { runProcess } from './index.js';

describe('a short tool', () => {
  it('returns its output', async () => {
    const result = await runProcess({ command: 'sh', args: ['-c', 'printf out; printf err >&2'], timeoutMs: 10_000 });
    expect(result).toEqual({ stdout: 'out', stderr: 'err' });
  });

  it('may print more than is kept, and still ends', async () => {
    const args = ['-c', '5000000', '/dev/zero'];
    const { stdout } = await runProcess({ command: 'head', args, timeoutMs: 10_000, maxOutputBytes: 1000 });
    expect(stdout).toHaveLength(1000);
  });

  it('is ended when it hangs, with another reason than a cancel', async () => {
    const hanging = runProcess({ command: 'sleep', args: ['1000'], timeoutMs: 50 });
    await expect(hanging).rejects.toMatchObject({ reason: 'timeout', message: 'sleep did not end in time' });
    const cancelled = runProcess({
      command: 'sleep',
      args: ['1000'],
      timeoutMs: 60_000,
      signal: AbortSignal.timeout(50),
    });
    await expect(cancelled).rejects.toMatchObject({ reason: 'aborted' });
  });
});
