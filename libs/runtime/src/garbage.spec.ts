import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Garbage } from './garbage.js';

const MB = 1024 * 1024;
const FLAGS = ['--max-semi-space-size=1', '--no-incremental-marking', '--expose-gc'];
const TYPESCRIPT = ['--experimental-transform-types', '--no-warnings', '--input-type=module', '--eval'];

describe('Garbage', () => {
  let now: { buffers: number; objects: number; resident: number };
  let inUse: { buffers: number; objects: number };
  let collections: number;
  let releases: number;
  let garbage: Garbage;
  const look = (times = 1): void => {
    for (let time = 0; time < times; time += 1) garbage.look();
  };

  beforeEach(() => {
    inUse = { buffers: 2 * MB, objects: 45 * MB };
    now = { ...inUse, resident: 140 * MB };
    [collections, releases] = [0, 0];
    garbage = new Garbage({
      usage: () => ({ ...now }),
      collect: () => {
        collections += 1;
        now = { ...now, ...inUse };
      },
      release: () => {
        releases += 1;
        now = { ...inUse, resident: 140 * MB };
      },
    });
  });

  describe.each([
    ['buffers', 24],
    ['objects', 32],
  ] as const)('of %s', (kind, limit) => {
    const grow = (megabytes: number): void => void (now[kind] += megabytes * MB);
    const use = (megabytes: number): void => void (now[kind] = inUse[kind] = megabytes * MB);

    it('is left alone where it is little', () => {
      grow(limit - 1);
      look();
      expect(collections).toBe(0);
    });

    it('is collected each time that so much has gathered', () => {
      for (let time = 1; time <= 3; time += 1) {
        grow(limit + 1);
        look(2);
        expect(collections).toBe(time);
      }
    });

    it('is not looked for again and again where all is in use, but for what comes on top of it', () => {
      use(500);
      look(2);
      expect(collections).toBe(1);
      grow(limit - 1);
      look();
      expect(collections).toBe(1);
      grow(2);
      look();
      expect(collections).toBe(2);
    });

    it('is known again when what was in use is not any more', () => {
      use(500);
      look();
      use(2);
      look();
      grow(limit + 1);
      look();
      expect(collections).toBe(2);
    });
  });

  describe('that was collected', () => {
    it('is given back when the process has come to rest, once', () => {
      now.resident = 200 * MB;
      look(9);
      expect(releases).toBe(0);
      look();
      expect(releases).toBe(1);
      look(200);
      expect(releases).toBe(1);
    });

    it('is not given back where that is little, nor while more is gathered', () => {
      now.resident = 155 * MB;
      look(100);
      now.resident = 200 * MB;
      for (let second = 0; second < 100; second += 1) {
        now.objects += MB;
        look();
      }
      expect(releases).toBe(0);
    });

    it('is not asked for each time where it turns out to be in use', () => {
      garbage = new Garbage({
        usage: () => ({ ...now }),
        collect: () => undefined,
        release: () => void (releases += 1),
      });
      now.resident = 400 * MB;
      look(1_000);
      expect(releases).toBe(1);
      now.resident += 15 * MB;
      look(1_000);
      expect(releases).toBe(1);
    });

    it('is asked for no more than once a minute', () => {
      for (let second = 0; second < 120; second += 1) {
        now.resident = 200 * MB;
        look();
      }
      expect(releases).toBe(2);
    });
  });
});

describe('limitGarbage in a real process', () => {
  const run = (program: string): string =>
    String(
      execFileSync(process.execPath, [
        ...FLAGS,
        ...TYPESCRIPT,
        `const { limitGarbage } = await import(${JSON.stringify(join(import.meta.dirname, 'garbage.ts'))});
         limitGarbage(50);
         const mb = (name) => process.memoryUsage()[name] / 1e6;
         const rest = (ms) => new Promise((done) => setTimeout(done, ms));
         ${program}`,
      ]),
    );

  it('frees old buffers, and keeps it alive for nothing', () => {
    const output = run(`
      let kept = Array.from({ length: 50 }, () => Buffer.allocUnsafeSlow(1024 * 1024).fill(1));
      gc();
      kept = undefined;
      const before = mb('arrayBuffers');
      setTimeout(() => console.log(before > 50, mb('arrayBuffers') < 10), 300);`);
    expect(output).toBe('true true\n');
  });

  it('gives back what many requests have left on the heap', () => {
    const output = run(`
      const atFirst = mb('rss');
      // As many answers do, each lives a little longer than the young generation is kept.
      const recent = [];
      const burst = () => {
        for (let i = 0; i < 20_000; i += 1) {
          recent.push({ i, words: Array.from({ length: 100 }, (_, n) => n + i) });
          if (recent.length > 5_000) recent.splice(0, 2_500);
        }
      };
      for (let time = 0; time < 10; time += 1) {
        burst();
        await rest(60);
      }
      recent.length = 0;
      const most = mb('rss');
      await rest(2_500);
      console.log(most > atFirst + 20, mb('rss') < atFirst + 20, mb('heapUsed') < 20);`);
    expect(output).toBe('true true true\n');
  });
});
