import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { ConnectionParams, JsonObject } from '@app/domain';
import { startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import type { SwapResult } from '../db-driver.js';
import { copyName } from '../postgres/swap/copy-names.js';
import { createStaging } from '../postgres/swap/copies.js';
import { swap } from '../postgres/swap/swap-run.js';
import type { SwapProbe } from '../postgres/swap/swap-execution.js';

export interface SwapCase {
  /** The target, as a superuser. */
  connection: ConnectionParams;
  database: string;
  incoming: string;
  outgoing: string;
  /** The state that the journal got last. */
  journal: JsonObject;
}

/** A PostgreSQL server, and databases on it that say in `t` who they are. */
export class SwapFixture implements AsyncDisposable {
  private constructor(readonly server: SandboxServer) {}

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<SwapFixture> {
    return new SwapFixture(await startPostgres({ settings: { max_prepared_transactions: '5', ...settings } }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop();
  }

  at(database: string): ConnectionParams {
    return this.server.connection(database);
  }

  async client(database: string, role?: { user: string; password: string }): Promise<pg.Client> {
    const { host, port, username, password } = this.server;
    const client = new pg.Client({ host, port, user: username, password, database, ...role, ssl: false });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  async sql<Row extends pg.QueryResultRow>(database: string, text: string): Promise<Row[]> {
    const client = await this.client(database);
    try {
      const results = (await client.query<Row>(text)) as pg.QueryResult<Row> | pg.QueryResult<Row>[];
      return (Array.isArray(results) ? results.at(-1) : results)?.rows ?? [];
    } finally {
      await client.end();
    }
  }

  /** A target that holds `old`, and its staging database, which holds `new`. */
  async swapCase(database = `shop${randomUUID().slice(0, 8)}`, options = ''): Promise<SwapCase> {
    await this.sql('postgres', `CREATE DATABASE ${pg.escapeIdentifier(database)} TEMPLATE template0 ${options}`);
    await this.sql(database, `CREATE TABLE t (word text); INSERT INTO t VALUES ('old')`);
    return this.stagingOf(database);
  }

  async stagingOf(database: string, word = 'new'): Promise<SwapCase> {
    const id = randomUUID().slice(0, 8);
    const incoming = copyName(database, 'restore', id);
    const connection = this.at(database);
    await createStaging(connection, incoming, undefined);
    await this.sql(incoming, `CREATE TABLE t (word text); INSERT INTO t VALUES ('${word}')`);
    return { connection, database, incoming, outgoing: copyName(database, 'before', id), journal: {} };
  }

  swap(swapCase: SwapCase, probe: SwapProbe = {}, signal = new AbortController().signal): Promise<SwapResult> {
    const { connection, incoming, outgoing } = swapCase;
    const journal = (state: JsonObject): Promise<void> => {
      swapCase.journal = state;
      return Promise.resolve();
    };
    return swap({ connection, incoming, outgoing, signal, journal }, probe);
  }

  /** Returns what the database of this name holds, as anybody would read it. */
  async word(database: string): Promise<string | undefined> {
    return (await this.sql<{ word: string }>(database, 'SELECT word FROM t'))[0]?.word;
  }

  async names(like: string): Promise<string[]> {
    const rows = await this.sql<{ name: string }>(
      'postgres',
      `SELECT datname AS name FROM pg_database WHERE starts_with(datname, ${pg.escapeLiteral(like)}) ORDER BY 1`,
    );
    return rows.map(({ name }) => name);
  }

  /** All that belongs to a database and is not in it, in the server's own form. */
  async belongings(database: string): Promise<unknown> {
    const [row] = await this.sql(
      'postgres',
      `SELECT datdba::regrole::text AS owner, datacl::text, datallowconn, datconnlimit, datistemplate, pg_encoding_to_char(encoding) AS encoding,
              datcollate, datctype, datlocprovider, daticulocale, spcname, shobj_description(d.oid, 'pg_database') AS comment,
              (SELECT json_agg(json_build_array(setrole::regrole::text, setconfig) ORDER BY setrole) FROM pg_db_role_setting WHERE setdatabase = d.oid) AS settings
         FROM pg_database d JOIN pg_tablespace s ON s.oid = dattablespace WHERE datname = ${pg.escapeLiteral(database)}`,
    );
    return row;
  }

  /** Ends the session that swaps, as a crash would. */
  async killSwapper(): Promise<void> {
    await this.sql(
      'postgres',
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'database-backup-service'`,
    );
    await until(async () => {
      const rows = await this.sql(
        'postgres',
        `SELECT FROM pg_stat_activity WHERE application_name = 'database-backup-service'`,
      );
      return rows.length === 0;
    });
  }
}

export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await sleep(10);
}
