import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectionParams } from '@app/domain';
import type { SandboxOptions, SandboxServer } from '@app/sandbox';
import { programFolder } from '../../libs/process/src/testing/program-folder.js';
import type { Content, FaultSide } from './fault-sides.js';
import { startGate } from './gate.js';
import type { Gate } from './gate.js';
import { runSql } from './run-sql.js';
import { startService } from './service-process.js';
import type { ServiceOptions, ServiceProcess } from './service-process.js';

export interface Answer {
  status: number;
  body: Record<string, unknown>;
}

export interface ListedBackup {
  id: string;
  path: string;
  filename: string;
  size: number;
  status: string;
  kind: string | null;
  warnings: string[];
}

/** What there is before a fault. */
export interface Before {
  content: Content;
  backups: readonly ListedBackup[];
}

export interface FixtureOptions extends SandboxOptions {
  env?: Record<string, string>;
  prelude?: ServiceOptions['prelude'];
}

export const DATABASE = 'shop';

/** A server of one engine, and the built service, which reaches it through a gate. Its active connection is `shop`. */
export class FaultFixture {
  /** Names of files in the backup folder that a test has put there. */
  readonly placed = new Set<string>();
  /** Ids of backups that were read back once. */
  readonly readBack = new Set<string>();
  /** Numbers of the faults after which a full look found everything in order. */
  readonly lookedAfter = new Set<string>();
  /** The full look that is still to be done before the end; undefined: none. */
  owed: (() => Promise<void>) | undefined;
  private salt = 0;
  private tools: Readonly<Record<string, string>> | undefined;

  private constructor(
    readonly side: FaultSide,
    readonly server: SandboxServer,
    readonly gate: Gate,
    readonly home: string,
    readonly options: FixtureOptions,
    public service: ServiceProcess,
  ) {}

  static async start(side: FaultSide, options: FixtureOptions = {}): Promise<FaultFixture> {
    const home = await mkdtemp(join(tmpdir(), 'faults-'));
    await mkdir(join(home, 'tmp'));
    const server = await side.start(options.settings === undefined ? {} : { settings: options.settings });
    const gate = await startGate(server.port);
    const service = await startService(environmentOf(home, options), serviceOptions(home, options)).catch(
      async (error: unknown) => {
        // Otherwise jest waits for them without end.
        await gate.close();
        await server.stop();
        throw error;
      },
    );
    const fixture = new FaultFixture(side, server, gate, home, options, service);
    try {
      await runSql(fixture.admin, [`create database ${DATABASE}`]);
      await runSql(fixture.direct(), side.fill);
      await fixture.connect();
      return fixture;
    } catch (error) {
      await fixture.end();
      throw error;
    }
  }

  async stop(): Promise<void> {
    try {
      await this.owed?.();
    } finally {
      await this.end();
    }
  }

  private async end(): Promise<void> {
    await this.gate.close();
    await this.service.stop();
    await this.server.stop();
    await rm(this.home, { recursive: true, force: true });
  }

  get admin(): ConnectionParams {
    return this.server.connection(this.side.maintenance);
  }
  /** Past the gate. */
  direct(database = DATABASE): ConnectionParams {
    return this.server.connection(database);
  }
  sql(statements: readonly string[], database = DATABASE): Promise<Record<string, unknown>[]> {
    return runSql(this.direct(database), statements);
  }
  content(database = DATABASE): Promise<Content> {
    return this.side.content(this.direct(database));
  }
  /** So that what is restored can be told from what was there. */
  async change(): Promise<void> {
    await this.sql(this.side.change((this.salt += 37)));
  }

  /** For the service. */
  login(more: Partial<ConnectionParams> = {}): Record<string, unknown> {
    const { dbType: db_type, host, database, username, password } = { ...this.direct(), ...more };
    return { db_type, host, port: this.gate.port, database, username, password };
  }
  connect(more: Partial<ConnectionParams> = {}): Promise<Record<string, unknown>> {
    return this.service.post('/api/connect', this.login(more));
  }

  async call(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Answer> {
    const answer = await fetch(this.service.url + path, {
      method,
      // Nothing is kept for later: the service may be another one by then.
      headers: {
        connection: 'close',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }
  backup(options: object = {}): Promise<Answer> {
    return this.call('POST', '/api/backup', options);
  }
  restore(file: string, options: object = {}): Promise<Answer> {
    return this.call('POST', '/api/restore', { backup_file_path: file, ...options });
  }
  /** One that must succeed. */
  async goodBackup(options: object = {}): Promise<ListedBackup> {
    const { status, body } = await this.backup(options);
    if (status !== 200) throw new Error(`the backup answered ${status}: ${JSON.stringify(body)}`);
    return body['backup'] as ListedBackup;
  }
  /** While it hangs at the gate; opened, it goes on. */
  async hangingBackup(options: object = {}): Promise<{ answer: Promise<Answer> }> {
    return this.hanging('from server', () => this.backup(options));
  }
  async hangingRestore(file: string, options: object = {}): Promise<{ answer: Promise<Answer> }> {
    return this.hanging('to server', () => this.restore(file, options));
  }

  async backups(): Promise<ListedBackup[]> {
    const { body } = await this.call('GET', '/api/backups');
    return body['backups'] as ListedBackup[];
  }
  async before(): Promise<Before> {
    return { content: await this.content(), backups: await this.backups() };
  }

  /** The backup folder, also where it is in a mount namespace of the service's own. */
  get folder(): string {
    return this.seen('backups');
  }
  seen(path: string): string {
    return this.options.prelude === undefined
      ? join(this.home, path)
      : join('/proc', String(this.service.pid), 'root', this.home, path);
  }
  async files(): Promise<string[]> {
    return (await readdir(this.folder)).filter((name) => !name.startsWith('.')).toSorted();
  }
  /** A file that the service did not write. */
  async place(name: string, content: string | Uint8Array): Promise<string> {
    this.placed.add(name);
    await writeFile(join(this.folder, name), content);
    return `./backups/${name}`;
  }
  async removePlaced(): Promise<void> {
    for (const name of this.placed) await rm(join(this.folder, name), { force: true });
    this.placed.clear();
  }

  /**
   * Puts a script in the place of one of the tools: `$TOOL` is the real one, which answers `--version` unless that is
   * given. Resolves with what takes the script away again.
   */
  async wrapTool(key: string, tool: string, script: string, version?: string): Promise<() => Promise<void>> {
    // Once, as every search runs each tool that is installed.
    this.tools ??= (await this.call('POST', '/api/tools/detect', {})).body['tools'] as Record<string, string>;
    const real = this.tools[key] ?? '';
    const folder = await programFolder('fault-tool-');
    const path = join(folder, tool);
    const told = version === undefined ? 'exec "$TOOL" --version' : `echo '${version}'; exit`;
    await writeFile(path, `#!/bin/bash\nTOOL='${real}'\nif [ "$1" = --version ]; then ${told}; fi\n${script}\n`);
    await chmod(path, 0o755);
    await this.service.post('/api/config', { [key]: path });
    return async () => {
      await this.service.post('/api/config', { [key]: '' });
      await rm(folder, { recursive: true, force: true });
    };
  }

  /** As after a crash of the machine: SIGKILL, and a start in the same home. */
  async restart(signal: 'SIGKILL' | 'SIGTERM', env: Record<string, string> = {}): Promise<void> {
    this.service.signal(signal);
    await this.service.ended;
    this.service = await startService({ ...environmentOf(this.home, this.options), ...env }, { home: this.home });
    // It tries again after a while where the database did not let it in.
    while ((await this.call('GET', '/api/status')).body['connected'] !== true) await delay(50);
  }

  /** Until no job is queued or runs. */
  async idle(): Promise<void> {
    for (;;) {
      const { body } = await this.call('GET', '/api/jobs?state=queued,running');
      if ((body['jobs'] as unknown[]).length === 0) return;
      await delay(20);
    }
  }

  private async hanging(
    direction: 'from server' | 'to server',
    begin: () => Promise<Answer>,
  ): Promise<{ answer: Promise<Answer> }> {
    this.gate.hold(direction);
    const answer = begin();
    const early = answer.then(({ body }) => {
      throw new Error(`it ended before it came to hang: ${JSON.stringify(body)}`);
    });
    await Promise.race([this.gate.standstill(), early]);
    early.catch(() => undefined);
    return { answer };
  }
}

function environmentOf(home: string, { env }: FixtureOptions): Record<string, string> {
  return {
    ...{ TMPDIR: join(home, 'tmp'), BACKUP_TIMEZONE: 'UTC', LOG_LEVEL: 'warn' },
    // Enough that none goes by retention.
    ...{ BACKUP_RETENTION_COUNT: '100', JOB_CONCURRENCY: '4' },
    ...env,
  };
}

function serviceOptions(home: string, { prelude }: FixtureOptions): ServiceOptions {
  return prelude === undefined ? { home } : { home, prelude };
}
