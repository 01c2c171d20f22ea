import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { openAnother } from './another-session.js';
import { BLOCKERS, blockersOf } from './lock-holders.js';
import { APPLICATION_NAME } from './postgres-session.js';
import type { PostgresSession } from './postgres-session.js';
import { waitForLocks } from './time-limits.js';

/** How many looks there are within the time limit. */
const LOOKS = 4;
const LOOK_AT_MOST_EVERY_MS = 250;
const LOOK_AT_LEAST_EVERY_MS = 5_000;

export interface LockWatchOptions {
  /** The login that the tool has, so that its sessions can be seen. */
  connection: ConnectionParams;
  /** `application_name` of the sessions of the tool, which nobody else has. */
  application: string;
  /** How long one of them may wait for one lock of somebody else. */
  lockTimeoutMs: number;
  /** How many sessions the tool opens. */
  sessions: number;
  /** "The dump of …" */
  what: string;
}

/**
 * Tools of PostgreSQL set lock_timeout to 0, so that they would wait without limit for whoever has locked what they need.
 * From a session of its own this looks for waits of the tool's sessions, whatever for. How long the tool works is of no
 * concern.
 */
export class LockWatch implements AsyncDisposable {
  private readonly end = new AbortController();
  private readonly found = Promise.withResolvers<DomainError>();
  private readonly done: Promise<void>;
  /** Since when a session has been waiting for the same lock. */
  private waits = new Map<string, number>();

  private constructor(
    private readonly options: LockWatchOptions,
    private session: PostgresSession | undefined,
  ) {
    this.done = this.watch().catch(() => undefined);
  }

  /**
   * To be opened before the tool begins: a session that has asked once can ask again, also where somebody has locked catalogs
   * since. Where the server has no session to spare, the watch begins when the tool has its own.
   */
  static async open(options: LockWatchOptions, signal: AbortSignal): Promise<LockWatch> {
    // The tool will say why no session can be opened.
    const session = await openAnother(options.connection, signal).catch(() => undefined);
    if (session === undefined) return new LockWatch(options, undefined);
    const spared = await hasToSpare(session, options.sessions).catch(() => false);
    if (spared) await askOnce(session).catch(() => undefined);
    if (!spared) await session.close();
    return new LockWatch(options, spared ? session : undefined);
  }

  /** BUSY that names who holds the lock, when a wait has lasted too long. Never rejects, and may never settle. */
  get stuck(): Promise<DomainError> {
    return this.found.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end.abort();
    await this.done;
    await this.session?.close();
  }

  private async watch(): Promise<void> {
    const { signal } = this.end;
    const { lockTimeoutMs } = this.options;
    const pause = Math.min(Math.max(lockTimeoutMs / LOOKS, LOOK_AT_MOST_EVERY_MS), LOOK_AT_LEAST_EVERY_MS);
    for (;;) {
      await sleep(pause, undefined, { signal });
      try {
        const stuck = await this.look();
        if (stuck !== undefined) return this.found.resolve(stuck);
      } catch {
        // The session broke: the tool has one of its own, which may be whole.
        this.session?.destroy();
        this.session = undefined;
      }
    }
  }

  private async look(): Promise<DomainError | undefined> {
    const { connection, lockTimeoutMs, what } = this.options;
    const isNew = this.session === undefined;
    this.session ??= await openAnother(connection, this.end.signal);
    const { session } = this;
    if (session === undefined) return undefined;
    const sessions = await this.waiting(session);
    if (isNew && sessions === undefined) {
      // The tool has not begun, and may need this very session.
      this.session = undefined;
      await session.close();
    }
    const now = performance.now();
    this.waits = new Map((sessions ?? []).map(({ wait }) => [wait, this.waits.get(wait) ?? now]));
    const stuck = sessions?.find(({ wait }) => now - (this.waits.get(wait) ?? now) >= lockTimeoutMs);
    if (stuck === undefined) return undefined;
    // A session that has locked catalogs may keep us from asking for more.
    await waitForLocks(session, LOOK_AT_MOST_EVERY_MS);
    const holders = await blockersOf(session, stuck.pid).catch(() => 'they could not be listed');
    return new DomainError('BUSY', `${what} waited for a lock in vain.`, {
      hint: `Let these sessions finish, or end them: ${holders}.`,
    });
  }

  /** Sessions of the tool that wait for somebody else, with what for; undefined when it has no session at all. */
  private async waiting(session: PostgresSession): Promise<{ pid: number; wait: string }[] | undefined> {
    const rows = await session.query<{ pid: number; wait: string | null }>(WAITS, [this.options.application, false]);
    if (rows.length === 0) return undefined;
    return rows.flatMap(({ pid, wait }) => (wait === null ? [] : [{ pid, wait }]));
  }
}

/** $2: what they hold instead. Asked of the functions themselves: views read catalogs, which may be what is locked. */
const WAITS = `
  SELECT a.pid, w.wait FROM pg_stat_get_activity(NULL) a LEFT JOIN LATERAL (
      SELECT concat_ws(' ', l.pid, l.locktype, l.database, l.relation, l.page, l.tuple, l.virtualxid, l.transactionid, l.classid,
               l.objid, l.objsubid, l.mode) AS wait
        FROM pg_lock_status() l WHERE ($2 OR a.wait_event_type = 'Lock') AND l.pid = a.pid AND l.granted = $2
         AND ($2 OR EXISTS (SELECT FROM unnest(pg_blocking_pids(a.pid)) AS b (pid)
           WHERE NOT b.pid IN (SELECT o.pid FROM pg_stat_get_activity(NULL) o WHERE o.application_name = $1)))) w ON true
   WHERE a.application_name = $1`;

/** Makes the server remember all that {@link WAITS} and the question for those who block need of its catalogs. */
async function askOnce(session: PostgresSession): Promise<void> {
  await session.query(WAITS, [APPLICATION_NAME, true]);
  await session.query(WAITS, [APPLICATION_NAME, false]);
  await session.query(BLOCKERS, [0]);
  await waitForLocks(session, LOOK_AT_LEAST_EVERY_MS);
}

/** Whether the server, the database and the role would let so many more sessions in. */
async function hasToSpare(session: PostgresSession, sessions: number): Promise<boolean> {
  const { spare } = await session.queryOne<{ spare: boolean }>(
    `SELECT (rolconnlimit < 0 OR rolconnlimit >= $1 + (SELECT count(*) FROM pg_stat_get_activity(NULL) a WHERE a.usesysid = r.oid AND a.datid IS NOT NULL))
        AND (datconnlimit < 0 OR datconnlimit >= $1 + (SELECT count(*) FROM pg_stat_get_activity(NULL) a WHERE a.datid = d.oid))
        AND current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
          >= $1 + (SELECT count(*) FROM pg_stat_get_activity(NULL) a WHERE a.backend_type = 'client backend') AS spare
       FROM pg_roles r, pg_database d WHERE r.rolname = session_user AND d.datname = current_database()`,
    [sessions],
  );
  return spare;
}
