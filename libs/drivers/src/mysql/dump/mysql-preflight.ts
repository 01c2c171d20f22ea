import { DomainError, compareVersions } from '@app/domain';
import type { ServerInfo, ToolInfo } from '@app/domain';
import type { DumpPlan, DumpRequest } from '../../db-driver.js';
import { addTarget, currentAccount, quotedName } from '../login/mysql-account.js';
import type { Account } from '../login/mysql-account.js';
import { canDumpHistory } from '../login/mysql-client-arguments.js';
import { serverRefusal, statementError } from '../login/mysql-errors.js';
import { missingPrivileges } from '../login/mysql-grants.js';
import { pinnedCertificate } from '../login/mysql-pinned-certificate.js';
import { readExactDefinitions } from './exact-definitions.js';
import type { ExactDefinitions } from './exact-definitions.js';
import { databaseSettings, definersOf, objectCounts, readInventory } from './mysql-inventory.js';
import type { Inventory } from './mysql-inventory.js';
import { waitForLocks } from './locks/mysql-patience.js';
import { refuseWrongTool, toolWarnings, unknownKinds } from './mysql-tool-fit.js';
import { withSession } from '../login/mysql-session.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { sessionSettings } from '../load/generated-values.js';
import { packetLimit } from '../script/packet-fitter.js';
import { dataWarnings, replicaWarnings, transactionPreciseTables, unknownDefaults } from './mysql-dump-warnings.js';
import { refuseUnmappedBytes } from './unmapped-bytes.js';
import type { MysqlTools } from '../mysql-tools.js';

/** Text is about as long as the rows that it stands for, except binary columns: twice as long in hexadecimal. */
const TEXT_FACTOR = 2;
const LOCK_WAIT_TIMEOUT = 1205;
const BYTES_PER_OBJECT = 8 * 1024;

export interface MysqlDumpPlan extends DumpPlan {
  /** Whether the rows that system-versioned tables held in the past are dumped too. */
  dumpHistory: boolean;
  /** `max_allowed_packet` of the server. */
  packetBytes: number;
  /** The definitions that the server shows the tool otherwise than they are; absent where there are none. */
  definitions?: ExactDefinitions;
}

/** Checks that a dump would be whole (FAILURES 12, 16, 18, 19, 23, 25), and changes nothing. */
export async function prepareDump(
  request: DumpRequest,
  tools: MysqlTools,
  lockTimeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<MysqlDumpPlan> {
  const { connection } = request;
  const { database } = connection;
  return withSession(connection, { signal }, async (session) => {
    try {
      const server = await session.serverInfo();
      const tool = await tools.choose('mysqldump_path', request.tools, server);
      // For its refusal.
      pinnedCertificate(session, connection, tool);
      const account = await currentAccount(session, server);
      const inventory = await readInventory(session, database);
      requirePrivileges(account, server, inventory, database);
      await refuseWrongTool(session, database, inventory, tool, server);
      await waitForLocks(session, lockTimeoutMs);
      await refuseBrokenViews(session, inventory, database);
      const recoded = await refuseUnmappedBytes(session, database, inventory);
      const history = await historyPlan(session, database, inventory, tool, server);
      const { definitions, unknown } = await readExactDefinitions(session, database);
      const generated = await sessionSettings(session, database);
      const tableBytes = inventory.tables.reduce((sum, { bytes }) => sum + bytes, 0);
      const objects = await objectCounts(session, database, inventory);
      const objectCount = Object.values(objects).reduce((sum, count) => sum + count, 1);
      return {
        ...{ connection, format: request.format, server, tool, objects },
        ...(request.census === undefined ? {} : { census: request.census }),
        dumpHistory: history.dumpHistory,
        packetBytes: await packetLimit(session),
        definers: await definersOf(session, database),
        ...(definitions.size === 0 ? {} : { definitions }),
        estimatedBytes: tableBytes * TEXT_FACTOR + objectCount * BYTES_PER_OBJECT,
        settings: await databaseSettings(session, database),
        ...(generated === undefined ? {} : { sessionSettings: generated }),
        warnings: [
          ...toolWarnings(tool, server),
          ...history.warnings,
          ...(await dataWarnings(session, inventory, database)),
          ...unknownDefaults(unknown),
          ...(await replicaWarnings(session, database)),
          ...recoded,
          ...(await unknownKinds(session, database, inventory)),
        ],
      };
    } catch (error) {
      if (serverRefusal(error)?.errno === LOCK_WAIT_TIMEOUT) throw locked(database, lockTimeoutMs, error);
      throw statementError(error, `Checking "${database}" before the dump`);
    }
  });
}

function locked(database: string, lockTimeoutMs: number, cause: unknown): DomainError {
  return new DomainError(
    'BUSY',
    `Checking "${database}" before the dump waited ${Math.round(lockTimeoutMs / 1000)} s for a table that another session has locked.`,
    { hint: 'Back up again when no session holds LOCK TABLES and no ALTER is waiting (SHOW PROCESSLIST).', cause },
  );
}

/** Without these the tools leave objects out, exit 0 and say nothing (FAILURES 16). */
function requirePrivileges(account: Account, server: ServerInfo, inventory: Inventory, database: string): void {
  const { privileges } = account;
  const onDatabase = ['SELECT', 'SHOW VIEW', 'TRIGGER', 'EVENT']
    .filter((privilege) => !privileges.onDatabase(privilege, database))
    .map((privilege) => ({ privilege, on: addTarget(account, database) }));
  const missing = [...onDatabase, ...routinePrivilege(account, server, inventory, database)];
  if (missing.length > 0)
    throw missingPrivileges(account.quoted, `the dump of "${database}" would be incomplete`, missing);
}

/** Nothing when every routine is certainly visible, and its body too; else what would make it so. */
function routinePrivilege(
  account: Account,
  server: ServerInfo,
  inventory: Inventory,
  database: string,
): { privilege: string; on: string }[] {
  const { privileges } = account;
  const showCreateRoutine = server.flavour === 'MariaDB' && compareVersions(server.versionParts, [11, 3]) >= 0;
  if (server.flavour === 'MySQL' && compareVersions(server.versionParts, [8, 0]) >= 0) {
    if (privileges.global('SHOW_ROUTINE') || privileges.global('SELECT')) return [];
  } else if (showCreateRoutine && privileges.onDatabase('SHOW CREATE ROUTINE', database)) {
    return [];
  } else if (privileges.onObject('SELECT', 'mysql', 'proc')) {
    return [];
  }
  const visible = ['EXECUTE', 'CREATE ROUTINE', 'ALTER ROUTINE'].some((name) => privileges.onDatabase(name, database));
  if (visible && inventory.routines.every(({ readable }) => readable)) return [];
  if (showCreateRoutine) return [{ privilege: 'SHOW CREATE ROUTINE', on: addTarget(account, database) }];
  return server.flavour === 'MySQL' && compareVersions(server.versionParts, [8, 0, 20]) >= 0
    ? [{ privilege: 'SHOW_ROUTINE', on: '*.*' }]
    : [{ privilege: 'SELECT', on: server.versionParts[0] === 8 ? '*.*' : 'mysql.proc' }];
}

/** One broken view aborts the whole dump, and the tool names only the first (FAILURES 23). */
async function refuseBrokenViews(session: MysqlSession, inventory: Inventory, database: string): Promise<void> {
  const broken: string[] = [];
  for (const view of inventory.views) {
    try {
      // The dump tools ask this first about a view.
      await session.rows(`SHOW FIELDS FROM ${quotedName(view)}`);
    } catch (error) {
      const refusal = serverRefusal(error);
      if (refusal === undefined) throw error;
      broken.push(`${view} (${refusal.words})`);
    }
  }
  if (broken.length === 0) return;
  throw new DomainError(
    'BROKEN_OBJECT',
    `${broken.length === 1 ? 'A view' : `${broken.length} views`} of "${database}" cannot be dumped: ${broken.join('; ')}.`,
    { hint: 'Mend or drop what is named, then back up again.' },
  );
}

async function historyPlan(
  session: MysqlSession,
  database: string,
  inventory: Inventory,
  tool: ToolInfo,
  server: ServerInfo,
): Promise<{ dumpHistory: boolean; warnings: string[] }> {
  const versioned = inventory.tables.filter(({ type }) => type === 'SYSTEM VERSIONED').map(({ name }) => name);
  const lost = (names: readonly string[], why: string): string[] => [
    `Only the present rows of system-versioned tables are in the dump, not their history, because ${why}: ${names.join(', ')}.`,
  ];
  if (versioned.length === 0) return { dumpHistory: false, warnings: [] };
  if (!canDumpHistory(tool, server)) {
    return { dumpHistory: false, warnings: lost(versioned, 'it takes MariaDB 10.11 or newer, client and server') };
  }
  const precise = await transactionPreciseTables(session, database);
  if (precise.length === 0) return { dumpHistory: true, warnings: [] };
  const why = `mariadb-dump cannot dump the history of tables versioned by transaction id (${precise.join(', ')})`;
  return { dumpHistory: false, warnings: lost(versioned, why) };
}
