import { randomInt } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startProcess } from '@app/process';
import { noteTime } from '@app/sandbox';
import { catalogEnvironment } from './catalog-server.js';

/** The built service, as `npm start` runs it. */
export const MAIN = resolve('dist/service.js');

/** Where `npm start` keeps compiled code, so that a start need not compile it again. */
const COMPILED = resolve('node_modules/.cache/node');

/** Root needs no user namespace to mount, and in a chroot could not have one. */
const MOUNT_NAMESPACE = ['unshare', ...(process.getuid?.() === 0 ? [] : ['--map-root-user']), '--mount'];

export interface ServiceProcess {
  readonly url: string;
  readonly pid: number;
  /** Its working directory, with `backups`, `data` and `config.ini`. */
  readonly home: string;
  /** What it has logged so far. */
  log(): string;
  post<T = Record<string, unknown>>(path: string, body?: object): Promise<T>;
  /** Resident memory now, bytes. */
  memory(): number;
  signal(name: NodeJS.Signals): void;
  /** Resolves with what `completed` says once the process has ended. */
  readonly ended: Promise<{ exitCode: number | undefined }>;
  /** Ends it, waits, and removes its folder. */
  stop(): Promise<void>;
}

export interface ServiceOptions {
  /** Its working directory; default: a new one, removed by `stop`. */
  home?: string;
  /** Default: a free one. */
  port?: number;
  /** Shell commands to run there before it, in a mount namespace of its own. */
  prelude?: string;
  /** Called as soon as it runs, long before it is ready: for those who end it before it is. */
  onSpawn?: (pid: number) => void;
}

export async function startService(
  env: Record<string, string> = {},
  { home, port = 0, prelude, onSpawn }: ServiceOptions = {},
): Promise<ServiceProcess> {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run the tests with npm test, which builds it`);
  const folder = home ?? (await mkdtemp(join(tmpdir(), 'service-')));
  const listensOn = port === 0 ? await freePort() : port;
  const command = [process.execPath, '--max-semi-space-size=1', '--no-incremental-marking', '--expose-gc', MAIN];
  const wrapped =
    prelude === undefined ? command : [...MOUNT_NAMESPACE, 'sh', '-c', `${prelude} && exec "$@"`, 'sh', ...command];
  const since = performance.now();
  const child = startProcess({
    command: wrapped[0] ?? '',
    args: wrapped.slice(1),
    cwd: folder,
    env: {
      NODE_COMPILE_CACHE: COMPILED,
      PORT: String(listensOn),
      LOG_LEVEL: 'info',
      ...(await catalogEnvironment(folder)),
      ...env,
    },
  });
  let log = '';
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const ended = child.completed.then(
    () => ({ exitCode: 0 }),
    (failure: { exitCode?: number; stderr?: string }) => {
      log += failure.stderr ?? '';
      return { exitCode: failure.exitCode };
    },
  );
  const url = `http://127.0.0.1:${listensOn}`;
  const pid = child.pid ?? 0;
  onSpawn?.(pid);
  let running = true;
  void ended.then(() => (running = false));
  while (!(await isReady(url))) {
    if (!running) {
      if (home === undefined) await rm(folder, { recursive: true, force: true });
      throw new Error(`the service ended at its start: ${log}`);
    }
    await delay(50);
  }
  noteTime('service', since);
  return {
    url,
    pid,
    home: folder,
    log: () => log,
    async post<T>(path: string, body?: object) {
      const answer = await fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body ?? {}),
      });
      const content = (await answer.json()) as T;
      if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(content)}`);
      return content;
    },
    memory: () => memoryOf(pid),
    signal: (name) => void process.kill(pid, name),
    ended,
    async stop() {
      if (running) process.kill(pid, 'SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/api/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
}

function memoryOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}

/** Below the range that systems hand out by themselves, so that nobody takes it before it is used. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 30_000);
    const server = createServer();
    const free = await new Promise<boolean>((done) => {
      server.once('error', () => done(false));
      server.listen(port, '127.0.0.1', () => done(true));
    });
    if (!free) continue;
    await new Promise((done) => server.close(done));
    return port;
  }
}
