import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { OutputTail, startProcess } from '@app/process';
import { DemoFailure } from './demo-failure.js';

/** The built service, in a folder of its own that goes with it. */
export interface ServiceProcess extends AsyncDisposable {
  readonly url: string;
  /** Resolves, with the end of its log, when it has ended. */
  readonly ended: Promise<string>;
  logTail(): string;
}

const MAIN = fileURLToPath(new URL('../../api/src/main.js', import.meta.url));
const HOST = '127.0.0.1';
const READY_WITHIN_MS = 60_000;

export async function startService(port: number, signal: AbortSignal): Promise<ServiceProcess> {
  const home = await mkdtemp(join(tmpdir(), 'backup-demo-'));
  const stop = new AbortController();
  const child = startProcess({
    command: execPath,
    args: ['--enable-source-maps', '--max-semi-space-size=4', MAIN],
    cwd: home,
    env: {
      HOST,
      PORT: String(port),
      DATA_DIR: './data',
      BACKUP_DIR: './backups',
      CONFIG_FILE: './config.ini',
      LOG_LEVEL: 'info',
    },
    signal: stop.signal,
    killAfterMs: 15_000,
  });
  const log = new OutputTail(child.stdout, 4096);
  const ended = child.completed.then(
    () => log.text,
    (error: unknown) => `${log.text}\n${String(error)}`.trim(),
  );
  const service: ServiceProcess = {
    url: `http://${HOST}:${port}`,
    ended,
    logTail: () => log.text,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
  try {
    await untilReady(service, signal);
    return service;
  } catch (error) {
    await service[Symbol.asyncDispose]();
    throw error;
  }
}

async function untilReady({ url, ended, logTail }: ServiceProcess, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    signal.throwIfAborted();
    const end = await Promise.race([ended, sleep(50)]);
    if (end !== undefined) throw new DemoFailure(`The service did not start:\n${end}`);
    const ready = await fetch(`${url}/api/health/ready`, { signal }).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) return;
    if (Date.now() > deadline) throw new DemoFailure(`The service is not ready after a minute:\n${logTail()}`);
  }
}

/** Asked before anything else, so that nobody waits for servers and data in vain. */
export async function checkPort(port: number): Promise<void> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      const hint = `Stop the program that uses it, or take another port: PORT=${port + 1} npm run demo`;
      reject(new DemoFailure(`Port ${port} ${taken ? 'is in use' : `cannot be used (${error.message})`}. ${hint}`));
    });
    probe.listen(port, HOST, () => probe.close(() => resolve()));
  });
}
