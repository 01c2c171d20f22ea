import { startMariadb, startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { runSql } from '../support/run-sql.js';

/** Rows of an ordinary day of the shop. */
const DAILY_ORDERS = 1500;
/** Of the account that reports are made with, until somebody changes it. */
export const REPORTING_PASSWORD = 'quarterly figures';

/** Throwaway servers with the databases of a small company. */
export class SampleDatabases implements AsyncDisposable {
  readonly postgres: SandboxServer;
  readonly mariadb: SandboxServer;

  private constructor(postgres: SandboxServer, mariadb: SandboxServer) {
    this.postgres = postgres;
    this.mariadb = mariadb;
  }

  static async start(): Promise<SampleDatabases> {
    const [postgres, mariadb] = await Promise.all([startPostgres(), startMariadb()]);
    const databases = new SampleDatabases(postgres, mariadb);
    await databases.fill();
    return databases;
  }

  /** A day goes by: more orders, contacts and articles, on some days more than on others. */
  async live(day: number): Promise<void> {
    const business = 0.4 + ((day * 5) % 7) / 5;
    await runSql(this.postgres.connection('shop'), [ordersOf(Math.round(DAILY_ORDERS * business))]);
    await runSql(this.postgres.connection('crm'), [contactsOf(Math.round(500 * business))]);
    await runSql(this.mariadb.connection('wiki'), [articlesOf(Math.round(90 * business))]);
  }

  /** Somebody forgets to tell the backups. */
  async changeReportingPassword(): Promise<void> {
    await runSql(this.postgres.connection('postgres'), [`ALTER ROLE reporting PASSWORD 'another one'`]);
  }

  /** A bad day. */
  async damageShop(): Promise<void> {
    await runSql(this.postgres.connection('shop'), ['DELETE FROM orders WHERE id % 3 = 0']);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.postgres.stop(), this.mariadb.stop()]);
  }

  private async fill(): Promise<void> {
    await runSql(this.postgres.connection('postgres'), [
      `CREATE ROLE reporting LOGIN PASSWORD '${REPORTING_PASSWORD}'`,
      ...['shop', 'crm', 'shop_staging'].map((name) => `CREATE DATABASE ${name}`),
      'CREATE DATABASE reporting OWNER reporting',
    ]);
    await runSql(this.postgres.connection('shop'), [
      'CREATE TABLE customers (id integer PRIMARY KEY, name text NOT NULL, email text NOT NULL UNIQUE)',
      `INSERT INTO customers SELECT i, 'Customer ' || i, 'customer' || i || '@example.com' FROM generate_series(1, 3000) AS i`,
      `CREATE TABLE orders (
         id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
         customer_id integer NOT NULL REFERENCES customers,
         reference text NOT NULL,
         total numeric(10, 2) NOT NULL
       )`,
      ordersOf(8 * DAILY_ORDERS),
    ]);
    await runSql(this.postgres.connection('crm'), [
      'CREATE TABLE contacts (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, note text)',
      contactsOf(4000),
    ]);
    await runSql({ ...this.postgres.connection('reporting'), username: 'reporting', password: REPORTING_PASSWORD }, [
      'CREATE TABLE figures (day date PRIMARY KEY, visits integer NOT NULL, revenue numeric(12, 2) NOT NULL)',
      `INSERT INTO figures SELECT date '2020-01-01' + i, i * 7919 % 5000, i * 104729 % 90000 FROM generate_series(1, 2000) AS i`,
    ]);
    await runSql(this.mariadb.connection('mysql'), ['CREATE DATABASE wiki']);
    await runSql(this.mariadb.connection('wiki'), [
      `CREATE TABLE articles (id int AUTO_INCREMENT PRIMARY KEY, title varchar(100) NOT NULL, body text NOT NULL)`,
      articlesOf(500),
    ]);
  }
}

const ordersOf = (count: number): string =>
  `INSERT INTO orders (customer_id, reference, total)
     SELECT 1 + i * 7919 % 3000, md5(i::text || 'order'), 1 + i % 9900 / 100.0 FROM generate_series(1, ${count}) AS i`;

const contactsOf = (count: number): string =>
  `INSERT INTO contacts (name, note) SELECT 'Contact ' || i, md5(i::text) FROM generate_series(1, ${count}) AS i`;

const articlesOf = (count: number): string =>
  `INSERT INTO articles (title, body)
     SELECT CONCAT('Article ', seq), REPEAT(MD5(seq), 12) FROM seq_1_to_${count}`;
