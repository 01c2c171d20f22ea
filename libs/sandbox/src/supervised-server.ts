import { randomBytes } from 'node:crypto';
import { addAbortListener } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionParams } from '@app/domain';
import { DomainError, messageOf } from '@app/domain';
import type { Account } from './installed-server.js';
import type { SandboxOptions, SandboxServer } from './sandbox-server.js';
import { SupervisedProcess } from './supervised-process.js';
import type { SupervisedStep } from './supervisor-script.js';
import { noteTime } from './time-note.js';

/** The differences between the throwaway servers of the engines. */
export interface ServerRecipe {
  engine: SandboxServer['engine'];
  dbType: ConnectionParams['dbType'];
  product: string;
  username: string;
  account: Account;
  /** The content of the file that tells the server its password, without empty lines. */
  secret(password: string): string;
  /** Returns the commands. The file SECRET_FILE of the directory holds the text of `secret`. */
  steps(place: { directory: string; port: number }): readonly SupervisedStep[];
  /** Logs in and out again, and rejects as long as the server is not ready. */
  login(server: SandboxServer): Promise<void>;
  /** Whether this log says that somebody else took the port. */
  portWasTaken(log: string): boolean;
}

const READY_WITHIN_MS = 60_000;
const POLL_MS = 40;
const PORT_TRIES = 5;

/** Fails with TOOL_UNUSABLE and the end of the server's log when it does not come up. */
export async function startServer(recipe: ServerRecipe, options: SandboxOptions): Promise<SandboxServer> {
  for (let attempt = 1; ; attempt += 1) {
    options.signal?.throwIfAborted();
    const since = performance.now();
    const server = new SupervisedServer(recipe, await freePort(), options.folder);
    try {
      await server.untilReady(options.signal);
      noteTime(recipe.product, since);
      return server;
    } catch (error) {
      await server.stop();
      options.signal?.throwIfAborted();
      const log = await server.logTail();
      // Another program may take the free port before the server does.
      if (attempt < PORT_TRIES && recipe.portWasTaken(log)) continue;
      throw new DomainError(
        'TOOL_UNUSABLE',
        `A throwaway ${recipe.product} server did not start: ${messageOf(error)}. Its log ends with:\n${log}`,
        { cause: error },
      );
    }
  }
}

class SupervisedServer implements SandboxServer {
  readonly engine: SandboxServer['engine'];
  readonly host = '127.0.0.1';
  readonly username: string;
  readonly password = randomBytes(18).toString('base64url');
  private readonly process: SupervisedProcess;

  constructor(
    private readonly recipe: ServerRecipe,
    readonly port: number,
    folder: string | undefined,
  ) {
    this.engine = recipe.engine;
    this.username = recipe.username;
    this.process = new SupervisedProcess({
      name: recipe.engine,
      folder,
      steps: (directory) => recipe.steps({ directory, port }),
      account: recipe.account,
      secret: recipe.secret(this.password),
      redact: (text) => text.replaceAll(this.password, '********'),
    });
  }

  get socketDirectory(): string {
    return this.process.directory;
  }

  connection(database: string): ConnectionParams {
    const { host, port, username, password } = this;
    return { dbType: this.recipe.dbType, host, port, database, username, password, sslMode: 'disable' };
  }

  logTail(): Promise<string> {
    return Promise.resolve(this.process.log);
  }

  stop(): Promise<void> {
    return this.process.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async untilReady(signal: AbortSignal | undefined): Promise<void> {
    const ended = this.process.ended.then(() => true);
    // It also hears of an abort that came while a port was looked for.
    const listening = signal && addAbortListener(signal, () => void this.stop());
    void ended.then(() => listening?.[Symbol.dispose]());
    const deadline = Date.now() + READY_WITHIN_MS;
    for (;;) {
      try {
        await this.recipe.login(this);
        break;
      } catch (error) {
        if (await Promise.race([ended, sleep(POLL_MS, false)])) throw new Error('it exited', { cause: error });
        if (Date.now() > deadline) throw new Error(`no login within ${READY_WITHIN_MS / 1000} s`, { cause: error });
      }
    }
    await rm(this.process.secretFile, { force: true });
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen({ host: '127.0.0.1', port: 0, exclusive: true }, resolve);
  });
  const { port } = probe.address() as AddressInfo;
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}
