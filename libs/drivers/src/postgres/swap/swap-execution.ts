import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { DomainError } from '@app/domain';
import { cancelled } from '../../session/network-errors.js';
import { isServerError } from '../login/postgres-errors.js';
import type { PostgresSession } from '../login/postgres-session.js';
import { carryOver } from './carry-over.js';
import { propertiesOf } from './database-properties.js';
import type { DatabaseProperties } from './database-properties.js';
import { endSessions, namesOf, sessionsIn } from './database-sessions.js';
import { commentCommand } from './property-commands.js';
import { requireNoBlocker } from './swap-blockers.js';
import type { SwapState } from './swap-journal.js';

const PATIENCE_MS = 30_000;
const RETRY_MS = 50;

export type SwapStep = 'journalled' | 'locked' | 'emptied' | 'carried' | 'half' | 'renamed' | 'committed';

/** For tests: what happens after each step, and how long sessions may take to go. */
export interface SwapProbe {
  onStep?: (step: SwapStep) => Promise<void> | void;
  patienceMs?: number;
}

/** Object in use; a row of the catalog that somebody else changed at the same moment. */
const PASSING = new Set(['55006', 'XX000', '40001']);
const quote = (name: string): string => pg.escapeIdentifier(name);

/**
 * Lock out, end sessions, rename both databases in one transaction. Whoever calls it lets people in again when it fails, for
 * which the first step alone is to blame: all others are the transaction.
 */
export class SwapExecution {
  sessionsEnded = 0;
  /** Milliseconds, rounded up. */
  lockoutMs = 0;

  constructor(
    private readonly session: PostgresSession,
    private readonly state: SwapState,
    private readonly signal: AbortSignal,
    private readonly probe: SwapProbe,
  ) {}

  async run(): Promise<void> {
    const { database, incoming } = this.state;
    await this.reached('journalled');
    await this.close(incoming);
    const begun = performance.now();
    try {
      await this.close(database);
      await this.reached('locked');
      await this.swap();
    } finally {
      this.lockoutMs = Math.ceil(performance.now() - begun);
    }
    await this.reached('committed', false);
  }

  private async close(database: string): Promise<void> {
    try {
      await this.session.query(`ALTER DATABASE ${quote(database)} ALLOW_CONNECTIONS false`);
    } catch (error) {
      throw isServerError(error) && error.code === '55P03' ? await this.locked(error) : error;
    }
  }

  /** A session that was just logging in when the database was closed blocks the swap once: then it is ended, too. */
  private async swap(): Promise<void> {
    const deadline = performance.now() + this.patienceMs;
    for (;;) {
      await this.empty();
      try {
        await this.transaction();
        return;
      } catch (error) {
        if (!isServerError(error)) throw error;
        await this.session.query('ROLLBACK');
        if (error.code === '55P03') throw await this.locked(error);
        if (!PASSING.has(error.code)) throw error;
        // Prepared transactions cannot be ended, and are not sessions.
        await requireNoBlocker(this.session, this.state.database);
        if (performance.now() > deadline) throw await this.occupied(error);
      }
      await sleep(RETRY_MS);
    }
  }

  private async empty(): Promise<void> {
    const { database, incoming } = this.state;
    const check = (): void => this.throwIfAborted();
    this.sessionsEnded += await endSessions(this.session, [database, incoming], { patienceMs: this.patienceMs, check });
    await this.reached('emptied');
  }

  private async transaction(): Promise<void> {
    const { session, state } = this;
    const { database, incoming, outgoing } = state;
    await session.query('BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE');
    const target = await propertiesOf(session, database);
    this.requireSame(target, state.targetOid, database);
    const copy = await propertiesOf(session, incoming);
    this.requireSame(copy, state.incomingOid, incoming);
    // The comment of a closed database says what it is closed for, which is no longer true.
    await carryOver(session, state.created ? { ...target, comment: null } : target, incoming);
    await this.reached('carried');
    await session.query(`ALTER DATABASE ${quote(database)} RENAME TO ${quote(outgoing)}`);
    await this.reached('half');
    await session.query(`ALTER DATABASE ${quote(incoming)} RENAME TO ${quote(database)}`);
    await session.query(`ALTER DATABASE ${quote(database)} ALLOW_CONNECTIONS ${state.targetAllows}`);
    // It is kept as it is: closed, so that nobody writes into what an undo brings back, and nobody takes it for a backup.
    await session.query(commentCommand(outgoing, keptComment(database)));
    // Whoever loaded owned the copy, and may have marked it.
    if (copy.isTemplate !== target.isTemplate) {
      await session.query(`ALTER DATABASE ${quote(database)} IS_TEMPLATE ${target.isTemplate}`);
    }
    if (target.isTemplate) await session.query(`ALTER DATABASE ${quote(outgoing)} IS_TEMPLATE false`);
    await this.reached('renamed');
    await session.query('COMMIT');
  }

  private requireSame({ oid }: DatabaseProperties, known: string, name: string): void {
    if (oid === known) return;
    throw new DomainError('BUSY', `"${name}" was replaced by somebody else while it was swapped.`, {
      hint: 'Nothing was changed. Try again.',
    });
  }

  private async reached(step: SwapStep, mayStop = true): Promise<void> {
    await this.probe.onStep?.(step);
    if (mayStop) this.throwIfAborted();
  }

  private throwIfAborted(): void {
    if (this.signal.aborted) throw cancelled(`The swap of "${this.state.database}"`);
  }

  private get patienceMs(): number {
    return this.probe.patienceMs ?? PATIENCE_MS;
  }

  private async occupied(cause: Error): Promise<DomainError> {
    const { database, incoming } = this.state;
    const sessions = await sessionsIn(this.session, [database, incoming]);
    return new DomainError('BUSY', `"${database}" is in use: ${cause.message}. Nothing was changed.`, {
      hint: sessions.length === 0 ? 'Try again.' : `Let these sessions finish, or end them: ${namesOf(sessions)}.`,
      cause,
    });
  }

  /** Somebody alters the database itself, or copies it. */
  private async locked(cause: Error): Promise<DomainError> {
    const { database, targetOid, incomingOid } = this.state;
    const rows = await this.session.query<{ holder: string }>(
      `SELECT DISTINCT format('pid %s, user %s, application %s', l.pid, a.usename, coalesce(nullif(a.application_name, ''), '?')) AS holder
         FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
        WHERE l.granted AND l.pid <> pg_backend_pid() AND (l.classid = 'pg_database'::regclass AND l.objid::text = ANY ($1::text[])
          OR l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock') LIMIT 5`,
      [[targetOid, incomingOid]],
    );
    const holders = rows.length === 0 ? 'a session that is gone by now' : rows.map(({ holder }) => holder).join('; ');
    return new DomainError('BUSY', `Somebody is altering or copying database "${database}". Nothing was changed.`, {
      hint: `Let these sessions finish, or end them: ${holders}.`,
      cause,
    });
  }
}

/** Returns the comment for people who list the databases. It is in ASCII, as the session may be in a database of any encoding. */
function keptComment(database: string): string {
  const name = quote(database);
  return `What ${name} held until ${new Date().toISOString()}, kept by database-backup-service for an undo. To look into it: ALTER DATABASE ... ALLOW_CONNECTIONS true.`;
}
