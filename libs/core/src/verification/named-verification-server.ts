import { randomBytes } from 'node:crypto';
import { DomainError, messageOf, retry } from '@app/domain';
import type { Clock, ConnectionParams, Logger, Manifest } from '@app/domain';
import { dropInTime, DropTakesLong } from '@app/drivers';
import type { DbDriver, DriverRegistry } from '@app/drivers';
import type { StorageWriter } from '@app/storage';
import { CannotVerify } from './cannot-verify.js';
import { canTakeIn, sourceVersion } from './verification-server-choice.js';
import { SETTING, sourceOf } from './verification-server.js';
import type { VerificationServer } from './verification-server.js';

/** The age after which verification databases of other services are dropped, as nobody can be at work in them. */
const ABANDONED_MS = 24 * 3_600_000;
const DATABASE_NAME = /^verify_([0-9a-f]{8})_([0-9a-z]{8,})_[0-9a-f]{8}$/;
const DROP_ATTEMPTS = 20;
const DROP_PAUSE_MS = 250;

export interface NamedVerificationServerParts {
  drivers: DriverRegistry;
  clock: Clock;
  logger: Logger;
  runs: StorageWriter;
}

/** Creates and drops verification databases on a configured server, and touches nothing else there. */
export class NamedVerificationServer {
  private readonly inUse = new Set<string>();

  constructor(private readonly parts: NamedVerificationServerParts) {}

  /** Throws {@link CannotVerify} when the server is away, or could not load the backup. */
  async use(connection: ConnectionParams, manifest: Manifest, signal: AbortSignal): Promise<VerificationServer> {
    const driver = this.parts.drivers.get(manifest.db_type);
    const setting = SETTING[manifest.db_type];
    const info = await driver.probe(connection, signal).catch((error: unknown) => {
      if (signal.aborted || !(error instanceof DomainError)) throw error;
      const why = `the server of ${setting} could not be used: ${error.message.replace(/\.$/, '')}`;
      throw new CannotVerify(why, error.hint, error);
    });
    if (!canTakeIn(sourceVersion(manifest), info)) {
      throw new CannotVerify(
        `the server of ${setting} is ${info.flavour} ${info.version}, and the backup is of ${sourceOf(manifest)}`,
        `Let ${setting} name a server of that product, with the same or a newer version.`,
      );
    }
    await this.sweep(driver, connection, signal);
    let current: string | undefined;
    const drop = async (): Promise<void> => {
      const name = current;
      current = undefined;
      if (name !== undefined) await this.drop(driver, connection, name);
    };
    return {
      info,
      connection,
      throwaway: false,
      remedy: `Give the server of ${setting} what the source's server has.`,
      freshDatabase: async (settings) => {
        await drop();
        const name = this.newName();
        this.inUse.add(name);
        current = name;
        await driver.createDatabase(connection, name, settings, { orNearest: true, signal });
        return { ...connection, database: name };
      },
      [Symbol.asyncDispose]: drop,
    };
  }

  /** `verify_<run>_<time>_<random>`. */
  private newName(): string {
    const time = this.parts.clock.now().getTime().toString(36);
    return `verify_${shortOf(this.parts.runs.run)}_${time}_${randomBytes(4).toString('hex')}`;
  }

  /** The next verification drops what stays. */
  private async drop(driver: DbDriver, connection: ConnectionParams, name: string): Promise<void> {
    try {
      await retry(
        () => dropInTime({ dropCopy: (_, copy) => dropIfThere(driver, connection, copy) }, connection, name),
        {
          attempts: DROP_ATTEMPTS,
          // The server may take a moment to notice that the sessions in it have ended.
          isTransient: (error) =>
            error instanceof DomainError && error.code === 'BUSY' && !(error instanceof DropTakesLong),
          pauseMs: () => DROP_PAUSE_MS,
        },
      );
    } catch (error) {
      this.parts.logger.error({ err: error, database: name }, 'a verification database is left behind for now');
    } finally {
      this.inUse.delete(name);
    }
  }

  /** Drops what crashed runs left: databases of earlier runs of this service at once, and those of other services when they are old. */
  private async sweep(driver: DbDriver, connection: ConnectionParams, signal: AbortSignal): Promise<void> {
    const { clock, logger, runs } = this.parts;
    const own = new Set([runs.run, ...runs.pastRuns].map(shortOf));
    try {
      for (const { name } of await driver.listDatabases(connection, signal)) {
        const [, run, time = ''] = DATABASE_NAME.exec(name) ?? [];
        if (run === undefined || this.inUse.has(name)) continue;
        const age = clock.now().getTime() - Number.parseInt(time, 36);
        if (!own.has(run) && age < ABANDONED_MS) continue;
        await driver.dropDatabase(connection, name);
        logger.warn({ database: name }, 'a verification database that was left behind was dropped');
      }
    } catch (error) {
      signal.throwIfAborted();
      logger.warn({ err: error }, `verification databases may be left behind: ${messageOf(error)}`);
    }
  }
}

async function dropIfThere(driver: DbDriver, connection: ConnectionParams, name: string): Promise<void> {
  if (await driver.databaseExists(connection, name)) await driver.dropDatabase(connection, name);
}

function shortOf(run: string): string {
  return run.slice(0, 8);
}
