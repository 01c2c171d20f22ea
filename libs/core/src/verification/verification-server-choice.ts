import { compareVersions } from '@app/domain';
import type { Manifest, ServerInfo } from '@app/domain';

type Version = Pick<ServerInfo, 'flavour' | 'versionParts'>;

/** Returns the numbers of the major version: the first number of PostgreSQL, and the first two of the others. */
export function majorOf({ flavour, versionParts }: Version): readonly number[] {
  return versionParts.slice(0, flavour === 'PostgreSQL' ? 1 : 2);
}

export function sourceVersion({ server }: Pick<Manifest, 'server'>): Version {
  return {
    flavour: server.flavour,
    versionParts: server.version.split('.').map((part) => Number.parseInt(part, 10) || 0),
  };
}

export function isSameMajor(source: Manifest['server'], server: Version): boolean {
  const of = sourceVersion({ server: source });
  return of.flavour === server.flavour && compareVersions(majorOf(of), majorOf(server)) === 0;
}

/** Whether a server can be expected to load a dump of another one: it is the same product, and its major version is not older. */
export function canTakeIn(source: Version, server: Version): boolean {
  return source.flavour === server.flavour && compareVersions(majorOf(server), majorOf(source)) >= 0;
}

/** Chooses, of the servers that can load the backup, the one that is nearest to the source, and of equally near ones the newest. */
export function nearest<T extends Version>(source: Version, servers: readonly T[]): T | undefined {
  return servers
    .filter((server) => canTakeIn(source, server))
    .toSorted((a, b) => compareVersions(majorOf(a), majorOf(b)) || compareVersions(b.versionParts, a.versionParts))[0];
}
