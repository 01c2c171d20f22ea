import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '@app/domain';
import { AS_LONG_AS_IT_TAKES } from '../../session/answer-guard.js';
import { isConnectionLoss, serverWords } from '../login/postgres-errors.js';
import { OutcomeUnknown } from '../../load-outcome.js';
import { PostgresSession } from '../login/postgres-session.js';
import { waitForLocks } from '../login/time-limits.js';

const ROLLBACK_TIMEOUT_MS = 10_000;
/** How long a COMMIT may still be under way on the server after its client has gone. */
const OUTCOME_TRIES = 50;
const OUTCOME_POLL_MS = 200;

/** The one transaction that a load is, and the check that it still is one. */
export class LoadTransaction {
  committed = false;
  private id = '';

  /** `lockTimeoutMs`: how long a session of somebody else may keep us from an object before we give up. */
  constructor(
    private readonly session: PostgresSession,
    private readonly lockTimeoutMs: number,
  ) {}

  async begin(): Promise<void> {
    const { session } = this;
    await waitForLocks(session, this.lockTimeoutMs);
    await session.query('BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE');
    this.id = await this.currentId();
  }

  /** Checks that the commands of the dump have not ended our transaction. It first makes the session ours again, as it may have become somebody else's. */
  async assertUnbroken(): Promise<void> {
    await this.session.query('RESET SESSION AUTHORIZATION');
    await this.session.query('RESET ROLE');
    await this.session.query(`SET client_encoding = '${this.session.encoding}'`);
    await this.session.query(`SET lock_timeout = ${this.lockTimeoutMs}`);
    const status = this.session.client.getTransactionStatus();
    if (status !== 'T' || (await this.currentId()) !== this.id) {
      throw new DomainError('BACKUP_UNSAFE', 'The dump ended the transaction it was loaded in.', {
        hint: 'What it holds is not a dump of pg_dump. Check the database.',
      });
    }
  }

  async commit(): Promise<void> {
    try {
      await this.session.query('COMMIT', [], AS_LONG_AS_IT_TAKES);
    } catch (error) {
      if (!isConnectionLoss(error) || !(await this.wasCommitted(error))) throw error;
    }
    this.committed = true;
  }

  /** Rolls back, and never rejects. When it resolves, the server has rolled back or is about to, as the connection is gone. */
  async rollBack(): Promise<void> {
    if (this.committed || this.session.client.getTransactionStatus() === 'I') return;
    const timeout = new AbortController();
    const late = sleep(ROLLBACK_TIMEOUT_MS, 'late', { signal: timeout.signal, ref: false }).catch(() => 'done');
    const rolledBack = this.session.query('ROLLBACK').then(
      () => 'done',
      () => 'late',
    );
    if ((await Promise.race([rolledBack, late])) === 'late') this.session.destroy();
    timeout.abort();
  }

  /** Statistics are not in a dump (FAILURES 22). The data is in place by now, so that a failure is only a warning. */
  async analyze(): Promise<string[]> {
    try {
      await this.session.query('ANALYZE', [], AS_LONG_AS_IT_TAKES);
      return [];
    } catch (error) {
      return [`The restored tables have no statistics yet, as ANALYZE failed: ${serverWords(error)}. Run ANALYZE.`];
    }
  }

  private async currentId(): Promise<string> {
    const { id } = await this.session.queryOne<{ id: string }>(
      'SELECT CAST(pg_catalog.txid_current() AS pg_catalog.text) AS id',
    );
    return id;
  }

  /** The connection broke while the answer to COMMIT was on its way: only the server knows. */
  private async wasCommitted(cause: unknown): Promise<boolean> {
    let status: string | null = null;
    try {
      await using session = await PostgresSession.open(this.session.connection);
      for (let tries = 0; tries < OUTCOME_TRIES; tries += 1) {
        ({ status } = await session.queryOne<{ status: string | null }>(
          'SELECT pg_catalog.txid_status($1::bigint) AS status',
          [this.id],
        ));
        if (status === 'committed') return true;
        if (status === 'aborted') return false;
        await sleep(OUTCOME_POLL_MS);
      }
    } catch {
      // The server is not reachable, and so the outcome is as unknown as before.
    }
    throw new OutcomeUnknown(
      'CONNECTION_LOST',
      'The connection was lost at the very end of the restore: it may be done or undone.',
      {
        hint: 'Look into the database before you go on; it is either wholly restored or wholly unchanged.',
        cause,
      },
    );
  }
}
