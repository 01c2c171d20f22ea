import type { Dialect, RawBuilder } from 'kysely';

/** The differences between the kinds of catalogs. Every further difference is added here, for both. */
export interface CatalogDialect {
  /** The name of this catalog for people: a file, or host and database, without a password. */
  readonly name: string;
  readonly kysely: Dialect;
  /** The type of text columns. It is ordered by bytes, so that lists have the same order everywhere. */
  readonly text: RawBuilder<unknown>;
  /** The value of a column that most rows of a query fit, so that no index of it is worth reading. */
  readonly common: (column: string) => RawBuilder<string>;
  /** The clock of the database, in epoch milliseconds. */
  readonly now: RawBuilder<number>;
  /** Tells the other processes, once the transaction is committed, that there are new events. Absent where no others are told. */
  readonly notify?: RawBuilder<unknown>;
  /** Calls `onNotice` after each {@link notify} of any process, and whenever one may have been missed. Returns what ends it. */
  readonly listen?: (onNotice: () => void) => { close(): Promise<void> };
  /** Returns the DomainError for an error of its driver. */
  translate(error: unknown): Error;
}
