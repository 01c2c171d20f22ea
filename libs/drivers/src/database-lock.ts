import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { cancelled } from './session/network-errors.js';
import { tlsWords } from './tls/tls-errors.js';

/** Held on the server by a session of its own, until it is disposed of or the session is lost. */
export interface DatabaseLock extends AsyncDisposable {
  /** Aborted, with a DomainError as its reason, as soon as it is known that the session is gone. */
  readonly lost: AbortSignal;
  /** CONNECTION_LOST when the session does not hold the lock any more. Asks the server. */
  assertHeld(): Promise<void>;
}

export interface LockOptions {
  signal: AbortSignal;
  /** Told of each session that is waited for, in words. */
  onWaiting(holder: string): void;
  /** BUSY after so long. Default: an hour. */
  patienceMs?: number;
}

/** One session of an engine that can hold the lock. */
export interface LockSession {
  tryLock(): Promise<boolean>;
  /** Whether it still has it. Rejects when the session is gone. */
  holds(): Promise<boolean>;
  /** Who has it, in words that lead a person to the session. */
  holder(): Promise<string>;
  /** Drops the connection, without asking the peer. */
  destroy(): void;
  close(): Promise<void>;
}

const PATIENCE_MS = 3_600_000;
const POLL_MS = 500;
const CHECK_MS = 10_000;
const ANSWER_MS = 10_000;

/** Waits for the lock and watches over it. The session is closed however this ends. */
export async function holdLock(session: LockSession, database: string, options: LockOptions): Promise<DatabaseLock> {
  const { signal, onWaiting, patienceMs = PATIENCE_MS } = options;
  const abort = (): void => session.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    const deadline = performance.now() + patienceMs;
    let told: string | undefined;
    while (!(await session.tryLock())) {
      const holder = await session.holder();
      if (holder !== told) onWaiting((told = holder));
      if (performance.now() >= deadline) throw stillHeld(database, holder);
      await delay(POLL_MS, undefined, { signal });
    }
    signal.throwIfAborted();
    return watched(session, database);
  } catch (error) {
    session.destroy();
    await session.close();
    if (signal.aborted) throw cancelled('Waiting for the database');
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/**
 * Whether two logins reach one running server: a lock that the first one holds is refused to the other one only there. A
 * clone of a server's files says the same of itself as the original; locks it has of its own.
 */
export async function isOneServer(
  logins: readonly [ConnectionParams, ConnectionParams],
  open: (login: ConnectionParams, signal: AbortSignal, name: string) => Promise<LockSession>,
  signal: AbortSignal,
): Promise<boolean> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
  const name = randomUUID();
  const sessions: LockSession[] = [];
  const abort = (): void => sessions.forEach((session) => session.destroy());
  limit.addEventListener('abort', abort, { once: true });
  try {
    for (const login of logins) sessions.push(await open(login, limit, name));
    limit.throwIfAborted();
    const [one, other] = sessions as [LockSession, LockSession];
    const first = await one.tryLock();
    const second = await other.tryLock();
    // A lock that went with its session meanwhile says nothing.
    if (!first || !(await one.holds())) throw new Error('The first session has no lock to compare by.');
    return !second;
  } finally {
    limit.removeEventListener('abort', abort);
    for (const session of sessions) await session.close();
  }
}

function watched(session: LockSession, database: string): DatabaseLock {
  const lost = new AbortController();
  let ended = false;
  const check = async (): Promise<void> => {
    if (lost.signal.aborted || ended) return;
    const timer = setTimeout(() => session.destroy(), ANSWER_MS);
    try {
      if (!(await session.holds())) throw new Error('another session has it');
    } catch (error) {
      if (!ended) lost.abort(lostLock(database, error));
    } finally {
      clearTimeout(timer);
    }
  };
  const timer = setInterval(() => void check(), CHECK_MS).unref();
  return {
    lost: lost.signal,
    async assertHeld() {
      await check();
      lost.signal.throwIfAborted();
    },
    async [Symbol.asyncDispose]() {
      ended = true;
      clearInterval(timer);
      await session.close();
    },
  };
}

function stillHeld(database: string, holder: string): DomainError {
  return new DomainError('BUSY', `${holder} works on "${database}" and did not end.`, {
    hint: 'Try again when it has. If it is of a service that is gone, end that session on the server.',
  });
}

function lostLock(database: string, cause: unknown): DomainError {
  return new DomainError(
    'CONNECTION_LOST',
    `The session that kept others from working on "${database}" was lost (${tlsWords(cause)}), so that what was under way was stopped.`,
    { hint: 'Try again. If it happens again, find out what ends sessions on the server.', cause },
  );
}
