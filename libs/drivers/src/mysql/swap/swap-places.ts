import type { MysqlSession } from '../login/mysql-session.js';
import { STORED_OBJECTS_TABLE } from '../stored-objects/stored-objects-table-name.js';
import type { Rename } from './tables/rename-tables.js';
import { homeOf, waitingName } from './swap-plan.js';
import type { Side, SwapPlan } from './swap-plan.js';

/** `home`: in the copy. `waiting`: in the target under a name of ours. `live`: in its place in the target. */
export type Place = 'home' | 'waiting' | 'live' | 'gone';

/** Tables and sequences of a schema, without our own. Empty when there is no such schema. */
export async function baseTables(session: MysqlSession, schema: string): Promise<string[]> {
  const rows = await session.rows<{ name: string }>(
    `SELECT TABLE_NAME AS name FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = ? AND TABLE_TYPE NOT IN ('VIEW', 'SYSTEM VIEW') ORDER BY TABLE_NAME`,
    [schema],
  );
  return rows.map(({ name }) => name).filter((name) => name !== STORED_OBJECTS_TABLE);
}

/**
 * Where each table of a plan is now. A table is in one place at any time, also when we or the server die. The server is asked once;
 * from then on {@link moved} is told, as thousands of tables take long to be listed while nobody can use the target.
 */
export class Places {
  private constructor(
    private readonly plan: SwapPlan,
    private readonly schemas: ReadonlyMap<string, Set<string>>,
    private readonly names: Readonly<Record<Side, ReadonlySet<string>>>,
  ) {}

  static async find(session: MysqlSession, plan: SwapPlan): Promise<Places> {
    const schemas = new Map<string, Set<string>>();
    for (const schema of [plan.live, plan.outgoing, plan.incoming]) {
      schemas.set(schema, new Set(await baseTables(session, schema)));
    }
    return new Places(plan, schemas, { old: new Set(plan.old), new: new Set(plan.new) });
  }

  /** The server has done these. */
  moved(renames: readonly Rename[]): void {
    for (const { from } of renames) this.schemas.get(from.schema)?.delete(from.table);
    for (const { to } of renames) this.schemas.get(to.schema)?.add(to.table);
  }

  of(side: Side, table: string): Place {
    const staged = this.staged(side, table);
    if (staged !== undefined) return staged;
    if (!this.isIn(this.plan.live, table)) return 'gone';
    // If two have one name, the one in the target is the one that is nowhere else.
    const other: Side = side === 'old' ? 'new' : 'old';
    if (this.names[other].has(table) && this.staged(other, table) === undefined)
      return side === 'old' ? 'live' : 'gone';
    return 'live';
  }

  at(side: Side, place: Place): string[] {
    return this.plan[side].filter((table) => this.of(side, table) === place);
  }

  private staged(side: Side, table: string): Place | undefined {
    if (this.isIn(homeOf(this.plan, side), table)) return 'home';
    return this.isIn(this.plan.live, waitingName(this.plan, side, table)) ? 'waiting' : undefined;
  }

  private isIn(schema: string, table: string): boolean {
    return this.schemas.get(schema)?.has(table) === true;
  }
}
