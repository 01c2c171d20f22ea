import { serverRefusal } from './mysql-errors.js';
import type { MysqlSession } from './mysql-session.js';

interface Recovered {
  formatID: number | string;
  gtrid_length: number | string;
  bqual_length: number | string;
  data: string | Buffer;
}

const SHOWN = 10;

/**
 * XA transactions that are prepared on the server, as XA ROLLBACK takes them: `X'6f72646572',X'',1`. They keep their locks
 * without a session that could be ended, and outlive a restart. Of which database they are, no server tells. Empty, too,
 * where the account may not see them (XA_RECOVER_ADMIN on MySQL).
 */
export async function preparedXa(session: MysqlSession): Promise<string[]> {
  const { flavour } = await session.serverInfo();
  const question = flavour === 'MariaDB' ? `XA RECOVER FORMAT='SQL'` : 'XA RECOVER CONVERT XID';
  try {
    const rows = await session.rows<Recovered>(question);
    return rows.slice(0, SHOWN).map(flavour === 'MariaDB' ? ({ data }) => String(data) : idOf);
  } catch (error) {
    if (serverRefusal(error) === undefined) throw error;
    return [];
  }
}

/** Both parts of MySQL's 0x… in one. */
function idOf({ formatID, gtrid_length: length, data }: Recovered): string {
  const digits = String(data).replace(/^0x/i, '');
  const global = Number(length) * 2;
  return `X'${digits.slice(0, global)}',X'${digits.slice(global)}',${formatID}`;
}

/** A sentence for those who wait for a lock in vain; empty where there is none. */
export async function preparedXaSentence(session: MysqlSession): Promise<string> {
  const found = await preparedXa(session);
  if (found.length === 0) return '';
  return (
    `The server holds prepared XA transactions, which have no session and keep their locks: ${found.join('; ')}. ` +
    'End those that use these tables with XA COMMIT or XA ROLLBACK.'
  );
}
