import { DomainError } from '@app/domain';
import type { MysqlSession } from '../login/mysql-session.js';

/** Those that can be granted on one database; every other one is for the whole server. */
const DATABASE_LEVEL = new Set([
  ...['ALL PRIVILEGES', 'SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'REFERENCES', 'INDEX', 'ALTER'],
  ...[
    'CREATE TEMPORARY TABLES',
    'LOCK TABLES',
    'EXECUTE',
    'CREATE VIEW',
    'SHOW VIEW',
    'CREATE ROUTINE',
    'ALTER ROUTINE',
  ],
  ...['SHOW CREATE ROUTINE', 'EVENT', 'TRIGGER', 'DELETE HISTORY', 'GRANT OPTION'],
]);

/** Other spellings that the servers take, and SHOW GRANTS does not use. */
const SYNONYMS: Readonly<Record<string, string>> = {
  ALL: 'ALL PRIVILEGES',
  'DELETE VERSIONING ROWS': 'DELETE HISTORY',
  'REPLICATION REPLICA': 'REPLICATION SLAVE',
  'REPLICATION REPLICA ADMIN': 'REPLICATION SLAVE ADMIN',
  'REPLICA MONITOR': 'SLAVE MONITOR',
};

export interface PrivilegeChange {
  /** The name as SHOW GRANTS spells it. */
  name: string;
  level: 'global' | 'database';
  revoke: boolean;
}

/**
 * Reads privileges as the API takes them, any case: `SELECT` (on the active database), `PROCESS` (exists for the whole
 * server only), `SELECT ON *.*` (on the whole server), each with `REVOKE ` before it to take it away. UNKNOWN_PRIVILEGE
 * names all that the server does not know.
 */
export async function readPrivilegeChanges(
  session: MysqlSession,
  texts: readonly string[],
): Promise<PrivilegeChange[]> {
  if (texts.length === 0) return [];
  const known = await knownPrivileges(session);
  const unknown: string[] = [];
  const changes = texts.map((text): PrivilegeChange => {
    const [, revoke, bare = '', everywhere] = /^(REVOKE )?(.*?)( ON \*\.\*)?$/s.exec(normalised(text)) ?? [];
    const synonym = SYNONYMS[bare] ?? bare;
    // MariaDB renamed this one; both know the old name.
    const name = synonym === 'REPLICATION CLIENT' && known.has('BINLOG MONITOR') ? 'BINLOG MONITOR' : synonym;
    if (!known.has(name)) unknown.push(text);
    const level = everywhere === undefined && DATABASE_LEVEL.has(name) ? 'database' : 'global';
    return { name, level, revoke: revoke !== undefined };
  });
  if (unknown.length > 0) {
    throw new DomainError(
      'UNKNOWN_PRIVILEGE',
      `The server knows no ${unknown.length === 1 ? 'privilege' : 'privileges'} ${unknown.map((text) => `"${text}"`).join(', ')}.`,
      {
        hint: 'Use names of SHOW PRIVILEGES, such as SELECT, INSERT, ALL PRIVILEGES, or PROCESS and "SELECT ON *.*" for the whole server.',
      },
    );
  }
  return changes;
}

async function knownPrivileges(session: MysqlSession): Promise<Set<string>> {
  const rows = await session.rows<{ Privilege: string }>('SHOW PRIVILEGES');
  const names = rows.map(({ Privilege }) => normalised(Privilege));
  // PROXY is granted on an account, not on data.
  return new Set([...names.filter((name) => name !== 'PROXY' && name !== ''), 'ALL PRIVILEGES']);
}

function normalised(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toUpperCase();
}
