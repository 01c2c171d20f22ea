import type { ConnectionParams } from '@app/domain';
import type { ConfinedAccount, DbDriver } from '@app/drivers';

export interface ConfinedLoad {
  /** Whom to load as. */
  connection: ConnectionParams;
  account: ConfinedAccount | undefined;
  /** Why there is no account, where there should be one: a whole sentence. */
  refused: string | undefined;
  /** Whether code that runs as `connection` reaches no more than that user owns. */
  harmless: boolean;
}

/** Whom a dump is loaded as that was written by somebody else: by an account that owns the database, where one can be made. */
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
