import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely';
import { isBusy } from './sqlite-errors.js';

const BUSY_TIMEOUT_MS = 5_000;
const BUSY_POLL_MS = 10;

/**
 * Connects Kysely with node:sqlite: there is one connection, which Kysely gives to one caller at a time. Its statements block
 * the thread, so this driver waits for the writes of other processes between statements, and not by SQLite's busy timeout.
 */
export class SqliteDriver implements Driver {
  private connection: SqliteConnection | undefined;

  constructor(private readonly open: () => DatabaseSync) {}

  /** Waits, as another process may be creating the same file at this moment. */
  async init(): Promise<void> {
    this.connection = new SqliteConnection(await onceFree(this.open));
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    if (this.connection === undefined) throw new Error('database is not open');
    return Promise.resolve(this.connection);
  }

  /** Takes the lock for writing at once, as a transaction that reads first may not get it later. */
  async beginTransaction(): Promise<void> {
    await this.connection?.run('begin immediate');
  }

  async commitTransaction(): Promise<void> {
    await this.connection?.run('commit');
  }

  /** Does nothing after a full disk, which has rolled back already. */
  async rollbackTransaction(): Promise<void> {
    if (this.connection?.database.isTransaction === true) await this.connection.run('rollback');
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {
    this.connection?.database.close();
  }
}

class SqliteConnection implements DatabaseConnection {
  constructor(readonly database: DatabaseSync) {}

  executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    return this.run(sql, parameters as readonly SQLInputValue[]);
  }

  run<R>(sql: string, parameters: readonly SQLInputValue[] = []): Promise<QueryResult<R>> {
    return onceFree(() => this.runNow<R>(sql, parameters));
  }

  private runNow<R>(sql: string, parameters: readonly SQLInputValue[]): QueryResult<R> {
    const statement = this.database.prepare(sql);
    if (statement.columns().length > 0) return { rows: statement.all(...parameters) as R[] };
    const { changes } = statement.run(...parameters);
    return { rows: [], numAffectedRows: BigInt(changes) };
  }

  // eslint-disable-next-line require-yield
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('The catalog reads by page, not by stream.');
  }
}

async function onceFree<T>(work: () => T): Promise<T> {
  const deadline = performance.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
    }
    await sleep(BUSY_POLL_MS);
  }
}
