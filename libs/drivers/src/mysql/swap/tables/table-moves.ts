import { DomainError } from '@app/domain';
import { serverRefusal } from '../../login/mysql-errors.js';
import type { MysqlSession } from '../../login/mysql-session.js';
import { renameBatches, renameLimits } from './rename-batches.js';
import type { RenameLimits } from './rename-batches.js';
import { PATIENCE_MS } from './rename-tables.js';
import type { Rename } from './rename-tables.js';
import type { Strays } from '../strays.js';
import { Places } from '../swap-places.js';
import type { Side, SwapPlan } from '../swap-plan.js';

export interface MoveOptions {
  /** Looked at before the first statement is done. */
  signal?: AbortSignal | undefined;
  /** How long to wait for those who use the tables, at all statements together. */
  patienceMs?: number | undefined;
  /** Whoever used the tables cannot from now on. */
  leaving?: boolean;
  /** From now on they can be seen. */
  arriving?: boolean;
}

interface MovesParts {
  session: MysqlSession;
  plan: SwapPlan;
  strays: Strays;
  leaving: Side;
  arriving: Side;
  onMoved?: ((moved: number, total: number) => void) | undefined;
  /** Called before each statement but the first of those that belong together. */
  step(name: string): Promise<void>;
  /** For tests: in place of those of the server. */
  limits?: Partial<RenameLimits> | undefined;
}

/** Moves the tables of a swap, and knows where each of them is and since when nobody can use them. */
export class TableMoves {
  private since: number | undefined;
  private arrived = false;

  private constructor(
    private readonly parts: MovesParts,
    readonly places: Places,
    private readonly limits: RenameLimits,
  ) {}

  static async begin(parts: MovesParts, mariadb: boolean): Promise<TableMoves> {
    const { session, plan } = parts;
    const limits = { ...(await renameLimits(session, mariadb)), ...parts.limits };
    const moves = new TableMoves(parts, await Places.find(session, plan), limits);
    moves.tell();
    return moves;
  }

  /** Whether tables that arrived can be seen, and written into; also where the answer to their statement was lost. */
  get hasArrived(): boolean {
    return this.arrived;
  }

  /** Since the first table left, milliseconds. */
  get sinceLeftMs(): number {
    return this.since === undefined ? 0 : performance.now() - this.since;
  }

  /** Whether one statement does it all: then nobody sees a part of it. */
  isOneStatement(renames: readonly Rename[]): boolean {
    return renameBatches(renames, this.limits).length === 1;
  }

  /** Renames by as few statements as the server does well. Returns how long they took. */
  async rename(renames: readonly Rename[], options: MoveOptions = {}): Promise<number> {
    const { leaving = false, arriving = false, signal, patienceMs = PATIENCE_MS } = options;
    let all = 0;
    let waited = 0;
    for (const [index, batch] of renameBatches(renames, this.limits).entries()) {
      if (index > 0) await this.parts.step('next tables');
      const start = performance.now();
      const how = { signal: index === 0 ? signal : undefined, patienceMs: Math.max(0, patienceMs - waited) };
      const duration = await this.parts.strays.rename(batch, how).catch((error: unknown) => {
        if (arriving && mayBeDone(error)) this.arrived = true;
        if (leaving && mayBeDone(error)) this.since ??= start;
        throw error;
      });
      // The time of the statements themselves does not count, which is long for thousands of tables.
      waited += performance.now() - start - duration;
      all += duration;
      this.places.moved(batch);
      if (leaving) this.since ??= performance.now() - duration;
      this.arrived ||= arriving;
      this.tell();
    }
    return all;
  }

  private tell(): void {
    const { plan, leaving, arriving, onMoved } = this.parts;
    const left = plan[leaving].length - this.places.at(leaving, 'live').length;
    onMoved?.(left + this.places.at(arriving, 'live').length, plan.old.length + plan.new.length);
  }
}

/** A statement that the server has not refused may have been done, also where its answer did not come. */
function mayBeDone(error: unknown): boolean {
  const isBusy = error instanceof DomainError && error.code === 'BUSY';
  return !isBusy && serverRefusal(error) === undefined;
}
