import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import type { DumpSource, LoadHooks, LoadPlan, LoadResult } from '../../db-driver.js';
import { databaseSettings } from '../dump/mysql-inventory.js';
import { quotedName } from '../login/mysql-account.js';
import { statementError } from '../login/mysql-errors.js';
import { withSession } from '../login/mysql-session.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { createCopy, dropCopy } from '../swap/copies.js';
import { copyName } from '../swap/copy-names.js';
import { incomingPrograms } from '../swap/incoming-programs.js';
import type { Program } from '../swap/program.js';
import { listPrograms } from '../swap/program-reader.js';
import { Exchange } from '../swap/swap-exchange.js';
import { holdSwapLock } from '../swap/swap-lock.js';
import { obstaclesOfArrival } from '../swap/swap-obstacles.js';
import { baseTables } from '../swap/swap-places.js';
import type { SwapPlan } from '../swap/swap-plan.js';
import { clearDatabase } from './mysql-clear.js';

/** One at a time for each database, and the next one drops what a death has left. */
const STAGE_ID = 'inplace';
/** What a dump may say only where it is loaded right into its target. */
const OF_THE_PLACE = ['BACKUP_UNSAFE', 'UNSUPPORTED'];

type Load = (plan: LoadPlan, source: DumpSource, hooks: LoadHooks) => Promise<LoadResult>;

/**
 * A restore in place that takes nothing away before the dump is loaded and compared (ADR 39): it is loaded into a staging
 * database, and moves from there into the cleared target. So a dump that fails loses no write, and nobody writes into tables
 * that are half loaded. Right into the target where no staging database can be made, or what is in it could not be moved.
 */
export async function loadByStaging(
  load: Load,
  plan: LoadPlan,
  source: DumpSource,
  hooks: LoadHooks,
): Promise<LoadResult> {
  const { connection } = plan;
  const { signal } = hooks;
  const stage = { ...connection, database: copyName(connection.database, 'restore', STAGE_ID) };
  if (!(await makeStage(connection, stage.database, signal))) return load(plan, source, hooks);
  try {
    const loaded = await intoStage(
      load,
      { ...plan, connection: stage, aside: true },
      source,
      hooks,
      connection.database,
    );
    if (loaded !== undefined) {
      await hooks.beforeCommit();
      await hooks.beforeReplacing?.();
      signal.throwIfAborted();
      const warnings = await moveIn(connection, stage.database, signal);
      return { ...loaded, warnings: [...loaded.warnings, ...warnings] };
    }
  } finally {
    await dropCopy(connection, stage.database, undefined).catch(() => undefined);
  }
  return load(plan, source, hooks);
}

/** False where the account may not make databases. */
async function makeStage(connection: ConnectionParams, name: string, signal: AbortSignal): Promise<boolean> {
  try {
    await dropCopy(connection, name, signal);
    await createCopy(connection, name, signal);
    return true;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'MISSING_PRIVILEGE') return false;
    throw error;
  }
}

/** Undefined where it has to be loaded right into the target. */
async function intoStage(
  load: Load,
  plan: LoadPlan,
  source: DumpSource,
  { signal, check }: LoadHooks,
  database: string,
): Promise<LoadResult | undefined> {
  const { connection } = plan;
  try {
    const loaded = await load(plan, source, { signal, check, beforeCommit: () => Promise.resolve() });
    const obstacles = await withSession(connection, { signal }, (session) =>
      obstaclesOfArrival(session, connection.database),
    );
    return obstacles.length === 0 ? loaded : undefined;
  } catch (error) {
    if (error instanceof DomainError && OF_THE_PLACE.includes(error.code)) return undefined;
    throw error instanceof DomainError ? toldOf(database, error, connection.database) : error;
  }
}

/** Names the target: nobody knows the staging database, which is gone. */
function toldOf(database: string, { code, message, hint, cause }: DomainError, stage: string): DomainError {
  const told = (text: string): string => text.replaceAll(stage, database);
  return new DomainError(code, told(message), { ...(hint === undefined ? {} : { hint: told(hint) }), cause });
}

async function moveIn(connection: ConnectionParams, stage: string, signal: AbortSignal): Promise<string[]> {
  const { database } = connection;
  return withSession(connection, { abandonWhenSilent: signal }, async (session) => {
    try {
      await holdSwapLock(session, database);
      const wanted = await incomingPrograms(session, stage, database);
      await dropTriggers(session, stage);
      const plan = await planOf(session, database, stage);
      await session.run(`USE ${quotedName(database)}`);
      await clearDatabase(session, database);
      const exchange = new Exchange(session, await optionsOf(session, plan, wanted));
      await exchange.run();
      await session.run(`USE ${quotedName(database)}`);
      return exchange.warnings;
    } catch (error) {
      throw statementError(error, `Moving what was loaded into "${database}"`);
    }
  });
}

/** No table moves together with its triggers; they are made anew in the target. */
async function dropTriggers(session: MysqlSession, stage: string): Promise<void> {
  await session.run(`USE ${quotedName(stage)}`);
  for (const { kind, name } of await listPrograms(session, stage)) {
    if (kind === 'TRIGGER') await session.run(`DROP TRIGGER IF EXISTS ${quotedName(name)}`);
  }
}

async function planOf(session: MysqlSession, live: string, incoming: string): Promise<SwapPlan> {
  const settings = await databaseSettings(session, live);
  return {
    ...{ version: 1, live, incoming, outgoing: copyName(live, 'before', STAGE_ID), phase: 'exchange', tag: STAGE_ID },
    characterSet: settings['character_set'] ?? 'utf8mb4',
    collation: settings['collation'] ?? 'utf8mb4_general_ci',
    ...{ old: [], new: await baseTables(session, incoming), views: [], atomic: false },
  };
}

async function optionsOf(session: MysqlSession, plan: SwapPlan, wanted: readonly Program[]) {
  const mariadb = (await session.serverInfo()).flavour === 'MariaDB';
  return { plan, direction: 'forward', wanted, mariadb } as const;
}
