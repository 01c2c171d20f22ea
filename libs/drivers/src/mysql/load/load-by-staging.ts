import { createHash } from 'node:crypto';
import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import type { DumpSource, LoadHooks, LoadResult } from '../../db-driver.js';
import { markUntouched } from '../../load-outcome.js';
import { databaseSettings } from '../dump/mysql-inventory.js';
import { quotedName } from '../login/mysql-account.js';
import type { Account } from '../login/mysql-account.js';
import { statementError } from '../login/mysql-errors.js';
import { withSession } from '../login/mysql-session.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { createStaging, dropCopy } from '../swap/copies.js';
import { copyName } from '../swap/copy-names.js';
import { carryHistograms } from '../swap/tables/histograms.js';
import { incomingStoredObjects } from '../stored-objects/incoming-stored-objects.js';
import type { StoredObject } from '../stored-objects/stored-object.js';
import { listStoredObjects } from '../stored-objects/stored-object-reader.js';
import { SwapExecution } from '../swap/swap-execution.js';
import { holdSwapLock } from '../swap/swap-lock.js';
import { blockersOfArrival } from '../swap/swap-blockers.js';
import { baseTables } from '../swap/swap-places.js';
import type { SwapPlan } from '../swap/swap-plan.js';
import { TakenForOne } from '../server-names.js';
import { StatementFailure } from '../foreign/foreign-client.js';
import { TakesOurName } from '../foreign/foreign-rights.js';
import { clearDatabase } from './mysql-clear.js';
import { NEEDED_TO_LOAD } from './mysql-load-privileges.js';
import type { MysqlLoadPlan } from './client-feed.js';
import { lacksRoom } from './missing-prerequisite.js';

/** Access denied to a database, table, column or routine: not to what only administrators may. */
const OF_A_DATABASE = [1044, 1142, 1143, 1370];
const MOST_CAUSES = 6;

type Load = (plan: MysqlLoadPlan, source: DumpSource, hooks: LoadHooks) => Promise<LoadResult>;

/**
 * A restore in place that takes nothing away before the dump is loaded and compared (ADR 39): it is loaded into a staging
 * database, and moves from there into the cleared target. So a dump that fails loses no write, and nobody writes into tables
 * that are half loaded. Right into the target where no staging database can be made, or what is in it could not be moved.
 */
export async function loadByStaging(
  load: Load,
  plan: MysqlLoadPlan,
  source: DumpSource,
  hooks: LoadHooks,
): Promise<LoadResult> {
  const { connection } = plan;
  const { signal } = hooks;
  const stage = { ...connection, database: stageName(connection.database) };
  const right = (why: string): Promise<LoadResult> => loadRight(load, why, plan, source, hooks);
  if (plan.unstaged !== undefined) return right(plan.unstaged);
  await hooks.staging?.begins(stage.database);
  let mayBeThere = true;
  try {
    mayBeThere = await makeStage(connection, stage.database, signal);
    if (!mayBeThere) return await right(mayMakeNone(plan.connection));
    const loaded = await intoStage(
      load,
      { ...plan, connection: stage, staged: true },
      source,
      hooks,
      connection.database,
    );
    const wanted = loaded === undefined ? undefined : await makeMovable(connection, stage.database, signal);
    if (loaded !== undefined && wanted !== undefined) {
      const unmade = await withSession(connection, { abandonWhenSilent: signal }, (session) =>
        carryHistograms(session, connection.database, stage.database, signal),
      );
      await hooks.beforeCommit();
      await hooks.beforeReplacing?.();
      const warnings = await moveIn(connection, stage.database, wanted, hooks);
      return { ...loaded, warnings: [...loaded.warnings, ...unmade, ...warnings] };
    }
  } finally {
    if (mayBeThere) {
      await dropCopy(connection, stage.database, undefined).catch(() => hooks.staging?.leaves(stage.database));
    }
  }
  return right('what the dump holds could not be moved there from a staging database');
}

/** Right into the target, which is said. `why`: see `LoadPlan.unstaged`. */
export async function loadRight(
  load: Load,
  why: string,
  plan: MysqlLoadPlan,
  source: DumpSource,
  hooks: LoadHooks,
): Promise<LoadResult> {
  const loaded = await load(plan, source, hooks);
  return { ...loaded, warnings: [`Loaded right into "${plan.connection.database}", as ${why}.`, ...loaded.warnings] };
}

/** Where a restore in place is loaded first. */
function stageName(database: string): string {
  return copyName(database, 'restore', stageId(database));
}

function mayMakeNone({ username }: Pick<ConnectionParams, 'username'>): string {
  return `"${username}" may not make a staging database`;
}

/** Is the same for each restore of a database, so that the next one drops what is left. Names of staging databases are cut, and this tells them apart. */
function stageId(database: string): string {
  return `inplace${createHash('sha256').update(database).digest('hex').slice(0, 8)}`;
}

/** See `LoadPlan.unstaged`: the account may not do there what it needs to do in the target. */
export function whyUnstaged(
  { privileges }: Account,
  connection: Pick<ConnectionParams, 'database' | 'username'>,
): string | undefined {
  const name = stageName(connection.database);
  const may = NEEDED_TO_LOAD.every((privilege) => privileges.onDatabase(privilege, name));
  return may ? undefined : mayMakeNone(connection);
}

/** False where the account may not make databases. */
async function makeStage(connection: ConnectionParams, name: string, signal: AbortSignal): Promise<boolean> {
  try {
    await dropCopy(connection, name, signal);
    await createStaging(connection, name, signal);
    return true;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'MISSING_PRIVILEGE') return false;
    throw error;
  }
}

/** Undefined where it has to be loaded right into the target. */
async function intoStage(
  load: Load,
  plan: MysqlLoadPlan,
  source: DumpSource,
  { signal, check }: LoadHooks,
  database: string,
): Promise<LoadResult | undefined> {
  const { connection } = plan;
  try {
    const loaded = await load(plan, source, { signal, check, beforeCommit: () => Promise.resolve() });
    const blockers = await withSession(connection, { signal }, (session) =>
      blockersOfArrival(session, connection.database),
    );
    return blockers.length === 0 ? loaded : undefined;
  } catch (error) {
    if (passesInPlace(error, database)) return undefined;
    throw error instanceof DomainError ? toldOf(database, error, connection.database) : error;
  }
}

/** Whether a load that failed in the staging database could do in the target. */
function passesInPlace(failure: unknown, database: string): boolean {
  if (!(failure instanceof DomainError) || failure instanceof TakesOurName || failure instanceof TakenForOne)
    return false;
  if (lacksRoom(failure)) return true;
  let error: unknown = failure;
  for (let depth = 0; depth < MOST_CAUSES && error instanceof Error; depth += 1, error = error.cause) {
    if (error instanceof StatementFailure) return mayNameTarget(error, database);
  }
  return failure.code === 'BACKUP_UNSAFE' || failure.code === 'UNSUPPORTED';
}

/** In the staging database such a statement is refused for the name of the target alone. */
function mayNameTarget({ errno, statement }: StatementFailure, database: string): boolean {
  return (
    OF_A_DATABASE.includes(errno) &&
    Buffer.from(statement.text, 'latin1').toString('utf8').toLowerCase().includes(database.toLowerCase())
  );
}

/** Names the target: nobody knows the staging database, which is gone. */
function toldOf(database: string, { code, message, hint, cause }: DomainError, stage: string): DomainError {
  const told = (text: string): string => text.replaceAll(stage, () => database);
  return new DomainError(code, told(message), { ...(hint === undefined ? {} : { hint: told(hint) }), cause });
}

/** Makes the staging database movable, as nothing moves with a trigger. Returns what is to be made anew in the target; undefined where the account may not read it. */
async function makeMovable(
  connection: ConnectionParams,
  stage: string,
  signal: AbortSignal,
): Promise<StoredObject[] | undefined> {
  return withSession(connection, { abandonWhenSilent: signal }, async (session) => {
    try {
      const wanted = await incomingStoredObjects(session, stage, connection.database);
      await dropTriggers(session, stage);
      return wanted;
    } catch (error) {
      const told = statementError(error, `Preparing what was loaded for "${connection.database}"`);
      if (told.code === 'MISSING_PRIVILEGE' || told.code === 'UNSUPPORTED') return undefined;
      throw told;
    }
  });
}

async function moveIn(
  connection: ConnectionParams,
  stage: string,
  wanted: readonly StoredObject[],
  { signal, onMoved }: LoadHooks,
): Promise<string[]> {
  const { database } = connection;
  let hasBegun = false;
  const moving = withSession(connection, { abandonWhenSilent: signal }, async (session) => {
    try {
      signal.throwIfAborted();
      await holdSwapLock(session, database);
      const plan = await planOf(session, database, stage);
      await session.run(`USE ${quotedName(database)}`);
      hasBegun = true;
      await clearDatabase(session, database);
      const execution = new SwapExecution(session, { ...(await optionsOf(session, plan, wanted)), onMoved });
      await execution.run();
      await session.run(`USE ${quotedName(database)}`);
      return execution.warnings;
    } catch (error) {
      throw statementError(error, `Moving what was loaded into "${database}"`);
    }
  });
  return moving.catch((error: unknown) => {
    throw hasBegun || !(error instanceof Error) ? error : markUntouched(error);
  });
}

/** No table moves together with its triggers; they are made anew in the target. */
async function dropTriggers(session: MysqlSession, stage: string): Promise<void> {
  await session.run(`USE ${quotedName(stage)}`);
  for (const { kind, name } of await listStoredObjects(session, stage)) {
    if (kind === 'TRIGGER') await session.run(`DROP TRIGGER IF EXISTS ${quotedName(name)}`);
  }
}

async function planOf(session: MysqlSession, live: string, incoming: string): Promise<SwapPlan> {
  const settings = await databaseSettings(session, live);
  const id = stageId(live);
  return {
    ...{ version: 1, live, incoming, outgoing: copyName(live, 'before', id), phase: 'exchange', tag: id },
    characterSet: settings['character_set'] ?? 'utf8mb4',
    collation: settings['collation'] ?? 'utf8mb4_general_ci',
    ...{ old: [], new: await baseTables(session, incoming), views: [], atomic: false },
  };
}

async function optionsOf(session: MysqlSession, plan: SwapPlan, wanted: readonly StoredObject[]) {
  const mariadb = (await session.serverInfo()).flavour === 'MariaDB';
  return { plan, direction: 'forward', wanted, mariadb } as const;
}
