import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { AppConfig } from '@app/config';
import { DomainError, errorCodeOf, messageOf } from '@app/domain';
import type { Logger } from '@app/domain';
import { limitGarbage, Shutdown } from '@app/runtime';
import { AppModule } from './app.module.js';
import { APP_CONFIG, LOGGER } from './foundation/tokens.js';
import { configureHttp } from './http/configure-http.js';

/** The folder that holds `dist`. */
const PACKAGE = join(import.meta.dirname, '../package.json');
/** The folder of the file that the service is built into. */
const DASHBOARD = join(import.meta.dirname, 'dashboard');

/** How long after the end of all work the process may take to end by itself. */
const STILL_OPEN_MS = 1_000;

async function start(): Promise<void> {
  limitGarbage();
  const app = await NestFactory.create<NestExpressApplication>(
    await AppModule.register({ dashboard: DASHBOARD, version: versionOf(PACKAGE) }),
    {
      bodyParser: false,
      abortOnError: false,
      // A failure before the log is set up is told once, by the end of this file.
      logger: false,
    },
  );
  const { host, port } = app.get<AppConfig>(APP_CONFIG);
  const logger = app.get<Logger>(LOGGER);
  // Before anything is begun or cleaned up: a second start by mistake must not touch what the first one is doing.
  await tryPort(host, port);
  await configureHttp(app);
  stopOnSignals(app, logger);
  await app.listen(port, host);
  logger.info({ url: await app.getUrl() }, 'listening');
}

function versionOf(packageFile: string): string {
  return (JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }).version;
}

/** The first signal ends the service in good order, a second one without further patience. */
function stopOnSignals(app: NestExpressApplication, logger: Logger): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) {
      logger.warn({ signal }, 'stopping at once');
      void app.get(Shutdown).hasten();
      return;
    }
    stopping = true;
    logger.info({ signal }, 'stopping');
    heldOpen(app.close()).then(
      () => {
        logger.info({}, 'stopped');
        endSoon(logger);
      },
      (error: unknown) => {
        logger.error({ err: error }, 'stopping failed');
        process.exitCode = 1;
        endSoon(logger);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** Ends with `process.exitCode`, even if something is still open, such as a connection to a silent server. */
function endSoon(logger: Logger): void {
  setTimeout(() => {
    logger.warn({ open: process.getActiveResourcesInfo() }, 'ended with something open');
    // The logger writes what it still holds on the event `exit`.
    process.exit();
  }, STILL_OPEN_MS).unref();
}

/** Throws an error that says what is wrong if the service cannot listen there. */
async function tryPort(host: string, port: number): Promise<void> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
    await new Promise((resolve) => server.close(resolve));
  } catch (error) {
    throw listenError(error, host, port);
  }
}

function listenError(error: unknown, host: string, port: number): unknown {
  const reasons: Record<string, [message: string, hint: string]> = {
    EADDRINUSE: [`Port ${port} on ${host} is in use.`, 'Stop the other program, or set PORT to another one.'],
    EACCES: [`The service may not listen on port ${port}.`, 'Set PORT to 1024 or above.'],
    EADDRNOTAVAIL: [`This machine has no address ${host}.`, 'Set HOST to one of its own, such as 127.0.0.1.'],
    ENOTFOUND: [`HOST is ${host}, which no name service knows.`, 'Set HOST to an address of this machine.'],
  };
  const reason = reasons[errorCodeOf(error) ?? ''];
  return reason === undefined ? error : new DomainError('INTERNAL', reason[0], { hint: reason[1], cause: error });
}

/** Keeps the process alive during `work`, since neither the queue's timers nor waiting for a lock do. */
async function heldOpen<T>(work: Promise<T>): Promise<T> {
  const hold = setInterval(() => undefined, 60_000);
  try {
    return await work;
  } finally {
    clearInterval(hold);
  }
}

try {
  await heldOpen(start());
} catch (error) {
  const hint = error instanceof DomainError && error.hint !== undefined ? `\n${error.hint}` : '';
  process.stderr.write(`The service cannot start. ${messageOf(error)}${hint}\n`);
  process.exitCode = 1;
}
