import { PHASES } from './phase.js';
import type { Phase } from './phase.js';

/** How an operation stood when the service was at rest: `acknowledged` ones had been answered before the kill. */
export type End = 'old' | 'new' | 'acknowledged' | 'refused';
const ENDS: readonly End[] = ['old', 'new', 'acknowledged', 'refused'];

export interface Interrupted {
  engine: string;
  kind: string;
  /** How far it was seen to be when the service died. */
  phase: Phase;
  end: End;
}

export class KillReport {
  readonly seed: number;
  kills = 0;
  killsWhileRecovering = 0;
  verifiedBackups = 0;
  secondServices = 0;
  /** The steps of restores that the dead have left, one for each kill and restore. */
  readonly journals: string[] = [];
  private readonly operations: Interrupted[] = [];
  private readonly quietMs: number[] = [];
  private readonly begunAt = Date.now();

  constructor(seed: number) {
    this.seed = seed;
  }

  add(operations: readonly Interrupted[], quietMs: number): void {
    this.operations.push(...operations);
    this.quietMs.push(quietMs);
  }

  /** Of operations that had not been answered when the service died. */
  get interrupted(): number {
    return this.operations.filter(({ end }) => end === 'old' || end === 'new').length;
  }

  private stepsLeft(): string {
    const counts = [...Map.groupBy(this.journals, (step) => step)].map(([step, { length }]) => `${step} ${length}`);
    return counts.length === 0 ? 'none' : counts.toSorted().join(', ');
  }

  toString(): string {
    const sorted = this.quietMs.toSorted((one, other) => one - other);
    const lines = [
      `KILL_SEED=${this.seed}: ${this.kills} kills, ${this.killsWhileRecovering} of them of a service that was putting things in order; ` +
        `${this.operations.length} operations, ${this.interrupted} of them cut off; ${this.verifiedBackups} new backups restored; ` +
        `at rest after ${sorted[Math.floor(sorted.length / 2)] ?? 0} ms (median), ${sorted.at(-1) ?? 0} ms (most); ` +
        `${Math.round((Date.now() - this.begunAt) / 1000)} s`,
      `${this.secondServices} second services refused; restores left in the steps: ${this.stepsLeft()}`,
      ['engine', 'operation', 'killed in', ...ENDS].map((title) => title.padEnd(12)).join(' '),
    ];
    const groups = Map.groupBy(this.operations, ({ engine, kind, phase }) => `${engine} ${kind} ${phase}`);
    const rank = (key: string): string => {
      const [engine, kind, phase] = key.split(' ');
      return `${engine} ${kind} ${String(PHASES.indexOf(phase as Phase)).padStart(2)}`;
    };
    for (const key of [...groups.keys()].toSorted((one, other) => (rank(one) < rank(other) ? -1 : 1))) {
      const counts = ENDS.map((end) => String(groups.get(key)?.filter((operation) => operation.end === end).length));
      lines.push([...key.split(' '), ...counts].map((cell) => cell.padEnd(12)).join(' '));
    }
    return lines.join('\n');
  }
}
