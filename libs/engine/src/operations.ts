import type { ConnectionParams } from '@app/domain';
import { DomainError } from '@app/domain';

/** Work on one database waits for each other under this key. */
export function databaseKey(connection: Pick<ConnectionParams, 'dbType' | 'host' | 'port' | 'database'>): string {
  return JSON.stringify([connection.dbType, connection.host.toLowerCase(), connection.port, connection.database]);
}

/**
 * Everything long that is running now. One operation per database at a time, the others wait in order. On shutdown
 * nothing new begins, what runs may finish within a grace time, then it is aborted and its clean-up awaited.
 */
export class Operations {
  private readonly tails = new Map<string, Promise<unknown>>();
  private readonly running = new Set<Promise<unknown>>();
  private readonly abort = new AbortController();
  private closing = false;

  /** Operations that run or wait. */
  get active(): number {
    return this.running.size;
  }

  /** Runs `work` when every earlier operation under `key` has ended. SHUTTING_DOWN once {@link shutdown} has begun. */
  run<T>(key: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.closing) return Promise.reject(shuttingDown());
    const before = this.tails.get(key) ?? Promise.resolve();
    const operation = before.then(() => {
      if (this.closing) throw shuttingDown();
      return work(this.abort.signal);
    });
    const settled = operation.then(
      () => undefined,
      () => undefined,
    );
    this.tails.set(key, settled);
    this.running.add(settled);
    void settled.then(() => {
      this.running.delete(settled);
      if (this.tails.get(key) === settled) this.tails.delete(key);
    });
    return operation;
  }

  /** Resolves when nothing runs any more. Calling it again with a shorter time hastens it. */
  async shutdown(graceMs: number): Promise<void> {
    this.closing = true;
    const timer = setTimeout(() => this.abort.abort(), graceMs);
    try {
      await Promise.all(this.running);
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * What to report of a failure while `signal` may have been the reason: whatever a torn connection says of itself, the
 * news is that the work was cancelled.
 */
export function unlessCancelled(error: unknown, signal: AbortSignal, message: string): unknown {
  if (!signal.aborted || (error instanceof DomainError && error.code === 'CANCELLED')) return error;
  return new DomainError('CANCELLED', message, { cause: error });
}

function shuttingDown(): DomainError {
  return new DomainError('SHUTTING_DOWN', 'The service is shutting down and begins nothing new.', {
    hint: 'Try again when it has started anew.',
  });
}
