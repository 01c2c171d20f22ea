import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { PassThrough, pipeline } from 'node:stream';
import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { OutputTail } from './output-tail.js';

/** What a child sees of our own environment; all else, secrets above all, stays here. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'LANGUAGE', 'TZ', 'TMPDIR', 'SYSTEMROOT', 'SystemRoot', 'WINDIR'];

const KILL_AFTER_MS = 5_000;
const STDERR_LIMIT_BYTES = 16 * 1024;

export interface ProcessSpec {
  /** A path, or a name to be found in PATH. There is never a shell. */
  command: string;
  /** Readable by every user of the machine in the process list: no secrets. */
  args: readonly string[];
  /** Added to the few inherited variables. Readable in /proc: no secrets. */
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  uid?: number;
  gid?: number;
  stdin?: 'pipe' | 'ignore';
  /** Ends the whole process group: TERM, and KILL after {@link ProcessSpec.killAfterMs}. */
  signal?: AbortSignal;
  killAfterMs?: number;
  /** Takes secrets out of what the tool printed, before anybody sees it. */
  redact?: (text: string) => string;
}

export interface ProcessOutcome {
  /** The end of what the tool wrote to stderr, redacted; at most 16 KiB. */
  stderr: string;
}

export interface RunningProcess {
  readonly pid: number | undefined;
  /** Paused until read: a slow reader slows the tool, not our memory. Must be consumed or destroyed. */
  readonly stdout: Readable;
  /** Undefined unless `stdin: 'pipe'`. */
  readonly stdin: Writable | undefined;
  /**
   * Resolves only when the tool exited with 0 *and* all its streams have closed. Rejects with {@link ProcessFailure}
   * otherwise, and always after the whole process group is gone. Never unhandled: it may be awaited late.
   */
  readonly completed: Promise<ProcessOutcome>;
}

/** A tool that did not start, exited with another status than 0, or was ended. */
export class ProcessFailure extends Error {
  constructor(
    readonly command: string,
    readonly reason: 'not_started' | 'exit' | 'signal' | 'aborted' | 'timeout',
    readonly exitCode: number | undefined,
    readonly stderr: string,
    options?: ErrorOptions,
  ) {
    super(describe(command, reason, exitCode, stderr), options);
    this.name = 'ProcessFailure';
  }

  /** The last non-empty line of stderr: where tools put the reason. */
  get lastWords(): string {
    return this.stderr.trimEnd().split('\n').at(-1)?.trim() ?? '';
  }
}

function describe(command: string, reason: string, exitCode: number | undefined, stderr: string): string {
  const name = command.split('/').at(-1) ?? command;
  if (reason === 'not_started') return `${name} could not be started`;
  if (reason === 'timeout') return `${name} did not end in time`;
  if (reason === 'aborted') return `${name} was cancelled`;
  const how = reason === 'signal' ? 'was killed' : `failed with exit status ${exitCode}`;
  const words = stderr.trim();
  return words === '' ? `${name} ${how}` : `${name} ${how}: ${words}`;
}

/** The only place of the service that starts a child process. Throws nothing: a failed start rejects `completed`. */
export function startProcess(spec: ProcessSpec): RunningProcess {
  // When a child exits, Node drains and drops what nobody has begun to read. So its output goes to a stream of our
  // own, where it waits for a late reader.
  const stdout = new PassThrough();
  // What becomes of the stream is in `completed`; without a listener an early end would crash us.
  stdout.on('error', () => undefined);
  let child: ChildProcess;
  try {
    child = spawnGroup(spec);
  } catch (error) {
    return neverStarted(spec, stdout, error);
  }
  // Only absent when there was no file descriptor left for them; 'error' follows.
  if (child.stdout === null || child.stderr === null) return neverStarted(spec, stdout, undefined);
  pipeline(child.stdout, stdout, () => undefined);
  const stderr = new OutputTail(child.stderr, STDERR_LIMIT_BYTES, spec.redact);
  // A tool that stops reading breaks our pipe; its exit status tells why, so EPIPE itself is no news.
  child.stdin?.on('error', () => undefined);
  const completed = endOf(spec, child, stdout, stderr);
  completed.catch(() => undefined);
  return { pid: child.pid, stdout, stdin: child.stdin ?? undefined, completed };
}

function spawnGroup(spec: ProcessSpec): ChildProcess {
  return spawn(spec.command, [...spec.args], {
    // A group of its own, so that one signal reaches the tool's own children too.
    detached: process.platform !== 'win32',
    env: { ...inheritedEnvironment(), ...spec.env },
    stdio: [spec.stdin ?? 'ignore', 'pipe', 'pipe'],
    ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
    ...(spec.uid === undefined ? {} : { uid: spec.uid }),
    ...(spec.gid === undefined ? {} : { gid: spec.gid }),
  });
}

function neverStarted(spec: ProcessSpec, stdout: PassThrough, cause: unknown): RunningProcess {
  stdout.destroy();
  const completed = Promise.reject(new ProcessFailure(spec.command, 'not_started', undefined, '', { cause }));
  completed.catch(() => undefined);
  return { pid: undefined, stdout, stdin: undefined, completed };
}

function inheritedEnvironment(): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && (INHERITED.includes(name) || name.startsWith('LC_'))) environment[name] = value;
  }
  return environment;
}

async function endOf(
  spec: ProcessSpec,
  child: ChildProcess,
  stdout: Readable,
  stderr: OutputTail,
): Promise<ProcessOutcome> {
  const { signal } = spec;
  let killTimer: NodeJS.Timeout | undefined;
  let exited = false;
  let aborted = false;
  const abort = (): void => {
    aborted = true;
    // Once it has exited, its number may be another's, and nothing of the group is left to end.
    if (!exited) {
      signalGroup(child, 'SIGTERM');
      killTimer = setTimeout(() => signalGroup(child, 'SIGKILL'), spec.killAfterMs ?? KILL_AFTER_MS);
    }
    // Nobody may be reading any more; unread output would keep the pipe, and so `close`, open for ever.
    stdout.destroy();
    child.stdin?.destroy();
  };
  try {
    const exit = new Promise<{ code: number | null; killedBy: string | null }>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () => {
        exited = true;
        clearTimeout(killTimer);
        // What a tool leaves behind in its group has no business to go on, and would hold our pipes open.
        signalGroup(child, 'SIGKILL');
      });
      // `close`, not `exit`: only then has all output been read.
      child.once('close', (code, killedBy) => resolve({ code, killedBy }));
    });
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort, { once: true });
    const { code, killedBy } = await exit;
    if (aborted) throw new ProcessFailure(spec.command, 'aborted', code ?? undefined, stderr.text);
    if (killedBy !== null) throw new ProcessFailure(spec.command, 'signal', undefined, stderr.text);
    if (code !== 0) throw new ProcessFailure(spec.command, 'exit', code ?? undefined, stderr.text);
    await finished(stdout, { writable: false }).catch((error: unknown) => {
      if (aborted) throw new ProcessFailure(spec.command, 'aborted', 0, stderr.text);
      throw new ProcessFailure(spec.command, 'exit', 0, 'its output was not read to the end', { cause: error });
    });
    return { stderr: stderr.text };
  } catch (error) {
    if (error instanceof ProcessFailure) throw error;
    throw new ProcessFailure(spec.command, exited ? 'exit' : 'not_started', undefined, stderr.text, { cause: error });
  } finally {
    signal?.removeEventListener('abort', abort);
    clearTimeout(killTimer);
  }
}

function signalGroup(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, name);
  } catch {
    // The group is gone already.
  }
}
