import type { ConnectionParams, JsonObject } from '@app/domain';
import type {
  CopyRole,
  DatabaseSwap,
  FoundCopy,
  SwapExamination,
  SwapRequest,
  SwapResult,
  TableMoveCosts,
} from '@app/drivers';

/** Swaps texts in the memory of a fake driver. */
export class FakeSwap implements DatabaseSwap {
  /** If it is not empty, the fake cannot swap. */
  blockers: string[] = [];
  readonly journals: JsonObject[] = [];
  /** Set by tests for a server whose tables move one by one. */
  moves: TableMoveCosts | undefined;

  constructor(protected readonly databases: Map<string, string>) {}

  copyName(database: string, role: CopyRole, id: string): string {
    return `${database}__${role}_${id}`;
  }

  examine(): Promise<SwapExamination> {
    return Promise.resolve({
      blockers: this.blockers,
      warnings: [],
      sessions: 0,
      freeBytes: undefined,
      ...(this.moves === undefined ? {} : { moves: this.moves }),
    });
  }

  createStaging(_connection: ConnectionParams, name: string): Promise<void> {
    this.databases.set(name, '');
    return Promise.resolve();
  }

  async swap({ connection, incoming, outgoing, journal, onMoved }: SwapRequest): Promise<SwapResult> {
    const state = { database: connection.database, incoming, outgoing };
    this.journals.push(state);
    await journal(state);
    if (this.moves !== undefined) onMoved?.(this.moves.tables, 2 * this.moves.tables);
    this.swapNames(state);
    return { lockoutMs: 1, sessionsEnded: 0, warnings: [] };
  }

  recover(_connection: ConnectionParams, journal: JsonObject): Promise<'swapped' | 'unchanged'> {
    const { outgoing } = journal as JsonObject & { outgoing: string };
    return Promise.resolve(this.databases.has(outgoing) ? 'swapped' : 'unchanged');
  }

  dropCopy(_connection: ConnectionParams, name: string): Promise<void> {
    this.databases.delete(name);
    return Promise.resolve();
  }

  copyBytes(_connection: ConnectionParams, name: string): Promise<number | undefined> {
    return Promise.resolve(this.databases.get(name)?.length);
  }

  holdsAnything(_connection: ConnectionParams, outgoing: string): Promise<boolean> {
    return Promise.resolve((this.databases.get(outgoing) ?? '') !== '');
  }

  copies(): Promise<FoundCopy[]> {
    const found = [...this.databases.keys()].map((name) => ({ name, parts: /__(restore|before)_(\w+)$/.exec(name) }));
    return Promise.resolve(
      found.flatMap(({ name, parts }) =>
        parts === null ? [] : [{ name, role: parts[1] as CopyRole, id: parts[2] ?? '', whole: true }],
      ),
    );
  }

  private swapNames({ database, incoming, outgoing }: { database: string; incoming: string; outgoing: string }): void {
    this.databases.set(outgoing, this.databases.get(database) ?? '');
    this.databases.set(database, this.databases.get(incoming) ?? '');
    this.databases.delete(incoming);
  }
}
