import { statfs } from 'node:fs/promises';
import { dirname, isAbsolute } from 'node:path';
import { DomainError, formatBytes, makeFolder, messageOf } from '@app/domain';
import type { Clock, ConnectionParams, DbType, Logger, Manifest, ToolPaths } from '@app/domain';
import type { DriverRegistry } from '@app/drivers';
import {
  enginesFolder,
  installedMariadb,
  installedMysql,
  installedPostgres,
  mariadbAccount,
  postgresAccount,
  sandboxFolder,
  startMariadb,
  startMysql,
  startPostgres,
  sweepSandboxes,
} from '@app/sandbox';
import type { Account, InstalledServer, SandboxOptions, SandboxServer } from '@app/sandbox';
import type { StorageWriter } from '@app/storage';
import { CannotVerify } from './cannot-verify.js';
import { NamedVerificationServer } from './named-verification-server.js';
import { majorOf, nearest, sourceVersion } from './verification-server-choice.js';
import { SETTING, sourceOf } from './verification-server.js';
import type { VerificationServer } from './verification-server.js';

/** Starts throwaway servers: `libs/sandbox` does, unless a test gives something else. */
export interface ServerSandbox {
  /** `toolFolders` are the folders of the client programs that the settings name. */
  installed(dbType: DbType, toolFolders: readonly string[]): Promise<readonly InstalledServer[]>;
  account(dbType: DbType): Promise<Account>;
  start(dbType: DbType, options: SandboxOptions): Promise<SandboxServer>;
}

export interface VerificationServersParts {
  drivers: DriverRegistry;
  clock: Clock;
  logger: Logger;
  /** The service's own folder for throwaway servers. */
  folder: string;
  /** The folder with unpacked servers of other versions, which are not installed. Default: the usual cache folder. */
  enginesFolder?: string | undefined;
  /** Tells which verification databases on a configured server are the service's own. */
  runs: StorageWriter;
  /** Configured servers, which are used instead of throwaway ones. */
  named?: Readonly<Partial<Record<DbType, ConnectionParams>>>;
  /** The client programs that the settings name. */
  tools?: () => Promise<ToolPaths>;
  sandbox?: ServerSandbox;
}

/** A loaded database takes up more room than its dump: indexes, the log of the load, temporary files. */
const ROOM_FACTOR = 2.5;
/** The room that an empty server takes, with its log. */
const ROOM_OF_A_SERVER = 400 * 1024 * 1024;
/** The load is not replicated, and locks each table once, whatever their number. */
const POSTGRES_SETTINGS = {
  max_connections: '40',
  max_locks_per_transaction: '2048',
  maintenance_work_mem: '256MB',
  autovacuum: 'off',
};

function sandboxWith(folder: string): ServerSandbox {
  return {
    installed: async (dbType, toolFolders) =>
      dbType === 'PostgreSQL'
        ? installedPostgres(folder)
        : (await Promise.all([installedMariadb(folder), installedMysql(folder, toolFolders)])).flat(),
    account: (dbType) => (dbType === 'PostgreSQL' ? postgresAccount() : mariadbAccount()),
    start: (dbType, options) => {
      if (dbType === 'PostgreSQL') return startPostgres({ ...options, settings: POSTGRES_SETTINGS });
      return options.installed?.flavour === 'MySQL' ? startMysql(options) : startMariadb(options);
    },
  };
}

/** Finds or starts the verification server. It serves one verification at a time, as each takes as much room as its backup. */
export class VerificationServers {
  private last: Promise<unknown> = Promise.resolve();
  private swept: Promise<void> | undefined;
  private readonly named: NamedVerificationServer;

  constructor(private readonly parts: VerificationServersParts) {
    this.named = new NamedVerificationServer(parts);
  }

  /** Waits until earlier verifications have ended. Throws {@link CannotVerify} with the reason when no server can load the backup. */
  async open(manifest: Manifest, signal: AbortSignal): Promise<VerificationServer> {
    const leave = await this.enter(signal);
    try {
      const named = this.parts.named?.[manifest.db_type];
      const server =
        named === undefined
          ? await this.startThrowaway(manifest, signal)
          : await this.named.use(named, manifest, signal);
      return {
        ...server,
        [Symbol.asyncDispose]: async () => {
          try {
            await server[Symbol.asyncDispose]();
          } finally {
            leave();
          }
        },
      };
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Removes what a power cut left of throwaway servers. A crash of the service alone leaves nothing. */
  sweep(): Promise<void> {
    this.swept ??= sweepSandboxes(this.parts.folder).then(
      (names) => {
        if (names.length > 0) this.parts.logger.warn({ names }, 'remains of throwaway servers were removed');
      },
      (error: unknown) => {
        this.parts.logger.warn({ err: error }, `remains of throwaway servers stay: ${messageOf(error)}`);
      },
    );
    return this.swept;
  }

  private async enter(signal: AbortSignal): Promise<() => void> {
    const before = this.last;
    let leave = (): void => undefined;
    this.last = new Promise<void>((resolve) => (leave = resolve));
    let abort = (): void => undefined;
    const aborted = new Promise<void>((resolve) => (abort = resolve));
    signal.addEventListener('abort', abort, { once: true });
    await Promise.race([before, ...(signal.aborted ? [] : [aborted])]);
    signal.removeEventListener('abort', abort);
    if (!signal.aborted) return leave;
    // The next caller still waits for the verifications before us.
    void before.then(leave);
    throw new DomainError('CANCELLED', 'The verification was cancelled; it says nothing of the backup.');
  }

  private async startThrowaway(manifest: Manifest, signal: AbortSignal): Promise<VerificationServer> {
    const { drivers, sandbox = sandboxWith(this.parts.enginesFolder ?? enginesFolder()) } = this.parts;
    const dbType = manifest.db_type;
    const source = sourceVersion(manifest);
    const tools = Object.values((await this.parts.tools?.()) ?? {}).filter(
      (path) => path !== undefined && isAbsolute(path),
    );
    const installed = await sandbox.installed(dbType, [...new Set(tools.map((path) => dirname(path)))]);
    const chosen = nearest(source, installed);
    if (chosen === undefined) throw noServer(manifest, installed);
    const folder = await this.roomFor(manifest, await sandbox.account(dbType));
    signal.throwIfAborted();
    const server = await sandbox
      .start(dbType, { installed: chosen, folder, signal, ...zoneOf(manifest) })
      .catch((error: unknown) => {
        if (signal.aborted) throw error;
        throw new CannotVerify(
          `no throwaway server could be started: ${messageOf(error)}`.replace(/\.$/, ''),
          `Fix what its log reports, or name a server for this with ${SETTING[dbType]}.`,
          error,
        );
      });
    try {
      const driver = drivers.get(dbType);
      const connection = server.connection(dbType === 'PostgreSQL' ? 'postgres' : 'mysql');
      const info = await driver.probe(connection, signal);
      let count = 0;
      return {
        info,
        connection,
        throwaway: true,
        remedy: `Install on this machine what the source's server has, or name a server that has it with ${SETTING[dbType]}.`,
        freshDatabase: async (settings) => {
          const name = `verify_${(count += 1)}`;
          await driver.createDatabase(connection, name, settings, { orNearest: true });
          return { ...connection, database: name };
        },
        [Symbol.asyncDispose]: () => server.stop(),
      };
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  private async roomFor(manifest: Manifest, account: Account): Promise<string> {
    await makeFolder(this.parts.folder);
    await this.sweep();
    const folder = await sandboxFolder(this.parts.folder, account);
    const { bavail, bsize } = await statfs(folder);
    const needed = manifest.dump_size * ROOM_FACTOR + ROOM_OF_A_SERVER;
    if (bavail * bsize >= needed) return folder;
    throw new CannotVerify(
      `a throwaway server for it needs about ${formatBytes(needed)}, and ${formatBytes(bavail * bsize)} are free`,
      `Free some space where the service keeps its data, or name a server for this with ${SETTING[manifest.db_type]}.`,
    );
  }
}

/** A throwaway server knows only the time zone of its machine by name, so it gets that of the source. */
function zoneOf({ session_settings: settings }: Manifest): Pick<SandboxOptions, 'timeZone'> {
  const zone = settings?.['time_zone'];
  return zone !== undefined && /^[A-Za-z]+(\/[\w+-]+)+$/.test(zone) ? { timeZone: zone } : {};
}

function noServer(manifest: Manifest, installed: readonly InstalledServer[]): CannotVerify {
  const { flavour } = manifest.server;
  const setting = SETTING[manifest.db_type];
  const others = installed.map((server) => `${server.flavour} ${server.version}`).join(', ');
  const major = majorOf(sourceVersion(manifest)).join('.');
  const programs = { PostgreSQL: 'initdb, postgres', MariaDB: 'mariadb-install-db, mariadbd', MySQL: 'mysqld' }[
    flavour
  ];
  const what = `the server package of ${flavour} ${major} or newer (${programs})`;
  return new CannotVerify(
    others === ''
      ? `no ${flavour} server programs are installed on this machine`
      : `the backup is of ${sourceOf(manifest)}, and installed is only ${others}`,
    `Install ${what} on this machine, or name a server for this with ${setting}.`,
  );
}
