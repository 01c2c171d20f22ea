import { DomainError, compareVersions } from '@app/domain';
import type { ServerInfo, ToolInfo } from '@app/domain';
import type { Inventory } from './mysql-inventory.js';
import type { MysqlSession } from '../login/mysql-session.js';

/**
 * Refuses a dump tool that would write a wrong dump and exit 0: one of the other family where the database holds what
 * it does not know, or one that is older than what the server can hold (FAILURES 25).
 */
export async function refuseWrongTool(
  session: MysqlSession,
  database: string,
  inventory: Inventory,
  tool: ToolInfo,
  server: ServerInfo,
): Promise<void> {
  const tooOld = tooOldFor(tool, server);
  if (tooOld !== undefined) {
    throw new DomainError(
      'TOOL_TOO_OLD',
      `${tool.path} is ${tool.flavour} ${tool.version}, too old for the ${server.flavour} ${server.version} server.`,
      { hint: `Install the client tools of ${server.flavour} ${tooOld} or newer, or set mysqldump_path.` },
    );
  }
  if (tool.flavour === server.flavour) return;
  const unknown = [
    ...(tool.flavour === 'MySQL'
      ? unknownToOracle(inventory)
      : [
          ...(await generatedColumns(session, database, server)),
          ...(inventory.libraries.length > 0 ? ['libraries'] : []),
          ...(refusesRoutineQueries(server)
            ? ['stored routines, for which it asks such a server in vain, whether there are any or not,']
            : []),
        ]),
    ...(await columnsBesides(
      session,
      database,
      new Set([...TYPES_OF_BOTH, ...(OTHERS_WRITTEN_BY[tool.flavour] ?? [])]),
    )),
  ];
  if (unknown.length === 0) return;
  const object = server.flavour === 'MariaDB' ? 'mariadb-dump' : `mysqldump of MySQL`;
  throw new DomainError(
    'TOOL_MISSING',
    `Only ${tool.flavour}'s dump program was found (${tool.path}), which would not dump ${unknown.join(' and ')} of "${database}" rightly.`,
    { hint: `Install ${object}, or set mysqldump_path to it.` },
  );
}

/**
 * MySQL from 10.3 on by number (26.7): by that number alone MariaDB's tool takes it for a MariaDB that has packages, asks for
 * them (`SHOW PACKAGE STATUS`) and ends, also where the database has no routines.
 */
export function refusesRoutineQueries({
  flavour,
  versionParts,
}: Pick<ServerInfo, 'flavour' | 'versionParts'>): boolean {
  return flavour === 'MySQL' && compareVersions(versionParts, [10, 3]) >= 0;
}

/** The version that is needed, when this one would leave things out. */
export function tooOldFor(
  tool: Pick<ToolInfo, 'flavour' | 'versionParts'>,
  server: Pick<ServerInfo, 'flavour' | 'versionParts'>,
): string | undefined {
  if (tool.flavour !== server.flavour) return undefined;
  const limits =
    tool.flavour === 'MariaDB'
      ? [[10, 3]]
      : [
          [5, 7],
          [8, 0],
        ];
  return limits
    .filter(
      (limit) => compareVersions(server.versionParts, limit) >= 0 && compareVersions(tool.versionParts, limit) < 0,
    )
    .at(-1)
    ?.join('.');
}

export function toolWarnings(tool: ToolInfo, server: ServerInfo): string[] {
  const parts = (of: { versionParts: readonly number[] }): readonly number[] => of.versionParts.slice(0, 2);
  if (tool.flavour !== server.flavour) {
    return [
      `The dump was made by ${tool.flavour}'s client ${tool.version} from a ${server.flavour} ${server.version} server. Install the client tools of ${server.flavour} for its backups: each family's program leaves out what only the other's servers have.`,
    ];
  }
  if (compareVersions(parts(tool), parts(server)) < 0) {
    return [`The dump program (${tool.version}) is older than the server (${server.version}).`];
  }
  return [];
}

function unknownToOracle(inventory: Inventory): string[] {
  return [
    ...(inventory.sequences.length > 0 ? ['sequences'] : []),
    ...(inventory.routines.some(({ type }) => type.startsWith('PACKAGE')) ? ['packages'] : []),
    ...(inventory.tables.some(({ type }) => type === 'SYSTEM VERSIONED') ? ['system-versioned tables'] : []),
  ];
}

/** MariaDB's tool writes values for generated columns, which MySQL refuses to load. */
async function generatedColumns(session: MysqlSession, database: string, server: ServerInfo): Promise<string[]> {
  if (compareVersions(server.versionParts, [5, 7]) < 0) return [];
  // Expressions as defaults are DEFAULT_GENERATED.
  const { count } = await session.row<{ count: number }>(
    `SELECT COUNT(*) AS count FROM information_schema.COLUMNS
      WHERE TABLE_SCHEMA = ? AND (EXTRA LIKE '%STORED GENERATED%' OR EXTRA LIKE '%VIRTUAL GENERATED%')`,
    [database],
  );
  return Number(count) > 0 ? ['generated columns'] : [];
}

/** The dump tools of both families write these alike. */
const TYPES_OF_BOTH: readonly string[] = [
  ...['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'float', 'double', 'bit', 'year'],
  ...['date', 'datetime', 'timestamp', 'time', 'char', 'varchar', 'binary', 'varbinary', 'enum', 'set', 'json'],
  ...['tinytext', 'text', 'mediumtext', 'longtext', 'tinyblob', 'blob', 'mediumblob', 'longblob'],
  ...['geometry', 'point', 'linestring', 'polygon', 'multipoint', 'multilinestring', 'multipolygon'],
  ...['geometrycollection', 'geomcollection'],
];
/** Types of the other family's servers that a tool writes as text that they take. */
const OTHERS_WRITTEN_BY: Readonly<Partial<Record<ServerInfo['flavour'], readonly string[]>>> = {
  MySQL: ['uuid', 'inet4', 'inet6'],
};
const ALL_TYPES = new Set([...TYPES_OF_BOTH, 'uuid', 'inet4', 'inet6', 'vector']);

async function columnsBesides(session: MysqlSession, database: string, types: ReadonlySet<string>): Promise<string[]> {
  const rows = await session.rows<{ table: string; column: string; type: string }>(
    `SELECT TABLE_NAME AS \`table\`, COLUMN_NAME AS \`column\`, DATA_TYPE AS type
       FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME, ORDINAL_POSITION`,
    [database],
  );
  return rows
    .filter(({ type }) => !types.has(type.toLowerCase()))
    .map(({ table, column, type }) => `${table}.${column} (${type})`);
}

const KINDS_OF_TABLES = new Set([
  'BASE TABLE',
  'VIEW',
  'SYSTEM VIEW',
  'SYSTEM VERSIONED',
  'SEQUENCE',
  'TEMPORARY',
  'TEMPORARY SEQUENCE',
]);
const KINDS_OF_ROUTINES = new Set<string>(['PROCEDURE', 'FUNCTION', 'PACKAGE', 'PACKAGE BODY']);

/** Warns of kinds of objects and types that nobody has tried to back up with this service, as newer servers have them. */
export async function unknownKinds(session: MysqlSession, database: string, inventory: Inventory): Promise<string[]> {
  const unknown = [
    ...inventory.tables.filter(({ type }) => !KINDS_OF_TABLES.has(type)).map(({ name, type }) => `${name} (${type})`),
    ...inventory.routines
      .filter(({ type }) => !KINDS_OF_ROUTINES.has(type))
      .map(({ name, type }) => `${name} (${type})`),
    ...(await columnsBesides(session, database, ALL_TYPES)),
  ];
  if (unknown.length === 0) return [];
  return [
    `This version of the service does not know the kind of ${unknown.join(', ')}: verify the backup by restoring it (verification "restored") and look at them.`,
  ];
}
