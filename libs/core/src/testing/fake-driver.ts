import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { DomainError, messageOf } from '@app/domain';
import type { BackupFormat, CompareDepth, ConnectionParams, ObjectCounts, RowCounts, ServerInfo } from '@app/domain';
import type {
  Census,
  DatabaseLock,
  DbDriver,
  DumpPlan,
  DumpRequest,
  RunningDump,
  LoadPlan,
  ServerDatabase,
  ServerGlobals,
  MissingPrerequisite,
  ToolCatalog,
  UserAdministration,
} from '@app/drivers';
import { FakeSwap } from './fake-swap.js';
import { FakeTables } from './fake-tables.js';

/**
 * A driver over strings in memory, to test the core's own logic. A "database" is a text; its dump is `FAKE\n`, the
 * text, and `END\n`. Tests inject faults by overriding a method of one instance. It imitates no real server: the behaviour
 * of real servers is tested with real servers.
 */
export class FakeDriver implements DbDriver {
  readonly dbType = 'PostgreSQL';
  readonly formats: readonly BackupFormat[] = ['plain'];
  atomicLoad = true;
  readonly databases = new Map<string, string>([['shop', 'rows']]);
  readonly swap = new FakeSwap(this.databases);
  readonly tables = new FakeTables(this.databases);
  /** This fake engine has none unless a test sets it. */
  globals?: ServerGlobals;
  /** The dumps that `load` received, in order. */
  readonly loaded: string[] = [];
  /** The plans of these loads. */
  readonly plans: LoadPlan[] = [];

  get tools(): ToolCatalog {
    throw new Error('not part of this fake');
  }

  get users(): UserAdministration {
    throw new Error('not part of this fake');
  }

  checkNames(): void {}

  probe(): Promise<ServerInfo> {
    return Promise.resolve({ dbType: this.dbType, flavour: 'PostgreSQL', version: '15.1', versionParts: [15, 1] });
  }

  lockDatabase(): Promise<DatabaseLock> {
    const { signal: lost } = new AbortController();
    return Promise.resolve({
      lost,
      assertHeld: () => Promise.resolve(),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  }

  identify({ database }: ConnectionParams): Promise<string | undefined> {
    return Promise.resolve(`fake ${database}`);
  }

  isOneServer(): Promise<boolean> {
    return Promise.resolve(true);
  }

  prepareDump({ connection, format, census }: DumpRequest): Promise<DumpPlan> {
    return Promise.resolve({
      connection,
      format,
      ...(census === undefined ? {} : { census }),
      server: { dbType: this.dbType, flavour: 'PostgreSQL', version: '15.1', versionParts: [15, 1] },
      tool: { path: '/usr/bin/fake_dump', flavour: 'PostgreSQL', version: '15.1', versionParts: [15, 1] },
      estimatedBytes: 1,
      settings: { encoding: 'UTF8' },
      objects: { tables: 1 },
      warnings: [],
    });
  }

  dumpOf(database: string): string {
    return `FAKE\n${this.databases.get(database) ?? ''}\nEND\n`;
  }

  startDump(plan: DumpPlan, _signal: AbortSignal): Promise<RunningDump> {
    return Promise.resolve({
      output: Readable.from([Buffer.from(this.dumpOf(plan.connection.database))], { objectMode: false }),
      completed: Promise.resolve({ warnings: [] }),
    });
  }

  completenessCheck() {
    let tail = '';
    return {
      get tables() {
        return tail === '' ? 0 : 1;
      },
      update: (chunk: Buffer) => void (tail = (tail + chunk.toString()).slice(-10)),
      finish: () => {
        if (!tail.endsWith('END\n')) throw new DomainError('DUMP_INCOMPLETE', 'no end marker');
      },
    };
  }

  recognise(head: Buffer): 'plain' | undefined {
    return head.toString().startsWith('FAKE\n') ? 'plain' : undefined;
  }

  checkArchive(): Promise<void> {
    return Promise.resolve();
  }

  listDatabases(): Promise<ServerDatabase[]> {
    const names = [...this.databases.keys()].toSorted();
    return Promise.resolve(
      names.map((name) => ({ name, sizeBytes: this.databases.get(name)?.length, accessible: true })),
    );
  }

  databaseExists(_connection: ConnectionParams, name: string): Promise<boolean> {
    return Promise.resolve(this.databases.has(name));
  }

  createDatabase(_connection: ConnectionParams, name: string): Promise<readonly string[]> {
    this.databases.set(name, '');
    return Promise.resolve([]);
  }

  endCreation(): Promise<void> {
    return Promise.resolve();
  }

  dropDatabase(_connection: ConnectionParams, name: string): Promise<void> {
    this.databases.delete(name);
    return Promise.resolve();
  }

  prepareLoad(
    request: Omit<LoadPlan, 'server' | 'tool' | 'targetIsEmpty' | 'targetBytes' | 'warnings'>,
  ): Promise<LoadPlan> {
    return Promise.resolve({
      ...request,
      server: { dbType: this.dbType, flavour: 'PostgreSQL', version: '15.1', versionParts: [15, 1] },
      tool: undefined,
      targetIsEmpty: this.databases.get(request.connection.database) === '',
      targetBytes: 0,
      warnings: [],
    });
  }

  async load(
    plan: LoadPlan,
    source: { open(): Readable },
    hooks: { beforeCommit(): Promise<void>; beforeReplacing?: (() => Promise<void>) | undefined },
  ): Promise<{ warnings: readonly string[] }> {
    const dump = await text(source.open());
    await hooks.beforeReplacing?.();
    this.loaded.push(dump);
    this.plans.push(plan);
    await hooks.beforeCommit();
    this.databases.set(plan.connection.database, dump.slice('FAKE\n'.length, -'\nEND\n'.length));
    return { warnings: [] };
  }

  /** A failure whose message begins with `here: ` is the server's; `role: x` names a missing role. */
  missingPrerequisite(failure: unknown): MissingPrerequisite | undefined {
    const [, role] = /^role: (.*)/.exec(messageOf(failure)) ?? [];
    if (role !== undefined) return { message: `role "${role}" does not exist`, role };
    const [, message] = /^here: (.*)/.exec(messageOf(failure)) ?? [];
    return message === undefined ? undefined : { message };
  }

  countObjects(): Promise<ObjectCounts> {
    return Promise.resolve({ tables: 1 });
  }

  census(connection: ConnectionParams, _signal?: AbortSignal, _depth?: CompareDepth): Promise<Census> {
    return Promise.resolve({
      objects: { tables: 1 },
      rows: { t: rowsOf(this.databases.get(connection.database) ?? '') },
    });
  }

  async dumpedRows(source: { open(): Readable }): Promise<RowCounts> {
    const dump = await text(source.open());
    return { t: rowsOf(dump.slice('FAKE\n'.length, -'\nEND\n'.length)) };
  }
}

/** Each word is a row. */
function rowsOf(content: string): number {
  return content.split(' ').filter((word) => word !== '').length;
}
