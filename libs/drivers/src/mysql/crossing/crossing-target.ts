import { compareVersions } from '@app/domain';
import type { ServerInfo } from '@app/domain';
import type { MysqlSession } from '../login/mysql-session.js';

/** The abilities of a server that a dump of another product or of a newer server may need. Names are in lower case. */
export interface CrossingTarget {
  flavour: 'MySQL' | 'MariaDB';
  version: string;
  versionParts: readonly number[];
  collations: ReadonlySet<string>;
  characterSets: ReadonlySet<string>;
  engines: ReadonlySet<string>;
}

export async function crossingTarget(session: MysqlSession, server: ServerInfo): Promise<CrossingTarget> {
  const names = async (query: string): Promise<string[]> =>
    (await session.rows<{ name: string | null }>(query)).flatMap(({ name }) => name?.toLowerCase() ?? []);
  const hasFullNames = server.flavour === 'MariaDB' && isAtLeast(server, 10, 10);
  return {
    flavour: server.flavour === 'MariaDB' ? 'MariaDB' : 'MySQL',
    version: server.version,
    versionParts: server.versionParts,
    collations: new Set([
      ...inBothSpellings(await names('SELECT COLLATION_NAME AS name FROM information_schema.COLLATIONS')),
      ...(hasFullNames
        ? await names(
            'SELECT FULL_COLLATION_NAME AS name FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY',
          )
        : []),
      'binary',
      'default',
    ]),
    characterSets: new Set([
      ...(await names('SELECT CHARACTER_SET_NAME AS name FROM information_schema.CHARACTER_SETS')),
      ...['utf8', 'utf8mb3', 'default'],
    ]),
    engines: new Set(
      await names(`SELECT ENGINE AS name FROM information_schema.ENGINES WHERE SUPPORT IN ('YES', 'DEFAULT')`),
    ),
  };
}

/** Every server takes names of utf8mb3 as `utf8_…` and `utf8mb3_…`, and its lists show one of them. */
function inBothSpellings(collations: readonly string[]): string[] {
  return collations.flatMap((name) => {
    const [, end] = /^utf8(?:mb3)?_(.*)$/.exec(name) ?? [];
    return end === undefined ? [name] : [`utf8_${end}`, `utf8mb3_${end}`];
  });
}

export function isAtLeast({ versionParts }: Pick<ServerInfo, 'versionParts'>, ...version: number[]): boolean {
  return compareVersions(versionParts, version) >= 0;
}
