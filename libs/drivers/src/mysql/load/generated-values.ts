import type { ConnectionParams } from '@app/domain';
import { quotedName } from '../login/mysql-account.js';
import { serverRefusal } from '../login/mysql-errors.js';
import { withSession } from '../login/mysql-session.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { fixedOffset, offsetsOf, PROBES, zoneOf } from './time-zones.js';

/** On which settings of a session the value of a generated column may depend, and by what its expression shows it. */
const SETTINGS = {
  time_zone: /unix_?time|convert_tz/i,
  lc_time_names: /date_format|dayname|monthname|\bformat\s*\(/i,
  default_week_format: /\bweek\s*\(/i,
  div_precision_increment: /\/|\bavg\s*\(/i,
} as const;

type Setting = keyof typeof SETTINGS;
/** `time_zone`: an offset, or a name of the IANA database; `SYSTEM` where it has none. The others as the server has them. */
export type SessionSettings = Readonly<Record<string, string>>;

const NAMES = Object.keys(SETTINGS) as Setting[];
/** A dump sets its own time zone; for the rest, a load has what the server gives every session. */
const DUMP_ZONE = '+00:00';

/**
 * Of the sessions of the source, those on which a stored generated column of the database depends: a load computes its values
 * anew. Undefined where there is none. The session must be as the server gives it.
 */
export async function sessionSettings(session: MysqlSession, database: string): Promise<SessionSettings | undefined> {
  const needed = new Set([...(await dependentTables(session, database)).values()].flatMap((settings) => [...settings]));
  if (needed.size === 0) return undefined;
  const values = await currentSettings(session);
  const settings: Record<string, string> = {};
  for (const name of NAMES.filter((each) => needed.has(each))) {
    settings[name] = name === 'time_zone' ? await ownZone(session, values) : values[name];
  }
  return settings;
}

/**
 * Makes the server compute the generated values of a loaded database once more, with the settings of the source. `left`: the
 * tables for which it could not, and why.
 */
export async function computeGenerated(
  connection: ConnectionParams,
  wanted: SessionSettings | undefined,
  signal: AbortSignal,
): Promise<{ left: Readonly<Record<string, string>> }> {
  if (wanted === undefined) return { left: {} };
  return withSession(connection, { signal }, async (session) => {
    const current = { ...(await currentSettings(session)), time_zone: DUMP_ZONE };
    const differing = NAMES.filter((name) => wanted[name] !== undefined && wanted[name] !== current[name]);
    const tables = [...(await dependentTables(session, connection.database))].filter(([, settings]) =>
      differing.some((name) => settings.has(name)),
    );
    const left: Record<string, string> = {};
    if (tables.length === 0) return { left };
    const { flavour } = await session.serverInfo();
    await session.run('SET SESSION foreign_key_checks = 0, unique_checks = 0');
    if (flavour === 'MariaDB') await session.run(`SET SESSION system_versioning_alter_history = 'KEEP'`);
    await session.run(`SET SESSION time_zone = '${DUMP_ZONE}'`);
    const lacking = new Map<string, string>();
    for (const name of differing) {
      const value = wanted[name] ?? '';
      if (!(await setSetting(session, name, value))) lacking.set(name, value);
    }
    for (const [table, settings] of tables) {
      const missing = [...settings].filter((name) => lacking.has(name)).map((name) => `${name} ${lacking.get(name)}`);
      // A table is copied row by row, and each stored value computed. No trigger runs, and no time of a change is set.
      if (missing.length === 0) await session.run(`ALTER TABLE ${quotedName(table)} FORCE, ALGORITHM = COPY`);
      else
        left[table] =
          `the server knows no ${missing.join(' and ')}, with which the source computed its generated columns`;
    }
    return { left };
  });
}

export function generatedWarnings(left: Readonly<Record<string, string>>): string[] {
  return Object.entries(left).map(
    ([table, why]) =>
      `Generated columns of ${table} may have other values than on the source, as ${why}. Load the time zones into the server (mysql_tzinfo_to_sql), set time_zone and run ALTER TABLE … FORCE, ALGORITHM = COPY.`,
  );
}

/** Tables with stored generated columns, and the settings on which some generated column of theirs depends. */
async function dependentTables(session: MysqlSession, database: string): Promise<Map<string, Set<Setting>>> {
  const columns = await session.rows<{
    table: string;
    name: string;
    type: string;
    extra: string;
    expression: string | null;
  }>(
    `SELECT TABLE_NAME AS \`table\`, COLUMN_NAME AS name, LOWER(DATA_TYPE) AS type, UPPER(EXTRA) AS extra, GENERATION_EXPRESSION AS expression
       FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND (DATA_TYPE = 'timestamp' OR GENERATION_EXPRESSION <> '')`,
    [database],
  );
  const tables = new Map<string, Set<Setting>>();
  for (const [table, all] of Map.groupBy(columns, (column) => column.table)) {
    const generated = all.filter(({ expression }) => expression && !/^ROW (START|END)$/i.test(expression));
    if (!generated.some(({ extra }) => extra.includes('STORED'))) continue;
    const text = generated.map(({ expression }) => expression).join('\n');
    const ofInstants = all.some(({ name, type }) => type === 'timestamp' && text.includes(quotedName(name)));
    const settings = NAMES.filter((name) => SETTINGS[name].test(text) || (name === 'time_zone' && ofInstants));
    if (settings.length > 0) tables.set(table, new Set(settings));
  }
  return tables;
}

async function currentSettings(session: MysqlSession): Promise<Record<Setting, string>> {
  const columns = NAMES.map((name) => `CAST(@@SESSION.${name} AS CHAR) AS ${name}`);
  return session.row(`SELECT ${columns.join(', ')}`);
}

/** Names the time zone by its effect, as another server has other names for it: an offset where it has always been the same. */
async function ownZone(session: MysqlSession, { time_zone: name }: Record<Setting, string>): Promise<string> {
  const offsets = await serverOffsets(session);
  return fixedOffset(offsets) ?? (name === 'SYSTEM' ? (zoneOf(offsets) ?? name) : name);
}

async function serverOffsets(session: MysqlSession): Promise<number[]> {
  const columns = PROBES.map(
    (at, n) => `TIMESTAMPDIFF(SECOND, '1970-01-01 00:00:00', FROM_UNIXTIME(${at})) - ${at} AS p${n}`,
  );
  const row = await session.row<Record<string, number | string>>(`SELECT ${columns.join(', ')}`);
  return PROBES.map((_, n) => Number(row[`p${n}`]));
}

/** False where the server lacks it. */
async function setSetting(session: MysqlSession, name: Setting, value: string): Promise<boolean> {
  try {
    await session.run(`SET SESSION ${name} = ?`, [/^\d+$/.test(value) ? Number(value) : value]);
    return name !== 'time_zone' || value !== 'SYSTEM';
  } catch (error) {
    if (serverRefusal(error) === undefined) throw error;
    if (name !== 'time_zone') return false;
  }
  // A server without named zones may run in that very one.
  await session.run(`SET SESSION time_zone = 'SYSTEM'`);
  const own = await serverOffsets(session);
  return offsetsOf(value)?.every((offset, n) => offset === own[n]) ?? false;
}
