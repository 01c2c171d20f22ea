import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionParams } from '@app/domain';
import type { DumpSource } from '../../db-driver.js';
import { SilentProxy } from '../../testing/silent-proxy.js';
import { SwapFixture } from '../../testing/swap-fixture.js';
import { PostgresDriver } from '../postgres-driver.js';
import { swap } from '../swap/swap-run.js';
import { PostgresSession } from './postgres-session.js';

// Without an end of its own, each of these waits for as long as the silence lasts.
jest.setTimeout(60_000);

let fixture: SwapFixture;
let folder: string;
let driver: PostgresDriver;
let proxy: SilentProxy;

beforeAll(async () => {
  fixture = await SwapFixture.start();
  folder = await mkdtemp(join(tmpdir(), 'silence-'));
  driver = new PostgresDriver({ runtimeDir: folder });
});
afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  proxy = await SilentProxy.start(fixture.server);
});
afterEach(() => proxy[Symbol.asyncDispose]());

const through = (connection: ConnectionParams): ConnectionParams => ({ ...connection, port: proxy.port });

describe('a server that falls silent', () => {
  it('does not hold up a query that is cancelled', async () => {
    const stop = new AbortController();
    await using session = await PostgresSession.open(through(fixture.at('postgres')), stop.signal);
    const query = session.query('SELECT pg_sleep(600)');
    proxy.fallSilent();
    stop.abort();
    await expect(query).rejects.toThrow(/terminat|closed|lost/i);
  });

  test.each(['plain', 'custom'] as const)(
    'does not hold up the dump of %s, nor the counting in parallel with it',
    async (format) => {
      const { database } = await fixture.swapCase();
      await fixture.sql(
        database,
        'CREATE TABLE wide AS SELECT i, repeat(md5(i::text), 20) AS body FROM generate_series(1, 40000) i',
      );
      const stop = new AbortController();
      const plan = await driver.prepareDump({
        connection: through(fixture.at(database)),
        format,
        tools: {},
        census: 'counts',
      });
      const dump = await driver.startDump(plan, stop.signal);
      dump.output.once('data', () => {
        proxy.fallSilent();
        stop.abort();
      });
      dump.output.on('error', () => undefined);
      await expect(dump.completed).rejects.toMatchObject({ code: 'CANCELLED' });
    },
  );

  test.each([true, false])('does not hold up a load (own: %s)', async (own) => {
    const { connection, incoming } = await fixture.swapCase();
    const stop = new AbortController();
    const rows = async function* (): AsyncGenerator<Buffer> {
      yield Buffer.from(
        '--\n-- PostgreSQL database dump\n--\n\nCREATE TABLE big (a text);\nCOPY big (a) FROM stdin;\n',
      );
      for (let chunk = 0; ; chunk += 1) {
        if (chunk === 20) {
          proxy.fallSilent();
          setTimeout(() => stop.abort(), 500);
        }
        await sleep(5);
        yield Buffer.alloc(1024 * 1024, 'x\n');
      }
    };
    const source: DumpSource = { format: 'plain', own, open: () => Readable.from(rows()) };
    const target = through({ ...connection, database: incoming });
    const plan = await driver.prepareLoad({
      connection: target,
      format: 'plain',
      tools: {},
      skipOwnership: false,
      staged: true,
    });
    const load = driver.load(plan, source, { signal: stop.signal, beforeCommit: () => Promise.resolve() });
    await expect(load).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('does not hold up a load in place', async () => {
    const { connection } = await fixture.swapCase();
    const stop = new AbortController();
    const text = 'CREATE TABLE slow (a text);\nSELECT 1;\n'.repeat(1);
    const source: DumpSource = {
      format: 'plain',
      own: true,
      open: () =>
        Readable.from(
          (async function* () {
            yield Buffer.from(text);
            await sleep(300);
            proxy.fallSilent();
            setTimeout(() => stop.abort(), 300);
            yield Buffer.from('CREATE TABLE many (a int);\n'.repeat(500));
          })(),
        ),
    };
    const plan = await driver.prepareLoad({
      connection: through(connection),
      format: 'plain',
      tools: {},
      skipOwnership: false,
    });
    const load = driver.load(plan, source, { signal: stop.signal, beforeCommit: () => Promise.resolve() });
    await expect(load).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('does not hold up a swap, which is brought to an end when the server speaks again', async () => {
    const swapCase = await fixture.swapCase();
    const stop = new AbortController();
    const connection = through(swapCase.connection);
    const request = {
      ...swapCase,
      connection,
      signal: stop.signal,
      journal: (state: object) => Promise.resolve(void Object.assign(swapCase.journal, state)),
    };
    const swapping = swap(request, {
      onStep: (step) => {
        if (step !== 'carried') return;
        proxy.fallSilent();
        setTimeout(() => stop.abort(), 200);
      },
    });
    await expect(swapping).rejects.toMatchObject({ code: expect.stringMatching(/CANCELLED|CONNECTION_LOST/) });
    proxy.speak();
    await driver.swap.recover(connection, swapCase.journal);
    expect(await fixture.sql(swapCase.database, 'SELECT word FROM t')).toEqual([{ word: 'old' }]);
  });
});
