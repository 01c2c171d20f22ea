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
import { inspectDump } from './mysql-script-guard.js';
import { withSession } from '../login/mysql-session.js';
import type { MysqlTools } from '../mysql-tools.js';

/** They belong to the server; loading over them would break it. */
const SYSTEM_DATABASES = ['mysql', 'information_schema', 'performance_schema', 'sys'];

/** What clearing and loading a database takes. */
const NEEDED = [
  ...['SELECT', 'INSERT', 'CREATE', 'DROP', 'ALTER', 'INDEX', 'REFERENCES', 'LOCK TABLES', 'CREATE VIEW', 'SHOW VIEW'],
  ...['TRIGGER', 'CREATE ROUTINE', 'ALTER ROUTINE', 'EVENT'],
];

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
  const missing = NEEDED.filter((privilege) => !privileges.onDatabase(privilege, database)).map((privilege) => ({
    privilege,
    on: grantTarget(database),
  }));
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
  const { connection, server, tool } = plan;
  const { database } = connection;
  const { signal } = hooks;
  if (tool === undefined) throw new DomainError('TOOL_MISSING', 'There is no client program to load the dump with.');
  try {
    await withSession(connection, { signal }, async (session) => {
      const account = await currentAccount(session, server);
      const limits = await loadLimits(session, server, account);
      // Reading it all costs time, so only where it can change something.
      if (!source.own || limits.foreignDefiners || limits.loggedRoutines) {
        const demands = await inspectDump(source.open(), source.own ? undefined : database, signal);
        requireWithinLimits(demands, limits, account);
      }
      await clearDatabase(session, database);
    });
    await feedClient(connection, tool, source, runtimeDir, signal);
    await hooks.beforeCommit();
  } catch (error) {
    if (signal.aborted) throw cancelled(`The restore of "${database}"`);
    throw asRestoreFailure(error, database);
  }
  return { warnings: [] };
}

function asRestoreFailure(error: unknown, database: string): DomainError {
  const known = statementError(error, `Restoring "${database}"`);
  return known.code === 'DATABASE_ERROR' ? new DomainError('RESTORE_FAILED', known.message, { cause: error }) : known;
}

/** Streams the dump into the client. Whatever happens on either side ends both. */
async function feedClient(
  connection: ConnectionParams,
  tool: ToolInfo,
  source: DumpSource,
  runtimeDir: string,
  signal: AbortSignal,
): Promise<void> {
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
    const feeding = pipeline(input, new DumpRewriter(database), stdin).catch((error: unknown) => error);
    const [fed, outcome] = await Promise.all([feeding, child.completed.catch((error: unknown) => error)]);
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
