import { createServer, request } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Response } from 'express';
import { EventLog } from '@app/events';
import type { Subscription } from '@app/events';
import type { Shutdown } from '@app/runtime';
import { EventsService } from './events.service.js';

/** Express's, as much of it as is used. */
function responseOf(res: ServerResponse): Response {
  return Object.assign(res, { status: (code: number) => Object.assign(res, { statusCode: code }) }) as Response;
}

class CountingLog extends EventLog {
  readers = 0;

  override subscribe(...wish: Parameters<EventLog['subscribe']>): Subscription {
    this.readers += 1;
    const { missed, unsubscribe } = super.subscribe(...wish);
    return {
      missed,
      unsubscribe: () => {
        this.readers -= 1;
        unsubscribe();
      },
    };
  }
}

class Reader {
  text = '';
  readonly ended: Promise<'end' | 'cut'>;

  constructor(readonly answer: IncomingMessage) {
    answer.setEncoding('utf8').on('data', (chunk: string) => (this.text += chunk));
    this.ended = new Promise((resolve) => {
      answer.on('end', () => resolve('end'));
      answer.on('error', () => resolve('cut'));
    });
  }

  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.text)) await new Promise((resolve) => setImmediate(resolve));
    return this.text;
  }
}

describe('EventsService', () => {
  let log: CountingLog;
  let ending: AbortController;
  let events: EventsService;
  let server: Server;
  let closing: Promise<unknown>[];
  const shutdown = {
    get shuttingDown() {
      return ending.signal.aborted;
    },
    get signal() {
      return ending.signal;
    },
  };

  beforeEach(async () => {
    log = new CountingLog(1_000);
    ending = new AbortController();
    events = new EventsService(log, shutdown as Shutdown, 20);
    closing = [];
    server = createServer((req, res) => {
      closing.push(new Promise((resolve) => res.once('close', resolve)));
      const lastId = req.headers['last-event-id'];
      try {
        events.watch(responseOf(res), typeof lastId === 'string' ? lastId : undefined);
      } catch (error) {
        res.writeHead(503).end((error as { code?: string }).code);
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    events.onModuleDestroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  function watch(lastId?: string): Promise<Reader> {
    const { port } = server.address() as AddressInfo;
    const headers = lastId === undefined ? {} : { 'last-event-id': lastId };
    return new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, headers, agent: false })
        .on('response', (answer) => resolve(new Reader(answer)))
        .on('error', reject)
        .end();
    });
  }

  const happen = (scheduleId: string): string => log.publish({ type: 'schedule', change: 'changed', scheduleId }).id;
  const told = (id: string, scheduleId: string): string =>
    `id: ${id}\nevent: schedule\ndata: {"change":"changed","schedule_id":"${scheduleId}"}\n\n`;

  it('tells where the reader is, then each event as it happens, and nothing of before', async () => {
    const before = happen('before');
    const reader = await watch();
    expect(reader.answer.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    const [first, second] = [happen('a'), happen('b')];
    expect(await reader.until(/"b"/)).toBe(`retry: 2000\nid: ${before}\n\n${told(first, 'a')}${told(second, 'b')}`);
  });

  it('goes on after the last event that the reader has seen', async () => {
    const [seen, missed] = [happen('seen'), happen('missed')];
    const reader = await watch(seen);
    const next = happen('next');
    const text = await reader.until(/"next"/);
    expect(text).toBe(`retry: 2000\nid: ${seen}\n\n${told(missed, 'missed')}${told(next, 'next')}`);
  });

  it.each(['0a1b2c3d-7', 'nonsense', 'x\tid: 7'])(
    'says reset when what came after %j is not kept, and goes on from now',
    async (lastId) => {
      const now = happen('before');
      const reader = await watch(lastId);
      const next = happen('next');
      const text = await reader.until(/"next"/);
      expect(text).toContain(`\n\nid: ${now}\nevent: reset\ndata: {}\n\n${told(next, 'next')}`);
      expect(text).not.toContain('"before"');
      // With what stands before it: the ids of a run may begin with a 7, too.
      expect(text).not.toContain('\tid: 7');
    },
  );

  it('gives signs of life between events', async () => {
    events.onApplicationBootstrap();
    const reader = await watch();
    expect(await reader.until(/(:\n\n){3}/)).not.toContain('event:');
  });

  it('cuts off a reader who does not read, and keeps the others', async () => {
    const slow = await watch();
    slow.answer.pause();
    const good = await watch();
    const big = 'x'.repeat(100_000);
    let count = 0;
    // As much as the systems on both sides take, and then a megabyte.
    const cut = closing[0]?.then(() => (count = -count));
    while (count >= 0 && count < 1_000) {
      happen(`${big}${(count += 1)}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await cut;
    expect(count).toBeLessThan(0);
    slow.answer.resume();
    expect(await slow.ended).toBe('cut');
    happen('last');
    await good.until(/"last"/);
  });

  it('lets a reader catch up with more than it may leave unread later', async () => {
    const first = happen('first');
    for (let i = 0; i < 30; i += 1) happen(`${'x'.repeat(100_000)}${i}`);
    const reader = await watch(first);
    await reader.until(/x29"/);
    happen('last');
    await reader.until(/"last"/);
  });

  it('ends in good order when the service does, and takes nobody any more', async () => {
    const reader = await watch();
    ending.abort();
    expect(await reader.ended).toBe('end');
    const late = await watch();
    expect(late.answer.statusCode).toBe(503);
    expect(await late.until(/./)).toBe('SHUTTING_DOWN');
  });

  it('forgets a reader who has left', async () => {
    const reader = await watch();
    expect(log.readers).toBe(1);
    reader.answer.destroy();
    await closing[0];
    expect(log.readers).toBe(0);
  });
});
