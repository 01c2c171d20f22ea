import { serverRefusal } from '../login/mysql-errors.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { renameTables } from './tables/rename-tables.js';
import type { Rename, RenameOptions } from './tables/rename-tables.js';
import type { SwapPlan } from './swap-plan.js';

/** The table is there already, or is not there any more. */
const TAKEN_OR_GONE = [1050, 1146];
const NAME_LIMIT = 64;

/**
 * Tables and views that somebody made in the target while its own were away, under names that these need: an application
 * that runs `CREATE TABLE IF NOT EXISTS`. They are renamed within the target, with rows and triggers.
 */
export class Strays {
  /** The old name of each table, by its new one. */
  private readonly moved = new Map<string, string>();
  private readonly triggers: string[] = [];

  constructor(
    private readonly session: MysqlSession,
    private readonly plan: SwapPlan,
  ) {}

  /** Does {@link renameTables}; the same statement renames what stands in the way in the target. */
  async rename(renames: readonly Rename[], options: Omit<RenameOptions, 'database'> = {}): Promise<number> {
    const { live } = this.plan;
    let tried: string | undefined;
    for (;;) {
      const away = await this.inTheWayOf(renames);
      try {
        const duration = await renameTables(this.session, [...away, ...renames], { database: live, ...options });
        for (const { from, to } of away) this.moved.set(to.table, from.table);
        return duration;
      } catch (error) {
        // Somebody may have made or dropped one between the look and the statement.
        const found = away.map(({ from }) => from.table).join('\n');
        if (!TAKEN_OR_GONE.includes(serverRefusal(error)?.errno ?? 0) || found === tried) throw error;
        tried = found;
      }
    }
  }

  /** Makes room for views, which no RENAME brings. */
  async clear(views: readonly string[]): Promise<void> {
    if (views.length === 0) return;
    const wanted = new Set(views);
    await this.moveOut((await this.namesInTarget()).filter((name) => wanted.has(name)));
  }

  async moveOut(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    const taken = new Set(await this.namesInTarget());
    const renames = names.map((name) => this.awayFrom(name, taken));
    await this.rename(renames);
    for (const { from, to } of renames) this.moved.set(to.table, from.table);
  }

  /** A trigger's name cannot be changed, and a trigger of the target needs it. */
  droppedTrigger(name: string, table: string): void {
    this.triggers.push(`"${name}" on "${table}"`);
  }

  /** Returns what was done, in whole sentences; empty when there was nothing. */
  warnings(): string[] {
    const { live } = this.plan;
    const list = [...this.moved].map(([now, before]) => `"${before}" (now "${live}"."${now}")`);
    const sentences: string[] = [];
    if (list.length > 0) {
      sentences.push(
        `While the tables of "${live}" were away, somebody made some of them anew. What was made is kept under other names: ${list.join(', ')}. Look into it, and drop what is not needed.`,
      );
    }
    if (this.triggers.length > 0) {
      sentences.push(`Triggers made meanwhile were dropped, as their names are needed: ${this.triggers.join(', ')}.`);
    }
    return sentences;
  }

  private async inTheWayOf(renames: readonly Rename[]): Promise<Rename[]> {
    const { live } = this.plan;
    const leaving = new Set(renames.filter(({ from }) => from.schema === live).map(({ from }) => from.table));
    const arriving = new Set(renames.filter(({ to }) => to.schema === live).map(({ to }) => to.table));
    if (arriving.size === 0) return [];
    const names = await this.namesInTarget();
    const taken = new Set([...names, ...arriving]);
    return names.filter((name) => arriving.has(name) && !leaving.has(name)).map((name) => this.awayFrom(name, taken));
  }

  /** Gives the table a name that is free, and adds it to `taken`. */
  private awayFrom(table: string, taken: Set<string>): Rename {
    const { live, tag } = this.plan;
    for (let number = 1; ; number += 1) {
      const suffix = `__stray_${tag}${number === 1 ? '' : `_${number}`}`;
      const name = `${table.slice(0, NAME_LIMIT - suffix.length)}${suffix}`;
      if (taken.has(name)) continue;
      taken.add(name);
      return { from: { schema: live, table }, to: { schema: live, table: name } };
    }
  }

  /** Tables, sequences and views. */
  private async namesInTarget(): Promise<string[]> {
    const rows = await this.session.rows<{ name: string }>(
      'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?',
      [this.plan.live],
    );
    return rows.map(({ name }) => name);
  }
}
