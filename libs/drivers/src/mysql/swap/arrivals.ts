import { serverRefusal } from '../login/mysql-errors.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { isDatabase, thrice } from '../server-names.js';
import type { StoredObject } from '../stored-objects/stored-object.js';
import { listTriggers } from '../stored-objects/stored-object-reader.js';
import type { ListedTrigger } from '../stored-objects/stored-object-reader.js';
import type { StoredObjectWriter } from '../stored-objects/stored-object-writer.js';
import type { Rename } from './tables/rename-tables.js';
import { defaultsNaming, retargetDefaults, tablesWithDefaultsOf } from './tables/sequence-defaults.js';
import type { ColumnDefault } from './tables/sequence-defaults.js';
import type { Strays } from './strays.js';
import type { Places } from './swap-places.js';
import { homeOf, waitingName } from './swap-plan.js';
import type { Side, SwapPlan } from './swap-plan.js';

export interface ArrivalParts {
  session: MysqlSession;
  plan: SwapPlan;
  arriving: Side;
  /** That the target is to have at the end, in the order in which they fire. */
  triggers: readonly StoredObject[];
  mariadb: boolean;
  places: Places;
  writer: StoredObjectWriter;
  strays: Strays;
  move(renames: readonly Rename[]): Promise<void>;
  step(name: string): Promise<void>;
  /** Drops the triggers of the tables that have left and still wait in the target. */
  dropOldTriggers(): Promise<void>;
}

const TRIGGER_EXISTS = 1359;

/**
 * Gives tables, under names that nobody knows, the triggers and defaults that they can have in the target only: so nobody
 * writes into a table whose triggers are missing. What needs nothing of what is leaving is done before anything leaves.
 */
export class Arrivals {
  private withDefaults: readonly string[] = [];
  /** Those that are not of the target yet. */
  private defaults: readonly ColumnDefault[] = [];

  constructor(private readonly parts: ArrivalParts) {}

  /** While everything is in its place, and used. */
  async prepare(): Promise<void> {
    const { session, plan, arriving, mariadb } = this.parts;
    const home = homeOf(plan, arriving);
    this.withDefaults = mariadb && arriving === 'new' ? await tablesWithDefaultsOf(session, home, home) : [];
    const waitable = this.toWait();
    if (waitable.length > 0) {
      const constrained = await constrainedTables(session, home);
      await this.wait(waitable.filter((table) => !constrained.has(table)));
    }
    if (this.waiting().size === 0) return;
    await this.readDefaults();
    await this.setDefaults(true);
    await this.giveTriggers(true);
  }

  /** When what was there has left. */
  async finish(): Promise<void> {
    const { places, plan, arriving } = this.parts;
    const more = this.toWait();
    await this.wait(more);
    if (this.waiting().size === 0) return;
    if (more.length > 0) await this.readDefaults();
    if (this.defaults.length > 0) {
      // The defaults name sequences, which must be there by then.
      const atHome = new Set(places.at(arriving, 'home'));
      const sequences = (await sequencesOf(this.parts.session, homeOf(plan, arriving))).filter((name) =>
        atHome.has(name),
      );
      await this.parts.move(sequences.map((table) => this.rename(table, table)));
      await this.setDefaults(false);
    }
    await this.giveTriggers(false);
  }

  /** Tables, in the database that they come from, that need something. */
  private toWait(): string[] {
    const { places, arriving, triggers } = this.parts;
    const needy = new Set([...triggers.map(({ table }) => table), ...this.withDefaults]);
    return places.at(arriving, 'home').filter((table) => needy.has(table));
  }

  private async wait(tables: readonly string[]): Promise<void> {
    const { plan, arriving, step, move } = this.parts;
    if (tables.length === 0) return;
    await step('prepare arrivals');
    await move(tables.map((table) => this.rename(table, waitingName(plan, arriving, table))));
  }

  private rename(table: string, name: string): Rename {
    const { plan, arriving } = this.parts;
    return { from: { schema: homeOf(plan, arriving), table }, to: { schema: plan.live, table: name } };
  }

  /** Tables and the names under which they wait. */
  private waiting(): Map<string, string> {
    const { places, plan, arriving } = this.parts;
    return new Map(places.at(arriving, 'waiting').map((table) => [table, waitingName(plan, arriving, table)]));
  }

  private async readDefaults(): Promise<void> {
    const { session, plan, arriving, mariadb } = this.parts;
    if (!mariadb || arriving === 'old') return;
    const names = new Set(this.waiting().values());
    const found = await defaultsNaming(session, plan.live, homeOf(plan, arriving));
    this.defaults = found.filter(({ table }) => names.has(table));
  }

  /** `early`: what names a sequence that only comes with the others is left for later. */
  private async setDefaults(early: boolean): Promise<void> {
    const { session, plan, arriving, step } = this.parts;
    const left: ColumnDefault[] = [];
    for (const [table, columns] of Map.groupBy(this.defaults, (column) => column.table)) {
      await step(`defaults of ${table}`);
      try {
        await retargetDefaults(session, { schema: plan.live, table }, columns, {
          from: homeOf(plan, arriving),
          to: plan.live,
        });
      } catch (error) {
        if (!early || serverRefusal(error) === undefined) throw error;
        left.push(...columns);
      }
    }
    this.defaults = left;
  }

  /** `early`: no trigger is dropped, and what needs the name of one that is there is left for later. */
  private async giveTriggers(early: boolean): Promise<void> {
    const { session, plan, triggers, writer, step } = this.parts;
    const names = this.waiting();
    const wanted = Map.groupBy(
      triggers.filter(({ table }) => names.has(table)),
      ({ table }) => table,
    );
    if (wanted.size === 0) return;
    const there = await listTriggers(session, plan.live);
    const byTable = Map.groupBy(there, ({ table }) => table);
    const orders: { trigger: StoredObject; table: string }[] = [];
    const again: ListedTrigger[] = [];
    for (const [table, list] of wanted) {
      const name = names.get(table) ?? '';
      const made = byTable.get(name) ?? [];
      // A death may have left some of them: the rest is made in their order.
      const inOrder = made.every((trigger, index) => list[index]?.name === trigger.name);
      if (!inOrder && early) continue;
      if (!inOrder) again.push(...made);
      orders.push(...list.slice(inOrder ? made.length : 0).map((trigger) => ({ trigger, table: name })));
    }
    if (early) return await this.makeFree(orders, there);
    if (orders.length === 0) return;
    for (const trigger of again) await writer.drop(trigger);
    await this.parts.dropOldTriggers();
    await this.dropStrangers(orders);
    await writer.createTriggers(orders, ({ name }) => step(`create trigger ${name}`));
  }

  /** Those whose names nobody has, and of one table none before another that must wait: they fire in the order in which they are made. */
  private async makeFree(
    orders: readonly { trigger: StoredObject; table: string }[],
    there: readonly ListedTrigger[],
  ): Promise<void> {
    const { writer, step } = this.parts;
    // The names of triggers differ by their case on some servers, and not on others.
    const taken = new Set(there.map(({ name }) => name.toLowerCase()));
    const blocked = new Set<string>();
    const free = orders.filter(({ trigger, table }) => {
      if (taken.has(trigger.name.toLowerCase())) blocked.add(table);
      return !blocked.has(table);
    });
    try {
      await writer.createTriggers(free, ({ name }) => step(`create trigger ${name}`));
    } catch (error) {
      // The name is taken by another rule for names, or somebody took it in this moment.
      if (serverRefusal(error)?.errno !== TRIGGER_EXISTS) throw error;
    }
  }

  /** A trigger's name cannot be changed, and a trigger of the target needs it. */
  private async dropStrangers(orders: readonly { trigger: StoredObject; table: string }[]): Promise<void> {
    const { session, plan, writer, strays } = this.parts;
    const wanted = new Map(orders.map(({ trigger, table }) => [trigger.name, table]));
    for (const trigger of await listTriggers(session, plan.live)) {
      const table = wanted.get(trigger.name);
      if (table === undefined || table === trigger.table) continue;
      await writer.drop(trigger);
      strays.droppedTrigger(trigger.name, trigger.table);
    }
  }
}

/** Tables with constraints of which each schema may have one of a name (foreign keys, and CHECKs of MySQL). */
export async function constrainedTables(session: MysqlSession, schema: string): Promise<Set<string>> {
  const rows = await session.rows<{ name: string }>(
    `SELECT DISTINCT TABLE_NAME AS name FROM information_schema.TABLE_CONSTRAINTS
      WHERE ${isDatabase('TABLE_SCHEMA')} AND CONSTRAINT_TYPE IN ('FOREIGN KEY', 'CHECK')`,
    thrice(schema),
  );
  return new Set(rows.map(({ name }) => name));
}

async function sequencesOf(session: MysqlSession, schema: string): Promise<string[]> {
  const rows = await session.rows<{ name: string }>(
    `SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'SEQUENCE'`,
    [schema],
  );
  return rows.map(({ name }) => name);
}
