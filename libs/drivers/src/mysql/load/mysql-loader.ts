import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DomainError } from '@app/domain';
import type { ConnectionParams, ServerInfo, ToolInfo } from '@app/domain';
import type { DumpSource, LoadHooks, LoadPlan, LoadRequest, LoadResult } from '../../db-driver.js';
import { currentAccount } from '../login/mysql-account.js';
import type { Account } from '../login/mysql-account.js';
import { giveCheckOptions } from './check-options.js';
import { clearDatabase } from './mysql-clear.js';
import { feedClient } from './client-feed.js';
import type { FedClient, LoadSettings, MysqlLoadPlan } from './client-feed.js';
import { ForeignRights } from '../foreign/foreign-rights.js';
import { judgeStrictly } from '../foreign/strict-judge.js';
import { sleeping } from '../confinement/definers.js';
import { dropAccountOf } from '../confinement/loading-account.js';
import { WorkerFailure } from './parallel/worker-failure.js';
import { pinnedCertificate } from '../login/mysql-pinned-certificate.js';
import { DumpRewriter } from '../script/mysql-dump-rewriter.js';
import { cancelled } from '../../session/network-errors.js';
import { isUntouched, markUntouched } from '../../load-outcome.js';
import { serverRefusal, statementError } from '../login/mysql-errors.js';
import { computeGenerated, generatedWarnings } from './generated-values.js';
import { census } from '../dump/mysql-census.js';
import { isEmpty, readInventory } from '../dump/mysql-inventory.js';
import { missingDefiners } from './missing-definers.js';
import { whyUnstaged } from './load-by-staging.js';
import { loadLimits, requireWithinLimits } from './mysql-load-demands.js';
import { requireSettable } from './settable-definers.js';
import { requirePrivileges, requireTaken } from './server-preflight.js';
import { blockersOfMakingAnew } from '../stored-objects/stored-object-blockers.js';
import { inspectDump } from '../script/mysql-script-guard.js';
import type { DumpDemands } from '../script/mysql-script-guard.js';
import { withSession } from '../login/mysql-session.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { writeStoredObjects } from '../stored-objects/stored-objects-table.js';
import { holdSwapLock } from '../swap/swap-lock.js';
import { isDatabase, thrice } from '../server-names.js';
import type { MysqlTools } from '../mysql-tools.js';

/** For tables of a target that somebody else keeps locked when they are read for a comparison. */
const LOCK_TIMEOUT_MS = 30_000;

/** They belong to the server; loading over them would break it. */
const SYSTEM_DATABASES = ['mysql', 'information_schema', 'performance_schema', 'sys'];

/** See `DbDriver.prepareNew`. */
export async function prepareNew(
  request: LoadRequest,
  tools: MysqlTools,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { connection } = request;
  await withSession(connection, { database: null, signal }, async (session) => {
    try {
      const server = await session.serverInfo();
      await tools.choose('mysql_path', request.tools, server);
      const account = await currentAccount(session, server);
      requirePrivileges(account, server, connection.database);
      await requireTaken(session, server, account, request);
    } catch (error) {
      throw statementError(error, `Checking the server before "${connection.database}" is made`);
    }
  });
}

export async function prepareLoad(
  request: LoadRequest,
  tools: MysqlTools,
  signal: AbortSignal | undefined,
): Promise<LoadPlan> {
  const { connection } = request;
  const { database } = connection;
  if (SYSTEM_DATABASES.includes(database.toLowerCase())) {
    throw new DomainError('UNSUPPORTED', `"${database}" belongs to the server itself and cannot be restored into.`, {
      hint: 'Name another target database.',
    });
  }
  return withSession(connection, { signal }, async (session) => {
    try {
      const server = await session.serverInfo();
      const tool = await tools.choose('mysql_path', request.tools, server);
      // For its refusal: better now than when the database has been cleared.
      pinnedCertificate(session, connection, tool);
      const account = await currentAccount(session, server);
      requirePrivileges(account, server, database);
      await requireTaken(session, server, account, request);
      const inventory = await readInventory(session, database);
      return {
        ...request,
        server,
        tool,
        targetIsEmpty: isEmpty(inventory),
        targetBytes: inventory.tables.reduce((sum, { bytes }) => sum + bytes, 0),
        ...(await inPlaceFacts(session, account, server, request)),
        warnings: [],
      };
    } catch (error) {
      throw statementError(error, `Checking "${database}" before the restore`);
    }
  });
}

/** A staging database, and a new one, hold nothing that would have to be put back. */
async function inPlaceFacts(
  session: MysqlSession,
  account: Account,
  server: ServerInfo,
  { connection, staged, isNew, forVerification }: LoadRequest,
): Promise<Pick<LoadPlan, 'inPlaceBlockers' | 'unstaged'>> {
  if (staged === true || isNew === true || forVerification === true) return {};
  const blockers = await blockersOfMakingAnew(session, server, account, connection.database);
  const unstaged = whyUnstaged(account, connection);
  return {
    ...(blockers.length === 0 ? {} : { inPlaceBlockers: blockers }),
    ...(unstaged === undefined ? {} : { unstaged }),
  };
}

/** Loads a dump. It is not atomic: a failure after the clearing leaves the target half loaded, and the caller puts the safety backup back. */
export async function load(
  plan: MysqlLoadPlan,
  source: DumpSource,
  hooks: LoadHooks,
  settings: LoadSettings,
): Promise<LoadResult> {
  const { connection, server, tool, staged = false } = plan;
  const { database } = connection;
  const { signal } = hooks;
  if (tool === undefined) throw new DomainError('TOOL_MISSING', 'There is no client tool to load the dump with.');
  let rights: ForeignRights | undefined;
  const leftAccount: string[] = [];
  try {
    rights = source.own ? undefined : await ForeignRights.of(connection, signal);
    if (rights?.strict === true) await judgeStrictly(source, { database, staged, folds: plan.folds }, signal);
    await withSession(connection, { signal }, async (session) => {
      const account = await currentAccount(session, server);
      const limits = await loadLimits(session, server, account);
      // Reading it all costs time, so only where it can change something that is not known yet.
      if (!source.own || limits.loggedRoutines || (limits.someDefiners && plan.demands?.definers === undefined)) {
        const demands = await inspect(plan, source, signal);
        requireWithinLimits(demands, limits, account);
        if (plan.definer !== 'current_user')
          await requireSettable(session, server, account, database, demands.definers);
      }
      // A foreign load into this database that crashed has left its account.
      if (source.own && !staged) leftAccount.push(...(await dropLeftAccount(session, database)));
      // A staging database is empty, and nobody's work. What is in a new database by now is somebody else's (FAILURES 56).
      if (plan.isNew === true && !staged) await requireEmpty(session, database);
    });
    if (plan.isNew !== true && !staged) {
      // Without a session: it would be idle for as long as a safety backup takes, and servers and proxies end such.
      await hooks.beforeReplacing?.();
      await clearTarget(connection, signal);
    }
    // A dump that was judged is cut into statements in the same way once more, and is not divided among sessions.
    const fed =
      staged && rights?.strict !== true
        ? await feedStaging(plan, tool, source, settings, signal, rights)
        : await feedClient(plan, tool, source, { ...settings, workers: 0 }, signal, rights);
    const asOwn = plan.definer === 'current_user';
    const given = await rights?.finish(asOwn ? { definers: new Map() } : fed, staged, signal);
    await giveCheckOptions(connection, fed.checkOptions, signal);
    const ownerless =
      plan.forVerification === true
        ? { warnings: [], events: [] }
        : await missingDefiners(connection, plan.definer, signal);
    const there = [...fed.heldEvents].filter(([name]) => !ownerless.events.includes(name));
    const held = there.map(
      ([name, status]) => [name, given?.asleep.has(name) === true ? sleeping(status) : status] as const,
    );
    if (staged) await noteHeldEvents(connection, new Map(held), signal);
    const { left } = await computeGenerated(connection, source.sessionSettings, signal);
    const differing = Object.keys(left).length === 0 ? {} : { differing: left };
    const { check } = hooks;
    if (check !== undefined) {
      check.judge({ ...(await census(connection, LOCK_TIMEOUT_MS, check.depth, signal)), ...differing });
    }
    await hooks.beforeCommit();
    const warnings = [
      ...leftAccount,
      ...fed.warnings,
      ...(given?.warnings ?? []),
      ...generatedWarnings(left),
      ...ownerless.warnings,
    ];
    const skipped = ownerless.skipped === undefined ? {} : { skipped: ownerless.skipped };
    const outside = fed.outside.length === 0 ? {} : { outside: fed.outside };
    return { warnings: [...warnings, ...((await rights?.end()) ?? [])], ...differing, ...outside, ...skipped };
  } catch (error) {
    const told = signal.aborted ? cancelled(`The restore of "${database}"`) : asRestoreFailure(error, database);
    const left = await rights?.drop();
    throw sameState(error, left === undefined ? told : withHint(told, left));
  }
}

/** Empties the target. A session that still moves tables into it, for a service that has died, is waited for. */
async function clearTarget(connection: ConnectionParams, signal: AbortSignal): Promise<void> {
  let hasBegun = false;
  try {
    await withSession(connection, { signal }, async (session) => {
      await holdSwapLock(session, connection.database);
      hasBegun = true;
      await clearDatabase(session, connection.database);
    });
  } catch (error) {
    throw hasBegun || !(error instanceof Error) ? error : markUntouched(error);
  }
}

function sameState(error: unknown, told: DomainError): DomainError {
  return isUntouched(error) ? markUntouched(told) : told;
}

function withHint(error: DomainError, more: string): DomainError {
  const hint = error.hint === undefined ? more : `${error.hint} ${more}`;
  return new DomainError(error.code, error.message, { hint, cause: error });
}

/** Says what stays. It must not keep a safety backup from being put back. */
async function dropLeftAccount(session: MysqlSession, database: string): Promise<string[]> {
  try {
    await dropAccountOf(session, database);
    return [];
  } catch (error) {
    const refusal = serverRefusal(error);
    if (refusal === undefined) throw error;
    return [
      `An account "dbs_load_…" of an earlier restore into "${database}" could not be dropped: ${refusal.words} (${refusal.errno}). Drop it yourself.`,
    ];
  }
}

async function requireEmpty(session: MysqlSession, database: string): Promise<void> {
  if (isEmpty(await readInventory(session, database))) return;
  throw new DomainError('BUSY', `Somebody has written into "${database}" since the restore has made it.`, {
    hint: 'Restore into another database, or into this one once more to replace what it holds.',
  });
}

/** Loads in parallel, as nobody sees a half-made table in a staging database; and once more by one client, where only the parallel load was the trouble. */
async function feedStaging(
  plan: MysqlLoadPlan,
  tool: ToolInfo,
  source: DumpSource,
  settings: LoadSettings,
  signal: AbortSignal,
  rights: ForeignRights | undefined,
): Promise<FedClient> {
  const { connection } = plan;
  try {
    return await feedClient(plan, tool, source, settings, signal, rights);
  } catch (error) {
    const cause = error instanceof DomainError ? error.cause : undefined;
    if (!(cause instanceof WorkerFailure) || !cause.lacksRoomToSort) throw error;
    await withSession(connection, { signal }, (session) => clearDatabase(session, connection.database));
    const fed = await feedClient(plan, tool, source, { ...settings, workers: 0 }, signal, rights);
    const why = `the server could not sort keys in its folder for temporary files: ${cause.words} (${cause.errno})`;
    return { ...fed, warnings: [...fed.warnings, `The dump was loaded twice, which took longer, as ${why}.`] };
  }
}

/** Foreign dumps are looked into as they will be fed, so that no event escapes the rewriter. */
async function inspect(
  { connection, staged, folds }: MysqlLoadPlan,
  source: DumpSource,
  signal: AbortSignal,
): Promise<DumpDemands> {
  const { database } = connection;
  const target = source.own ? undefined : database;
  if (staged !== true || source.own) return inspectDump(source.open(), target, { signal, folds });
  const rewritten = new PassThrough();
  const input = source.open();
  const piped = pipeline(input, new DumpRewriter(database, { holdEvents: true, folds }), rewritten);
  piped.catch(() => undefined);
  try {
    return await inspectDump(rewritten, target, { signal, folds, eventsHeld: true });
  } finally {
    input.destroy();
  }
}

/** Notes the events as they were, for the swap to restore. No event in a staging database may run. */
async function noteHeldEvents(
  connection: ConnectionParams,
  events: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const { database } = connection;
  await withSession(connection, { signal }, async (session) => {
    const notes = [...events].map(([name, text]) => ({ kind: 'EVENT STATUS' as const, name, text }));
    if (notes.length > 0) await writeStoredObjects(session, database, [], notes);
    const inventory = await session.rows<{ name: string }>(
      `SELECT EVENT_NAME AS name FROM information_schema.EVENTS WHERE ${isDatabase('EVENT_SCHEMA')} AND STATUS = 'ENABLED'`,
      thrice(database),
    );
    const awake = inventory.map(({ name }) => name);
    if (awake.length === 0) return;
    throw new DomainError('RESTORE_FAILED', `Events of the dump run in the staging database: ${awake.join(', ')}.`);
  });
}

function asRestoreFailure(error: unknown, database: string): DomainError {
  const known = statementError(error, `Restoring "${database}"`);
  return known.code === 'DATABASE_ERROR' ? new DomainError('RESTORE_FAILED', known.message, { cause: error }) : known;
}
