import { createHash } from 'node:crypto';
import type { ConnectionParams } from '@app/domain';
import type { LockSession } from '../database-lock.js';
import { openFirst } from './maintenance-session.js';

/** Advisory locks are of one database: this is where every service looks first, and where nobody is thrown out by a swap. */
const COMMON = 'postgres';

/**
 * An advisory lock by a name, the database's, which stays when another database takes that name. An account that may not enter
 * {@link COMMON} takes it in the database itself: so who has it is looked for in all of them.
 */
export async function postgresLock(
  connection: ConnectionParams,
  signal: AbortSignal,
  name = connection.database,
): Promise<LockSession> {
  const { database } = connection;
  const session = await openFirst(connection, [...new Set([COMMON, database])], signal);
  const key = createHash('sha256').update(`database-backup-service ${name}`).digest().readBigInt64BE(0).toString();
  const held = `FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a USING (pid)
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.pid <> pg_catalog.pg_backend_pid()
      AND (l.classid::int8 << 32 | l.objid::int8) = $1::int8`;
  return {
    async tryLock() {
      const { locked } = await session.queryOne<{ locked: boolean }>(
        'SELECT pg_catalog.pg_try_advisory_lock($1::int8) AS locked',
        [key],
      );
      // Looked at only now that the others can see ours: of two at once both may give way, and none gets past the other.
      if (!locked || (await session.query(`SELECT ${held}`, [key])).length === 0) return locked;
      await session.query('SELECT pg_catalog.pg_advisory_unlock($1::int8)', [key]);
      return false;
    },
    // It lasts as long as the session does.
    async holds() {
      await session.query('SELECT 1');
      return true;
    },
    async holder() {
      const [row] = await session.query<{
        pid: number;
        name: string | null;
        who: string | null;
        address: string | null;
      }>(
        `SELECT l.pid, a.application_name AS name, a.usename AS who, pg_catalog.host(a.client_addr) AS address ${held}`,
        [key],
      );
      if (row === undefined) return 'A session that has just ended';
      const from = row.address === null ? 'this server itself' : row.address;
      return `Session ${row.pid} ("${row.name ?? ''}" of ${row.who ?? 'another account'}, from ${from})`;
    },
    destroy: () => session.destroy(),
    close: () => session.close(),
  };
}
