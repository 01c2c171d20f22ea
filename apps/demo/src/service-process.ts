import { createServer } from 'node:net';
import { execPath } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SupervisedProcess } from '@app/sandbox';
import { DemoFailure } from './demo-failure.js';

/** The built service, in a temporary folder of its own. */
export interface ServiceProcess extends AsyncDisposable {
  readonly url: string;
  readonly process: SupervisedProcess;
}

const MAIN = fileURLToPath(new URL('../../../service.js', import.meta.url));
const HOST = '127.0.0.1';
const READY_WITHIN_MS = 60_000;

export async function startService(port: number, signal: AbortSignal): Promise<ServiceProcess> {
  const supervised = new SupervisedProcess({
    name: 'demo-service',
    steps: () => [
      {
        command: [execPath, '--max-semi-space-size=1', '--no-incremental-marking', '--expose-gc', MAIN],
        stopSignal: 'TERM',
      },
    ],
    env: {
      HOST,
      PORT: String(port),
      DATA_DIR: './data',
      BACKUP_DIR: './backups',
      CONFIG_FILE: './config.ini',
      LOG_LEVEL: 'info',
    },
  });
  const service: ServiceProcess = {
    url: `http://${HOST}:${port}`,
    process: supervised,
    [Symbol.asyncDispose]: () => supervised.stop(),
  };
  try {
    await untilReady(service, signal);
    return service;
  } catch (error) {
    await supervised.stop();
    throw error;
  }
}

async function untilReady({ url, process: supervised }: ServiceProcess, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    signal.throwIfAborted();
    const ended = await Promise.race([supervised.ended.then(() => true), sleep(50, false)]);
    if (ended) throw new DemoFailure(`The service did not start:\n${supervised.log}`);
    const ready = await fetch(`${url}/api/health/ready`, { signal }).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) return;
    if (Date.now() > deadline) throw new DemoFailure(`The service is not ready after a minute:\n${supervised.log}`);
  }
}

/** Checks the port first, so that nobody waits for servers and data in vain. */
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
