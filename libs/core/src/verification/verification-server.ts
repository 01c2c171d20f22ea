import type { ConnectionParams, DatabaseSettings, DbType, Manifest, ServerInfo } from '@app/domain';

/** A server on which a backup can be restored without harm to other data. Disposing of it leaves nothing there. */
export interface VerificationServer extends AsyncDisposable {
  readonly info: ServerInfo;
  /** The login of its administrator. */
  readonly connection: ConnectionParams;
  /** Whether it exists for this verification alone. A configured server does not: only the verification database on it is ours. */
  readonly throwaway: boolean;
  /** One sentence that says what to do when it cannot load a backup. */
  readonly remedy: string;
  /** Creates an empty database, and drops the one that it returned before. */
  freshDatabase(settings: DatabaseSettings): Promise<ConnectionParams>;
}

/** The settings that name a verification server. */
export const SETTING: Readonly<Record<DbType, string>> = {
  PostgreSQL: 'VERIFY_POSTGRES_URL',
  MySQL: 'VERIFY_MYSQL_URL',
};

/** Returns flavour and version of the server from which a backup was made. */
export function sourceOf({ server }: Manifest): string {
  return `${server.flavour} ${server.version}`;
}
