import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { openCatalog } from '@app/catalog';
import type { Catalog } from '@app/catalog';
import { silentLogger } from '@app/domain';
import { EVERY_CATALOG } from '../../../catalog/src/testing/catalog-matrix.js';
import { givenCatalog } from '../../../catalog/src/testing/given-catalog.js';
import { anAuditEntry } from '../../../catalog/src/testing/sample-records.js';
import { domainEvent } from '../registry/domain-event.js';
import type { DomainEvent } from '../registry/domain-event.js';
import { EventDispatcher } from './event-dispatcher.js';
import type { EventDispatcherOptions } from './event-dispatcher.js';
import type { Subscriber } from './subscriber.js';

type Told = DomainEvent<'ScheduleChanged'>;

/** Remembers what it is told; fails as often as a test wants. */
class Listener implements Subscriber<'ScheduleChanged'> {
  readonly events = ['ScheduleChanged'] as const;
  readonly told: string[] = [];
  failures = 0;
  tries = 0;

  constructor(readonly name = 'listener') {}

  async handle(events: readonly Told[]): Promise<void> {
    this.tries += 1;
    await sleep(0);
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('not now');
    }
    this.told.push(...events.map(({ payload }) => payload.scheduleId));
  }

  async until(count: number): Promise<void> {
    while (this.told.length < count) await sleep(2);
  }
}

describe.each(EVERY_CATALOG)('the delivery of events on $kind', ({ kind }) => {
  const given = givenCatalog(kind);
  const running: EventDispatcher[] = [];

  afterEach(async () => {
    for (const dispatcher of running.splice(0)) await dispatcher.stop();
  });

  async function start(
    subscribers: { everywhere?: Listener[]; here?: Listener[] },
    options: Partial<EventDispatcherOptions> = {},
  ): Promise<EventDispatcher> {
    const dispatcher = new EventDispatcher({
      catalog: given.catalog,
      logger: silentLogger,
      instance: randomUUID(),
      pollMs: 3_600_000,
      retryDelaysMs: [5],
      ...options,
    });
    for (const one of subscribers.everywhere ?? []) dispatcher.subscribe(one);
    for (const one of subscribers.here ?? []) dispatcher.subscribeHere(one);
    await dispatcher.start();
    running.push(dispatcher);
    return dispatcher;
  }

  const change = (id: string, catalog: Catalog = given.catalog): Promise<void> =>
    catalog.transaction(async ({ audit, outbox }) => {
      await audit.insert(anAuditEntry({ subject: id }));
      await outbox.append([domainEvent('ScheduleChanged', { scheduleId: id, change: 'changed' })]);
    });

  it('brings each subscriber the events that it wants, in order, right after their commit', async () => {
    const [one, two] = [new Listener('one'), new Listener('two')];
    await start({ everywhere: [one], here: [two] });
    await change('a');
    await given.catalog.outbox.append([domainEvent('ConnectionChanged', { connectionId: 'c', change: 'created' })]);
    await Promise.all(['b', 'c', 'd'].map((id) => change(id)));
    await Promise.all([one.until(4), two.until(4)]);
    expect(one.told[0]).toBe('a');
    expect(one.told.toSorted()).toEqual(['a', 'b', 'c', 'd']);
    expect(two.told).toEqual(one.told);
  });

  it('goes on after the last event that was handled, however the service ended', async () => {
    const first = new Listener();
    await start({ everywhere: [first] });
    await change('a');
    await first.until(1);
    await running.pop()?.stop();
    await change('b');
    // No stop: as after a kill.
    const second = new Listener();
    second.failures = Infinity;
    const killed = await start({ everywhere: [second] });
    while (second.tries === 0) await sleep(2);
    await killed.stop();
    running.pop();
    await change('c');
    const third = new Listener();
    await start({ everywhere: [third] });
    await third.until(2);
    expect([...first.told, ...third.told]).toEqual(['a', 'b', 'c']);
  });

  it('gives a subscriber that failed the same events again, and lets no other wait for it', async () => {
    const [good, bad] = [new Listener('good'), new Listener('bad')];
    bad.failures = 3;
    await start({ everywhere: [good, bad] }, { retryDelaysMs: [100] });
    await change('a');
    await change('b');
    await good.until(2);
    expect(bad.told).toEqual([]);
    await bad.until(2);
    expect(bad.told).toEqual(['a', 'b']);
    expect(bad.tries).toBeGreaterThanOrEqual(4);
  });

  it('does not try a failed subscriber at once because there are more events', async () => {
    const bad = new Listener();
    bad.failures = Infinity;
    await start({ everywhere: [bad] }, { retryDelaysMs: [3_600_000] });
    await change('a');
    while (bad.tries === 0) await sleep(2);
    for (const id of ['b', 'c', 'd']) await change(id);
    await sleep(50);
    expect(bad.tries).toBe(1);
  });

  it('finds events that nobody told it of', async () => {
    const listener = new Listener();
    await start({ everywhere: [listener] }, { pollMs: 10 });
    const other = await openCatalog(given.options);
    try {
      await change('a', other);
      await listener.until(1);
    } finally {
      await other.close();
    }
  });

  it('brings an event to one of several instances, and to the others what is for each of them', async () => {
    const here = [new Listener('hints'), new Listener('hints')];
    const everywhere = [new Listener('mail'), new Listener('mail')];
    const other = await openCatalog(given.options);
    try {
      await start({ here: here.slice(0, 1), everywhere: everywhere.slice(0, 1) }, { pollMs: 10 });
      await start({ here: here.slice(1), everywhere: everywhere.slice(1) }, { pollMs: 10, catalog: other });
      for (let n = 0; n < 20; n += 1) await change(`${n}`);
      const expected = Array.from({ length: 20 }, (_, n) => `${n}`);
      await Promise.all(here.map((one) => one.until(20)));
      expect(here.map(({ told }) => told)).toEqual([expected, expected]);
      while (everywhere.flatMap(({ told }) => told).length < 20) await sleep(5);
      await sleep(50);
      expect(everywhere.flatMap(({ told }) => told).toSorted()).toEqual(expected.toSorted());
      for (const dispatcher of running.splice(0)) await dispatcher.stop();
    } finally {
      await other.close();
    }
  });

  it('takes over from an instance that was killed while it read', async () => {
    const listener = new Listener();
    const { outbox } = given.catalog;
    await outbox.lease('listener', 'killed', 1);
    await change('a');
    await sleep(5);
    await start({ everywhere: [listener] });
    await listener.until(1);
  });

  it('takes over at once, when it is alone, from a process that was killed while it read', async () => {
    const listener = new Listener();
    await given.catalog.outbox.lease('listener', 'killed', 60_000);
    await change('a');
    await start({ everywhere: [listener] }, { alone: true });
    await listener.until(1);
  });

  it('removes old events while a subscriber works, and does not give its events to it again', async () => {
    const listener = new Listener();
    const handle = listener.handle.bind(listener);
    let go = (): void => undefined;
    listener.handle = async (events) => {
      await new Promise<void>((resolve) => (go = resolve));
      await handle(events);
    };
    const dispatcher = await start({ everywhere: [listener] });
    await change('a');
    await sleep(100);
    await dispatcher.prune();
    expect(await given.catalog.outbox.lease('listener', 'another', 60_000)).toBeUndefined();
    go();
    await listener.until(1);
    await dispatcher.stop();
    expect(listener.told).toEqual(['a']);
  });

  it('ends though the catalog does not answer any more', async () => {
    const never = new Promise<never>(() => undefined);
    const outbox = new Proxy(given.catalog.outbox, {
      get: (target, name: keyof Catalog['outbox']) =>
        name === 'prune' ? () => never : (target[name] as (...args: never[]) => unknown).bind(target),
    });
    const catalog = new Proxy(given.catalog, {
      get: (target, name: keyof Catalog) => (name === 'outbox' ? outbox : target[name]),
    });
    const dispatcher = await start({ everywhere: [new Listener()] }, { catalog });
    void dispatcher.prune();
    const ended = dispatcher.stop(100).then(() => 'ended');
    running.pop();
    expect(await Promise.race([ended, sleep(5_000, 'open', { ref: false })])).toBe('ended');
  });

  it('ends after it has delivered what was there, and notes that', async () => {
    const listener = new Listener();
    const dispatcher = await start({ everywhere: [listener] });
    const last = change('a');
    await last;
    await dispatcher.stop();
    expect(listener.told).toEqual(['a']);
    expect(await given.catalog.outbox.lease('listener', 'next', 1_000)).toBe(1);
  });

  it('passes over events of a newer version of the service', async () => {
    const listener = new Listener();
    await start({ everywhere: [listener] });
    const event = domainEvent('ScheduleChanged', { scheduleId: 'new', change: 'changed' });
    await given.catalog.outbox.append([
      { ...event, version: 99 },
      { ...event, name: 'NeverHeardOf' },
    ]);
    await change('a');
    await listener.until(1);
    expect(listener.told).toEqual(['a']);
  });

  it('forgets old events that everybody has read or passed over', async () => {
    const [listener, failing] = [new Listener('one'), new Listener('two')];
    const dispatcher = await start({ everywhere: [listener, failing] }, { keepReadMs: 0 });
    await given.catalog.outbox.append([domainEvent('ConnectionChanged', { connectionId: 'c', change: 'created' })]);
    await change('a');
    await Promise.all([listener.until(1), failing.until(1)]);
    await sleep(20);
    await dispatcher.prune();
    expect(await given.catalog.outbox.first()).toBeUndefined();
    failing.failures = Infinity;
    await change('b');
    while (failing.tries < 2) await sleep(2);
    await sleep(20);
    await dispatcher.prune();
    expect(await given.catalog.outbox.first()).toBe(3);
  });
});

it('refuses two subscribers with one name', () => {
  const dispatcher = new EventDispatcher({ catalog: {} as Catalog, logger: silentLogger, instance: 'i' });
  dispatcher.subscribe(new Listener());
  expect(() => dispatcher.subscribeHere(new Listener())).toThrow('There are two subscribers named listener');
});
