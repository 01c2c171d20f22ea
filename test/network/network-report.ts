import type { Phase } from '../kill/phase.js';
import type { End } from '../kill/report.js';
import type { NetworkFault } from './faulty-proxy.js';
import type { Intervention } from './round-plan.js';

export interface Round {
  engine: string;
  kind: string;
  fault: NetworkFault['kind'];
  intervention: Intervention;
  /** How far the operation was seen to be when the fault began. */
  phase: Phase;
  end: End;
}

const COLUMNS = ['engine', 'operation', 'fault', 'meanwhile', 'in', 'end'];

export class NetworkReport {
  provenBackups = 0;
  readonly rounds: Round[] = [];
  private readonly seed: number;
  private readonly begunAt = Date.now();

  constructor(seed: number) {
    this.seed = seed;
  }

  add(round: Round): void {
    this.rounds.push(round);
  }

  /** Of operations that had not been answered when the fault began. */
  get hit(): number {
    return this.rounds.filter(({ phase }) => phase !== 'answered').length;
  }

  toString(): string {
    const lines = this.rounds.map((round) =>
      [round.engine, round.kind, round.fault, round.intervention, round.phase, round.end].join('|'),
    );
    const counts = [...Map.groupBy(lines, (line) => line)].toSorted(([one], [other]) => (one < other ? -1 : 1));
    const seconds = Math.round((Date.now() - this.begunAt) / 1000);
    return [
      `NETWORK_SEED=${this.seed}: ${this.rounds.length} faults, ${this.hit} of them within an operation; ` +
        `${this.provenBackups} new backups restored; ${seconds} s`,
      ...[COLUMNS, ...counts.map(([line, { length }]) => [...line.split('|'), String(length)])].map((cells) =>
        cells
          .map((cell) => cell.padEnd(12))
          .join(' ')
          .trimEnd(),
      ),
    ].join('\n');
  }
}
