import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { PassThrough, pipeline } from 'node:stream';
import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { OutputTail } from './output-tail.js';

/** The variables of our own environment that a child inherits. All others stay here, as they may be secrets. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'LANGUAGE', 'TZ', 'TMPDIR', 'SYSTEMROOT', 'SystemRoot', 'WINDIR'];

const KILL_AFTER_MS = 5_000;
const STDERR_LIMIT_BYTES = 16 * 1024;

export interface ProcessSpec {
  /** A path, or a name that is searched in PATH. No shell is used. */
  command: string;
  /** Every user of the machine can read these in the process list, so they must hold no secrets. */
  args: readonly string[];
  /** Variables that are added to the few inherited ones. They can be read in /proc, so they must hold no secrets. */
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  uid?: number;
  gid?: number;
  stdin?: 'pipe' | 'ignore';
  /** Ends the whole process group: TERM, and KILL after {@link ProcessSpec.killAfterMs}. */
  signal?: AbortSignal;
  killAfterMs?: number;
  /** Removes secrets from the output of the tool before anybody sees it. */
  redact?: (text: string) => string;
}

export interface ProcessOutcome {
  /** The redacted end of the tool's stderr, at most 16 KiB. */
  stderr: string;
}

export interface RunningProcess {
  readonly pid: number | undefined;
  /** The stream is paused until it is read, so that a slow reader slows the tool down. It must be consumed or destroyed. */
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

  /** Returns the last non-empty line of stderr, where tools put the reason. */
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
  // When a child exits, Node drops output that nobody has begun to read. So the output goes to a stream of our own, where it waits
  // for a late reader.
  const stdout = new PassThrough();
  // `completed` reports the end of the stream; without a listener an early end would crash the process.
  stdout.on('error', () => undefined);
  let child: ChildProcess;
  try {
    child = spawnGroup(spec);
  } catch (error) {
    return neverStarted(spec, stdout, error);
  }
  // They are absent only when no file descriptor was left for them; 'error' follows.
  if (child.stdout === null || child.stderr === null) return neverStarted(spec, stdout, undefined);
  pipeline(child.stdout, stdout, () => undefined);
  const stderr = new OutputTail(child.stderr, STDERR_LIMIT_BYTES, spec.redact);
  // A tool that stops reading breaks our pipe. Its exit status tells why, so EPIPE itself is ignored.
  child.stdin?.on('error', () => undefined);
  const completed = endOf(spec, child, stdout, stderr);
  completed.catch(() => undefined);
  return { pid: child.pid, stdout, stdin: child.stdin ?? undefined, completed };
}

function spawnGroup(spec: ProcessSpec): ChildProcess {
  return spawn(spec.command, [...spec.args], {
    // The tool gets its own process group, so that one signal also reaches its children.
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
    // After its exit, another process may have its number, and nothing of the group is left to end.
    if (!exited) {
      signalGroup(child, 'SIGTERM');
      killTimer = setTimeout(() => signalGroup(child, 'SIGKILL'), spec.killAfterMs ?? KILL_AFTER_MS);
    }
    // Perhaps nobody reads any more, and unread output would keep the pipe open and delay `close` for ever.
    stdout.destroy();
    child.stdin?.destroy();
  };
  try {
    const exit = new Promise<{ code: number | null; killedBy: string | null }>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () => {
        exited = true;
        clearTimeout(killTimer);
        // Processes that a tool leaves in its group must end, as they would hold our pipes open.
        signalGroup(child, 'SIGKILL');
      });
      // It waits for `close` and not for `exit`, as only then all output was read.
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
