import type { ConnectionParams, DatabaseSettings, DbType, Manifest, ServerInfo } from '@app/domain';

/** A server on which a backup may be restored without harm to anybody. Disposing of it leaves nothing there. */
export interface VerificationServer extends AsyncDisposable {
  readonly info: ServerInfo;
  /** Of its administrator. */
  readonly connection: ConnectionParams;
  /** It exists for this alone. False: it is somebody's, and only the scratch database on it is ours. */
  readonly throwaway: boolean;
  /** What to do when it cannot take a backup in. */
  readonly remedy: string;
  /** An empty database, in place of the one that this returned before. */
  freshDatabase(settings: DatabaseSettings): Promise<ConnectionParams>;
}

/** What names a server for this. */
export const SETTING: Readonly<Record<DbType, string>> = {
  PostgreSQL: 'VERIFY_POSTGRES_URL',
  MySQL: 'VERIFY_MYSQL_URL',
};

/** Flavour and version of the server that a backup is of. */
export function sourceOf({ server }: Manifest): string {
  return `${server.flavour} ${server.version}`;
}
