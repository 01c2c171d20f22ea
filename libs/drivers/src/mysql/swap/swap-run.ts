import { DomainError } from '@app/domain';
import type { ConnectionParams, JsonObject } from '@app/domain';
import type { SwapRequest, SwapResult } from '../../db-driver.js';
import { cancelled } from '../../session/network-errors.js';
import { databaseSettings } from '../dump/mysql-inventory.js';
import { quotedName } from '../login/mysql-account.js';
import { statementError } from '../login/mysql-errors.js';
import { withSession } from '../login/mysql-session.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { createSchema, dropSchema, requireCopyName, schemaExists } from './copies.js';
import { asSpelled } from '../server-names.js';
import { parseCopyName } from './copy-names.js';
import { carryHistograms } from './tables/histograms.js';
import { crossingForeignKeys } from './tables/foreign-keys.js';
import { incomingStoredObjects } from '../stored-objects/incoming-stored-objects.js';
import { isRoutine, storedObjectKey } from '../stored-objects/stored-object.js';
import type { StoredObject } from '../stored-objects/stored-object.js';
import { listStoredObjects, readStoredObjects, withBrokenViewsMarked } from '../stored-objects/stored-object-reader.js';
import { difference } from '../stored-objects/stored-object-writer.js';
import { addNote, storedObjects, writeStoredObjects } from '../stored-objects/stored-objects-table.js';
import { requireFreeTriggerNames, requireReplaceable } from '../selection/table-blockers.js';
import { belonging, remaining, tablesNote, tablesOfCopy } from '../selection/table-scope.js';
import { tablesWithDefaultsOf } from './tables/sequence-defaults.js';
import { SwapExecution } from './swap-execution.js';
import type { SwapExecutionOptions } from './swap-execution.js';
import { requireNoBlocker } from './swap-blockers.js';
import { baseTables } from './swap-places.js';
import { planAsJson } from './swap-plan.js';
import type { SwapPlan } from './swap-plan.js';
import { holdSwapLock } from './swap-lock.js';
import { bringToAnEnd } from './swap-recovery.js';
import type { Tell } from './swap-recovery.js';

/** For tests only: what happens before each step, how long to wait for tables, how many of them one statement moves. */
export type SwapProbe = Pick<SwapExecutionOptions, 'onStep' | 'patienceMs' | 'limits'>;

interface PreparedSwap {
  plan: SwapPlan;
  /** All that the target has, and all that it is to have, also where only some tables change place. */
  old: readonly StoredObject[];
  new: readonly StoredObject[];
  mariadb: boolean;
}

export async function swap(request: SwapRequest, probe: SwapProbe = {}): Promise<SwapResult> {
  const { connection, signal, onMoved } = request;
  const doing = `Swapping "${request.incoming}" in for "${connection.database}"`;
  requireCopyName(request.incoming);
  requireCopyName(request.outgoing);
  let begun: SwapPlan | undefined;
  let execution: SwapExecution | undefined;
  let lockoutMs: number | undefined;
  try {
    // Without the signal: from a certain point on, the session must not be cut.
    return await withSession(connection, { abandonWhenSilent: signal }, async (session) => {
      const spelled = await spelledRequest(session, request);
      const live = spelled.connection.database;
      await holdSwapLock(session, live);
      const prepared = await planned(session, spelled);
      const { plan, mariadb } = prepared;
      await request.journal(planAsJson(plan));
      begun = plan;
      await prepare(session, prepared);
      const unmade = await carryHistograms(session, live, spelled.incoming, signal);
      signal.throwIfAborted();
      await request.journal(planAsJson({ ...plan, phase: 'exchange' }));
      const options = { plan, direction: 'forward', wanted: prepared.new, mariadb, signal, onMoved } as const;
      execution = new SwapExecution(session, { ...probe, ...options });
      lockoutMs = Math.ceil(await execution.run());
      const warnings = [...unmade, ...execution.warnings, ...(await conclude(session, prepared))];
      return { lockoutMs, sessionsEnded: 0, warnings };
    });
  } catch (error) {
    if (begun !== undefined) {
      // In a session of its own, as the other may have been the trouble.
      // Somebody may have written into what has arrived by now: going on loses none of that.
      if (execution?.hasArrived === true) lockoutMs ??= Math.ceil(execution.lockedOutMs);
      const phase = lockoutMs === undefined ? 'back' : 'exchange';
      if (phase === 'back') await request.journal(planAsJson({ ...begun, phase })).catch(() => undefined);
      const strays = [...(execution?.strayWarnings ?? [])];
      const tell = (warning: string): void => void strays.push(warning);
      const end = await bringToAnEnd(connection, { ...begun, phase }, tell).catch((failure: unknown) => {
        throw unfinished(failure, error, doing, phase);
      });
      // Once the staging database is dropped, a journal that says `exchange` would read as if the swap had been done.
      if (end === 'unchanged' && phase === 'exchange') {
        await request.journal(planAsJson({ ...begun, phase: 'back' })).catch(() => undefined);
      }
      if (end === 'swapped' && lockoutMs !== undefined) return { lockoutMs, sessionsEnded: 0, warnings: strays };
      if (strays.length > 0) throw withStrays(signal.aborted ? cancelled(doing) : statementError(error, doing), strays);
    }
    if (signal.aborted) throw cancelled(doing);
    throw statementError(error, doing);
  }
}

function withStrays(failure: DomainError, strays: readonly string[]): DomainError {
  const { code, message, hint } = failure;
  const details = { ...(hint === undefined ? {} : { hint }), cause: failure };
  return new DomainError(code, [message, ...strays].join(' '), details);
}

function unfinished(failure: unknown, error: unknown, doing: string, phase: 'back' | 'exchange'): DomainError {
  const { code, message } = statementError(error, doing);
  const goesBack = phase === 'back';
  const second = statementError(failure, goesBack ? 'Putting back what it was' : 'Finishing it').message;
  return new DomainError(code, `${message} ${second}`, {
    hint: `The old content is complete, in the database and in those of the restore. ${goesBack ? 'It is put back' : 'The swap is finished'} when the service starts again.`,
    cause: failure,
  });
}

export async function recoverSwap(
  connection: ConnectionParams,
  journal: JsonObject,
  tell?: Tell,
): Promise<'swapped' | 'unchanged'> {
  try {
    return await bringToAnEnd(connection, journal, tell);
  } catch (error) {
    throw statementError(error, `Settling the swap of "${connection.database}"`);
  }
}

/** Returns the request with the names that the server gives the databases, as they stand in views and defaults. */
async function spelledRequest(session: MysqlSession, request: SwapRequest): Promise<SwapRequest> {
  const { connection } = request;
  return {
    ...request,
    connection: { ...connection, database: await asSpelled(session, connection.database) },
    incoming: await asSpelled(session, request.incoming),
    outgoing: await asSpelled(session, request.outgoing),
  };
}

async function planned(session: MysqlSession, request: SwapRequest): Promise<PreparedSwap> {
  const { incoming, outgoing } = request;
  const live = request.connection.database;
  if (!(await schemaExists(session, incoming))) {
    throw new DomainError('DATABASE_NOT_FOUND', `There is no database "${incoming}" to swap in.`);
  }
  if (await schemaExists(session, outgoing)) {
    throw new DomainError('BUSY', `There is a database "${outgoing}" already.`, { hint: 'Choose another name.' });
  }
  const server = await session.serverInfo();
  const tables = await tablesOfCopy(session, incoming);
  if (tables === undefined) await requireNoBlocker(session, server, live, incoming);
  else await requireReplaceable(session, server, live, tables);
  const settings = await databaseSettings(session, live);
  const coming = await incomingStoredObjects(session, incoming, live);
  if (tables !== undefined) {
    const triggers = coming.filter(({ kind }) => kind === 'TRIGGER').map(({ name }) => name);
    await requireFreeTriggerNames(session, live, tables, triggers);
  }
  const now = await withBrokenViewsMarked(session, await readStoredObjects(session, live));
  const wanted = [...remaining(now, tables), ...coming];
  const { obsolete, missing } = difference(now, wanted);
  const onlyViews = [...obsolete, ...missing].every(({ kind }) => kind === 'VIEW');
  const triggers = [...belonging(now, tables), ...coming].some(({ kind }) => kind === 'TRIGGER');
  const defaults = await tablesWithDefaultsOf(session, incoming, incoming);
  return {
    plan: {
      ...{ version: 1, live, incoming, outgoing, phase: 'prepare' },
      tag: parseCopyName(outgoing)?.id ?? '',
      characterSet: settings['character_set'] ?? 'utf8mb4',
      collation: settings['collation'] ?? 'utf8mb4_general_ci',
      old: among(await baseTables(session, live), tables),
      new: await baseTables(session, incoming),
      ...(tables === undefined ? {} : { tables }),
      views: now.filter(({ kind }) => kind === 'VIEW').map(({ name }) => name),
      atomic: onlyViews && !triggers && defaults.length === 0,
    },
    old: now,
    new: wanted,
    mariadb: server.flavour === 'MariaDB',
  };
}

/** Makes the staging and the previous database self-contained; the target is not touched. */
async function prepare(session: MysqlSession, prepared: PreparedSwap): Promise<void> {
  const { plan } = prepared;
  const { incoming, outgoing, live } = plan;
  const plans = [{ kind: 'PLAN' as const, name: '', text: JSON.stringify({ ...plan, phase: 'exchange' }) }];
  const whole = [...tablesNote(plan.tables), { kind: 'COMPLETE' as const, name: '', text: '' }];
  await createSchema(session, live, outgoing);
  await writeStoredObjects(session, outgoing, belonging(prepared.old, plan.tables), [...plans, ...whole]);
  if ((await storedObjects(session, incoming))?.note('COMPLETE') === undefined) {
    await writeStoredObjects(session, incoming, belonging(prepared.new, plan.tables), whole);
  }
  // From here on the stored objects of the staging database are in the table alone. No table moves together with its triggers.
  await session.run(`USE ${quotedName(incoming)}`);
  for (const { kind, name } of await listStoredObjects(session, incoming)) {
    if (kind === 'TRIGGER') await session.run(`DROP TRIGGER IF EXISTS ${quotedName(name)}`);
  }
  // Somebody may have altered the target meanwhile, and what we have saved of it is not what it is.
  const tables = among(await baseTables(session, live), plan.tables);
  const { obsolete, missing } = difference(await readStoredObjects(session, live), prepared.old);
  if (tables.join('\n') === plan.old.join('\n') && obsolete.length + missing.length === 0) return;
  throw new DomainError('BUSY', `"${live}" was altered while the swap was prepared.`, {
    hint: 'Nothing was changed. Try again when no migration runs.',
  });
}

function among(names: readonly string[], tables: readonly string[] | undefined): string[] {
  return names.filter((name) => tables === undefined || tables.includes(name));
}

async function conclude(session: MysqlSession, { plan, new: wanted, old, mariadb }: PreparedSwap): Promise<string[]> {
  const warnings: string[] = [];
  const events = new Set(
    (await listStoredObjects(session, plan.live)).filter(({ kind }) => kind === 'EVENT').map(({ name }) => name),
  );
  const over = wanted.filter(({ kind, name }) => kind === 'EVENT' && !events.has(name)).map(({ name }) => name);
  if (over.length > 0) warnings.push(`Events whose time is over are gone: ${over.join(', ')}.`);
  const before = new Set(old.map(storedObjectKey));
  const changed = difference(old, wanted).missing.filter(
    (object) => isRoutine(object) && before.has(storedObjectKey(object)),
  );
  if (!mariadb && changed.length > 0) {
    const names = changed.map(({ name }) => name).join(', ');
    warnings.push(`What was granted on single routines is lost with those that were replaced: ${names}.`);
  }
  const crossing = plan.tables === undefined ? await crossingForeignKeys(session, plan.live) : [];
  if (crossing.length > 0) warnings.push(`Foreign keys lead out of "${plan.live}" or into it: ${crossing.join(', ')}.`);
  await addNote(session, plan.outgoing, { kind: 'DONE', name: '', text: '' });
  await session.run(`USE ${quotedName(plan.live)}`);
  await dropSchema(session, plan.incoming);
  return warnings;
}
