import type { Dialect, RawBuilder } from 'kysely';

/** All that makes one kind of catalog different from the other. Whoever needs more adds it here, for both. */
export interface CatalogDialect {
  /** What people call this catalog: a file, or host and database. No password. */
  readonly name: string;
  readonly kysely: Dialect;
  /** The type of text columns: ordered by bytes, so that lists come in the same order everywhere. */
  readonly text: RawBuilder<unknown>;
  /** The database's own clock, in epoch milliseconds. */
  readonly now: RawBuilder<number>;
  /** The DomainError for what its driver threw. */
  translate(error: unknown): Error;
}
