import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import pg from 'pg';
import type { Client, QueryResultRow } from 'pg';
import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { AnswerGuard } from '../../session/answer-guard.js';
import type { AnswerLimits } from '../../session/answer-guard.js';
import { connectError, mayRetryWithoutTls } from './connect-errors.js';
import { isPoolersRefusal, pooled, SERVER_BEHIND } from './pooler.js';
import type { ServerBehind } from './pooler.js';
import { requireName } from '../identifier.js';
import { cancelled, place } from '../../session/network-errors.js';
import { SilenceWatch } from '../../session/silence-watch.js';
import type { Watched } from '../../session/silence-watch.js';
import { mayAnswerLogin, whoSpeaks } from '../../session/protocol-probe.js';
import { isServerError } from './postgres-errors.js';
import { keepRawBytes } from './raw-bytes.js';
import { SESSION_SETTINGS, SET_THE_REST, startupOptions } from './session-settings.js';
import type { SessionSettings } from './session-settings.js';
import { tlsPolicy } from '../../tls/tls-policy.js';
import type { TlsPolicy } from '../../tls/tls-policy.js';

export const APPLICATION_NAME = 'database-backup-service';

/** A setting of ours that nobody else has: its value is in the very session that was opened for us. */
const MARK = 'database_backup_service.session';
/** Together below the 10 s that a login may take in all. */
const LOGIN_TIMEOUT_MS = 7_000;
const PROTOCOL_PROBE_TIMEOUT_MS = 1_500;
const CLOSE_TIMEOUT_MS = 2_000;
const CANCEL_TIMEOUT_MS = 2_000;
/** A peer that is gone is noticed some ten seconds later. */
const KEEPALIVE_AFTER_MS = 10_000;
const ASK_FOR_MS = 5_000;
const KNOWN_MAX = 1_000;

/** Where a login to a PostgreSQL succeeded, so that the next one need not ask first. */
const known = new Set<string>();

/**
 * One logged-in connection. `await using` closes it on every way out. When `signal` fires, what the server is doing is
 * cancelled there and the pending query rejects, also where the server does not answer; the caller decides what follows.
 */
export class PostgresSession implements AsyncDisposable {
  private readonly onAbort = (): void => void this.cancelRunning();
  private watch: SilenceWatch;

  private constructor(
    readonly client: Client,
    private readonly guard: AnswerGuard,
    readonly connection: ConnectionParams,
    private readonly signal: AbortSignal | undefined,
    /** Bytes of the longest name that the server takes. */
    readonly longestName: number,
    /** In which it speaks with the server: UTF8, but for databases that have none. */
    readonly encoding: 'UTF8' | 'SQL_ASCII',
  ) {
    // A connection that breaks between two queries is reported by the next query.
    client.on('error', () => undefined);
    signal?.addEventListener('abort', this.onAbort, { once: true });
    this.watch = new SilenceWatch(watched(client, connection), signal);
  }

  /** For work that `signal` must not break off: only where the server does not answer any more does it end the connection. */
  abandonWhenSilent(signal: AbortSignal): void {
    this.watch.stop();
    this.watch = new SilenceWatch(watched(this.client, this.connection), signal);
  }

  /**
   * With these settings and `search_path = pg_catalog`. Rejects with one of the codes of `DbDriver.probe`, within 10 s.
   */
  static async open(
    connection: ConnectionParams,
    signal?: AbortSignal,
    settings: SessionSettings = SESSION_SETTINGS,
  ): Promise<PostgresSession> {
    const aborted = (): boolean => signal?.aborted === true;
    if (aborted()) throw cancelled('The connection');
    const at = place(connection);
    const wasKnown = known.has(at);
    // First, because a server that waits for another protocol would let the login wait, too.
    if (!wasKnown) await requirePostgres(connection, signal);
    if (aborted()) throw cancelled('The connection');
    const deadline = performance.now() + LOGIN_TIMEOUT_MS;
    try {
      const mark = randomUUID();
      const loggedIn = await logIn(connection, deadline, { ...settings, [MARK]: mark }, signal);
      loggedIn.guard.answerWithin(Math.max(1, deadline - performance.now()));
      const session = await PostgresSession.begin(loggedIn, connection, mark, signal);
      if (known.size >= KNOWN_MAX) known.clear();
      known.add(at);
      if (!aborted()) return session;
      // The signal fired before the session listened to it, so that nothing would cancel what it is asked to do.
      await session.close();
      throw cancelled('The connection');
    } catch (error) {
      if (aborted()) throw cancelled('The connection');
      if (wasKnown && !isServerError(error)) {
        known.delete(at);
        await requirePostgres(connection, signal);
        if (aborted()) throw cancelled('The connection');
      }
      if (isPoolersRefusal(error)) throw pooled(connection, await serverBehind(connection, deadline, signal), error);
      throw connectError(error, connection);
    }
  }

  /**
   * Sets the rest in the same statement that looks for our own mark: where that is missing, what we talk to is a session that
   * a pooler lends to others as well, and is left as it was (FAILURES 69).
   */
  private static async begin(
    { client, guard }: LoggedIn,
    connection: ConnectionParams,
    mark: string,
    signal: AbortSignal | undefined,
  ): Promise<PostgresSession> {
    try {
      const { rows } = await client.query<{
        port: string;
        address: string | null;
        set: string | null;
        longest: number;
        raw: boolean;
      }>(
        `SELECT port, address, longest, raw, CASE WHEN ours AND raw THEN pg_catalog.set_config('client_encoding', 'SQL_ASCII', false) END AS encoding,
                CASE WHEN ours THEN pg_catalog.set_config('search_path', 'pg_catalog', false) END AS set,
                CASE WHEN ours THEN (${SET_THE_REST}) END AS rest
           FROM (SELECT pg_catalog.current_setting('server_encoding') OPERATOR(pg_catalog.=) 'SQL_ASCII' AS raw, ${SERVER_BEHIND}, pg_catalog.current_setting('max_identifier_length')::pg_catalog.int4 AS longest,
             coalesce(pg_catalog.current_setting('${MARK}', true) OPERATOR(pg_catalog.=) '${mark}', false) AS ours) s`,
      );
      if (rows[0]?.set !== 'pg_catalog') throw pooled(connection, rows[0], undefined);
      requireName(connection.database, 'database name', 'database', rows[0].longest);
      // This waits until the answer has been read whole.
      if (rows[0].raw) {
        guard.detach();
        keepRawBytes(client);
        guard.attach(client.connection.stream);
      }
      guard.loggedIn();
      return new PostgresSession(
        client,
        guard,
        connection,
        signal,
        rows[0].longest,
        rows[0].raw ? 'SQL_ASCII' : 'UTF8',
      );
    } catch (error) {
      guard.stop();
      client.connection.stream.destroy();
      throw guard.failure ?? error;
    }
  }

  async query<Row extends QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
    limits?: AnswerLimits,
  ): Promise<Row[]> {
    const result = await this.guard.answerOf(() => this.client.query<Row>(text, [...values]), limits);
    return result.rows;
  }

  /** The single row that the query is written to give. */
  async queryOne<Row extends QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
    limits?: AnswerLimits,
  ): Promise<Row> {
    const [row] = await this.query<Row>(text, values, limits);
    if (row === undefined) throw new Error('The server answered without the expected row.');
    return row;
  }

  /** For what a server knows at once: all that is asked from now on has so much time. */
  answerWithin(ms: number): void {
    this.guard.answerWithin(ms);
  }

  /** Asks the server, over a connection of its own as the protocol wants it, to stop what this session is doing. */
  cancelRunning(): Promise<void> {
    const { processID, secretKey } = this.client as unknown as { processID: number | null; secretKey: number | null };
    if (processID === null || secretKey === null) return Promise.resolve();
    const message = Buffer.alloc(16);
    message.writeInt32BE(16, 0);
    message.writeInt32BE(80_877_102, 4);
    message.writeInt32BE(processID, 8);
    message.writeInt32BE(secretKey, 12);
    const { host, port } = this.connection;
    return new Promise((resolve) => {
      const socket = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
      socket.setTimeout(CANCEL_TIMEOUT_MS, () => socket.destroy());
      socket.once('connect', () => socket.end(message));
      socket.once('error', () => undefined);
      socket.once('close', () => resolve());
      socket.resume();
    });
  }

  /** Drops the connection without a word: the server rolls back what was open. */
  destroy(): void {
    this.watch.stop();
    this.guard.stop();
    this.client.connection.stream.destroy();
  }

  async close(): Promise<void> {
    this.signal?.removeEventListener('abort', this.onAbort);
    const timer = setTimeout(() => this.destroy(), CLOSE_TIMEOUT_MS);
    await this.client.end().catch(() => undefined);
    clearTimeout(timer);
    this.watch.stop();
    this.guard.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function requirePostgres(connection: ConnectionParams, signal: AbortSignal | undefined): Promise<void> {
  if ((await whoSpeaks(connection, PROTOCOL_PROBE_TIMEOUT_MS, signal)) !== 'other') return;
  throw new DomainError('WRONG_ENGINE', `What answers at ${place(connection)} is not a PostgreSQL server.`, {
    hint: 'Check the port and the database type.',
  });
}

/** Nothing is asked of the server. */
function isIdle(client: Client): boolean {
  return (client as unknown as { readyForQuery: boolean | null }).readyForQuery === true;
}

function watched(client: Client, connection: ConnectionParams): Watched {
  let finished = 0;
  client.connection.on('readyForQuery', () => (finished += 1));
  return {
    isIdle: () => isIdle(client),
    finished: () => finished,
    stream: () => client.connection.stream,
    isThere: async (signal) => (await whoSpeaks(connection, ASK_FOR_MS, signal)) !== 'silent',
    unanswered: 3,
    mayWorkOn: false,
    destroy: () => client.connection.stream.destroy(),
  };
}

/** The server behind a pooler, which takes sessions without options. Undefined where it does not say. */
async function serverBehind(
  connection: ConnectionParams,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<ServerBehind | undefined> {
  try {
    const { client, guard } = await logIn(connection, deadline, {}, signal);
    guard.answerWithin(Math.max(1, deadline - performance.now()));
    try {
      const { rows } = await client.query<ServerBehind & Record<string, unknown>>(`SELECT ${SERVER_BEHIND}`);
      return rows[0];
    } finally {
      guard.stop();
      client.connection.stream.destroy();
    }
  } catch {
    return undefined;
  }
}

interface LoggedIn {
  client: Client;
  guard: AnswerGuard;
}

async function logIn(
  connection: ConnectionParams,
  deadline: number,
  settings: SessionSettings,
  signal: AbortSignal | undefined,
): Promise<LoggedIn> {
  const policy = tlsPolicy(connection);
  if (policy.encrypt === 'never') return attempt(connection, false, deadline, settings, signal);
  try {
    return await attempt(connection, sslOptions(policy), deadline, settings, signal);
  } catch (error) {
    if (policy.encrypt === 'always' || !mayRetryWithoutTls(error)) throw error;
    return attempt(connection, false, deadline, settings, signal).catch((second: unknown) => {
      // Refused both ways: why not with TLS is what can be put right, e.g. by a client certificate.
      throw isServerError(error) && isServerError(second) && second.code === error.code ? error : second;
    });
  }
}

function sslOptions({ verify, authorities, client }: TlsPolicy): TlsOptions {
  return {
    ...(client === undefined ? {} : { cert: client.certificate, key: client.key }),
    ...(verify === 'nothing' ? { rejectUnauthorized: false } : { ca: [...authorities] }),
    ...(verify === 'authority' ? { checkServerIdentity: () => undefined } : {}),
  };
}

async function attempt(
  connection: ConnectionParams,
  ssl: false | TlsOptions,
  deadline: number,
  settings: SessionSettings,
  signal: AbortSignal | undefined,
): Promise<LoggedIn> {
  const options = startupOptions(settings);
  const client = new pg.Client({
    host: connection.host,
    port: connection.port,
    database: connection.database,
    user: connection.username,
    // It is a function: pg would replace an empty text by PGPASSWORD or ~/.pgpass.
    password: () => connection.password,
    ssl,
    application_name: APPLICATION_NAME,
    client_encoding: 'UTF8',
    ...(options === '' ? {} : { options }),
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_AFTER_MS,
    connectionTimeoutMillis: Math.max(1, Math.round(deadline - performance.now())),
  });
  const abort = (): void => void client.connection.stream.destroy(new Error('aborted'));
  signal?.addEventListener('abort', abort, { once: true });
  try {
    // Without a listener a late error of a failed attempt would end the process.
    client.on('error', () => undefined);
    const guard = new AnswerGuard(connection, () => isIdle(client), mayAnswerLogin);
    client.connection.on('message', (message: { fieldCount?: number }) => guard.part(message.fieldCount));
    // After the library has begun to listen.
    client.connection.once('sslconnect', () => guard.attach(client.connection.stream));
    const connecting = client.connect();
    if (ssl === false) guard.attach(client.connection.stream);
    await connecting;
    return { client, guard };
  } catch (error) {
    client.connection.stream.destroy();
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
