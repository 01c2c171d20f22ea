import type { ConnectionParams } from '@app/domain';
import type { PostgresSession } from '../../login/postgres-session.js';
import type { SessionSettings } from '../../login/session-settings.js';
import { openAnother } from '../../login/another-session.js';
import { setForBulkLoad } from './bulk-settings.js';
import { CommandFailure } from '../dump-loader.js';
import { StatementBatch } from '../wire/statement-batch.js';
import type { Command } from '../../script/script-reader.js';
import { skeleton } from '../../script/skeleton.js';

/**
 * Commands that build an index of one table, which has its rows: they lock no other, and need nothing of each other. What
 * is built for a partitioned table without its partitions is attached to by later commands, which wait for all.
 */
const BUILDS_INDEX =
  /^(CREATE (UNIQUE )?INDEX |ALTER TABLE (ONLY )?\S+ ADD CONSTRAINT \S+ (PRIMARY KEY|UNIQUE|EXCLUDE)\b)/;

/**
 * A function, an operator or a type of somebody's own in an expression: they may read other tables, which sessions that build
 * indexes of those lock. pg_dump names all but the server's own with their schema.
 */
const CALLS = / (USING|WHERE) .*(\.(\w+|"") ?\(|OPERATOR ?\(|::(\w+|"")\.)/;

export function buildsIndex(command: Buffer, standardStrings = true): boolean {
  const text = skeleton(command, { standardStrings });
  return BUILDS_INDEX.test(text) && !CALLS.test(text);
}

interface Task {
  command: Command;
  /** How many of the script's settings it stands behind. */
  settings: number;
}

export interface IndexBuildersOptions {
  connection: ConnectionParams;
  count: number;
  /** The settings with which their sessions start. */
  start: SessionSettings;
  /** The script's so far; it grows. */
  settings: readonly Buffer[];
}

/** Builds indexes in parallel, in the order of the script, on sessions of its own. */
export class IndexBuilders implements AsyncDisposable {
  private readonly queue: Task[] = [];
  private readonly builders: Promise<void>[] = [];
  private readonly failure = Promise.withResolvers<never>();
  private readonly done = new AbortController();
  private readonly ended: AbortSignal;
  private full = false;
  private waiting: (() => void)[] = [];
  private busy = 0;

  constructor(
    private readonly options: IndexBuildersOptions,
    signal: AbortSignal,
  ) {
    this.ended = AbortSignal.any([signal, this.done.signal]);
    this.failure.promise.catch(() => undefined);
  }

  /** Rejects with what any of them failed with, as soon as it did. */
  get failed(): Promise<never> {
    return this.failure.promise;
  }

  /** Whether it will be built here: not where the server gives no session for it. */
  async add(command: Command): Promise<boolean> {
    if (this.builders.length < this.options.count && !this.full) {
      const session = await openAnother(this.options.connection, this.ended, this.options.start);
      if (session === undefined) this.full = true;
      else this.builders.push(this.build(session));
    }
    if (this.builders.length === 0) return false;
    // The text may lie in a buffer that the reader uses again.
    const text = Buffer.from(command.text);
    this.queue.push({ command: { ...command, text }, settings: this.options.settings.length });
    this.wake();
    return true;
  }

  /** Resolves when all that was added is built. */
  async idle(): Promise<void> {
    while (this.queue.length > 0 || this.busy > 0) await Promise.race([this.change(), this.failed]);
  }

  /** Ends the sessions; what is not built by now is not. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.done.abort();
    this.wake();
    await Promise.allSettled(this.builders);
  }

  private async build(opened: PostgresSession): Promise<void> {
    try {
      await using session = opened;
      await setForBulkLoad(session);
      let applied = 0;
      for (;;) {
        const task = this.queue.shift();
        if (task === undefined) {
          if (this.done.signal.aborted) return;
          await this.change();
          continue;
        }
        this.busy += 1;
        const settings = this.options.settings.slice(applied, task.settings);
        applied = task.settings;
        if (settings.length > 0) await session.client.query(new StatementBatch(settings)).done;
        await session.client.query(new StatementBatch([task.command.text])).done.catch((error: unknown) => {
          throw new CommandFailure(task.command.offset, task.command.text, (error as Error).cause ?? error);
        });
        this.busy -= 1;
        this.wake();
      }
    } catch (error) {
      this.failure.reject(error);
      this.wake();
    }
  }

  private change(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
