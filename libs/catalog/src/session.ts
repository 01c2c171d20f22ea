import { AsyncLocalStorage } from 'node:async_hooks';
import type { Kysely } from 'kysely';
import { DomainError } from '@app/domain';
import { AppendedEvents } from './appended-events.js';
import type { CatalogDialect } from './dialects/catalog-dialect.js';
import type { NewEvent } from './records.js';
import { writeEvents } from './rows/write-events.js';
import type { Tables } from './rows/tables.js';

/** The transaction in which the present call is made. */
const enclosing = new AsyncLocalStorage<{ session: Session; open: boolean }>();

/** The access of the repositories to the database: each statement for itself, or all in one transaction. */
export class Session {
  private closed = false;
  /** The events of this transaction, which are written at its end. */
  private readonly events: NewEvent[] = [];

  constructor(
    private readonly kysely: Kysely<Tables>,
    readonly dialect: CatalogDialect,
    private readonly appended = new AppendedEvents(dialect),
  ) {}

  get isTransaction(): boolean {
    return this.kysely.isTransaction;
  }

  /**
   * Fails when a transaction uses the outer catalog: with the one connection of SQLite it would wait for itself for ever, and
   * with PostgreSQL the statement would be no part of the transaction.
   */
  get db(): Kysely<Tables> {
    if (this.closed) throw new DomainError('CATALOG_UNAVAILABLE', 'The catalog is closed.');
    const transaction = enclosing.getStore();
    if (transaction?.open === true && transaction.session === this) {
      throw new DomainError('INTERNAL', 'A transaction must use the catalog that it is given, and have none inside.');
    }
    return this.kysely;
  }

  async transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    if (this.kysely.isTransaction) throw new DomainError('INTERNAL', 'A transaction must have none inside.');
    const state = { session: this, open: true };
    let events = 0;
    // A snapshot of the whole transaction, which a server may have as its default, fails where another one has counted the head on.
    const transactions = this.db.transaction().setIsolationLevel('read committed');
    const result = await transactions.execute((transaction) =>
      enclosing.run(state, async () => {
        const session = new Session(transaction, this.dialect, this.appended);
        try {
          const done = await work(session);
          if (session.events.length > 0) await writeEvents(transaction, session.events, this.dialect);
          return done;
        } finally {
          state.open = false;
          events = session.events.length;
        }
      }),
    );
    if (events > 0) this.appended.tell();
    return result;
  }

  /** Takes events that are written as the last statements of this transaction. */
  beforeCommit(events: readonly NewEvent[]): void {
    this.events.push(...events);
  }

  onAppended(listener: () => void): () => void {
    return this.appended.listen(listener);
  }

  /** Runs work in the transaction of this session, or else in a new one. */
  atomically<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return this.kysely.isTransaction ? work(this.kysely) : this.transaction(({ db }) => work(db));
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.appended.close();
    await this.kysely.destroy();
  }
}
