import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionParams } from '@app/domain';
import type { DumpSource } from '../../db-driver.js';
import { SilentProxy } from '../../testing/silent-proxy.js';
import { SwapStage } from '../swap/testing/swap-stage.js';
import { withSession } from './mysql-session.js';

// Without an end of its own, each of these waits for as long as the silence lasts.
jest.setTimeout(60_000);

let stage: SwapStage;
let proxy: SilentProxy;

beforeAll(async () => {
  stage = await SwapStage.open();
  await stage.reset('CREATE TABLE wide (i INT PRIMARY KEY, body TEXT)');
  await stage.sql('shop', `INSERT INTO wide SELECT seq, REPEAT(MD5(seq), 40) FROM seq_1_to_40000`);
});
afterAll(() => stage?.close());
beforeEach(async () => {
  proxy = await SilentProxy.start(stage.server);
});
afterEach(() => proxy[Symbol.asyncDispose]());

const through = (): ConnectionParams => ({ ...stage.live, port: proxy.port });

it('gives each row of an answer that is not kept', async () => {
  const seen = new Set<number>();
  await withSession(stage.live, {}, async (session) => {
    await session.each('SELECT i FROM wide WHERE i > ?', [10], ({ i }) => seen.add(Number(i)));
    await expect(session.each('SELECT nothing FROM wide', [], () => undefined)).rejects.toMatchObject({ errno: 1054 });
    await expect(session.row('SELECT 1 AS one')).resolves.toEqual({ one: 1 });
  });
  expect(seen.size).toBe(39_990);
});

describe('a MySQL server that falls silent', () => {
  it('does not hold up a query that is cancelled, nor the closing of its session', async () => {
    const stop = new AbortController();
    const query = withSession(through(), { signal: stop.signal }, async (session) => {
      setTimeout(() => {
        proxy.fallSilent();
        stop.abort();
      }, 200);
      await session.rows('SELECT SLEEP(600)');
    });
    await expect(query).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('does not hold up the closing of a session that nobody has cancelled', async () => {
    await withSession(through(), {}, async (session) => {
      await session.serverInfo();
      proxy.fallSilent();
    });
    await expect(withSession(through(), {}, () => Promise.resolve())).rejects.toMatchObject({
      code: 'CONNECTION_TIMEOUT',
    });
  });

  it('does not hold up a query whose rows are looked at one by one, nor does a lost connection', async () => {
    const stop = new AbortController();
    const query = (signal?: AbortSignal): Promise<number> =>
      withSession(through(), { signal }, async (session) => {
        let rows = 0;
        await session.each('SELECT * FROM wide', [], () => {
          rows += 1;
          if (rows !== 100) return;
          if (signal === undefined) proxy.speak();
          else {
            proxy.fallSilent();
            setTimeout(() => stop.abort(), 100);
          }
        });
        return rows;
      });
    await expect(query()).rejects.toMatchObject({ code: 'PROTOCOL_CONNECTION_LOST' });
    await expect(query(stop.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('does not hold up a count', async () => {
    const stop = new AbortController();
    await withSession(stage.live, {}, async (session) => {
      await session.run('LOCK TABLES wide WRITE');
      const counting = stage.driver.census(through(), stop.signal);
      const waits = `SELECT 1 FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for table%' AND DB = DATABASE()`;
      while ((await session.rows(waits)).length === 0) await sleep(20);
      proxy.fallSilent();
      stop.abort();
      await expect(counting).rejects.toMatchObject({ code: 'CANCELLED' });
    });
  });

  it('does not hold up a dump', async () => {
    const stop = new AbortController();
    const request = { connection: through(), format: 'plain', tools: {}, census: 'counts' } as const;
    const plan = await stage.driver.prepareDump(request);
    const dump = await stage.driver.startDump(plan, stop.signal);
    dump.output.on('error', () => undefined);
    await once(dump.output, 'data');
    proxy.fallSilent();
    stop.abort();
    await expect(dump.completed).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it.each([true, false])('does not hold up a load (into a staging database: %s)', async (staged) => {
    const stop = new AbortController();
    const rows = async function* (): AsyncGenerator<Buffer> {
      yield Buffer.from(
        '-- MariaDB dump 10.19  Distrib 10.11\n\nDROP TABLE IF EXISTS `big`;\nCREATE TABLE `big` (\n  `a` text\n) ENGINE=InnoDB;\n',
      );
      for (let chunk = 0; ; chunk += 1) {
        if (chunk === 10) {
          proxy.fallSilent();
          setTimeout(() => stop.abort(), 500);
        }
        await sleep(5);
        yield Buffer.from(`INSERT INTO \`big\` VALUES ${`('${'x'.repeat(1000)}'),`.repeat(900)}('y');\n`);
      }
    };
    const source: DumpSource = { format: 'plain', own: true, open: () => Readable.from(rows()) };
    await stage.sql('mysql', 'DROP DATABASE IF EXISTS other', 'CREATE DATABASE other');
    const target = { ...through(), database: 'other' };
    const plan = await stage.driver.prepareLoad({
      connection: target,
      format: 'plain',
      tools: {},
      skipOwnership: false,
      staged,
    });
    const load = stage.driver.load(plan, source, { signal: stop.signal, beforeCommit: () => Promise.resolve() });
    await expect(load).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
