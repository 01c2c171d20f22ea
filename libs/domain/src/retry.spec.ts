import { retry } from './retry.js';

const transient = new Error('for now');
const lasting = new Error('for good');
const isTransient = (error: unknown): boolean => error === transient;

function failing(...errors: Error[]): jest.Mock<Promise<string>> {
  const work = jest.fn<Promise<string>, []>();
  for (const error of errors) work.mockRejectedValueOnce(error);
  return work.mockResolvedValue('done');
}

describe('retry', () => {
  it('repeats work until it succeeds, and waits longer each time where it is told to', async () => {
    const work = failing(transient, transient);
    const asked: number[] = [];
    const pauseMs = (attempt: number): number => (asked.push(attempt), 1);
    await expect(retry(work, { attempts: 3, isTransient, pauseMs })).resolves.toBe('done');
    expect(work).toHaveBeenCalledTimes(3);
    expect(asked).toEqual([1, 2]);
  });

  it('ends with the last error after so many attempts', async () => {
    const work = failing(transient, transient, transient);
    await expect(retry(work, { attempts: 2, isTransient })).rejects.toBe(transient);
    expect(work).toHaveBeenCalledTimes(2);
  });

  it('does not repeat work after an error that stays', async () => {
    const work = failing(transient, lasting);
    await expect(retry(work, { attempts: 5, isTransient })).rejects.toBe(lasting);
    expect(work).toHaveBeenCalledTimes(2);
  });

  it('ends a pause with the reason of an aborted signal', async () => {
    const work = failing(transient);
    const controller = new AbortController();
    const pauseMs = (): number => (setImmediate(() => controller.abort(lasting)), 3_600_000);
    const options = { attempts: 2, isTransient, pauseMs, signal: controller.signal };
    await expect(retry(work, options)).rejects.toBe(lasting);
    expect(work).toHaveBeenCalledTimes(1);
  });
});
