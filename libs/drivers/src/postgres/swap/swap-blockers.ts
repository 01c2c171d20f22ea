import { DomainError, someOf } from '@app/domain';
import type { PostgresSession } from '../login/postgres-session.js';
import { preparedIn } from '../login/prepared-transactions.js';
import { findProperties } from './database-properties.js';

interface Blocker {
  /** Gives `name`s; $1 is the database. */
  names: string;
  sentence: (names: string, database: string) => string;
}

const NOT_SUPERUSER = `current_setting('is_superuser') = 'off'`;

/** Objects that hold on to this very database, and would go on to do so under its other name. */
const HOLDING_ON: readonly Blocker[] = [
  {
    names: `SELECT 'in recovery' AS name WHERE pg_is_in_recovery() AND $1 <> ''`,
    sentence: () => 'The server is a standby.',
  },
  {
    names: `SELECT format('%I', subname) AS name FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = $1 AND s.subenabled`,
    sentence: (names, database) => `"${database}" has subscriptions that are at work: ${names}.`,
  },
  {
    names: `SELECT format('%I', slot_name) AS name FROM pg_replication_slots WHERE database = $1`,
    sentence: (names, database) => `Replication slots hold on to "${database}": ${names}.`,
  },
  {
    names: `SELECT l.provider AS name FROM pg_shseclabel l JOIN pg_database d ON d.oid = l.objoid
             WHERE l.classoid = 'pg_database'::regclass AND d.datname = $1`,
    sentence: (names, database) => `"${database}" has security labels, which cannot be carried over: ${names}.`,
  },
];

/** Objects that this user could not make the same again, or actions that the user may not do at all. */
const RIGHTS: readonly Blocker[] = [
  {
    names: `SELECT format('%I', rolname) AS name FROM pg_roles WHERE rolname = current_user AND NOT rolcreatedb AND ${NOT_SUPERUSER} AND $1 <> ''`,
    sentence: (names) => `The role ${names} may not make databases: it lacks CREATEDB.`,
  },
  {
    names: `SELECT format('%I', pg_get_userbyid(datdba)) AS name FROM pg_database WHERE datname = $1 AND ${NOT_SUPERUSER}
             AND NOT pg_has_role(datdba, CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)`,
    sentence: (names, database) =>
      `"${database}" belongs to ${names}, whom this user cannot become: it takes membership, from PostgreSQL 16 on WITH SET TRUE.`,
  },
  {
    names: `SELECT format('%I', spcname) AS name FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace
             WHERE datname = $1 AND spcname <> 'pg_default' AND NOT has_tablespace_privilege(t.oid, 'CREATE')`,
    sentence: (names) => `This user may not make databases in the tablespace ${names}.`,
  },
  {
    names: `SELECT DISTINCT format('%I', pg_get_userbyid(a.grantor)) AS name FROM pg_database d, aclexplode(d.datacl) a
             WHERE datname = $1 AND a.grantor <> d.datdba AND ${NOT_SUPERUSER}`,
    sentence: (names, database) =>
      `Only a superuser can give again what others than the owner granted on "${database}": ${names}.`,
  },
  {
    names: `SELECT DISTINCT format('%I', r.rolname) AS name FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
              JOIN pg_roles r ON r.oid = s.setrole
             WHERE d.datname = $1 AND r.rolname <> current_user AND ${NOT_SUPERUSER}`,
    sentence: (names, database) =>
      `Only a superuser can carry over what is set in "${database}" for other roles (ALTER ROLE … IN DATABASE): ${names}.`,
  },
  {
    // A setting that is not known here belongs to an extension, or to nobody.
    names: `SELECT DISTINCT split_part(c, '=', 1) AS name FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase,
              unnest(s.setconfig) c LEFT JOIN pg_settings g ON lower(g.name) = lower(split_part(c, '=', 1))
             WHERE d.datname = $1 AND g.context IS DISTINCT FROM 'user' AND ${NOT_SUPERUSER}`,
    sentence: (names, database) => `Only a superuser can carry over these settings of "${database}": ${names}.`,
  },
];

/** Whole sentences; empty when nothing stands in the way of a swap. */
export async function blockersOf(session: PostgresSession, database: string): Promise<string[]> {
  const sentences: string[] = [];
  for (const { names, sentence } of [...HOLDING_ON, ...RIGHTS]) {
    const rows = await session.query<{ name: string }>(`SELECT name::text FROM (${names}) o ORDER BY 1`, [database]);
    if (rows.length > 0) sentences.push(sentence(someOf(rows.map(({ name }) => name)), database));
  }
  const prepared = await preparedIn(session, database);
  if (prepared.length > 0) sentences.push(`"${database}" has prepared transactions: ${someOf(prepared)}.`);
  // Names, comments and settings are stored in the encoding of whoever wrote them.
  if (JSON.stringify(await findProperties(session, database))?.includes('\ufffd') === true) {
    sentences.push(
      `The comment or a setting of "${database}" is written in another encoding than "${session.connection.database}" has.`,
    );
  }
  return sentences;
}

/** UNSUPPORTED with everything that stands in the way. */
export async function requireNoBlocker(session: PostgresSession, database: string): Promise<void> {
  const blockers = await blockersOf(session, database);
  if (blockers.length === 0) return;
  throw new DomainError('UNSUPPORTED', `"${database}" cannot be swapped. ${blockers.join(' ')}`, {
    hint: 'Nothing was changed. Mend that, or restore with another strategy.',
  });
}

/** Warns about what will stay with the old content. */
export async function warningsOf(session: PostgresSession, database: string): Promise<string[]> {
  const rows = await session.query<{ name: string }>(
    `SELECT format('%I', subname) AS name FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
      WHERE d.datname = $1 AND NOT s.subenabled ORDER BY 1`,
    [database],
  );
  if (rows.length === 0) return [];
  return [`Disabled subscriptions stay with what is swapped out: ${someOf(rows.map(({ name }) => name))}.`];
}
