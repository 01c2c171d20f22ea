import type { ServerInfo } from '@app/domain';
import type { PostgresSession } from './postgres-session.js';

/** `server_version_num` counts 150018 for 15.18, and 90624 for 9.6.24. */
export function serverInfo(version: string, versionNumber: number): ServerInfo {
  const major = Math.floor(versionNumber / 10_000);
  const rest = versionNumber % 10_000;
  return {
    dbType: 'PostgreSQL',
    flavour: 'PostgreSQL',
    // Without what a packager appends: `15.18 (Debian 15.18-0+deb12u1)`.
    version: version.split(' ')[0] ?? version,
    versionParts: major >= 10 ? [major, rest] : [major, Math.floor(rest / 100), rest % 100],
  };
}

export async function askServerInfo(session: PostgresSession): Promise<ServerInfo> {
  const row = await session.queryOne<{ version: string; number: number }>(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number`,
  );
  return serverInfo(row.version, row.number);
}
