import { DomainError, formatBytes, someOf } from '@app/domain';
import { ProcessFailure } from '@app/process';
import type { RunningProcess } from '@app/process';
import { cancelled } from '../../session/network-errors.js';
import { LOGIN_PLUGIN_MISSING } from '../login/mysql-client-arguments.js';
import { watchForStall } from '../stall-watch.js';
import type { PositionedDump } from './positioned-dump.js';
import type { MysqlDumpPlan } from './mysql-preflight.js';
import { changesBetween, readSchema } from './mysql-schema.js';
import type { Schema } from './mysql-schema.js';

/** Errors of the tool for tables, columns and views that are not as they were any more. */
const MAY_BE_CHANGE = /\b(1054|1146|1356|1305|1360)\b|doesn't exist|Couldn't find table/i;
/** For certain: TRUNCATE, and what else makes a table anew that is not dumped yet. */
const IS_CHANGE = /\b1412\b|Table definition has changed/i;
const NO_MIGRATION = 'Back up again when no migration runs.';
const CHANGES_SHOWN = 10;

export interface DumpOptions {
  runtimeDir: string;
  /** How long a session of somebody else may keep the tool from a table before the dump is given up. */
  lockTimeoutMs: number;
  /** For how long nothing may move before the dump is given up. */
  stallMs: number;
}

export interface DumpRun {
  plan: MysqlDumpPlan;
  before: Schema;
  child: RunningProcess;
  giveUp: AbortController;
  /** The output of the tool, on its way to its reader. */
  written: PositionedDump;
  options: DumpOptions;
  signal: AbortSignal;
}

/**
 * `--single-transaction` protects the rows and not the schema: what was altered meanwhile is dumped as it is now, with exit
 * status 0 (FAILURES 11).
 */
export async function refuseChangedSchema({ plan, before, options, signal }: DumpRun, cause?: unknown): Promise<void> {
  const after = await readSchema(plan.connection, options.lockTimeoutMs, signal);
  const changes = changesBetween(before, after);
  if (changes.length === 0) return;
  throw new DomainError(
    'SCHEMA_CHANGED',
    `The schema of "${plan.connection.database}" changed during the dump: ${someOf(changes, { most: CHANGES_SHOWN })}.`,
    { hint: NO_MIGRATION, cause },
  );
}

/** Explanations for last words of the tool that do not explain themselves. */
const HINTS: readonly [RegExp, string][] = [
  [
    /\b(2013|2006)\b|Lost connection|gone away/i,
    'The server closed the connection. If the backup folder is slow, raise net_write_timeout on the server; else see its log.',
  ],
  [/\b1146\b|doesn't exist/i, `A table was renamed or dropped during the dump. ${NO_MIGRATION}`],
  [
    /imported libraries/,
    'Make the library anew that the routine uses, or drop the routine: ROUTINE_LIBRARIES of information_schema names both. Then back up again.',
  ],
  [/\b2059\b/, LOGIN_PLUGIN_MISSING],
  [/\b1205\b|Lock wait timeout/i, 'Another session holds a table locked. Back up again when it has ended.'],
];

/** Why the dump failed, in words of the domain. */
export async function dumpError(error: unknown, run: DumpRun, wasCancelled: boolean): Promise<unknown> {
  const { database } = run.plan.connection;
  if (wasCancelled) return cancelled(`The dump of "${database}"`);
  if (!(error instanceof ProcessFailure)) return error;
  if (error.reason === 'aborted') return cancelled(`The dump of "${database}"`);
  if (MAY_BE_CHANGE.test(error.stderr) || IS_CHANGE.test(error.stderr)) {
    const change: unknown = await refuseChangedSchema(run, error).catch((reason: unknown) => reason);
    if (change instanceof DomainError && change.code === 'SCHEMA_CHANGED') return change;
  }
  if (IS_CHANGE.test(error.stderr)) {
    const words = `The dump of "${database}" failed, because its schema changed: ${error.message.trim()}`;
    return new DomainError('SCHEMA_CHANGED', words, { hint: NO_MIGRATION, cause: error });
  }
  const hint = HINTS.find(([pattern]) => pattern.test(error.stderr))?.[1];
  return new DomainError('DUMP_FAILED', `The dump of "${database}" failed: ${error.message.trim()}`, {
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  });
}

/** Ends a dump in which nothing moves any more; see {@link watchForStall}. Undefined when `ended` fires. */
export async function watchDump(
  { plan, written, giveUp, options }: DumpRun,
  ended: AbortSignal,
): Promise<DomainError | undefined> {
  const { connection } = plan;
  const why = await watchForStall(connection, written, options.stallMs, ended);
  if (why === undefined) return undefined;
  giveUp.abort();
  const { bytes, atTable } = written.position;
  return new DomainError(
    'DUMP_FAILED',
    `The dump of "${connection.database}" stood still for ${Math.round(options.stallMs / 1000)} s${atTable}: ${why}. ${formatBytes(bytes)} had been written.`,
    { hint: 'Look at the log of the server, and at the network between it and this service; then back up again.' },
  );
}
