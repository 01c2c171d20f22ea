import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionParams } from '@app/domain';
import { DomainError, messageOf } from '@app/domain';
import type { RunningProcess } from '@app/process';
import { OutputTail, startProcess } from '@app/process';
import type { Account } from './installed-server.js';
import type { SandboxOptions, SandboxServer } from './sandbox-server.js';
import { SECRET_FILE, supervisorScript } from './supervisor-script.js';
import type { SupervisedStep } from './supervisor-script.js';

/** What makes one engine's throwaway server different from another's. */
export interface ServerRecipe {
  engine: SandboxServer['engine'];
  dbType: ConnectionParams['dbType'];
  product: string;
  username: string;
  account: Account;
  /** Content of the file that tells the server its password, without empty lines. */
  secret(password: string): string;
  steps(place: { directory: string; port: number; secretFile: string }): readonly SupervisedStep[];
  /** Logs in and out again; rejects as long as the server is not ready. */
  login(server: SandboxServer): Promise<void>;
  /** Whether this log says that somebody else took the port. */
  portWasTaken(log: string): boolean;
}

const READY_WITHIN_MS = 60_000;
const POLL_MS = 40;
const PORT_TRIES = 5;
const LOG_LIMIT_BYTES = 8 * 1024;
/** A stop takes a fraction of a second; after this long something is badly wrong and the whole group is killed. */
const STOP_WITHIN_MS = 20_000;

/** Fails with TOOL_UNUSABLE and the end of the server's log when it does not come up. */
export async function startServer(recipe: ServerRecipe, options: SandboxOptions): Promise<SandboxServer> {
  for (let attempt = 1; ; attempt += 1) {
    options.signal?.throwIfAborted();
    const server = new SupervisedServer(recipe, await freePort());
    try {
      await server.untilReady(options.signal);
      return server;
    } catch (error) {
      await server.stop();
      options.signal?.throwIfAborted();
      const log = await server.logTail();
      // Between our finding a free port and the server's taking it, another program can be faster.
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
  readonly socketDirectory: string;
  private readonly log: OutputTail;
  private readonly supervisor: RunningProcess;
  private readonly kill = new AbortController();
  private stopped: Promise<void> | undefined;

  constructor(
    private readonly recipe: ServerRecipe,
    readonly port: number,
  ) {
    this.engine = recipe.engine;
    this.username = recipe.username;
    const directory = join(tmpdir(), `backup-sandbox-${recipe.engine}-${randomBytes(6).toString('hex')}`);
    this.socketDirectory = directory;
    const steps = recipe.steps({ directory, port, secretFile: join(directory, SECRET_FILE) });
    this.supervisor = startProcess({
      command: 'sh',
      args: ['-c', supervisorScript(directory, steps), 'sandbox'],
      // A directory that any account may stand in.
      cwd: '/',
      stdin: 'pipe',
      signal: this.kill.signal,
      ...recipe.account,
    });
    this.log = new OutputTail(this.supervisor.stdout, LOG_LIMIT_BYTES, (text) =>
      text.replaceAll(this.password, '********'),
    );
    this.supervisor.stdin?.write(`${recipe.secret(this.password)}\n\n`);
  }

  connection(database: string): ConnectionParams {
    const { host, port, username, password } = this;
    return { dbType: this.recipe.dbType, host, port, database, username, password, sslMode: 'disable' };
  }

  logTail(): Promise<string> {
    return Promise.resolve(this.log.text);
  }

  stop(): Promise<void> {
    this.stopped ??= this.end();
    return this.stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async untilReady(signal: AbortSignal | undefined): Promise<void> {
    const ended = this.supervisor.completed.then(
      () => true,
      () => true,
    );
    const abort = (): void => void this.stop();
    signal?.addEventListener('abort', abort, { once: true });
    void ended.then(() => signal?.removeEventListener('abort', abort));
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
    await rm(join(this.socketDirectory, SECRET_FILE), { force: true });
  }

  private async end(): Promise<void> {
    const timer = setTimeout(() => this.kill.abort(), STOP_WITHIN_MS);
    this.supervisor.stdin?.end();
    // Its exit status is the server's, which we have killed: no news.
    await this.supervisor.completed.catch(() => undefined);
    clearTimeout(timer);
    // The supervisor has done this, unless somebody killed it.
    await rm(this.socketDirectory, { recursive: true, force: true, maxRetries: 5 });
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
