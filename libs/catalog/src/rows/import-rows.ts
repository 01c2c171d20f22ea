import { DomainError } from '@app/domain';
import type { Kysely } from 'kysely';
import type { CatalogRow } from '../catalog.js';
import { ROWS_PER_STATEMENT } from './chunks.js';
import { COPIED_TABLES } from './export-rows.js';
import type { CopiedTable } from './export-rows.js';
import type { Session } from '../session.js';

type Row = CatalogRow['row'];
/** Rows by the column names of the tables, which may differ between versions. */
type PlainTables = Kysely<Record<CopiedTable, Row>>;

/** Implements {@link Catalog.importRows}. */
export async function importRows(session: Session, id: string, rows: AsyncIterable<CatalogRow>): Promise<void> {
  await session.transaction(async ({ db }) => {
    const rowImport = new RowImport(db.withoutPlugins() as unknown as PlainTables);
    for await (const row of rows) await rowImport.add(row);
    await rowImport.flush();
    await db.updateTable('catalogInfo').set({ value: id }).where('name', '=', 'id').execute();
  });
}

class RowImport {
  private table: CopiedTable = 'storages';
  private waiting: Row[] = [];
  /** Connections that exist under another id, by the id that they have in the copy. */
  private readonly idHere = new Map<unknown, string>();

  constructor(private readonly db: PlainTables) {}

  async add({ table, row }: CatalogRow): Promise<void> {
    if (table !== this.table || this.waiting.length === ROWS_PER_STATEMENT) await this.flush();
    this.table = knownTable(table);
    this.waiting.push(row);
  }

  async flush(): Promise<void> {
    const { table, waiting } = this;
    this.waiting = [];
    const rows = await this.fitting(table, waiting);
    if (rows.length === 0) return;
    await this.db
      .insertInto(table)
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    if (table === 'connections') await this.rememberOtherIds(rows);
  }

  private async fitting(table: CopiedTable, rows: readonly Row[]): Promise<Row[]> {
    const linked = rows.map((row) => ({ ...row, ...this.linksOf(row) }));
    if (table !== 'schedules') return linked;
    // A copy is made while the service works, so it may hold a schedule whose connection was added after its table was read.
    const wanted = linked.flatMap((row) => linkedIds(row));
    const there = await this.connectionsThere(wanted);
    return linked.filter((row) => linkedIds(row).every((id) => there.has(id)));
  }

  private linksOf(row: Row): Row {
    return Object.fromEntries(
      LINKS.filter((link) => link in row).map((link) => [link, this.idHere.get(row[link]) ?? row[link] ?? null]),
    );
  }

  private async rememberOtherIds(rows: readonly Row[]): Promise<void> {
    const there = await this.connectionsThere(rows.map((row) => row['id']));
    for (const row of rows.filter((row) => !there.has(row['id']))) {
      const same = await this.db
        .selectFrom('connections')
        .select('id')
        .where((where) => where.and(LOGIN.map((column) => where(column, '=', row[column] ?? null))))
        .executeTakeFirst();
      if (typeof same?.['id'] === 'string') this.idHere.set(row['id'], same['id']);
    }
  }

  private async connectionsThere(ids: readonly (Row[string] | undefined)[]): Promise<Set<unknown>> {
    const wanted = ids.filter((id) => typeof id === 'string');
    if (wanted.length === 0) return new Set();
    const rows = await this.db.selectFrom('connections').select('id').where('id', 'in', wanted).execute();
    return new Set(rows.map((row) => row['id']));
  }
}

const LOGIN = ['db_type', 'host', 'port', 'database', 'username'] as const;
const LINKS = ['connection_id', 'source_connection_id'] as const;

function linkedIds(row: Row): string[] {
  return LINKS.map((link) => row[link]).filter((id) => typeof id === 'string');
}

function knownTable(name: string): CopiedTable {
  const table = COPIED_TABLES.find((known) => known === name);
  if (table !== undefined) return table;
  throw new DomainError('CATALOG_TOO_NEW', `A newer version of the service made this copy of the catalog (${name}).`, {
    hint: 'Start that version or a later one.',
  });
}
