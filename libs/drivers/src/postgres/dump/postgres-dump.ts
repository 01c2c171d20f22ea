import { DomainError, messageOf } from '@app/domain';
import { ProcessFailure, startProcess } from '@app/process';
import type { RunningProcess } from '@app/process';
import type { DumpPlan, RunningDump } from '../../db-driver.js';
import { libpqAccess } from '../login/libpq-environment.js';
import type { LibpqAccess } from '../login/libpq-environment.js';
import { lockHolders } from '../login/lock-holders.js';
import { cancelled } from '../../network-errors.js';
import { PostgresSession } from '../login/postgres-session.js';

const WORDS_LIMIT = 1_000;

/**
 * Never --enable-row-security, which leaves out rows silently (FAILURES 17). `custom` is written uncompressed, since the
 * caller compresses better than pg_dump would.
 */
export function dumpArguments(format: DumpPlan['format'], lockTimeoutMs: number): string[] {
  const shape = format === 'custom' ? ['--format=custom', '--compress=0'] : ['--format=plain'];
  return [...shape, '--no-password', `--lock-wait-timeout=${lockTimeoutMs}`];
}

export interface DumpOptions {
  runtimeDir: string;
  /** How long a session of somebody else may keep pg_dump from a table before it gives up. */
  lockTimeoutMs: number;
}

export async function startPostgresDump(
  plan: DumpPlan,
  options: DumpOptions,
  signal: AbortSignal,
): Promise<RunningDump> {
  const access = await libpqAccess(plan.connection, options.runtimeDir);
  const { password } = plan.connection;
  const child = startProcess({
    command: plan.tool.path,
    args: [...dumpArguments(plan.format, options.lockTimeoutMs), ...access.args],
    env: access.env,
    signal,
    redact: (text) => (password === '' ? text : text.replaceAll(password, '********')),
  });
  const completed = finish(child, access, plan, signal);
  // Awaited late, after the output has been read.
  completed.catch(() => undefined);
  return { output: child.stdout, completed };
}

async function finish(child: RunningProcess, access: LibpqAccess, plan: DumpPlan, signal: AbortSignal): Promise<void> {
  try {
    await child.completed;
  } catch (error) {
    throw await dumpError(error, plan, signal);
  } finally {
    await access[Symbol.asyncDispose]();
  }
}

async function dumpError(error: unknown, plan: DumpPlan, signal: AbortSignal): Promise<DomainError> {
  const { database } = plan.connection;
  if (signal.aborted) return cancelled(`The dump of "${database}"`);
  if (!(error instanceof ProcessFailure)) {
    return new DomainError('DUMP_FAILED', `The dump of "${database}" failed: ${messageOf(error)}.`, { cause: error });
  }
  if (error.reason === 'not_started') {
    return new DomainError('TOOL_UNUSABLE', `${plan.tool.path} could not be started.`, { cause: error });
  }
  // pg_dump lifts every time limit but the one that it sets while it locks the tables.
  if (/due to (lock|statement) timeout/.test(error.stderr)) {
    return new DomainError('BUSY', `The dump of "${database}" waited for a lock in vain.`, {
      hint: `Let these sessions finish, or end them: ${await blockers(plan)}.`,
      cause: error,
    });
  }
  const words = error.stderr.trim().slice(-WORDS_LIMIT);
  return new DomainError('DUMP_FAILED', `The dump of "${database}" failed. ${words === '' ? error.message : words}`, {
    cause: error,
  });
}

async function blockers(plan: DumpPlan): Promise<string> {
  try {
    await using session = await PostgresSession.open(plan.connection);
    return await lockHolders(session, true);
  } catch {
    return 'they could not be listed';
  }
}
