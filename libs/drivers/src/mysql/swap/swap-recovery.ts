import type { ConnectionParams } from '@app/domain';
import { withSession } from '../login/mysql-session.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { quotedName } from '../login/mysql-account.js';
import { serverRefusal } from '../login/mysql-errors.js';
import { dropSchema, schemaExists } from './copies.js';
import { asSpelled } from '../server-names.js';
import { parseCopyName } from './copy-names.js';
import type { StoredObject } from '../stored-objects/stored-object.js';
import { readStoredObjects } from '../stored-objects/stored-object-reader.js';
import { addNote, storedObjects } from '../stored-objects/stored-objects-table.js';
import { remaining } from '../selection/table-scope.js';
import { isBlocked } from './tables/rename-tables.js';
import { SwapExecution } from './swap-execution.js';
import { Places, baseTables } from './swap-places.js';
import { holdSwapLock } from './swap-lock.js';
import { planFromJson, waitingName } from './swap-plan.js';
import type { Direction, SwapPlan } from './swap-plan.js';

/** Is told, in whole sentences, what else than the swap's own was found in the target; see {@link Strays}. */
export type Tell = (warning: string) => void;

/**
 * Finishes or undoes a swap that was broken off, and says which. By where the tables are; the journal says only whose they
 * are, and whether it was on its way back. Without a journal the plan is looked for in the databases of the restore.
 */
export async function bringToAnEnd(
  connection: ConnectionParams,
  journal: unknown,
  tell: Tell = () => undefined,
): Promise<'swapped' | 'unchanged'> {
  return withSession(connection, {}, async (session) => {
    const database = await asSpelled(session, connection.database);
    await holdSwapLock(session, database);
    const plan = planFromJson(journal) ?? (await planOnServer(session, database));
    if (plan === undefined) return 'unchanged';
    const home = await storedState(session, plan);
    if (home !== 'open') return home;
    const mariadb = (await session.serverInfo()).flavour === 'MariaDB';
    const run = (direction: Direction): Promise<void> => runTo(session, plan, { direction, mariadb, tell });
    if (!(await hasBegun(session, plan)) || plan.phase === 'back') {
      await run('back');
      await abandon(session, plan);
      return 'unchanged';
    }
    try {
      await run('forward');
    } catch (error) {
      if (serverRefusal(error) === undefined) throw error;
      // Clients write into the new tables by now: who waits for a lock is no reason to take them away.
      if (isBlocked(error) && (await isAllThere(session, plan))) throw error;
      await run('back');
      await abandon(session, plan);
      return 'unchanged';
    }
    await addNote(session, plan.outgoing, { kind: 'DONE', name: '', text: '' });
    await dropHusk(session, plan.incoming);
    return 'swapped';
  });
}

async function storedState(session: MysqlSession, plan: SwapPlan): Promise<'swapped' | 'unchanged' | 'open'> {
  const { incoming, outgoing } = plan;
  if (!(await schemaExists(session, outgoing))) {
    // It is the first thing that a swap makes, and the last that is dropped, by others, after it.
    return (await schemaExists(session, incoming)) || plan.phase !== 'exchange' ? 'unchanged' : 'swapped';
  }
  if ((await storedObjects(session, outgoing))?.note('DONE') === undefined) return 'open';
  await dropHusk(session, incoming);
  return 'swapped';
}

/** Whether anything of the target has left its place, so that the swap can be finished as well as undone. */
async function hasBegun(session: MysqlSession, plan: SwapPlan): Promise<boolean> {
  if ((await storedObjects(session, plan.outgoing))?.note('COMPLETE') === undefined) return false;
  const places = await Places.find(session, plan);
  const { old, new: arriving } = plan;
  if (old.length > 0) return places.at('old', 'live').length < old.length;
  return places.at('new', 'home').length < arriving.length;
}

/** Whether all that was to come is in its place, so that only what is left of the old is to be cleared away. */
async function isAllThere(session: MysqlSession, plan: SwapPlan): Promise<boolean> {
  return (await Places.find(session, plan)).at('new', 'live').length === plan.new.length;
}

async function runTo(
  session: MysqlSession,
  plan: SwapPlan,
  { direction, mariadb, tell }: { direction: Direction; mariadb: boolean; tell: Tell },
): Promise<void> {
  const forward = direction === 'forward';
  const stored = await storedObjects(session, forward ? plan.incoming : plan.outgoing);
  // Without this note not all are saved, so nothing has been touched.
  if (stored?.note('COMPLETE') === undefined) return;
  const kept = plan.tables === undefined ? [] : await othersNow(session, plan, plan.tables);
  const others = forward ? undefined : (await storedObjects(session, plan.incoming))?.objects;
  const wanted = [...kept, ...stored.objects];
  const options = { plan, direction, wanted, mariadb, ...(others === undefined ? {} : { others }) };
  const execution = new SwapExecution(session, options);
  try {
    await execution.run();
  } finally {
    for (const warning of execution.strayWarnings) tell(warning);
  }
}

/** The stored objects of the target that stay as they are. Triggers may be on tables that wait. */
async function othersNow(session: MysqlSession, plan: SwapPlan, tables: readonly string[]): Promise<StoredObject[]> {
  const waiting = (['old', 'new'] as const).flatMap((side) => plan[side].map((name) => waitingName(plan, side, name)));
  return remaining(await readStoredObjects(session, plan.live), [...tables, ...waiting]);
}

/** Drops the database that was to become the previous one, unless some of the old content is in it. */
async function abandon(session: MysqlSession, plan: SwapPlan): Promise<void> {
  await session.run(`USE ${quotedName(plan.live)}`);
  await dropHusk(session, plan.outgoing);
}

async function dropHusk(session: MysqlSession, copy: string): Promise<void> {
  if (parseCopyName(copy) === undefined || (await baseTables(session, copy)).length > 0) return;
  await dropSchema(session, copy);
}

/** The plan of a swap of this database that has not come to its end. */
async function planOnServer(session: MysqlSession, database: string): Promise<SwapPlan | undefined> {
  const rows = await session.rows<{ name: string }>(
    String.raw`SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE '%\_\_before\_%'`,
  );
  for (const { name } of rows) {
    const stem = parseCopyName(name)?.stem;
    if (stem === undefined || !database.startsWith(stem)) continue;
    const stored = await storedObjects(session, name);
    if (stored === undefined || stored.note('DONE') !== undefined) continue;
    const text = stored.note('PLAN');
    const plan = text === undefined ? undefined : planFromJson(JSON.parse(text));
    if (plan?.live === database) return plan;
  }
  return undefined;
}
