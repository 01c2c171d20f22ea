import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningProcess } from '@app/process';
import { OutputTail, startProcess } from '@app/process';
import type { Account } from './installed-server.js';
import { SECRET_FILE, supervisorScript } from './supervisor-script.js';
import type { SupervisedStep } from './supervisor-script.js';

export interface SupervisedProcessSpec {
  /** A part of the directory's name, which tells people what it belongs to. */
  name: string;
  /** The parent of the directory. Default: the system's folder for temporary files. */
  folder?: string | undefined;
  steps(directory: string): readonly SupervisedStep[];
  env?: Readonly<Record<string, string>>;
  account?: Account;
  /** The lines of the file `secretFile` in the directory; none may be empty. */
  secret?: string;
  redact?: (text: string) => string;
}

/** The prefix of the names of all directories. */
export const SANDBOX_PREFIX = 'backup-sandbox-';
const LOG_LIMIT_BYTES = 8 * 1024;
/** How long a service may take to end properly, before everything is killed. */
const STOP_WITHIN_MS = 30_000;

/**
 * A process with its own working directory of mode 0700. Both end with our process, however that ends: even SIGKILL leaves
 * nothing behind.
 */
export class SupervisedProcess implements AsyncDisposable {
  readonly directory: string;
  readonly secretFile: string;
  /** Resolves when the process has ended, by itself or because it was stopped. */
  readonly ended: Promise<void>;
  private readonly output: OutputTail;
  private readonly supervisor: RunningProcess;
  private readonly kill = new AbortController();
  private stopped: Promise<void> | undefined;

  constructor(spec: SupervisedProcessSpec) {
    this.directory = join(spec.folder ?? tmpdir(), `${SANDBOX_PREFIX}${spec.name}-${randomBytes(6).toString('hex')}`);
    this.secretFile = join(this.directory, SECRET_FILE);
    this.supervisor = startProcess({
      command: 'sh',
      args: ['-c', supervisorScript(this.directory, spec.steps(this.directory)), 'sandbox'],
      // Any account may enter this directory.
      cwd: '/',
      stdin: 'pipe',
      signal: this.kill.signal,
      ...(spec.env === undefined ? {} : { env: spec.env }),
      ...spec.account,
    });
    this.output = new OutputTail(this.supervisor.stdout, LOG_LIMIT_BYTES, spec.redact);
    this.supervisor.stdin?.write(`${spec.secret ?? ''}\n\n`);
    this.ended = this.supervisor.completed.then(
      () => undefined,
      () => undefined,
    );
  }

  /** Returns the end of its output. */
  get log(): string {
    return this.output.text;
  }

  /** Ends the process and removes its directory. Safe to call twice. */
  stop(): Promise<void> {
    this.stopped ??= this.end();
    return this.stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  private async end(): Promise<void> {
    const timer = setTimeout(() => this.kill.abort(), STOP_WITHIN_MS);
    this.supervisor.stdin?.end();
    await this.ended;
    clearTimeout(timer);
    // The supervisor has done this, unless somebody killed it.
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}
