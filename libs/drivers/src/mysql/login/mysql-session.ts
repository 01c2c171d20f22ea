import type { Socket } from 'node:net';
import { TLSSocket, checkServerIdentity } from 'node:tls';
import type { PeerCertificate } from 'node:tls';
import mysql from 'mysql2';
import type { Connection, ConnectionOptions, ResultSetHeader, RowDataPacket } from 'mysql2';
import type { ConnectionParams, ServerInfo } from '@app/domain';
import { AnswerGuard, AS_LONG_AS_IT_TAKES } from '../../session/answer-guard.js';
import type { AnswerLimits } from '../../session/answer-guard.js';
import { SilenceWatch } from '../../session/silence-watch.js';
import type { Watched } from '../../session/silence-watch.js';
import { tlsPolicy } from '../../tls/tls-policy.js';
import type { TlsPolicy } from '../../tls/tls-policy.js';
import { cancelled, connectTimeout } from '../../session/network-errors.js';
import { connectError, serverRefusal, mayRetryWithoutTls } from './mysql-errors.js';
import { connectSocket } from './mysql-socket.js';
import { runRaw } from './raw-statement.js';

/** A login fails within 10 s; this leaves room for the rest. */
const LOGIN_TIMEOUT_MS = 8_000;
const CLOSE_TIMEOUT_MS = 2_000;
/** A question of ours has one, but for a procedure that a dump calls. */
const MOST_RESULTS = 16;

/** Quotes with backticks, strings with backslashes: what the escaping of values and identifiers here relies on. */
export const SESSION_SETUP = `SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'`;

export interface SessionOptions {
  /** Default: the connection's. `null`: log in without choosing one. */
  database?: string | null;
  signal?: AbortSignal | undefined;
  /** Instead of `signal`, for work that must not be broken off: ends it only where the server does not answer any more. */
  abandonWhenSilent?: AbortSignal;
}

/** Opens a session for `work` and closes it on every way out. Fails to open with one of the codes of `DbDriver.probe`. */
export async function withSession<T>(
  connection: ConnectionParams,
  options: SessionOptions,
  work: (session: MysqlSession) => Promise<T>,
): Promise<T> {
  const session = await MysqlSession.open(connection, options);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** One logged-in connection. When its signal fires it is cut, and the pending query rejects with CANCELLED. */
export class MysqlSession {
  private wasAborted = false;
  /** Ends what is waited for. */
  private readonly waiting = new Set<(error: Error) => void>();
  private stopListening: () => void = () => undefined;
  private readonly watch: SilenceWatch;

  private constructor(
    private readonly client: Connection,
    private readonly guard: AnswerGuard,
    connection: ConnectionParams,
    { signal, abandonWhenSilent }: SessionOptions,
  ) {
    this.watch = new SilenceWatch(watched(client, guard, connection), abandonWhenSilent);
    const onAbort = (): void => {
      this.wasAborted = true;
      this.destroy();
    };
    const fail = (error: Error): void => {
      for (const reject of this.waiting) reject(guard.failure ?? error);
    };
    guard.onFailure = fail;
    // The library tells of a lost connection only to those who gave it a callback.
    client.on('error', fail);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.stopListening = () => signal?.removeEventListener('abort', onAbort);
  }

  static async open(connection: ConnectionParams, options: SessionOptions = {}): Promise<MysqlSession> {
    const { signal } = options;
    const deadline = performance.now() + LOGIN_TIMEOUT_MS;
    let session: MysqlSession | undefined;
    try {
      const { client, guard } = await logIn(connection, options, deadline);
      session = new MysqlSession(client, guard, connection, options);
      guard.answerWithin(Math.max(1, deadline - performance.now()));
      await session.run(SESSION_SETUP);
      guard.loggedIn();
      // The signal may have fired before the session listened to it.
      if (signal?.aborted === true) throw cancelled('The connection');
      return session;
    } catch (error) {
      session?.destroy();
      if (signal?.aborted === true) throw cancelled('The connection');
      throw connectError(error, connection);
    }
  }

  /** Values for `?` are escaped here, identifiers for `??`. */
  async rows<Row>(sql: string, values: readonly unknown[] = [], limits?: AnswerLimits): Promise<Row[]> {
    const query = () => this.client.promise().query<(Row & RowDataPacket)[]>(sql, [...values]);
    const [rows] = await this.unlessAborted(query, limits);
    return rows;
  }

  async row<Row>(sql: string, values: readonly unknown[] = [], limits?: AnswerLimits): Promise<Row> {
    const [row] = await this.rows<Row>(sql, values, limits);
    if (row === undefined) throw new Error('The server answered without the expected row.');
    return row;
  }

  /** For answers that may be longer than what is kept in memory: each row as it comes. */
  async each(sql: string, values: readonly unknown[], onRow: (row: Record<string, unknown>) => void): Promise<void> {
    const query = (): Promise<void> =>
      new Promise((resolve, reject) => {
        this.client
          .query(sql, [...values])
          .on('result', (row) => onRow(row as RowDataPacket))
          .on('error', reject)
          .on('end', () => resolve());
      });
    await this.unlessAborted(query, { keeps: false });
  }

  async run(sql: string, values: readonly unknown[] = [], limits?: AnswerLimits): Promise<void> {
    await this.unlessAborted(() => this.client.promise().query<ResultSetHeader>(sql, [...values]), limits);
  }

  /** Every value as the bytes that the server sent: with `character_set_results` at `binary`, those that it keeps. */
  async byteRows(sql: string): Promise<Record<string, Buffer | null>[]> {
    const typeCast = (field: { buffer(): Buffer | null }): Buffer | null => field.buffer();
    const [rows] = await this.unlessAborted(() => this.client.promise().query<RowDataPacket[]>({ sql, typeCast }));
    return rows;
  }

  /** A statement of a dump, byte by byte, in whatever the session's `character_set_client` says that it is. */
  async runBytes(sql: Buffer): Promise<void> {
    await this.unlessAborted(() => runRaw(this.client, sql), AS_LONG_AS_IT_TAKES);
  }

  async serverInfo(): Promise<ServerInfo> {
    const { version } = await this.row<{ version: string }>('SELECT VERSION() AS version');
    return parseServerVersion(version);
  }

  /** Returns the certificate that the server showed when TLS began. Throws where there is no TLS. */
  serverCertificate(): PeerCertificate {
    return peerCertificate(this.client);
  }

  /** For what a server knows at once: all that is asked from now on has so much time. */
  answerWithin(ms: number): void {
    this.guard.answerWithin(ms);
  }

  /** Where the server does not answer any more, what was asked before would keep the farewell waiting for ever. */
  async close(): Promise<void> {
    this.stopListening();
    const timer = setTimeout(() => this.destroy(), CLOSE_TIMEOUT_MS);
    if (!this.wasAborted && this.guard.failure === undefined) {
      await this.client
        .promise()
        .end()
        .catch(() => undefined);
    }
    this.guard.stop();
    this.watch.stop();
    const stream = streamOf(this.client);
    if (stream.closed) clearTimeout(timer);
    // The farewell is still on its way.
    else stream.once('close', () => clearTimeout(timer));
    this.client.destroy();
  }

  /** Drops the connection without a word, which needs no answer: the library itself would wait for that of the peer. */
  private destroy(): void {
    this.stopListening();
    this.guard.stop();
    this.watch.stop();
    streamOf(this.client).destroy();
    for (const reject of this.waiting) reject(this.guard.failure ?? cancelled('The operation'));
  }

  /** A connection that is cut leaves its queries without an answer. Not by a race, which would remember all of them. */
  private unlessAborted<T>(query: () => Promise<T>, limits?: AnswerLimits): Promise<T> {
    return new Promise((resolve, reject) => {
      this.waiting.add(reject);
      if (this.wasAborted) reject(cancelled('The operation'));
      if (this.guard.failure !== undefined) reject(this.guard.failure);
      void this.guard
        .answerOf(query, limits)
        .then(resolve, reject)
        .finally(() => this.waiting.delete(reject));
    });
  }
}

/** `10.11.19-MariaDB-0+deb12u1`, `8.0.36`, `5.7.44-log`, and the `5.5.5-` that MariaDB once put before its own. */
export function parseServerVersion(text: string): ServerInfo {
  const flavour = /mariadb/i.test(text) ? 'MariaDB' : 'MySQL';
  const version = /^\d+(\.\d+)*/.exec(text.replace(/^5\.5\.5-(?=1\d\.)/, ''))?.[0] ?? '0';
  return { dbType: 'MySQL', flavour, version, versionParts: version.split('.').map(Number) };
}

/** Asked by a whole login: a server refuses hosts that greet it and go away again and again. */
function watched(client: Connection, guard: AnswerGuard, connection: ConnectionParams): Watched {
  return {
    isIdle: () => guard.waiting === 0,
    finished: () => guard.finished,
    stream: () => streamOf(client),
    isThere: (signal) =>
      logIn(connection, { database: null, signal }, performance.now() + LOGIN_TIMEOUT_MS).then(
        ({ client: asking }) => {
          takeLeave(asking);
          return true;
        },
        (error: unknown) => serverRefusal(error) !== undefined,
      ),
    // Some ten minutes: while it works hard, it may take no logins.
    unanswered: 20,
    mayWorkOn: true,
    destroy: () => streamOf(client).destroy(),
  };
}

interface LoggedIn {
  client: Connection;
  guard: AnswerGuard;
}

async function logIn(connection: ConnectionParams, options: SessionOptions, deadline: number): Promise<LoggedIn> {
  const policy = tlsPolicy(connection);
  if (policy.encrypt === 'never') return attempt(connection, options, undefined, deadline);
  try {
    return await attempt(connection, options, sslOptions(policy), deadline);
  } catch (error) {
    if (policy.encrypt === 'always' || !mayRetryWithoutTls(error)) throw error;
    return attempt(connection, options, undefined, deadline);
  }
}

type SslOptions = Exclude<ConnectionOptions['ssl'], string | undefined>;

function sslOptions({ verify, authorities, client }: TlsPolicy): SslOptions {
  return {
    ...(client === undefined ? {} : { cert: client.certificate, key: client.key }),
    ...(verify === 'nothing'
      ? { rejectUnauthorized: false }
      : { ca: [...authorities], rejectUnauthorized: true, verifyIdentity: verify === 'name' }),
  };
}

async function attempt(
  connection: ConnectionParams,
  { database, signal }: SessionOptions,
  ssl: SslOptions | undefined,
  deadline: number,
): Promise<LoggedIn> {
  const socket = await connectSocket(connection, deadline, signal);
  // Node checks a certificate against this name. It sets it for names only: an address would be taken for "localhost".
  Object.assign(socket, { _host: connection.host });
  const chosen = database === undefined ? connection.database : (database ?? undefined);
  const client = mysql.createConnection({
    stream: socket,
    host: connection.host,
    user: connection.username,
    password: connection.password,
    ...(chosen === undefined ? {} : { database: chosen }),
    ...(ssl === undefined ? {} : { ssl }),
    charset: 'utf8mb4_general_ci',
    dateStrings: true,
    supportBigNumbers: true,
    // A server may ask a client for any file; this one has none to give.
    flags: ['-LOCAL_FILES'],
    // The library would make code from the names of columns that a server sends, and keep it.
    disableEval: true,
    connectTimeout: 0,
  });
  const guard = guarded(client, connection);
  let onAbort: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(connectTimeout(connection)), Math.max(1, deadline - performance.now()));
      onAbort = () => reject(cancelled('The connection'));
      signal?.addEventListener('abort', onAbort, { once: true });
      client.once('connect', () => resolve());
      // Stays: a connection that breaks between two queries is reported by the next query.
      client.on('error', reject);
    });
    if (ssl?.verifyIdentity === true) requireIdentity(client, connection.host);
    return { client, guard };
  } catch (error) {
    streamOf(client).destroy();
    client.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
  }
}

/** Once more, because nothing documents `_host`. */
function requireIdentity(client: Connection, host: string): void {
  const mismatch = checkServerIdentity(host, peerCertificate(client));
  if (mismatch !== undefined) throw mismatch;
}

/** The parts of the library's connection. TLS gives it another stream. */
interface Inside {
  stream: Socket;
  packetParser: { onPacket(packet: unknown): void };
  _command?: { _fieldCount?: number | null; _resultIndex?: number };
  startTLS(done: (error?: Error) => void): void;
}

function guarded(client: Connection, connection: ConnectionParams): AnswerGuard {
  const guard = new AnswerGuard(connection);
  const inside = client as unknown as Inside;
  const { packetParser, startTLS } = inside;
  const { onPacket } = packetParser;
  packetParser.onPacket = (packet) => {
    const { _fieldCount: columns, _resultIndex: result = 0 } = inside._command ?? {};
    if (result > MOST_RESULTS) throw new Error(`an answer has more than ${MOST_RESULTS} results`);
    guard.part(columns ?? 0);
    onPacket(packet);
  };
  inside.startTLS = (done) => {
    startTLS.call(inside, done);
    guard.attach(inside.stream);
  };
  guard.attach(inside.stream);
  return guard;
}

/** Says so to the server, and does not wait for it. */
function takeLeave(client: Connection): void {
  client.on('error', () => undefined);
  client.end(() => undefined);
  setTimeout(() => streamOf(client).destroy(), CLOSE_TIMEOUT_MS).unref();
}

function streamOf(client: Connection): Socket {
  return (client as unknown as Inside).stream;
}

function peerCertificate(client: Connection): PeerCertificate {
  const stream = streamOf(client);
  if (!(stream instanceof TLSSocket)) throw new Error('The connection is not encrypted.');
  return stream.getPeerCertificate();
}
