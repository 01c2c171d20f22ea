import { DomainError, compareVersions } from '@app/domain';
import type { ServerInfo } from '@app/domain';
import type { LoadRequest } from '../../db-driver.js';
import { addTarget } from '../login/mysql-account.js';
import type { Account } from '../login/mysql-account.js';
import { missingPrivileges } from '../login/mysql-grants.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { NEEDED_TO_LOAD } from './mysql-load-privileges.js';
import { packetLimit } from '../script/packet-fitter.js';
import { requireSettable } from './settable-definers.js';
import { ValueTooLong } from '../script/value-too-long.js';

export function requirePrivileges(account: Account, server: ServerInfo, database: string): void {
  const { quoted, privileges } = account;
  const missing = NEEDED_TO_LOAD.filter((privilege) => !privileges.onDatabase(privilege, database)).map(
    (privilege) => ({ privilege, on: addTarget(account, database) }),
  );
  if (missing.length === 0) return;
  throw missingPrivileges(quoted, `"${database}" on the ${server.flavour} server cannot be restored`, missing);
}

/** Refuses what the server would refuse while it is loaded, as far as the request says what that is. */
export async function requireTaken(
  session: MysqlSession,
  server: ServerInfo,
  account: Account,
  { connection, demands, definer }: LoadRequest,
): Promise<void> {
  const { database } = connection;
  await requireWritable(session, server, account, database);
  const [table, bytes] = Object.entries(demands?.long_values ?? {}).toSorted(([, a], [, b]) => b - a)[0] ?? [];
  if (table !== undefined && bytes !== undefined) {
    const limit = await packetLimit(session);
    if (bytes > limit) throw new ValueTooLong('UNSUPPORTED', `The backup has in the table "${table}"`, bytes, limit);
  }
  if (definer !== 'current_user') {
    await requireSettable(session, server, account, database, demands?.definers ?? []);
  }
}

/** Refuses a server that cannot be written, as most replicas are: the first statement would fail otherwise. */
async function requireWritable(
  session: MysqlSession,
  server: ServerInfo,
  { privileges }: Account,
  database: string,
): Promise<void> {
  const rows = await session.rows<{ Variable_name: string; Value: string }>(
    `SHOW GLOBAL VARIABLES WHERE Variable_name IN ('read_only', 'super_read_only', 'innodb_read_only')`,
  );
  // MariaDB 12 has other words for being on.
  const isOn = (name: string): boolean =>
    !/^(OFF|0|)$/i.test(rows.find((row) => row.Variable_name === name)?.Value ?? '');
  // There, SUPER holds it no more.
  const ofItsOwn = server.flavour === 'MariaDB' && compareVersions(server.versionParts, [10, 11]) >= 0;
  const may = [...(ofItsOwn ? [] : ['SUPER', 'CONNECTION_ADMIN']), 'READ_ONLY ADMIN'].some((name) =>
    privileges.global(name),
  );
  const strict = ['super_read_only', 'innodb_read_only'].find(isOn);
  if (strict !== undefined || (isOn('read_only') && !may)) {
    throw readOnly(`The server takes no writes: ${strict ?? 'read_only'} is set, as on a replica.`);
  }
  if (server.flavour === 'MySQL' && (await isReadOnly(session, database))) {
    throw readOnly(`"${database}" takes no writes: it is READ ONLY (ALTER DATABASE).`);
  }
}

/** MySQL 8.0.22 and newer. */
async function isReadOnly(session: MysqlSession, database: string): Promise<boolean> {
  const view = await session.rows(
    `SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'information_schema' AND TABLE_NAME = 'SCHEMATA_EXTENSIONS'`,
  );
  if (view.length === 0) return false;
  const rows = await session.rows(
    `SELECT 1 FROM information_schema.SCHEMATA_EXTENSIONS WHERE SCHEMA_NAME = ? AND OPTIONS LIKE '%READ ONLY=1%'`,
    [database],
  );
  return rows.length > 0;
}

function readOnly(message: string): DomainError {
  return new DomainError('UNSUPPORTED', message, {
    hint: 'Nothing was changed. Restore on the server that takes writes, or unset it there where this is meant to be one.',
  });
}
