import { redactorOf } from '../../redactor-of.js';
import { DomainError, messageOf } from '@app/domain';
import { largeWrites, ProcessFailure, startTool } from '@app/process';
import type { RunningProcess } from '@app/process';
import type { Census, DumpOutcome, DumpPlan, RunningDump } from '../../db-driver.js';
import { COPY_SCHEMAS } from '../selection/copy-schemas.js';
import { libpqAccess } from '../login/libpq-environment.js';
import { lockHolders } from '../login/lock-holders.js';
import { LockWatch } from '../login/lock-watch.js';
import { cancelled } from '../../session/network-errors.js';
import { toolWarnings } from '../../tools/tool-warnings.js';
import { PostgresSession } from '../login/postgres-session.js';
import { SESSION_SETTINGS } from '../login/session-settings.js';
import { shareSnapshot } from './shared-snapshot.js';

const WORDS_LIMIT = 1_000;

/** Explanations for last words of pg_dump that do not explain themselves. */
const HINTS: readonly [RegExp, string][] = [
  [
    // FAILURES 14.
    /conflict with recovery/,
    'The server is a standby, which had to choose between this dump and the changes from its primary. Raise max_standby_streaming_delay there, switch on hot_standby_feedback, or back up the primary.',
  ],
  [
    /invalid snapshot identifier|source process .* is not running/,
    'pg_dump was led to another server, or the session that held its snapshot has ended. Give the address of one server, not of a balancer.',
  ],
];

/**
 * Never --enable-row-security, which leaves out rows silently (FAILURES 17). `custom` is written uncompressed, since the
 * caller compresses better than pg_dump would.
 */
export function dumpArguments(format: DumpPlan['format'], lockTimeoutMs: number): string[] {
  const shape = format === 'custom' ? ['--format=custom', '--compress=0'] : ['--format=plain'];
  return [...shape, '--no-password', `--lock-wait-timeout=${lockTimeoutMs}`, `--exclude-schema=${COPY_SCHEMAS}`];
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
  await using guard = new AsyncDisposableStack();
  const giveUp = new AbortController();
  const stop = AbortSignal.any([signal, giveUp.signal]);
  const shared = plan.census === undefined ? undefined : await shareSnapshot(plan, options.lockTimeoutMs, stop);
  if (shared !== undefined) guard.use(shared);
  const { connection, server, settings } = plan;
  const session = { settings: SESSION_SETTINGS, server, encoding: settings['encoding'] };
  const access = guard.use(await libpqAccess(connection, options.runtimeDir, session));
  const { lockTimeoutMs } = options;
  const watched = {
    connection,
    application: access.application,
    lockTimeoutMs,
    sessions: 1,
    what: `The dump of "${connection.database}"`,
  };
  const watch = guard.use(await LockWatch.open(watched, stop));
  const snapshot = shared === undefined ? [] : [`--snapshot=${shared.id}`];
  const child = startTool({
    command: plan.tool.path,
    args: [
      ...dumpArguments(plan.format, options.lockTimeoutMs),
      ...(plan.rowsByRoot === true ? ['--load-via-partition-root'] : []),
      ...snapshot,
      ...access.args,
    ],
    env: { ...access.env, ...(await largeWrites()) },
    signal: stop,
    redact: redactorOf(connection),
  });
  const census = shared?.census();
  census?.catch(() => undefined);
  const completed = finish(child, census, giveUp, guard.move(), plan, signal, watch.stuck);
  // Awaited late, after the output has been read.
  completed.catch(() => undefined);
  return { output: child.stdout, completed, ...(census === undefined ? {} : { census }) };
}

/** When both have ended: pg_dump, and the counting in its snapshot. What fails first ends the other, and is the reason. */
async function finish(
  child: RunningProcess,
  census: Promise<Census> | undefined,
  giveUp: AbortController,
  held: AsyncDisposable,
  plan: DumpPlan,
  signal: AbortSignal,
  stuck: Promise<DomainError>,
): Promise<DumpOutcome> {
  await using _held = held;
  const failures: { error: unknown; cancelled: boolean }[] = [];
  const fail = (error: unknown): void => {
    // This is asked now: the reader of the output gives up as well when the output breaks off.
    failures.push({ error, cancelled: signal.aborted });
    giveUp.abort();
  };
  void stuck.then(fail);
  const [outcome] = await Promise.all([child.completed.catch(fail), census?.catch(fail)]);
  const [first] = failures;
  if (first !== undefined) throw await dumpError(first.error, plan, first.cancelled);
  return { warnings: toolWarnings(outcome?.stderr ?? '') };
}

async function dumpError(error: unknown, plan: DumpPlan, wasCancelled: boolean): Promise<DomainError> {
  const { database } = plan.connection;
  if (wasCancelled) return cancelled(`The dump of "${database}"`);
  if (error instanceof DomainError) return error;
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
  const hint = HINTS.find(([pattern]) => pattern.test(error.stderr))?.[1];
  return new DomainError('DUMP_FAILED', `The dump of "${database}" failed. ${words === '' ? error.message : words}`, {
    ...(hint === undefined ? {} : { hint }),
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
