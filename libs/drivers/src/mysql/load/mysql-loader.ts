import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DomainError, messageOf } from '@app/domain';
import type { ConnectionParams, ServerInfo, ToolInfo } from '@app/domain';
import { ProcessFailure, startProcess } from '@app/process';
import type { DumpSource, LoadHooks, LoadPlan, LoadRequest, LoadResult } from '../../db-driver.js';
import { currentAccount, grantTarget } from '../login/mysql-account.js';
import type { Account } from '../login/mysql-account.js';
import { clearDatabase } from './mysql-clear.js';
import { loadArguments } from '../login/mysql-client-arguments.js';
import { writeClientFiles } from '../login/mysql-client-files.js';
import { pinnedCertificate } from '../login/mysql-pinned-certificate.js';
import { DumpRewriter } from './mysql-dump-rewriter.js';
import { cancelled } from '../../network-errors.js';
import { statementError } from '../login/mysql-errors.js';
import { missingPrivileges } from '../login/mysql-grants.js';
import { isEmpty, readInventory } from '../dump/mysql-inventory.js';
import { loadLimits, requireWithinLimits } from './mysql-load-demands.js';
import { NEEDED_TO_LOAD } from './mysql-load-privileges.js';
import { inspectDump } from './mysql-script-guard.js';
import type { DumpDemands } from './mysql-script-guard.js';
import { withSession } from '../login/mysql-session.js';
import { writePrograms } from '../swap/programs-table.js';
import type { MysqlTools } from '../mysql-tools.js';

/** They belong to the server; loading over them would break it. */
const SYSTEM_DATABASES = ['mysql', 'information_schema', 'performance_schema', 'sys'];

export async function prepareLoad(
  request: LoadRequest,
  tools: MysqlTools,
  signal: AbortSignal | undefined,
): Promise<LoadPlan> {
  const { connection } = request;
  const { database } = connection;
  if (SYSTEM_DATABASES.includes(database.toLowerCase())) {
    throw new DomainError('UNSUPPORTED', `"${database}" belongs to the server itself and cannot be restored into.`, {
      hint: 'Name another target database.',
    });
  }
  return withSession(connection, { signal }, async (session) => {
    try {
      const server = await session.serverInfo();
      const tool = await tools.choose('mysql_path', request.tools, server);
      // For its refusal: better now than when the database has been cleared.
      pinnedCertificate(session, connection, tool);
      const account = await currentAccount(session, server);
      requirePrivileges(account, server, database);
      const inventory = await readInventory(session, database);
      return {
        ...request,
        server,
        tool,
        targetIsEmpty: isEmpty(inventory),
        targetBytes: inventory.tables.reduce((sum, { bytes }) => sum + bytes, 0),
        warnings: [],
      };
    } catch (error) {
      throw statementError(error, `Checking "${database}" before the restore`);
    }
  });
}

function requirePrivileges({ quoted, privileges }: Account, server: ServerInfo, database: string): void {
  const missing = NEEDED_TO_LOAD.filter((privilege) => !privileges.onDatabase(privilege, database)).map(
    (privilege) => ({
      privilege,
      on: grantTarget(database),
    }),
  );
  if (missing.length === 0) return;
  throw missingPrivileges(quoted, `"${database}" on the ${server.flavour} server cannot be restored`, missing);
}

/** Not atomic: a failure after the clearing leaves the target half loaded, and the caller puts the safety backup back. */
export async function load(
  plan: LoadPlan,
  source: DumpSource,
  hooks: LoadHooks,
  runtimeDir: string,
): Promise<LoadResult> {
  const { connection, server, tool, aside = false } = plan;
  const { database } = connection;
  const { signal } = hooks;
  if (tool === undefined) throw new DomainError('TOOL_MISSING', 'There is no client program to load the dump with.');
  try {
    await withSession(connection, { signal }, async (session) => {
      const account = await currentAccount(session, server);
      const limits = await loadLimits(session, server, account);
      // Reading it all costs time, so only where it can change something.
      if (!source.own || limits.foreignDefiners || limits.loggedRoutines) {
        const demands = await inspect(plan, source, signal);
        requireWithinLimits(demands, limits, account);
      }
      // A copy is empty, and nobody's work.
      if (!aside) await clearDatabase(session, database);
    });
    const heldEvents = await feedClient(plan, tool, source, runtimeDir, signal);
    if (aside) await noteHeldEvents(connection, heldEvents, signal);
    await hooks.beforeCommit();
  } catch (error) {
    if (signal.aborted) throw cancelled(`The restore of "${database}"`);
    throw asRestoreFailure(error, database);
  }
  return { warnings: [] };
}

/** Foreign dumps are looked into as they will be fed, so that no event escapes the rewriter. */
async function inspect({ connection, aside }: LoadPlan, source: DumpSource, signal: AbortSignal): Promise<DumpDemands> {
  const { database } = connection;
  const target = source.own ? undefined : database;
  if (aside !== true || source.own) return inspectDump(source.open(), target, signal);
  const rewritten = new PassThrough();
  const input = source.open();
  const piped = pipeline(input, new DumpRewriter(database, { holdEvents: true }), rewritten);
  piped.catch(() => undefined);
  try {
    return await inspectDump(rewritten, target, signal, true);
  } finally {
    input.destroy();
  }
}

/** For the swap to make the events what they were. Nothing in a copy may run. */
async function noteHeldEvents(
  connection: ConnectionParams,
  events: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const { database } = connection;
  await withSession(connection, { signal }, async (session) => {
    const notes = [...events].map(([name, text]) => ({ kind: 'EVENT STATUS' as const, name, text }));
    if (notes.length > 0) await writePrograms(session, database, [], notes);
    const inventory = await session.rows<{ name: string }>(
      `SELECT EVENT_NAME AS name FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ? AND STATUS = 'ENABLED'`,
      [database],
    );
    const awake = inventory.map(({ name }) => name);
    if (awake.length === 0) return;
    throw new DomainError('RESTORE_FAILED', `Events of the dump run in the copy: ${awake.join(', ')}.`);
  });
}

function asRestoreFailure(error: unknown, database: string): DomainError {
  const known = statementError(error, `Restoring "${database}"`);
  return known.code === 'DATABASE_ERROR' ? new DomainError('RESTORE_FAILED', known.message, { cause: error }) : known;
}

/** Streams the dump into the client. Whatever happens on either side ends both. Returns the events that were held. */
async function feedClient(
  { connection, aside }: LoadPlan,
  tool: ToolInfo,
  source: DumpSource,
  runtimeDir: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const { database } = connection;
  const files = await writeClientFiles(runtimeDir, connection, tool, signal);
  const broken = new AbortController();
  try {
    const child = startProcess({
      command: tool.path,
      args: loadArguments({ tool, optionFile: files.optionFile, database }),
      env: files.env,
      redact: files.redact,
      stdin: 'pipe',
      signal: AbortSignal.any([signal, broken.signal]),
    });
    // A dump has hardly any output; it must not fill the pipe.
    child.stdout.resume();
    const stdin = child.stdin as NonNullable<typeof child.stdin>;
    let readFailure: unknown;
    const input = source.open();
    input.once('error', (error) => {
      readFailure = error;
      // Not by closing stdin: the client would take that for the end of the dump, and exit 0.
      broken.abort();
    });
    const rewriter = new DumpRewriter(database, { holdEvents: aside === true });
    let refusal: unknown;
    rewriter.once('error', (error) => {
      if (!(error instanceof DomainError)) return;
      refusal = error;
      broken.abort();
    });
    const feeding = pipeline(input, rewriter, stdin).catch((error: unknown) => error);
    const [fed, outcome] = await Promise.all([feeding, child.completed.catch((error: unknown) => error)]);
    if (refusal instanceof DomainError) throw refusal;
    if (readFailure !== undefined) {
      throw new DomainError('BACKUP_DAMAGED', `The backup could not be read to its end: ${messageOf(readFailure)}.`, {
        cause: readFailure,
      });
    }
    if (outcome instanceof ProcessFailure) throw clientError(outcome, database);
    if (outcome instanceof Error) throw outcome;
    if (fed instanceof Error) {
      throw new DomainError('RESTORE_FAILED', `The client program did not take the whole dump: ${fed.message}.`, {
        cause: fed,
      });
    }
    return rewriter.heldEvents;
  } finally {
    await files.remove();
  }
}

/** What the server's error means for the person at the other end, by its number. */
const HINTS: Readonly<Record<string, string>> = {
  1227: 'Objects are made in the name of another account: grant SET USER (MariaDB), SET_ANY_DEFINER (MySQL 8.2+) or SUPER.',
  1418: 'Set log_bin_trust_function_creators = 1 on the server.',
  1419: 'Set log_bin_trust_function_creators = 1 on the server.',
  1153: 'Raise max_allowed_packet on the server.',
  2006: 'Raise max_allowed_packet on the server, or see its log for why it closed the connection.',
  2013: 'See the log of the server for why it closed the connection.',
  1205: 'Another session holds a table locked; try again when it has ended.',
  1273: 'The dump comes from a newer server or another product, whose collations this server does not know.',
  1044: 'Grant the user all privileges on the target database.',
  1142: 'Grant the user all privileges on the target database.',
};

function clientError(failure: ProcessFailure, database: string): DomainError {
  const [, number = '', line, words] = /ERROR (\d+) \([^)]*\)(?: at line (\d+))?: (.*)/.exec(failure.stderr) ?? [];
  const where = line === undefined ? '' : ` at line ${line} of the dump`;
  const what = words?.trim() ?? failure.message.trim();
  const hint = HINTS[number];
  return new DomainError(
    'RESTORE_FAILED',
    number === ''
      ? `Restoring "${database}" failed: ${what}`
      : `Restoring "${database}" failed${where}: ${what} (${number}).`,
    { ...(hint === undefined ? {} : { hint }), cause: failure },
  );
}
