import { randomUUID } from 'node:crypto';
import { link, open, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename } from 'node:path';
import { DomainError, errorCodeOf } from '@app/domain';
import { PARTIAL_SUFFIX } from '../artifact-storage.js';
import type { StorageWriter } from '../artifact-storage.js';
import { readRegularFile } from './regular-file.js';
import { storageError } from '../storage-error.js';

export const LEASE_SUFFIX = `.lease${PARTIAL_SUFFIX}`;
/** The names of files that a service leaves when it crashes during the takeover of a lease; earlier versions left clocks. */
export const LEASE_REMAINS = /\.(lease|clock)\.[0-9a-f-]{36}\.partial$/;

const RENEW_MS = 15_000;
/** The time of forty renewals, as no living service is silent for so long. */
export const LEASE_MS = 600_000;

/**
 * The right to a name in a storage that services of several machines share: a file beside the artifact that its owner writes to
 * again and again. Others only look whether it still changes, so that nobody compares two clocks.
 */
export class StorageLease {
  private readonly timer: NodeJS.Timeout;
  private renewal: Promise<void> | undefined;
  private beat = 0;
  private taken = false;
  private released = false;

  private constructor(
    private readonly path: string,
    private readonly run: string,
    private readonly handle: FileHandle,
  ) {
    this.timer = setInterval(() => void this.renew().catch(() => undefined), RENEW_MS).unref();
  }

  /** Takes the lease by creating the file; undefined when somebody has it. */
  static async acquire(artifactPath: string, run: string): Promise<StorageLease | undefined> {
    const path = artifactPath + LEASE_SUFFIX;
    let handle: FileHandle;
    try {
      handle = await open(path, 'wx', 0o600);
    } catch (error) {
      if (errorCodeOf(error) === 'EEXIST') return undefined;
      throw storageError(error, `begin ${basename(artifactPath)}`);
    }
    const lease = new StorageLease(path, run, handle);
    try {
      await lease.write();
    } catch (error) {
      await lease.release();
      throw storageError(error, `begin ${basename(artifactPath)}`);
    }
    return lease;
  }

  /** Throws STORAGE_FAILED when another service has taken the lease over, as this one had not renewed it for too long. */
  async assertHeld(): Promise<void> {
    await this.renew();
    this.refuseIfLost();
  }

  /** Whether this service still has the lease; also true after {@link release} when nobody has taken it. */
  async isHeld(): Promise<boolean> {
    return !this.taken && (this.released || (await isSameFile(this.handle, this.path)));
  }

  /** Checks by the result of the last renewal. */
  refuseIfLost(): void {
    if (!this.taken) return;
    throw new DomainError(
      'STORAGE_FAILED',
      `The lease of ${basename(this.path, LEASE_SUFFIX)} was lost: this service did not renew it for so long that another one which uses the same storage took it for dead.`,
      {
        hint: 'Nothing was published. Try again; if it happens again, find out what froze the service or the storage.',
      },
    );
  }

  /** Removes the file if this service still has the lease. Safe to call twice. */
  async release(): Promise<void> {
    if (this.released) return;
    this.released = true;
    clearInterval(this.timer);
    await this.renewal?.catch(() => undefined);
    try {
      if (!this.taken && (await isSameFile(this.handle, this.path))) await rm(this.path, { force: true });
    } finally {
      await this.handle.close();
    }
  }

  private renew(): Promise<void> {
    this.renewal ??= (async () => {
      try {
        if (!(await isSameFile(this.handle, this.path))) {
          this.taken = true;
          return;
        }
        await this.write();
        // The lease was taken over in between, and the text went to a file that has lost its name.
        if (!(await isSameFile(this.handle, this.path))) this.taken = true;
      } finally {
        this.renewal = undefined;
      }
    })();
    return this.renewal;
  }

  /** Overwrites the present text, which works also on a full disk. */
  private async write(): Promise<void> {
    this.beat += 1;
    const beat = String(this.beat).padStart(12, '0');
    const text = `${JSON.stringify({ beat, run: this.run, host: hostname(), pid: process.pid })}\n`;
    await this.handle.write(text, 0);
  }
}

/** Whether the name still stands for the opened file. */
export async function isSameFile(handle: FileHandle, path: string): Promise<boolean> {
  const named = await stat(path, { bigint: true }).catch((error: unknown) => {
    if (errorCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (named === undefined) return false;
  const { dev, ino } = await handle.stat({ bigint: true });
  return named.dev === dev && named.ino === ino;
}

/** Judges which owners of leases are dead. A clock that is set forward makes nobody look dead. */
export class LeaseJudge {
  private readonly seen = new Map<string, { state: string; since: number }>();

  /** `leaseMs` is how long a silent owner counts as alive. `now` is a monotonic clock, in milliseconds. */
  constructor(
    private readonly writer: StorageWriter,
    private readonly leaseMs = LEASE_MS,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * Takes over the lease of an artifact when its owner is dead: an earlier run of this service, or silent for far too long. If
   * the owner is alive after all, it publishes nothing afterwards. Returns a function that gives the lease up for good; undefined
   * when the owner is alive, or that is not known yet.
   */
  async takeOver(artifactPath: string): Promise<(() => Promise<void>) | undefined> {
    const path = artifactPath + LEASE_SUFFIX;
    const before = await stateOf(path);
    if (before === undefined) return undefined;
    const isDead = this.writer.pastRuns.has(await runOf(path)) || (await this.areStill([path]));
    if (!isDead) return undefined;
    const taken = `${artifactPath}.lease.${randomUUID()}${PARTIAL_SUFFIX}`;
    try {
      await rename(path, taken);
    } catch (error) {
      if (errorCodeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
    if ((await stateOf(taken)) === before) return () => rm(taken, { force: true });
    // The lease was renewed at the last moment. It goes back, but never over a lease that somebody else has made meanwhile.
    await link(taken, path).catch(() => undefined);
    await rm(taken, { force: true });
    return undefined;
  }

  /**
   * Whether none of these files has changed between two looks of this process that are a lease apart, so the first look never
   * returns true. Files without a lease are judged like this, too.
   */
  async areStill(paths: readonly string[]): Promise<boolean> {
    const still = await Promise.all(paths.map((path) => this.isStill(path)));
    return still.every(Boolean);
  }

  /** Forgets the state of other files in the folders of a sweep. */
  keepOnly(root: string, paths: ReadonlySet<string>): void {
    for (const path of this.seen.keys()) if (path.startsWith(`${root}/`) && !paths.has(path)) this.seen.delete(path);
  }

  private async isStill(path: string): Promise<boolean> {
    const state = await stateOf(path);
    if (state === undefined) return true;
    const before = this.seen.get(path);
    const now = this.now();
    if (before?.state === state) return now - before.since >= this.leaseMs;
    this.seen.set(path, { state, since: now });
    return false;
  }
}

/** Returns a state that changes with each renewal, whatever the clock of the storage says. Undefined when there is no such file. */
async function stateOf(path: string): Promise<string | undefined> {
  try {
    const { dev, ino, size, mtimeNs } = await stat(path, { bigint: true });
    const text = path.endsWith(LEASE_SUFFIX) || LEASE_REMAINS.test(path) ? await readRegularFile(path) : '';
    return [dev, ino, size, mtimeNs, text].join(' ');
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function runOf(path: string): Promise<string> {
  try {
    const { run } = JSON.parse((await readRegularFile(path)) ?? '') as { run?: unknown };
    return typeof run === 'string' ? run : '';
  } catch {
    return '';
  }
}
