import type { SandboxServer } from '@app/sandbox';

export const DATABASE = 'shop';

export const ROWS = { customers: 20_000, products: 2_000, orders: 100_000, order_items: 250_000 } as const;
export type TableName = keyof typeof ROWS;
export const TABLES = Object.keys(ROWS) as TableName[];

/** The rows by table; undefined if there is no such table. */
export type Snapshot = Readonly<Record<TableName, TableState | undefined>>;

export interface TableState {
  rows: number;
  /** The checksum of the text of all rows. */
  checksum: string;
}

export const isSame = (a: TableState | undefined, b: TableState | undefined): boolean =>
  a?.rows === b?.rows && a?.checksum === b?.checksum;

/** The part of a client's connection that is the same for both engines. */
interface ShopClient {
  query(sql: string): Promise<unknown>;
  end(): Promise<void>;
}

/** A small web shop in a temporary database: its data, and how to tell whether it is complete. */
export abstract class SampleShop<C extends ShopClient = ShopClient> implements AsyncDisposable {
  /** The type in the words of the API. */
  abstract readonly dbType: 'PostgreSQL' | 'MySQL';
  /** The statements that damage the shop. */
  readonly damage = [
    'DROP TABLE order_items',
    'DELETE FROM orders WHERE id % 3 = 0',
    'UPDATE products SET price = 0.01',
  ];

  constructor(
    readonly server: SandboxServer,
    /** Engine and version, for people. */
    readonly title: string,
  ) {}

  /** The shell command that runs a statement in the database. */
  abstract clientCommand(statement: string): string;

  async run(sql: string): Promise<void> {
    await this.withClient((client) => client.query(sql));
  }

  snapshot(): Promise<Snapshot> {
    return this.withClient(async (client) => {
      const states: [string, TableState | undefined][] = [];
      for (const table of TABLES) states.push([table, await this.stateOf(client, table)]);
      return Object.fromEntries(states) as Record<TableName, TableState | undefined>;
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.server.stop();
  }

  protected abstract login(): Promise<C>;
  protected abstract stateOf(client: C, table: TableName): Promise<TableState | undefined>;

  /** Opens a connection for each use, since a restore may need the database for itself. */
  private async withClient<T>(use: (client: C) => Promise<T>): Promise<T> {
    const client = await this.login();
    try {
      return await use(client);
    } finally {
      await client.end();
    }
  }
}
