import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { OldBuffers } from './old-buffers.js';

const MB = 1024 * 1024;
const FLAGS = ['--expose-gc', '--experimental-transform-types', '--no-warnings'];

describe('OldBuffers', () => {
  let used: number;
  let inUse: number;
  let collections: number;
  let buffers: OldBuffers;

  beforeEach(() => {
    [used, inUse, collections] = [2 * MB, 2 * MB, 0];
    buffers = new OldBuffers({
      used: () => used,
      collect: () => {
        collections += 1;
        used = inUse;
      },
    });
  });

  it('leaves alone what is little', () => {
    used = 25 * MB;
    buffers.look();
    expect(collections).toBe(0);
  });

  it('collects each time that so much has gathered', () => {
    for (let time = 1; time <= 3; time += 1) {
      used += 25 * MB;
      buffers.look();
      buffers.look();
      expect(collections).toBe(time);
    }
  });

  it('does not look again and again for what is all in use, but for what comes on top of it', () => {
    used = inUse = 500 * MB;
    buffers.look();
    buffers.look();
    expect(collections).toBe(1);
    used += 23 * MB;
    buffers.look();
    expect(collections).toBe(1);
    used += 2 * MB;
    buffers.look();
    expect(collections).toBe(2);
  });

  it('knows when what was in use is not any more', () => {
    used = inUse = 500 * MB;
    buffers.look();
    used = inUse = 2 * MB;
    buffers.look();
    used = 27 * MB;
    buffers.look();
    expect(collections).toBe(2);
  });
});

it('limitOldBuffers frees them in a real process, and keeps it alive for nothing', () => {
  const program = `
    const { limitOldBuffers } = await import(${JSON.stringify(join(import.meta.dirname, 'old-buffers.ts'))});
    limitOldBuffers();
    let kept = Array.from({ length: 50 }, () => Buffer.allocUnsafeSlow(1024 * 1024).fill(1));
    gc();
    kept = undefined;
    const before = process.memoryUsage().arrayBuffers;
    setTimeout(() => console.log(before > 50e6, process.memoryUsage().arrayBuffers < 10e6), 1500);`;
  const output = execFileSync(process.execPath, [...FLAGS, '--input-type=module', '--eval', program]);
  expect(String(output)).toBe('true true\n');
});
