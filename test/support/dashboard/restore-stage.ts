import type { Locator, Page } from 'playwright-core';
import { runSql } from '../run-sql.js';
import type { DashboardFixture, Engine } from './dashboard-fixture.js';

/** A database with a backup, and what a test does to it. */
export class RestoreStage {
  private constructor(
    private readonly fixture: DashboardFixture,
    readonly engine: Engine,
    readonly database: string,
    /** Of the backup. */
    readonly filename: string,
    readonly connectionId: string,
  ) {}

  /** Two tables of three rows, each 'good', backed up. `more`: statements before that. */
  static async make(
    fixture: DashboardFixture,
    engine: Engine,
    database: string,
    more: readonly string[] = [],
  ): Promise<RestoreStage> {
    await runSql(fixture.server(engine).connection(engine === 'PostgreSQL' ? 'postgres' : 'mysql'), [
      `CREATE DATABASE ${database}`,
    ]);
    await runSql(fixture.server(engine).connection(database), [
      ...['orders', 'notes'].flatMap((table) => [
        `CREATE TABLE ${table} (id int PRIMARY KEY, word varchar(20) NOT NULL)`,
        `INSERT INTO ${table} VALUES (1, 'good'), (2, 'good'), (3, 'good')`,
      ]),
      ...more,
    ]);
    const { connection } = await fixture.call<{ connection: { id: string } }>(
      'POST',
      '/api/connections',
      fixture.login(engine, database),
    );
    const { backup } = await fixture.call<{ backup: { filename: string } }>('POST', '/api/backup', {
      connection_id: connection.id,
    });
    return new RestoreStage(fixture, engine, database, backup.filename, connection.id);
  }

  sql(...statements: string[]): Promise<Record<string, unknown>[]> {
    return runSql(this.fixture.server(this.engine).connection(this.database), statements);
  }

  /** One table is gone, the other one's words are bad. */
  async damage(): Promise<void> {
    await this.sql('DROP TABLE orders', "UPDATE notes SET word = 'bad'");
  }

  /** `orders: good good good`, by table, as they are now; of the database `of`. */
  async state(of = this.database): Promise<Record<string, string>> {
    const states: Record<string, string> = {};
    for (const table of ['orders', 'notes']) {
      const rows = await runSql(this.fixture.server(this.engine).connection(of), [
        `SELECT word FROM ${table} ORDER BY id`,
      ]).catch(() => undefined);
      states[table] = rows === undefined ? 'missing' : rows.map(({ word }) => String(word)).join(' ');
    }
    return states;
  }

  /** Opens the dialog for its backup on a page that shows /backups. */
  async open(page: Page): Promise<void> {
    await this.opener(page).click();
    await page.getByRole('menuitem', { name: 'Restore…' }).click();
    await page.getByRole('dialog').waitFor();
  }

  opener(page: Page): Locator {
    return page.getByRole('button', { name: `Actions for ${this.filename}` });
  }

  /** From the open dialog to the end of the work. */
  async confirm(page: Page): Promise<void> {
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await dialog.getByLabel(`Type ${this.database} to confirm`).fill(this.database);
    await dialog.getByRole('button', { name: 'Restore', exact: true }).click();
  }
}

export const GOOD = { orders: 'good good good', notes: 'good good good' };
export const DAMAGED = { orders: 'missing', notes: 'bad bad bad' };

/** More for a stage on PostgreSQL: accepts every row, but takes its time where a staging database is being loaded. */
export const slowWhereCopied = (seconds: number): string[] => [
  `CREATE FUNCTION public.slow() RETURNS boolean LANGUAGE sql AS $$
     SELECT (CASE WHEN current_database() LIKE '%\\_\\_restore\\_%' THEN pg_sleep(${seconds}) ELSE pg_sleep(0) END) IS NOT NULL $$`,
  'CREATE TABLE slow (id int CHECK (public.slow()))',
  'INSERT INTO slow VALUES (1)',
];
