import type { CatalogDialect } from './dialects/catalog-dialect.js';

/** Tells those who listen that there are new events. */
export class AppendedEvents {
  private readonly listeners = new Set<() => void>();
  /** The notices of other processes; from the first listener on. */
  private notices: { close(): Promise<void> } | undefined;

  constructor(private readonly dialect: Pick<CatalogDialect, 'listen'>) {}

  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    this.notices ??= this.dialect.listen?.(() => this.tell());
    return () => void this.listeners.delete(listener);
  }

  tell(): void {
    for (const listener of this.listeners) listener();
  }

  async close(): Promise<void> {
    this.listeners.clear();
    await this.notices?.close();
  }
}
