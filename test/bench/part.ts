import type { Engine } from './workload.js';

/** One line of a part's table, by the names of its columns. */
export type Figures = Readonly<Record<string, string | number>>;

export interface BenchContext {
  /** Of those that know engines: which. */
  engines: readonly Engine[];
  /** Of SQL, in the databases that are backed up and restored. */
  megabytes: number;
  /** How often each contender runs, besides one run that does not count. */
  rounds: number;
  /** For its files; removed afterwards. */
  folder: string;
  /** The root of another checkout, built, to be compared with. */
  baseline: string | undefined;
  /** Tells whoever waits what is being done. */
  tell(line: string): void;
}

/** Measures one thing. To be added to the list in `main.ts`. */
export interface BenchPart {
  /** For `--only`. */
  name: string;
  title: string;
  /** Fails when what is measured did not do its work. */
  run(context: BenchContext): Promise<readonly Figures[]>;
}
