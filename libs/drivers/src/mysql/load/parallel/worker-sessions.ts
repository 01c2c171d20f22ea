import { retry } from '@app/domain';
import { WorkerFailure, workerFailure } from './worker-failure.js';

/** A session that the rows go to. */
export interface WorkerSession {
  run(sql: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** A table whose rows go to the worker sessions. */
export interface LoadingTable {
  readonly name: string;
  /** The line of its CREATE TABLE. */
  readonly line: number;
  /** Adds its keys when the rows are in; undefined when it has them. */
  readonly keys: string | undefined;
  /** The table keeps its rows in the order in which they arrive, so only one worker session at a time may load it. */
  readonly ordered: boolean;
}

interface Progress {
  table: LoadingTable;
  running: number;
  queued: number;
  /** The first statement has been done: until then no other may run, as it may lock the empty table. */
  begun: boolean;
  closed: boolean;
  keysQueued: boolean;
  /** Keys and all. */
  done: boolean;
}

interface Task {
  progress: Progress;
  sql: Buffer;
  line: number;
  keys: boolean;
}

/** Bytes of statements that wait for a worker session. */
const QUEUE_LIMIT = 4 * 1024 * 1024;
/** A statement that lost a conflict over locks was rolled back alone, and may run again. */
const RETRIED: ReadonlySet<number> = new Set([1205, 1213]);
const TRIES = 5;
/**
 * Rows and keys of many tables, over several sessions at once. Statements of one table run in any order, unless it is
 * ordered; its keys come after all of its rows; nothing else is certain before {@link allDone}. The first failure ends it
 * all: then whoever waits for something gets it.
 */
export class WorkerSessions {
  private readonly idle: WorkerSession[];
  private readonly tables = new Map<string, Progress>();
  private rows: Task[] = [];
  private keys: Task[] = [];
  private queuedBytes = 0;
  private buildingKeys = 0;
  private change = Promise.withResolvers<void>();
  private readonly failure = Promise.withResolvers<never>();
  private stopped = false;
  /** Statements that are done. */
  finished = 0;

  /** `onDone`: nobody reads this statement any more. */
  constructor(
    private readonly workers: readonly WorkerSession[],
    private readonly onDone: (sql: Buffer) => void = () => undefined,
  ) {
    this.idle = [...workers];
    this.failure.promise.catch(() => undefined);
  }

  /** Rejects with the first {@link WorkerFailure}; never resolves. */
  get failed(): Promise<never> {
    return this.failure.promise;
  }

  has(name: string): boolean {
    return this.tables.has(name);
  }

  open(table: LoadingTable): void {
    const state = { running: 0, queued: 0, begun: false, closed: false, keysQueued: false, done: false };
    this.tables.set(table.name, { table, ...state });
  }

  /** Resolves when there is room for more. */
  async insert(name: string, sql: Buffer, line: number): Promise<void> {
    const progress = this.progressOf(name);
    progress.queued += 1;
    this.queuedBytes += sql.length;
    this.rows.push({ progress, sql, line, keys: false });
    this.dispatch();
    await this.until(() => this.queuedBytes <= QUEUE_LIMIT);
  }

  /** No more rows: the keys may come. */
  close(name: string): void {
    const progress = this.progressOf(name);
    progress.closed = true;
    this.advance(progress);
    this.dispatch();
  }

  /** The rows of an open table that were given so far are in. */
  async emptied(name: string): Promise<void> {
    const progress = this.progressOf(name);
    await this.until(() => progress.queued === 0 && progress.running === 0);
  }

  /** Rows and keys of a closed table are in. By its name in whatever quotes and case; at once for one that is not here. */
  async done(name: string): Promise<void> {
    const meant = [...this.tables.values()].filter(({ table }) => bare(table.name) === bare(name));
    await this.until(() => meant.every(({ done }) => done));
  }

  /** Everything that was closed is in. */
  async allDone(): Promise<void> {
    await this.until(() => [...this.tables.values()].every(({ done }) => done));
  }

  /** One statement, when nothing else goes on. */
  async run(sql: string, line: number): Promise<void> {
    const [worker] = this.workers;
    if (worker === undefined) return;
    await this.runOn(worker, Buffer.from(sql, 'latin1'), line);
  }

  async end(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.workers.map((worker) => worker.close()));
  }

  /** Waits for a condition. A race against `failed` would remember each wait. */
  private async until(condition: () => boolean): Promise<void> {
    for (;;) {
      if (this.stopped) await this.failed;
      if (condition()) return;
      await this.change.promise;
    }
  }

  private changed(): void {
    this.change.resolve();
    this.change = Promise.withResolvers<void>();
  }

  private progressOf(name: string): Progress {
    const progress = this.tables.get(name);
    if (progress === undefined) throw new Error('There is no such table in the worker sessions.');
    return progress;
  }

  private dispatch(): void {
    while (this.idle.length > 0 && !this.stopped) {
      const task = this.nextTask();
      const worker = task === undefined ? undefined : this.idle.pop();
      if (task === undefined || worker === undefined) return;
      void this.work(worker, task);
    }
  }

  /** Keys take long, so they go first; but while there are rows to load, one worker session is left to them. */
  private nextTask(): Task | undefined {
    const mayBuild = this.buildingKeys === 0 || this.buildingKeys < this.workers.length - 1 || this.rows.length === 0;
    if (mayBuild && this.keys.length > 0) return this.keys.shift();
    const at = this.rows.findIndex(
      ({ progress }) => progress.running === 0 || (progress.begun && !progress.table.ordered),
    );
    return at === -1 ? undefined : this.rows.splice(at, 1)[0];
  }

  private async work(worker: WorkerSession, task: Task): Promise<void> {
    const { progress, sql, line, keys } = task;
    progress.running += 1;
    if (keys) this.buildingKeys += 1;
    else progress.queued -= 1;
    try {
      await this.runOn(worker, sql, line);
    } catch (error) {
      this.stopped = true;
      if (error instanceof WorkerFailure && keys) error.atKeys = true;
      this.failure.reject(error);
      this.changed();
      return;
    }
    this.finished += 1;
    progress.running -= 1;
    progress.begun = true;
    if (keys) {
      this.buildingKeys -= 1;
      progress.done = true;
    } else {
      this.queuedBytes -= sql.length;
      this.onDone(sql);
      this.advance(progress);
    }
    this.idle.push(worker);
    this.dispatch();
    this.changed();
  }

  private advance(progress: Progress): void {
    if (!progress.closed || progress.running > 0 || progress.queued > 0 || progress.keysQueued) return;
    progress.keysQueued = true;
    const { keys, line } = progress.table;
    if (keys === undefined) progress.done = true;
    else this.keys.push({ progress, sql: Buffer.from(keys, 'latin1'), line, keys: true });
  }

  private runOn(worker: WorkerSession, sql: Buffer, line: number): Promise<void> {
    const run = (): Promise<void> =>
      worker.run(sql).catch((error: unknown) => {
        throw workerFailure(error, line);
      });
    const isTransient = (error: unknown): boolean => error instanceof WorkerFailure && RETRIED.has(error.errno);
    return retry(run, { attempts: TRIES, isTransient, pauseMs: (attempt) => attempt * 100 });
  }
}

function bare(name: string): string {
  const quote = name.charAt(0);
  const plain = quote === '`' || quote === '"' ? name.slice(1, -1).replaceAll(quote + quote, quote) : name;
  return plain.toLowerCase();
}
