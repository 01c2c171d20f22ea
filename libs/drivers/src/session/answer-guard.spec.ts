import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ConnectionParams, DbType, DomainError } from '@app/domain';
import { AnswerGuard, AS_LONG_AS_IT_TAKES } from './answer-guard.js';
import { MysqlDriver } from '../mysql/mysql-driver.js';
import { withSession } from '../mysql/login/mysql-session.js';
import { PostgresDriver } from '../postgres/postgres-driver.js';
import { PostgresSession } from '../postgres/login/postgres-session.js';
import { HostileServer, MYSQL_PROTOCOL, POSTGRES_PROTOCOL } from '../testing/hostile-server.js';
import type { Hostility, Protocol } from '../testing/hostile-server.js';

jest.setTimeout(180_000);

const MB = 1024 * 1024;

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;

/** What is kept in memory. */
async function kept(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    collect();
    await sleep(20);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

interface Engine {
  dbType: DbType;
  protocol: Protocol;
  probe(connection: ConnectionParams): Promise<unknown>;
  identify(connection: ConnectionParams): Promise<unknown>;
  ask(connection: ConnectionParams, signal?: AbortSignal): Promise<unknown>;
}

const mysql = new MysqlDriver({ runtimeDir: '/nonexistent' });
const postgres = new PostgresDriver({ runtimeDir: '/nonexistent' });
const ENGINES: readonly Engine[] = [
  {
    dbType: 'MySQL',
    protocol: MYSQL_PROTOCOL,
    probe: (connection) => mysql.probe(connection),
    identify: (connection) => mysql.identify(connection),
    ask: (connection, signal) => withSession(connection, { signal }, (session) => session.rows('SELECT 1')),
  },
  {
    dbType: 'PostgreSQL',
    protocol: POSTGRES_PROTOCOL,
    probe: (connection) => postgres.probe(connection),
    identify: (connection) => postgres.identify(connection),
    ask: async (connection, signal) => {
      await using session = await PostgresSession.open(connection, signal);
      return await session.query('SELECT 1', [], AS_LONG_AS_IT_TAKES);
    },
  },
];

const login = { username: 'u', password: 'p', database: 'shop' } as const;

async function against(
  { dbType, protocol }: Engine,
  hostility: Hostility,
  work: (connection: ConnectionParams) => Promise<unknown>,
): Promise<{ error: unknown; sent: number; connections: number }> {
  await using server = await HostileServer.start(protocol, hostility);
  const sslMode = hostility === 'silence in the handshake of TLS' ? 'require' : 'disable';
  // Not the error itself, whose stack holds what was at work.
  const error = await work({ dbType, host: '127.0.0.1', port: server.port, ...login, sslMode }).then(
    () => undefined,
    (reason: DomainError) => ({ code: reason.code, message: reason.message, hint: reason.hint }),
  );
  for (let looks = 0; looks < 100 && server.connections > 0; looks += 1) await sleep(50);
  return { error, sent: server.sent, connections: server.connections };
}

describe.each(ENGINES)('32: a hostile $dbType server', (engine) => {
  it('that falls silent or trickles is given up while connecting, and its connections are closed', async () => {
    const silences = [
      'silence at once',
      'silence in the handshake of TLS',
      'silence in the login',
      'silence after the login',
      'silence',
      'trickle',
    ] as const;
    const attempts = await Promise.all([
      ...silences.map((silence) => against(engine, silence, engine.probe)),
      against(engine, 'silence', engine.identify),
    ]);
    for (const { error, connections } of attempts) {
      expect(error).toMatchObject({
        code: 'CONNECTION_TIMEOUT',
        message: expect.stringMatching(/127\.0\.0\.1:\d+/) as unknown,
        hint: expect.any(String) as unknown,
      });
      expect(connections).toBe(0);
    }
  });

  it('that trickles does not hold up a query that is cancelled', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 1_000);
    const { error, connections } = await against(engine, 'trickle', (connection) =>
      engine.ask(connection, stop.signal),
    );
    expect(error).toBeDefined();
    expect(connections).toBe(0);
  });

  it.each([
    ['rows', '1 million rows', 64],
    ['columns', 'more than', 128],
    ['results', 'more than', 64],
    ['part', '64 MB', 96],
  ] as const)('that sends %s without end is cut off, and the memory is given back', async (hostility, words, most) => {
    const before = await kept();
    const { error, sent, connections } = await against(engine, hostility, engine.ask);
    expect(error).toMatchObject({ code: 'DATABASE_ERROR', message: expect.stringContaining(words) as unknown });
    expect(sent).toBeLessThan(most * MB);
    expect(connections).toBe(0);
    expect((await kept()) - before).toBeLessThan(16 * MB);
  });

  it('that breaks the protocol makes the query fail, and nothing else', async () => {
    const { error, connections } = await against(engine, 'garbage', engine.ask);
    expect(error).toBeDefined();
    expect(connections).toBe(0);
  });
});

describe('the guard of a session', () => {
  const connection: ConnectionParams = { dbType: 'MySQL', host: 'db', port: 3306, ...login, sslMode: 'disable' };
  const guarded = (isIdle?: () => boolean): { guard: AnswerGuard; stream: PassThrough } => {
    const guard = new AnswerGuard(connection, isIdle);
    const stream = new PassThrough();
    stream.on('error', () => undefined);
    guard.attach(stream);
    guard.loggedIn();
    return { guard, stream };
  };
  const never = (): Promise<void> => new Promise(() => undefined);

  it('gives a question a quarter of an hour, unless it takes as long as there are rows', () => {
    jest.useFakeTimers();
    try {
      const { guard, stream } = guarded();
      void guard.answerOf(never, AS_LONG_AS_IT_TAKES);
      jest.advanceTimersByTime(86_400_000);
      expect(guard.failure).toBeUndefined();
      void guard.answerOf(never);
      jest.advanceTimersByTime(899_000);
      expect(guard.failure).toBeUndefined();
      jest.advanceTimersByTime(1_000);
      expect(guard.failure).toMatchObject({
        code: 'CONNECTION_TIMEOUT',
        message: expect.stringContaining('15 minutes') as unknown,
      });
      expect(stream.destroyed).toBe(true);
    } finally {
      jest.useRealTimers();
    }
  });

  it('takes the names of a hundred thousand tables, and any number of rows that are not kept', async () => {
    const { guard } = guarded();
    await guard.answerOf(() => {
      for (let row = 0; row < 100_000; row += 1) guard.part(40);
      return Promise.resolve();
    });
    await guard.answerOf(
      () => {
        for (let row = 0; row < 20_000_000; row += 1) guard.part(40);
        return Promise.resolve();
      },
      { keeps: false },
    );
    expect(guard.failure).toBeUndefined();
  });

  it('cuts off a server that talks without having been asked', async () => {
    const { guard, stream } = guarded(() => true);
    for (let chunk = 0; chunk < 17; chunk += 1) stream.write(Buffer.alloc(MB));
    await sleep(10);
    expect(guard.failure).toMatchObject({ message: expect.stringContaining('nobody had asked') as unknown });
  });
});
