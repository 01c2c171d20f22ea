import { quotedName } from '../login/mysql-account.js';
import type { MysqlSession } from '../login/mysql-session.js';
import type { StoredObject } from '../stored-objects/stored-object.js';
import { Arrivals, constrainedTables } from './arrivals.js';
import { listStoredObjects, listTriggers, readStoredObjects } from '../stored-objects/stored-object-reader.js';
import { StoredObjectWriter, difference } from '../stored-objects/stored-object-writer.js';
import type { RenameLimits } from './tables/rename-batches.js';
import type { Rename } from './tables/rename-tables.js';
import { Strays } from './strays.js';
import type { Places } from './swap-places.js';
import { arrivingSide, homeOf, waitingView, leavingSide, waitingName, waitingViewName } from './swap-plan.js';
import type { Direction, Side, SwapPlan } from './swap-plan.js';
import { TableMoves } from './tables/table-moves.js';

export interface SwapExecutionOptions {
  plan: SwapPlan;
  direction: Direction;
  /** The stored objects that the target is to have at the end. */
  wanted: readonly StoredObject[];
  /** The views that the other side has: what else is found where they were is somebody else's. Absent: not asked for. */
  others?: readonly StoredObject[];
  mariadb: boolean;
  /** Looked at while nothing has left its place. */
  signal?: AbortSignal | undefined;
  patienceMs?: number | undefined;
  /** Told how many tables of both sides, of how many, have left or have come. */
  onMoved?: ((moved: number, total: number) => void) | undefined;
  /** For tests: in place of those of the server. */
  limits?: Partial<RenameLimits> | undefined;
  /** Called before each step that changes anything, with its name; a test may die there. */
  onStep?: (step: string) => Promise<void>;
}

/**
 * Brings the target to one of the two states of a swap, from wherever the tables are: what a step has to do is told by
 * where each table is, so that it can be begun anew after a death at any point, in either direction.
 *
 * Where more than tables changes, clients are locked out by absence: first everything leaves, then triggers, routines and
 * events are changed while there is no table to be seen, then everything arrives. MariaDB has no RENAME under LOCK TABLES,
 * and no table moves to another schema together with its triggers (1435). See ADR 16 and 41.
 */
export class SwapExecution {
  private readonly plan: SwapPlan;
  private readonly leaving: Side;
  private readonly arriving: Side;
  private readonly writer: StoredObjectWriter;
  /** The stored objects that the target had when this began; what left is not there any more. */
  private now: readonly StoredObject[] = [];
  private begun: TableMoves | undefined;
  private lockedOut: number | undefined;
  private readonly strays: Strays;
  private readonly broken: string[] = [];
  /** How long the one statement took that swapped all tables. */
  private atOnceMs: number | undefined;
  /** The tables that have left and wait, with constraints of which a schema may have one of a name. */
  private constrained: ReadonlySet<string> = new Set();

  constructor(
    private readonly session: MysqlSession,
    private readonly options: SwapExecutionOptions,
  ) {
    this.plan = options.plan;
    this.leaving = leavingSide(options.direction);
    this.arriving = arrivingSide(options.direction);
    this.writer = new StoredObjectWriter(session, this.plan.live, this.plan.collation, options.mariadb);
    this.strays = new Strays(session, this.plan);
  }

  /** Tells what could not be as it is wanted, and what somebody else has made meanwhile. It can also be read after a failure. */
  get warnings(): string[] {
    return [...this.broken, ...this.strayWarnings];
  }

  get strayWarnings(): string[] {
    return this.strays.warnings();
  }

  /** Whether tables that arrived can be seen, and written into. Also to be read after a failure. */
  get hasArrived(): boolean {
    return this.begun?.hasArrived === true;
  }

  /** How long the target could not be used, or cannot by now, milliseconds. */
  get lockedOutMs(): number {
    return this.lockedOut ?? this.begun?.sinceLeftMs ?? 0;
  }

  /** Returns how long the target could not be used, milliseconds. */
  async run(): Promise<number> {
    const { session, plan, strays, leaving, arriving } = this;
    const { mariadb, onMoved, limits } = this.options;
    const step = (name: string): Promise<void> => this.step(name);
    await session.run(`USE ${quotedName(plan.live)}`);
    this.begun = await TableMoves.begin({ session, plan, strays, leaving, arriving, onMoved, limits, step }, mariadb);
    const arrivals = this.arrivals();
    await arrivals.prepare();
    await this.leave();
    await this.sendHome('constrained');
    await this.replaceStoredObjects();
    await arrivals.finish();
    await this.arrive();
    const complete = await this.createViews();
    this.lockedOut = (complete ? this.atOnceMs : undefined) ?? this.lockedOutMs;
    await this.sendHome('all');
    await this.createEvents();
    await this.dropWaitingViews();
    return this.lockedOut;
  }

  private arrivals(): Arrivals {
    const { session, plan, arriving, options, places, writer, strays } = this;
    return new Arrivals({
      ...{ session, plan, arriving, mariadb: options.mariadb, places, writer, strays },
      triggers: options.wanted.filter(({ kind }) => kind === 'TRIGGER'),
      move: async (renames) => void (await this.moves.rename(renames)),
      step: (name) => this.step(name),
      dropOldTriggers: () => this.dropTriggersOf(places.at(this.leaving, 'waiting')),
    });
  }

  /** The moment of truth: until here the target is as it was, from here on the old is on its way out. */
  private async leave(): Promise<void> {
    const { session, plan, places } = this;
    const tables = places.at(this.leaving, 'live');
    const now = await readStoredObjects(session, plan.live);
    this.now = now;
    const views = this.leavingViews();
    const live = new Set(tables);
    const ours = now.filter(({ kind, table }) => kind === 'TRIGGER' && live.has(table));
    const triggered = new Set(ours.map(({ table }) => table));
    const renames: Rename[] = tables.map((table) => ({
      from: this.inLive(table),
      to: triggered.has(table)
        ? this.inLive(waitingName(plan, this.leaving, table))
        : { schema: homeOf(plan, this.leaving), table },
    }));
    if (this.leaving === 'old') {
      for (const { name } of views) {
        renames.push({ from: this.inLive(name), to: this.inLive(waitingViewName(plan, name)) });
      }
    }
    const waiting = places.at(this.leaving, 'waiting');
    const constrained =
      triggered.size + waiting.length === 0 ? new Set<string>() : await constrainedTables(session, plan.live);
    const named = (table: string): boolean =>
      constrained.has(table) || constrained.has(waitingName(plan, this.leaving, table));
    this.constrained = new Set([...triggered, ...waiting].filter(named));
    const arrivals = places.at(this.arriving, 'home');
    const both = [...renames, ...arrivals.map((table) => this.homeward(table, this.arriving, 'arrive'))];
    const atOnce = plan.atomic && triggered.size === 0 && arrivals.length === plan[this.arriving].length;
    const whole = atOnce && this.moves.isOneStatement(both);
    if (renames.length > 0) {
      await this.step('leave');
      // Some of those that wait may have left before, in a swap that was broken off.
      const fresh = tables.length === plan[this.leaving].length;
      const { signal, patienceMs } = this.options;
      const how = { signal: fresh ? signal : undefined, patienceMs, leaving: true, arriving: whole };
      const duration = await this.moves.rename(whole ? both : renames, how);
      if (whole) this.atOnceMs = duration;
    }
    if (this.leaving === 'new') for (const view of views) await this.writer.drop(view);
  }

  /** Drops the views of the side that leaves. Other views stay where they are, or are renamed when their name is needed. */
  private leavingViews(): StoredObject[] {
    const { plan } = this;
    const { obsolete } = this.viewsToChange();
    if (this.leaving === 'old') {
      const there = new Set(this.now.map(({ name }) => name));
      const known = new Set(plan.views);
      return obsolete.filter(({ name }) => known.has(name) && !there.has(waitingViewName(plan, name)));
    }
    const views = obsolete.filter(({ name }) => waitingView(plan, name) === undefined);
    const { others } = this.options;
    if (others === undefined) return views;
    const texts = new Map(others.filter(({ kind }) => kind === 'VIEW').map(({ name, text }) => [name, text]));
    return views.filter(({ name, text }) => texts.get(name)?.equals(text) === true);
  }

  /**
   * What has left under a name of the target, to keep its triggers. `constrained`: only what has constraints whose names what arrives
   * may need. The rest has time until nobody waits for it.
   */
  private async sendHome(which: 'constrained' | 'all'): Promise<void> {
    const waiting = this.places
      .at(this.leaving, 'waiting')
      .filter((table) => which === 'all' || this.constrained.has(table));
    if (waiting.length === 0) return;
    await this.dropTriggersOf(waiting);
    await this.step('send home');
    await this.moves.rename(waiting.map((table) => this.homeward(table, this.leaving, 'leave')));
  }

  /** Tables of the side that leaves. */
  private async dropTriggersOf(waiting: readonly string[]): Promise<void> {
    if (waiting.length === 0) return;
    const names = new Set(waiting.map((table) => waitingName(this.plan, this.leaving, table)));
    for (const trigger of await listTriggers(this.session, this.plan.live)) {
      if (!names.has(trigger.table)) continue;
      await this.step(`drop trigger ${trigger.name}`);
      await this.writer.drop(trigger);
    }
  }

  private async replaceStoredObjects(): Promise<void> {
    await this.step('drop events');
    await this.writer.dropObsolete('EVENT', this.now, this.options.wanted);
    await this.step('replace routines');
    await this.writer.replaceRoutines(this.now, this.options.wanted);
  }

  private async arrive(): Promise<void> {
    const { plan, arriving, places } = this;
    const renames = [
      ...places.at(arriving, 'home').map((table) => this.homeward(table, arriving, 'arrive')),
      ...places
        .at(arriving, 'waiting')
        .map((table) => ({ from: this.inLive(waitingName(plan, arriving, table)), to: this.inLive(table) })),
    ];
    if (renames.length === 0) return;
    await this.step('arrive');
    await this.moves.rename(renames, { arriving: true });
  }

  /** Whether nothing was missing, so that whoever saw the tables saw everything. */
  private async createViews(): Promise<boolean> {
    const { plan, session } = this;
    if (this.arriving === 'old') {
      const views = (await listStoredObjects(session, plan.live)).filter(({ kind }) => kind === 'VIEW');
      for (const view of views) {
        const name = waitingView(plan, view.name);
        if (name === undefined) continue;
        await this.step(`put back view ${name}`);
        await this.moves.rename([{ from: this.inLive(view.name), to: this.inLive(name) }]);
      }
      this.now = await readStoredObjects(session, plan.live);
    }
    const { missing } = this.viewsToChange();
    await this.step('create views');
    await this.strays.clear(missing.map(({ name }) => name));
    const broken = await this.writer.createViews(this.now, this.options.wanted);
    if (broken.length > 0) {
      const list = broken.map(({ name }) => name).join(', ');
      this.broken.push(`Views that were broken before could not be made again: ${list}.`);
    }
    return plan.atomic && missing.length === 0;
  }

  private async createEvents(): Promise<void> {
    await this.step('create events');
    await this.writer.createEvents(this.now, this.options.wanted);
    await this.step('restore collation');
    await restoreCollation(this.session, this.plan);
  }

  private async dropWaitingViews(): Promise<void> {
    for (const { kind, name } of await listStoredObjects(this.session, this.plan.live)) {
      if (kind !== 'VIEW' || waitingView(this.plan, name) === undefined) continue;
      await this.step('drop views');
      await this.writer.drop({ kind, name });
    }
  }

  private viewsToChange(): ReturnType<typeof difference> {
    const views = (objects: readonly StoredObject[]): StoredObject[] => objects.filter(({ kind }) => kind === 'VIEW');
    return difference(views(this.now), views(this.options.wanted));
  }

  private homeward(table: string, side: Side, way: 'arrive' | 'leave'): Rename {
    const home = { schema: homeOf(this.plan, side), table };
    return way === 'arrive'
      ? { from: home, to: this.inLive(table) }
      : { from: this.inLive(waitingName(this.plan, side, table)), to: home };
  }

  private inLive(table: string): { schema: string; table: string } {
    return { schema: this.plan.live, table };
  }

  private get moves(): TableMoves {
    if (this.begun === undefined) throw new Error('The swap has not begun.');
    return this.begun;
  }

  private get places(): Places {
    return this.moves.places;
  }

  private async step(name: string): Promise<void> {
    await this.options.onStep?.(name);
  }
}

/** Stored objects of another collation are made under that one; see `StoredObjectWriter`. */
async function restoreCollation(session: MysqlSession, plan: SwapPlan): Promise<void> {
  const [now] = await session.rows<{ collation: string }>(
    'SELECT DEFAULT_COLLATION_NAME AS collation FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?',
    [plan.live],
  );
  if (now === undefined || now.collation === plan.collation) return;
  const settings = `CHARACTER SET ${plan.characterSet} COLLATE ${plan.collation}`;
  await session.run(`ALTER DATABASE ${quotedName(plan.live)} ${settings}`);
}
