import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ConnectionParams, JsonObject } from '@app/domain';
import { startMariadb } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import type { DumpSource, SwapRequest } from '../../../db-driver.js';
import { quotedName } from '../../login/mysql-account.js';
import { withSession } from '../../login/mysql-session.js';
import { MysqlDriver } from '../../mysql-driver.js';
import { readStoredObjects } from '../../stored-objects/stored-object-reader.js';
import { baseTables } from '../swap-places.js';
import { swap } from '../swap-run.js';
import type { SwapProbe } from '../swap-run.js';

/** A server with a database `shop` on it, which each test fills anew, and its staging and previous databases. */
export class SwapStage {
  readonly driver: MysqlDriver;
  readonly live: ConnectionParams;
  private number = 0;

  private constructor(
    readonly server: SandboxServer,
    private readonly folder: string,
  ) {
    this.driver = new MysqlDriver({ runtimeDir: join(folder, 'runtime') });
    this.live = server.connection('shop');
  }

  static async open(settings: Readonly<Record<string, string>> = {}): Promise<SwapStage> {
    const server = await startMariadb({ settings: { 'log-bin': 'binlog', 'server-id': '1', ...settings } });
    return new SwapStage(server, await mkdtemp(join(tmpdir(), 'mysql-swap-')));
  }

  async close(): Promise<void> {
    await this.server.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Statements one after the other, as the administrator; the rows of the last. */
  async sql(database: string, ...statements: string[]): Promise<Record<string, unknown>[]> {
    return withSession(this.server.connection(database), {}, async (session) => {
      let rows: Record<string, unknown>[] = [];
      for (const statement of statements) rows = await session.rows(statement);
      return rows;
    });
  }

  /** Drops whatever there is of the database, its staging and its previous databases, and makes it anew. */
  async reset(...statements: string[]): Promise<void> {
    const copies = (await this.driver.swap.copies(this.live).catch(() => [])).map(({ name }) => name);
    await this.sql(
      'mysql',
      'SET foreign_key_checks = 0',
      ...[...copies, 'shop'].map((name) => `DROP DATABASE IF EXISTS ${quotedName(name)}`),
      'CREATE DATABASE shop CHARACTER SET utf8mb4',
    );
    await this.sql('shop', ...statements);
  }

  name(role: 'restore' | 'before'): string {
    this.number += 1;
    return this.driver.swap.copyName('shop', role, `${this.number}`);
  }

  /** Returns what the dump tool writes of the database now. */
  async dump(): Promise<DumpSource> {
    const plan = await this.driver.prepareDump({ connection: this.live, format: 'plain', tools: {} });
    const running = await this.driver.startDump(plan, new AbortController().signal);
    const bytes = await buffer(running.output);
    await running.completed;
    return { format: 'plain', own: true, open: () => Readable.from([bytes]) };
  }

  async loadStaged(source: DumpSource): Promise<string> {
    const copy = this.name('restore');
    await this.driver.swap.createStaging(this.live, copy);
    const connection = { ...this.live, database: copy };
    const request = { connection, format: 'plain', tools: {}, skipOwnership: false, staged: true } as const;
    const plan = await this.driver.prepareLoad(request);
    const hooks = { signal: new AbortController().signal, beforeCommit: () => Promise.resolve() };
    await this.driver.load(plan, source, hooks);
    return copy;
  }

  /** Makes a staging database by statements instead of a load: quicker, and free of events. */
  async copyOf(...statements: string[]): Promise<string> {
    const copy = this.name('restore');
    await this.driver.swap.createStaging(this.live, copy);
    await this.sql(copy, ...statements);
    return copy;
  }

  async swapIn(
    incoming: string,
    options: SwapProbe &
      Partial<Pick<SwapRequest, 'signal' | 'onMoved'>> & { journal?: (state: JsonObject) => Promise<void> } = {},
  ): Promise<{ outgoing: string; lockoutMs: number; warnings: readonly string[] }> {
    const outgoing = this.name('before');
    const { signal = new AbortController().signal, journal = () => Promise.resolve(), onMoved, ...probe } = options;
    const request = { connection: this.live, incoming, outgoing, signal, journal, onMoved };
    return { outgoing, ...(await swap(request, probe)) };
  }

  /** All that the database holds, as one text. */
  async state(database = 'shop'): Promise<string> {
    return withSession(this.server.connection(database), {}, async (session) => {
      const parts: string[] = [];
      const settings = `SELECT DEFAULT_COLLATION_NAME AS c FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?`;
      parts.push((await session.row<{ c: string }>(settings, [database])).c);
      for (const table of await baseTables(session, database)) {
        const [created] = await session.rows<Record<string, string>>(`SHOW CREATE TABLE ${quotedName(table)}`);
        const rows = await session.rows(`SELECT * FROM ${quotedName(table)}`);
        parts.push(
          Object.values(created ?? {}).join('\n'),
          rows
            .map((row) => JSON.stringify(row))
            .sort()
            .join('\n'),
        );
      }
      for (const { text, timeZone, table, ...object } of await readStoredObjects(session, database)) {
        const normal = normalTrigger(text.toString('latin1'));
        parts.push(JSON.stringify(object), normal, table, timeZone);
      }
      return parts.join('\n').replaceAll('AUTO_INCREMENT=', 'AUTO_INCREMENT ');
    });
  }

  async schemas(): Promise<string[]> {
    const rows = await this.sql('mysql', `SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA ORDER BY 1`);
    const own = ['information_schema', 'mysql', 'performance_schema', 'sys'];
    return rows.map(({ name }) => String(name)).filter((name) => !own.includes(name));
  }
}

/** Triggers name themselves without their database and their table in backticks, as after a swap. */
function normalTrigger(text: string): string {
  return text.replace(/\bTRIGGER shop\./i, 'TRIGGER ').replace(/\bON (?:shop\.)?`?(\w+)`? FOR/i, 'ON `$1` FOR');
}

/** A database in which everything moves another way. */
export const OLD_SHOP = [
  'CREATE SEQUENCE numbers START WITH 100',
  'CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR(20))',
  'CREATE TABLE orders (id INT PRIMARY KEY AUTO_INCREMENT, customer INT, number INT DEFAULT (NEXT VALUE FOR numbers), FOREIGN KEY (customer) REFERENCES customers (id))',
  'CREATE TABLE audit (id INT PRIMARY KEY AUTO_INCREMENT, what VARCHAR(40))',
  'CREATE TABLE only_old (id INT) ENGINE=MyISAM',
  `INSERT INTO customers VALUES (1, 'old')`,
  'INSERT INTO orders (customer) VALUES (1), (1)',
  `CREATE TRIGGER shop.noted AFTER INSERT ON shop.orders FOR EACH ROW INSERT INTO audit (what) VALUES (CONCAT('old ', NEW.id))`,
  `CREATE TRIGGER only_old_trigger BEFORE INSERT ON customers FOR EACH ROW SET NEW.name = UPPER(NEW.name)`,
  'CREATE FUNCTION version_of() RETURNS VARCHAR(5) DETERMINISTIC RETURN "old"',
  'CREATE PROCEDURE same() SELECT 1',
  'CREATE VIEW named AS SELECT o.id, c.name, version_of() AS version FROM orders o JOIN customers c ON c.id = o.customer',
  'CREATE VIEW same_view AS SELECT id FROM customers',
  'CREATE VIEW only_old_view AS SELECT * FROM only_old',
  'CREATE EVENT tidy ON SCHEDULE EVERY 1 DAY STARTS "2031-01-01" ON COMPLETION NOT PRESERVE ENABLE DO DELETE FROM audit WHERE id < 0',
];

export const NEW_SHOP = [
  'CREATE SEQUENCE numbers START WITH 500',
  'CREATE SEQUENCE more_numbers START WITH 7',
  'CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR(20), mail VARCHAR(20))',
  'CREATE TABLE orders (id INT PRIMARY KEY AUTO_INCREMENT, customer INT, number INT DEFAULT (NEXT VALUE FOR numbers), FOREIGN KEY (customer) REFERENCES customers (id))',
  'CREATE TABLE audit (id INT PRIMARY KEY AUTO_INCREMENT, what VARCHAR(40))',
  'CREATE TABLE only_new (id INT PRIMARY KEY, n INT DEFAULT (NEXT VALUE FOR more_numbers))',
  `INSERT INTO customers VALUES (1, 'new', 'm'), (2, 'newer', 'n')`,
  'INSERT INTO orders (customer) VALUES (1), (2), (2)',
  'INSERT INTO only_new (id) VALUES (1)',
  `CREATE TRIGGER noted AFTER INSERT ON orders FOR EACH ROW INSERT INTO audit (what) VALUES (CONCAT('new ', NEW.id))`,
  `CREATE TRIGGER first_noted AFTER INSERT ON orders FOR EACH ROW PRECEDES noted SET @first = NEW.id`,
  'CREATE FUNCTION version_of() RETURNS VARCHAR(5) DETERMINISTIC RETURN "new"',
  'CREATE PROCEDURE same() SELECT 1',
  'CREATE VIEW named AS SELECT o.id, c.name, c.mail, version_of() AS version FROM orders o JOIN customers c ON c.id = o.customer',
  'CREATE VIEW same_view AS SELECT id FROM customers',
  'CREATE VIEW a_view_on_a_view AS SELECT * FROM named',
  'CREATE EVENT tidy ON SCHEDULE EVERY 1 DAY STARTS "2031-01-01" ON COMPLETION PRESERVE ENABLE DO DELETE FROM audit WHERE id < 0',
  'CREATE EVENT more ON SCHEDULE EVERY 1 SECOND STARTS "2031-01-01" ON COMPLETION NOT PRESERVE DISABLE DO DELETE FROM audit WHERE id < 0',
];
