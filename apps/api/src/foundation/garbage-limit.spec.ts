import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { GarbageLimit } from './garbage-limit.js';

const MB = 1024 * 1024;
const FLAGS = ['--expose-gc', '--experimental-transform-types', '--no-warnings'];

describe('GarbageLimit', () => {
  let used: number;
  let inUse: number;
  let collections: number;
  let limit: GarbageLimit;

  beforeEach(() => {
    [used, inUse, collections] = [2 * MB, 2 * MB, 0];
    limit = new GarbageLimit({
      used: () => used,
      collect: () => {
        collections += 1;
        used = inUse;
      },
    });
    limit.look();
  });

  it('leaves alone what is little', () => {
    used = 7 * MB;
    limit.look();
    expect(collections).toBe(0);
  });

  it('collects each time that so much has gathered', () => {
    for (let time = 1; time <= 3; time += 1) {
      used += 9 * MB;
      limit.look();
      limit.look();
      expect(collections).toBe(time);
    }
  });

  it('does not look again and again for what is all in use, but for what comes on top of it', () => {
    used = inUse = 500 * MB;
    limit.look();
    limit.look();
    expect(collections).toBe(1);
    used += 7 * MB;
    limit.look();
    expect(collections).toBe(1);
    used += 2 * MB;
    limit.look();
    expect(collections).toBe(2);
  });

  it('knows when what was in use is not any more', () => {
    used = inUse = 500 * MB;
    limit.look();
    used = inUse = 2 * MB;
    limit.look();
    used = 11 * MB;
    limit.look();
    expect(collections).toBe(2);
  });
});

it('limitGarbage frees buffers in a real process, and keeps it alive for nothing', () => {
  const program = `
    const { limitGarbage } = await import(${JSON.stringify(join(import.meta.dirname, 'garbage-limit.ts'))});
    limitGarbage();
    let kept = Array.from({ length: 50 }, () => Buffer.allocUnsafeSlow(1024 * 1024).fill(1));
    gc();
    kept = undefined;
    const before = process.memoryUsage().arrayBuffers;
    setTimeout(() => console.log(before > 50e6, process.memoryUsage().arrayBuffers < 10e6), 1500);`;
  const output = execFileSync(process.execPath, [...FLAGS, '--input-type=module', '--eval', program]);
  expect(String(output)).toBe('true true\n');
});
