import type { Phase } from '../kill/phase.js';
import type { End } from '../kill/report.js';
import type { NetworkFault } from './faulty-proxy.js';
import type { Intervention, Place } from './round-plan.js';

export interface Round {
  engine: string;
  kind: string;
  fault: NetworkFault['kind'];
  intervention: Intervention;
  /** How far the operation was seen to be when the fault began. */
  phase: Phase | Place;
  /** From the cancel or SIGTERM to the end of the operation or the service. */
  effectMs: number | undefined;
  end: End;
}

const COLUMNS = ['engine', 'operation', 'fault', 'meanwhile', 'in', 'end', 'rounds', 'most ms'];

export class NetworkReport {
  verifiedBackups = 0;
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
    const lineOf = (round: Round): string =>
      [round.engine, round.kind, round.fault, round.intervention, round.phase, round.end].join('|');
    const counts = [...Map.groupBy(this.rounds, lineOf)].toSorted(([one], [other]) => (one < other ? -1 : 1));
    const most = (rounds: readonly Round[]): string => {
      const known = rounds.flatMap(({ effectMs }) => effectMs ?? []);
      return known.length === 0 ? '' : String(Math.max(...known));
    };
    const seconds = Math.round((Date.now() - this.begunAt) / 1000);
    return [
      `NETWORK_SEED=${this.seed}: ${this.rounds.length} faults, ${this.hit} of them within an operation; ` +
        `${this.verifiedBackups} new backups restored; ${seconds} s`,
      ...[COLUMNS, ...counts.map(([line, rounds]) => [...line.split('|'), String(rounds.length), most(rounds)])].map(
        (cells) =>
          cells
            .map((cell) => cell.padEnd(12))
            .join(' ')
            .trimEnd(),
      ),
    ].join('\n');
  }
}
