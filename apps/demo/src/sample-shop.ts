import type { SandboxServer } from '@app/sandbox';

/** A small web shop in a throwaway database: what it holds, and how to tell whether it is whole. */
export interface SampleShop extends AsyncDisposable {
  readonly server: SandboxServer;
  /** As the API names it. */
  readonly dbType: 'PostgreSQL' | 'MySQL';
  /** Engine and version, for people. */
  readonly title: string;
  /** Statements of a bad day. */
  readonly damage: readonly string[];
  run(sql: string): Promise<void>;
  snapshot(): Promise<Snapshot>;
}

export const DATABASE = 'shop';

export const ROWS = { customers: 20_000, products: 2_000, orders: 100_000, order_items: 250_000 } as const;
export type TableName = keyof typeof ROWS;
export const TABLES = Object.keys(ROWS) as TableName[];

/** By table. Undefined: there is no such table. */
export type Snapshot = Readonly<Record<TableName, TableState | undefined>>;

export interface TableState {
  rows: number;
  /** Of the text of all rows. */
  checksum: string;
}

export const isSame = (a: TableState | undefined, b: TableState | undefined): boolean =>
  a?.rows === b?.rows && a?.checksum === b?.checksum;
