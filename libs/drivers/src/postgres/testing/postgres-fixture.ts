import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ConnectionParams, DumpFormat } from '@app/domain';
import { runProcess } from '@app/process';
import { startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import type { Census, DumpPlan, DumpSource, LoadPlan, LoadResult } from '../../db-driver.js';
import { PostgresSession } from '../login/postgres-session.js';
import { SESSION_SETTINGS, startupOptions } from '../login/session-settings.js';
import { PostgresDriver } from '../postgres-driver.js';

const never = new AbortController().signal;

/** A dump that {@link PostgresFixture.dump} has made. */
export interface FixtureDump extends DumpSource {
  plan: DumpPlan;
  census: Census | undefined;
}

/** A server with databases to dump and to load into, by way of the driver. For tests. */
export class PostgresFixture implements AsyncDisposable {
  private files = 0;

  private constructor(
    readonly server: SandboxServer,
    readonly driver: PostgresDriver,
    private readonly folder: string,
  ) {}

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<PostgresFixture> {
    const server = await startPostgres({ settings });
    const folder = await mkdtemp(join(tmpdir(), 'postgres-bench-'));
    return new PostgresFixture(server, new PostgresDriver({ runtimeDir: folder, lockTimeoutMs: 2_000 }), folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  at(database: string, account: Partial<ConnectionParams> = {}): ConnectionParams {
    return { ...this.server.connection(database), ...account };
  }

  async sql(
    database: string,
    text: string,
    account: Partial<ConnectionParams> = {},
  ): Promise<Record<string, unknown>[]> {
    await using session = await PostgresSession.open(this.at(database, account));
    await session.query('RESET search_path');
    return await session.query(text);
  }

  /** Runs the commands as `psql` does it: one after the other. */
  async make(database: string, text: string, options = ''): Promise<void> {
    await this.sql('postgres', `CREATE DATABASE "${database}" TEMPLATE template0 ${options}`);
    if (text !== '') await this.sql(database, text);
  }

  async dump(database: string, format: DumpFormat, account: Partial<ConnectionParams> = {}): Promise<FixtureDump> {
    const written = format === 'plain' ? format : 'custom';
    const request = { connection: this.at(database, account), format: written, tools: {}, census: 'counts' } as const;
    const plan = await this.driver.prepareDump(request);
    this.files += 1;
    const file = join(this.folder, `${this.files}.dump`);
    const running = await this.driver.startDump(plan, never);
    await pipeline(running.output, createWriteStream(file));
    await running.completed;
    if (format === 'tar') await this.tar(database, file);
    const source = { format, own: true, open: () => createReadStream(file), file };
    return { ...source, plan, census: await running.census };
  }

  /** A script that somebody has written. */
  foreign(text: string): DumpSource {
    const whole = `--\n-- PostgreSQL database dump\n--\n${text}\n--\n-- PostgreSQL database dump complete\n--\n`;
    return { format: 'plain', own: false, open: () => Readable.from([Buffer.from(whole)]) };
  }

  async load(
    database: string,
    source: DumpSource,
    request: Partial<LoadPlan> = {},
    account: Partial<ConnectionParams> = {},
  ): Promise<LoadResult> {
    const connection = this.at(database, account);
    const wanted = { connection, format: source.format, tools: {}, skipOwnership: false, staged: true, ...request };
    const plan = await this.driver.prepareLoad(wanted);
    return this.driver.load(plan, source, { signal: never, beforeCommit: () => Promise.resolve() });
  }

  private async tar(database: string, file: string): Promise<void> {
    const { host, port, username, password } = this.at(database);
    const env = { PGPASSWORD: password, PGOPTIONS: startupOptions(SESSION_SETTINGS) };
    const args = ['-Ft', '--encoding=UTF8', '-h', host, '-p', String(port), '-U', username, '-f', file, database];
    await runProcess({ command: 'pg_dump', args, env, timeoutMs: 60_000 });
  }
}
