import { DomainError, compareVersions } from '@app/domain';
import type { ServerInfo, ToolInfo } from '@app/domain';
import type { Inventory } from './mysql-inventory.js';
import type { MysqlSession } from '../login/mysql-session.js';

/**
 * Refuses a dump program that would write a wrong dump and exit 0: one of the other family where the database holds what
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
  const unknown =
    tool.flavour === 'MySQL' ? unknownToOracle(inventory) : await unwritableForMysql(session, database, server);
  if (unknown.length === 0) return;
  const program = server.flavour === 'MariaDB' ? 'mariadb-dump' : `mysqldump of MySQL`;
  throw new DomainError(
    'TOOL_MISSING',
    `Only ${tool.flavour}'s dump program was found (${tool.path}), which would not dump ${unknown.join(' and ')} of "${database}" rightly.`,
    { hint: `Install ${program}, or set mysqldump_path to it.` },
  );
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
      `The dump was made by ${tool.flavour}'s client ${tool.version} from a ${server.flavour} ${server.version} server.`,
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

/** MariaDB's program writes values for generated columns, which MySQL refuses to load. */
async function unwritableForMysql(session: MysqlSession, database: string, server: ServerInfo): Promise<string[]> {
  if (compareVersions(server.versionParts, [5, 7]) < 0) return [];
  const { count } = await session.row<{ count: number }>(
    `SELECT COUNT(*) AS count FROM information_schema.COLUMNS
      WHERE TABLE_SCHEMA = ? AND (EXTRA LIKE '%GENERATED' OR EXTRA LIKE '%INVISIBLE%')`,
    [database],
  );
  return Number(count) > 0 ? ['generated or invisible columns'] : [];
}
