import type { Socket } from 'node:net';
import type { Duplex, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DomainError, formatBytes, messageOf } from '@app/domain';
import type { ToolInfo } from '@app/domain';
import { ProcessFailure, startTool } from '@app/process';
import type { RunningProcess } from '@app/process';
import type { DumpSource, LoadPlan } from '../../db-driver.js';
import { loadArguments } from '../login/mysql-client-arguments.js';
import { writeClientFiles } from '../login/mysql-client-files.js';
import type { ClientFiles } from '../login/mysql-client-files.js';
import { watchForStall } from '../stall-watch.js';
import type { Movement } from '../stall-watch.js';
import { clientError, workerError, statementFailure } from './client-errors.js';
import { StatementFailure } from '../foreign/foreign-client.js';
import type { ForeignClient } from '../foreign/foreign-client.js';
import type { ForeignRights } from '../foreign/foreign-rights.js';
import { LENIENT_TABLES, makeLenient } from '../foreign/lenient-tables.js';
import { PacketFitter, longestStatement, packetLimit } from '../script/packet-fitter.js';
import { withSession } from '../login/mysql-session.js';
import { DumpRewriter } from '../script/mysql-dump-rewriter.js';
import { directoryWarnings } from '../script/table-directories.js';
import { ClientMarks } from './parallel/client-marks.js';
import { DumpDivider } from './parallel/dump-divider.js';
import { openWorkers } from './parallel/worker-session.js';
import { WorkerFailure } from './parallel/worker-failure.js';

export interface MysqlLoadPlan extends LoadPlan {
  /** The server does not tell names apart by their case; see {@link foldsNames}. */
  folds: boolean;
}

export interface LoadSettings {
  /** Where the client's secret is kept while it runs. */
  runtimeDir: string;
  /** Worker sessions in addition to the client; 0: the client loads everything. */
  workers: number;
  /** Text of rows from which on a table is loaded by them. */
  largeTableBytes: number;
  /** For how long nothing may move before the load is ended. */
  stallMs: number;
}

export interface FedClient {
  /** The events that were held, by name; see {@link DumpRewriter}. */
  heldEvents: ReadonlyMap<string, string>;
  /** See {@link DumpRewriter}. */
  outside: readonly string[];
  /** The check options of views; see {@link giveCheckOptions}. */
  checkOptions: ReadonlyMap<string, string>;
  warnings: readonly string[];
  /** The definers of a foreign dump; see {@link ForeignClient}. */
  definers: ReadonlyMap<string, string>;
}

/** Streams the dump into the client, and what it need not do itself into other sessions. A failure of any ends all. */
export async function feedClient(
  { connection, server, staged, forVerification, definer, folds }: MysqlLoadPlan,
  tool: ToolInfo,
  source: DumpSource,
  { runtimeDir, workers, largeTableBytes, stallMs }: LoadSettings,
  signal: AbortSignal,
  rights?: ForeignRights,
): Promise<FedClient> {
  const { database } = connection;
  const files = rights === undefined ? await writeClientFiles(runtimeDir, connection, tool, signal) : undefined;
  const loader = rights?.connection ?? connection;
  const { lenient, packetBytes } = await withSession(loader, { signal }, async (session) => ({
    // A client whose first statement is refused does not begin.
    lenient: files !== undefined && (await makeLenient(session)),
    packetBytes: await packetLimit(session),
  }));
  const broken = new AbortController();
  const ended = AbortSignal.any([signal, broken.signal]);
  let divider: DumpDivider | undefined;
  try {
    const own = await rights?.openClient(ended, definer === 'current_user');
    const child = own ?? startClient({ tool, database, lenient }, files as ClientFiles, ended);
    const stdin = child.stdin as Writable;
    let readFailure: unknown;
    const input = source.open();
    input.once('error', (error) => {
      // One that failed behind it took it along.
      if ([rewriter, divider, stdin].some((stream) => stream?.destroyed)) return;
      readFailure = error;
      // Closing stdin is not enough: the client would take that for the end of the dump, and exit with 0.
      broken.abort();
    });
    const rewriter = new DumpRewriter(database, {
      holdEvents: staged === true,
      alone: forVerification === true,
      withoutDefiners: definer === 'current_user',
      folds,
    });
    let failure: unknown;
    const onError = (error: unknown): void => {
      if (!(error instanceof DomainError) && !(error instanceof WorkerFailure)) return;
      failure ??= error;
      broken.abort();
    };
    rewriter.once('error', onError);
    // Reads what the client prints, which must not fill the pipe.
    const marks = new ClientMarks(child.stdout);
    if (workers > 0) {
      divider = new DumpDivider(marks, {
        largeTableBytes,
        statementLimit: longestStatement(packetBytes),
        openWorkers: (preamble) => openWorkers(loader, server, workers, preamble, ended),
      });
      divider.once('error', onError);
    }
    // Our own client does it by itself, as somebody else's dump may be of another form.
    const fitter = own === undefined ? new PacketFitter(packetBytes) : undefined;
    fitter?.once('error', onError);
    const pipes = [divider, fitter].filter((pipe) => pipe !== undefined);
    const feeding = pipeline([input, rewriter, ...pipes, stdin]).catch((error: unknown) => error);
    const over = new AbortController();
    const movement = movementOf(rewriter, pipes, stdin, divider);
    const watching = watchForStall(loader, movement, stallMs, AbortSignal.any([ended, over.signal])).then((why) => {
      if (why !== undefined) failure ??= stalled(database, rewriter, stallMs, why);
      if (why !== undefined) broken.abort();
    });
    const [fed, outcome] = await Promise.all([feeding, child.completed.catch((error: unknown) => error)]);
    over.abort();
    await watching;
    if (failure instanceof WorkerFailure) throw workerError(failure, database);
    if (failure !== undefined) throw failure;
    if (readFailure !== undefined) {
      throw new DomainError('BACKUP_DAMAGED', `The backup could not be read to its end: ${messageOf(readFailure)}.`, {
        cause: readFailure,
      });
    }
    const dumpLine = (line: number): number => divider?.client.dumpLine(line) ?? line;
    if (outcome instanceof StatementFailure) {
      throw statementFailure(outcome, database, dumpLine(outcome.statement.line), staged === true, rights);
    }
    if (outcome instanceof ProcessFailure) {
      throw clientError(outcome, database, dumpLine);
    }
    if (outcome instanceof Error) throw outcome;
    if (fed instanceof Error) {
      throw new DomainError('RESTORE_FAILED', `The client program did not take the whole dump: ${fed.message}.`, {
        cause: fed,
      });
    }
    const warnings = [
      ...(divider === undefined ? [] : warningsOf(divider)),
      ...(own === undefined ? [] : leftOut(own)),
      ...directoryWarnings(rewriter.directories.found),
    ];
    const { heldEvents, checkOptions } = rewriter;
    const outside = [...rewriter.outside];
    return { heldEvents, checkOptions, outside, warnings, definers: own?.definers ?? new Map() };
  } catch (error) {
    // Worker sessions that still work on something are cut off.
    broken.abort();
    throw error;
  } finally {
    await divider?.load.workers?.end();
    await files?.remove();
    await rights?.closeClient();
  }
}

function startClient(
  { tool, database, lenient }: { tool: ToolInfo; database: string; lenient: boolean },
  files: ClientFiles,
  signal: AbortSignal,
): RunningProcess {
  return startTool({
    command: tool.path,
    args: loadArguments({
      tool,
      optionFile: files.optionFile,
      database,
      ...(lenient ? { first: LENIENT_TABLES } : {}),
    }),
    env: files.env,
    redact: files.redact,
    stdin: 'pipe',
    signal,
  });
}

function leftOut({ notes }: ForeignClient): string[] {
  if (notes.size === 0) return [];
  return [`Left out of the foreign dump, as it is about the log of the server: ${[...notes].join(', ')}.`];
}

function warningsOf({ load: { objection } }: DumpDivider): string[] {
  return objection === undefined ? [] : [`The dump was loaded by one session alone, which takes longer: ${objection}.`];
}

function movementOf(
  rewriter: Duplex & Pick<DumpRewriter, 'position'>,
  others: readonly Duplex[],
  stdin: Writable,
  divider: DumpDivider | undefined,
): Movement {
  const pipes = [rewriter, ...others];
  return {
    // The client has not taken what lies in our own buffers.
    progress: () =>
      rewriter.position.bytes +
      ((stdin as Socket).bytesWritten ?? 0) -
      stdin.writableLength +
      (divider?.load.workers?.finished ?? 0),
    waitsForOthers: () =>
      !rewriter.writableEnded &&
      stdin.writableLength === 0 &&
      pipes.every((pipe) => pipe.writableLength === 0 && pipe.readableLength === 0),
  };
}

function stalled(database: string, { position }: DumpRewriter, stallMs: number, why: string): DomainError {
  const read = `${formatBytes(position.bytes)} of the dump had been read`;
  return new DomainError(
    'RESTORE_FAILED',
    `Restoring "${database}" stood still for ${Math.round(stallMs / 1000)} s${position.atTable}: ${why}. ${read}.`,
    { hint: 'Look for other sessions that hold locks, and at the log of the server; then restore again.' },
  );
}
