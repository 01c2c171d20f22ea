import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startProcess } from '@app/process';
import { freePort } from '../support/service-process.js';
import { median, rounded } from './figures.js';
import type { BenchContext, BenchPart, Figures } from './part.js';

const ROUNDS = 5;
const POLL_MS = 5;
/** After it is ready, what the start left is collected. */
const IDLE_MS = 5_000;

interface Start {
  /** In a new, empty home. */
  firstMs: number;
  readyMs: number;
  residentMb: number;
}

/** Twice in one home, with code that was compiled before: as `npm start` on a machine that has seen it. */
export const start: BenchPart = {
  name: 'start',
  title: `The start of the service, and its memory ${IDLE_MS / 1000} s later (medians of ${ROUNDS})`,
  async run({ folder, baseline, tell }: BenchContext): Promise<Figures[]> {
    const checkouts = [{ name: 'here', root: resolve('.') }];
    if (baseline !== undefined) checkouts.push({ name: 'baseline', root: baseline });
    const starts = new Map<string, Start[]>(checkouts.map(({ name }) => [name, []]));
    for (let round = 0; round <= ROUNDS; round += 1) {
      tell(round === 0 ? 'one start that does not count' : `round ${round}`);
      // In turns, so that neither always comes second.
      for (const { name, root } of round % 2 === 0 ? checkouts : checkouts.toReversed()) {
        const measured = await measure(root, join(folder, name), join(folder, `${name}-${round}`));
        if (round > 0) starts.get(name)?.push(measured);
      }
    }
    const rows = checkouts.map(({ name }) => figuresOf(name, starts.get(name) ?? []));
    return baseline === undefined ? rows : [...rows, ratios(starts.get('here') ?? [], starts.get('baseline') ?? [])];
  },
};

async function measure(root: string, compileCache: string, home: string): Promise<Start> {
  const program = programOf(root);
  await mkdir(home);
  const { readyMs: firstMs } = await startOnce(program, compileCache, home, 0);
  return { firstMs, ...(await startOnce(program, compileCache, home, IDLE_MS)) };
}

/** What `npm start` of a checkout starts; it was not one file at first. */
function programOf(root: string): string[] {
  const programs = [['dist/service.js'], ['--enable-source-maps', 'dist/apps/api/src/main.js']];
  for (const program of programs) {
    const path = join(root, program.at(-1) as string);
    if (existsSync(path)) return [...program.slice(0, -1), path];
  }
  throw new Error(`${root} is not built: run "npm run build" there`);
}

async function startOnce(
  program: readonly string[],
  compileCache: string,
  home: string,
  idleMs: number,
): Promise<Omit<Start, 'firstMs'>> {
  const port = await freePort();
  const begin = performance.now();
  const service = startProcess({
    command: process.execPath,
    args: ['--max-semi-space-size=1', '--no-incremental-marking', '--expose-gc', ...program],
    cwd: home,
    env: { PORT: String(port), NODE_COMPILE_CACHE: compileCache },
  });
  service.stdout.resume();
  let failure: unknown;
  service.completed.catch((error: unknown) => {
    failure = error;
  });
  while (!(await isReady(port))) {
    if (failure !== undefined) throw failure;
    await delay(POLL_MS);
  }
  const readyMs = performance.now() - begin;
  await delay(idleMs);
  if (failure !== undefined) throw failure;
  const residentMb = residentMbOf(service.pid ?? 0);
  process.kill(service.pid ?? 0, 'SIGTERM');
  await service.completed;
  return { readyMs, residentMb };
}

async function isReady(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/api/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
}

function residentMbOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

function figuresOf(checkout: string, starts: readonly Start[]): Figures {
  const of = (figure: keyof Start): number => median(starts.map((start) => start[figure]));
  return {
    checkout,
    'first start, ms': rounded(of('firstMs'), 0),
    'start, ms': rounded(of('readyMs'), 0),
    'resident, MB': rounded(of('residentMb'), 1),
  };
}

/** Of the pairs. */
function ratios(here: readonly Start[], baseline: readonly Start[]): Figures {
  const of = (figure: keyof Start): number =>
    rounded(median(here.map((start, at) => start[figure] / (baseline[at]?.[figure] ?? Number.NaN))), 3);
  return {
    checkout: 'ratio',
    'first start, ms': of('firstMs'),
    'start, ms': of('readyMs'),
    'resident, MB': of('residentMb'),
  };
}
