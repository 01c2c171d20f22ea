import { quotedName } from '../login/mysql-account.js';
import type { MysqlSession } from '../login/mysql-session.js';
import type { Program } from './program.js';
import { listPrograms, readPrograms } from './program-reader.js';
import { ProgramWriter, difference } from './program-writer.js';
import type { Rename } from './rename-tables.js';
import { retargetDefaults, tablesWithDefaultsOf } from './sequence-defaults.js';
import { Strays } from './strays.js';
import { Places } from './swap-places.js';
import { arrivingSide, homeOf, waitingView, leavingSide, waitingName, waitingViewName } from './swap-plan.js';
import type { Direction, Side, SwapPlan } from './swap-plan.js';

export interface ExchangeOptions {
  plan: SwapPlan;
  direction: Direction;
  /** The programs that the target is to have at the end. */
  wanted: readonly Program[];
  /** The views that the other side has: what else is found where they were is somebody else's. Absent: not asked for. */
  others?: readonly Program[];
  mariadb: boolean;
  /** Looked at while nothing has left its place. */
  signal?: AbortSignal | undefined;
  patienceMs?: number | undefined;
  /** Called before each step that changes anything, with its name; a test may die there. */
  onStep?: (step: string) => Promise<void>;
}

/**
 * Brings the target to one of the two states of a swap, from wherever the tables are: what a step has to do is told by
 * where each table is, so that it can be begun anew after a death at any point, in either direction.
 *
 * Where more than tables changes, clients are locked out by absence: first everything leaves in one RENAME, then triggers,
 * routines and events are changed while there is no table to be seen, then everything arrives in one RENAME. MariaDB has
 * no RENAME under LOCK TABLES, and no table moves to another schema together with its triggers (1435).
 */
export class Exchange {
  private readonly plan: SwapPlan;
  private readonly leaving: Side;
  private readonly arriving: Side;
  private readonly writer: ProgramWriter;
  /** What the target had when the exchange began; what left is not there any more. */
  private now: readonly Program[] = [];
  private lockedOutSince: number | undefined;
  private readonly strays: Strays;
  private readonly broken: string[] = [];

  constructor(
    private readonly session: MysqlSession,
    private readonly options: ExchangeOptions,
  ) {
    this.plan = options.plan;
    this.leaving = leavingSide(options.direction);
    this.arriving = arrivingSide(options.direction);
    this.writer = new ProgramWriter(session, this.plan.live, this.plan.collation, options.mariadb);
    this.strays = new Strays(session, this.plan);
  }

  /** What could not be as it is wanted, and what somebody else has made meanwhile. Also to be read after a failure. */
  get warnings(): string[] {
    return [...this.broken, ...this.strayWarnings];
  }

  get strayWarnings(): string[] {
    return this.strays.warnings();
  }

  /** Returns how long the target could not be used, milliseconds. */
  async run(): Promise<number> {
    const { session, plan } = this;
    await session.run(`USE ${quotedName(plan.live)}`);
    const duration = await this.leave();
    await this.sendHome();
    await this.replacePrograms();
    await this.prepareArrivals();
    await this.arrive();
    const complete = await this.createViews();
    const lockedOut = this.lockedOutSince === undefined ? 0 : performance.now() - this.lockedOutSince;
    await this.createEvents();
    await this.dropWaitingViews();
    return duration + (complete ? 0 : lockedOut);
  }

  /** The moment of truth: until here the target is as it was, from here on the old is on its way out. */
  private async leave(): Promise<number> {
    const { session, plan } = this;
    const places = await Places.find(session, plan);
    const tables = places.at(this.leaving, 'live');
    const now = await readPrograms(session, plan.live);
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
    const arrivals = places.at(this.arriving, 'home');
    const atOnce = plan.atomic && triggered.size === 0 && arrivals.length === plan[this.arriving].length;
    if (atOnce) renames.push(...arrivals.map((table) => this.homeward(table, this.arriving, 'arrive')));
    let duration = 0;
    if (renames.length > 0) {
      await this.step('leave');
      // What waits may have left before, in an exchange that was broken off.
      const fresh = tables.length === plan[this.leaving].length;
      const { signal, patienceMs } = this.options;
      duration = await this.strays.rename(renames, {
        signal: fresh ? signal : undefined,
        ...(patienceMs === undefined ? {} : { patienceMs }),
      });
      this.lockedOutSince = performance.now();
    }
    if (this.leaving === 'new') for (const view of views) await this.writer.drop(view);
    return duration;
  }

  /** Those of the side that leaves. Other views stay where they are, or are moved aside when they are in the way. */
  private leavingViews(): Program[] {
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

  private async sendHome(): Promise<void> {
    const { session, plan } = this;
    const waiting = (await Places.find(session, plan)).at(this.leaving, 'waiting');
    const now = await listPrograms(session, plan.live);
    const names = new Set(waiting.map((table) => waitingName(plan, this.leaving, table)));
    for (const trigger of now.filter(({ kind, table }) => kind === 'TRIGGER' && names.has(table))) {
      await this.step(`drop trigger ${trigger.name}`);
      await this.writer.drop(trigger);
    }
    if (waiting.length > 0) {
      await this.step('send home');
      await this.rename(waiting.map((table) => this.homeward(table, this.leaving, 'leave')));
    }
  }

  private async replacePrograms(): Promise<void> {
    await this.step('drop events');
    await this.writer.dropObsolete('EVENT', this.now, this.options.wanted);
    await this.step('replace routines');
    await this.writer.replaceRoutines(this.now, this.options.wanted);
  }

  /** Gives tables, under names that nobody knows, the triggers and defaults that they can have in the target only. */
  private async prepareArrivals(): Promise<void> {
    const { session, plan, arriving } = this;
    const home = homeOf(plan, arriving);
    const places = await Places.find(session, plan);
    const triggers = this.options.wanted.filter(({ kind }) => kind === 'TRIGGER');
    const withDefaults = arriving === 'new' ? await tablesWithDefaultsOf(session, home, home) : [];
    const atHome = new Set(places.at(arriving, 'home'));
    const work = new Set([...triggers.map(({ table }) => table), ...withDefaults].filter((table) => atHome.has(table)));
    const renames: Rename[] = [...work].map((table) => ({
      from: { schema: home, table },
      to: this.inLive(waitingName(plan, arriving, table)),
    }));
    // The defaults name sequences, which must be there by then.
    if (withDefaults.length > 0) {
      const sequences = await sequencesOf(session, home);
      renames.push(
        ...sequences.filter((name) => atHome.has(name)).map((name) => this.homeward(name, arriving, 'arrive')),
      );
    }
    if (renames.length > 0) {
      await this.step('prepare arrivals');
      await this.rename(renames);
    }
    const waiting = (await Places.find(session, plan)).at(arriving, 'waiting');
    if (waiting.length === 0) return;
    const names = new Map(waiting.map((table) => [table, waitingName(plan, arriving, table)]));
    for (const name of names.values()) {
      await this.step(`defaults of ${name}`);
      await retargetDefaults(session, { schema: plan.live, table: name }, home, plan.live);
    }
    const now = (await listPrograms(session, plan.live)).filter(({ kind }) => kind === 'TRIGGER');
    const byTable = Map.groupBy(now, ({ table }) => table);
    const byName = new Map(now.map((trigger) => [trigger.name, trigger]));
    for (const [table, wanted] of Map.groupBy(triggers, (trigger) => trigger.table)) {
      const name = names.get(table);
      if (name !== undefined) await this.giveTriggers(name, wanted, { byName, there: byTable.get(name) ?? [] });
    }
  }

  /** `byName`: the triggers of the target, `there`: of this table. In their order, also where a death has left some of them. */
  private async giveTriggers(
    table: string,
    wanted: readonly Program[],
    { byName, there }: { byName: ReadonlyMap<string, ListedTrigger>; there: readonly ListedTrigger[] },
  ): Promise<void> {
    for (const { name } of wanted) {
      const trigger = byName.get(name);
      if (trigger === undefined || trigger.table === table) continue;
      await this.writer.drop(trigger);
      this.strays.droppedTrigger(name, trigger.table);
    }
    const inOrder = there.every(({ name }, index) => wanted[index]?.name === name);
    if (!inOrder) for (const trigger of there) await this.writer.drop(trigger);
    for (const trigger of wanted.slice(inOrder ? there.length : 0)) {
      await this.step(`create trigger ${trigger.name}`);
      await this.writer.createTrigger(trigger, table);
    }
  }

  private async arrive(): Promise<void> {
    const { plan, arriving } = this;
    const places = await Places.find(this.session, plan);
    const renames = [
      ...places.at(arriving, 'home').map((table) => this.homeward(table, arriving, 'arrive')),
      ...places
        .at(arriving, 'waiting')
        .map((table) => ({ from: this.inLive(waitingName(plan, arriving, table)), to: this.inLive(table) })),
    ];
    if (renames.length === 0) return;
    await this.step('arrive');
    await this.rename(renames);
  }

  /** Whether nothing was missing, so that whoever saw the tables saw everything. */
  private async createViews(): Promise<boolean> {
    const { plan, session } = this;
    const views = (await listPrograms(session, plan.live)).filter(({ kind }) => kind === 'VIEW');
    if (this.arriving === 'old') {
      for (const view of views) {
        const name = waitingView(plan, view.name);
        if (name === undefined) continue;
        await this.step(`put back view ${name}`);
        await this.rename([{ from: this.inLive(view.name), to: this.inLive(name) }]);
      }
      this.now = await readPrograms(session, plan.live);
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
    for (const { kind, name } of await listPrograms(this.session, this.plan.live)) {
      if (kind !== 'VIEW' || waitingView(this.plan, name) === undefined) continue;
      await this.step('drop views');
      await this.writer.drop({ kind, name });
    }
  }

  private viewsToChange(): ReturnType<typeof difference> {
    const views = (programs: readonly Program[]): Program[] => programs.filter(({ kind }) => kind === 'VIEW');
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

  private async rename(renames: readonly Rename[]): Promise<void> {
    await this.strays.rename(renames);
  }

  private async step(name: string): Promise<void> {
    await this.options.onStep?.(name);
  }
}

type ListedTrigger = Pick<Program, 'kind' | 'name' | 'table'>;

async function sequencesOf(session: MysqlSession, schema: string): Promise<string[]> {
  const rows = await session.rows<{ name: string }>(
    `SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'SEQUENCE'`,
    [schema],
  );
  return rows.map(({ name }) => name);
}

/** Programs of another collation are made under that one; see `ProgramWriter`. */
async function restoreCollation(session: MysqlSession, plan: SwapPlan): Promise<void> {
  const [now] = await session.rows<{ collation: string }>(
    'SELECT DEFAULT_COLLATION_NAME AS collation FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?',
    [plan.live],
  );
  if (now === undefined || now.collation === plan.collation) return;
  const settings = `CHARACTER SET ${plan.characterSet} COLLATE ${plan.collation}`;
  await session.run(`ALTER DATABASE ${quotedName(plan.live)} ${settings}`);
}
