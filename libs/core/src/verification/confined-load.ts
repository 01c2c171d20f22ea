import type { ConnectionParams } from '@app/domain';
import type { ConfinedAccount, DbDriver } from '@app/drivers';

export interface ConfinedLoad {
  /** The login that loads the dump. */
  connection: ConnectionParams;
  account: ConfinedAccount | undefined;
  /** A sentence that says why there is no account, where there should be one. */
  refused: string | undefined;
  /** Whether code that runs as `connection` can reach only what that user owns. */
  harmless: boolean;
}

/** Chooses the login that loads a dump of somebody else: an account that owns only the database, where one can be created. */
export async function confinedLoad(
  driver: DbDriver,
  administrator: ConnectionParams,
  options: { readsAllRows: boolean; signal: AbortSignal },
): Promise<ConfinedLoad> {
  const made = await driver.confinement?.confine(administrator, options);
  if (made === undefined) return { connection: administrator, account: undefined, refused: undefined, harmless: true };
  if ('refused' in made) return { connection: administrator, account: undefined, ...made };
  return { connection: made.connection, account: made, refused: undefined, harmless: true };
}
