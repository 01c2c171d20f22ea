import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Catalog } from '../catalog.js';
import { openCatalog } from '../open-catalog.js';
import type { NewEvent } from '../records.js';
import { EVERY_CATALOG } from '../testing/catalog-matrix.js';
import { givenCatalog } from '../testing/given-catalog.js';
import { anAuditEntry } from '../testing/sample-records.js';

const HOUR_MS = 3_600_000;

describe.each(EVERY_CATALOG)('the outbox of a $kind catalog', ({ kind }) => {
  const given = givenCatalog(kind);

  const event = (name: string): NewEvent => ({ id: randomUUID(), name, version: 1, payload: { n: 1 } });
  const append = (...names: string[]): Promise<void> => given.catalog.outbox.append(names.map(event));
  const names = async (after = 0, wanted?: string[]): Promise<string[]> =>
    (await given.catalog.outbox.after(after, 100, wanted)).map(({ name }) => name);

  it('keeps events in their order, with what they say, the time, and positions without gaps', async () => {
    const first = event('a');
    await given.catalog.outbox.append([first, event('b')]);
    await append('c');
    const stored = await given.catalog.outbox.after(0, 2);
    expect(stored).toEqual([
      { ...first, position: 1, at: expect.any(Number) },
      expect.objectContaining({ name: 'b', position: 2 }),
    ]);
    expect(Math.abs((stored[0]?.at ?? 0) - Date.now())).toBeLessThan(HOUR_MS);
    expect(await names(2)).toEqual(['c']);
    expect(await given.catalog.outbox.last()).toBe(3);
    expect(await given.catalog.outbox.first()).toBe(1);
  });

  it('keeps many events of one transaction', async () => {
    await append(...Array.from({ length: 1_200 }, (_, n) => `e${n}`));
    expect((await given.catalog.outbox.after(1_199, 5)).map(({ name }) => name)).toEqual(['e1199']);
  });

  it('gives only events of the names that a reader wants', async () => {
    await append('a', 'b', 'a', 'c');
    expect(await names(0, ['a', 'c'])).toEqual(['a', 'a', 'c']);
    expect(await names(0, [])).toEqual([]);
  });

  it('has an event exactly when the transaction of what it tells succeeded', async () => {
    const told = jest.fn();
    given.catalog.outbox.onAppended(told);
    await sleep(kind === 'postgres' ? 200 : 0); // A listener of PostgreSQL is told once when it is connected.
    told.mockClear();
    const failing = given.catalog.transaction(async ({ audit, outbox }) => {
      await outbox.append([event('never')]);
      await audit.insert(anAuditEntry());
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await names()).toEqual([]);
    expect(told).not.toHaveBeenCalled();
    await given.catalog.transaction(async ({ audit, outbox }) => {
      await outbox.append([event('a')]);
      await audit.insert(anAuditEntry());
      await outbox.append([event('b')]);
    });
    expect(await names()).toEqual(['a', 'b']);
    expect(told).toHaveBeenCalled();
    expect(await given.catalog.outbox.last()).toBe(2);
  });

  it('shows no event before an earlier one, with writers whose transactions overlap', async () => {
    const others = await Promise.all(Array.from({ length: 3 }, () => openCatalog(given.options)));
    try {
      let writing = true;
      const write = async (catalog: Catalog, writer: number): Promise<void> => {
        for (let n = 0; n < 25; n += 1) {
          await catalog.transaction(async ({ audit, outbox }) => {
            await outbox.append([event(`${writer}:${n}`)]);
            await audit.insert(anAuditEntry());
            // The later writer often ends first. SQLite has one writer at a time, so that waiting would only cost time.
            if (kind === 'postgres') await sleep((writer * 7 + n * 3) % 11);
          });
        }
      };
      const seen: { position: number; name: string }[] = [];
      const read = async (): Promise<void> => {
        let last = false;
        while (!last) {
          last = !writing;
          for (const one of await given.catalog.outbox.after(seen.at(-1)?.position ?? 0, 7)) seen.push(one);
          if (last && seen.length < 75) last = false;
          await sleep(1);
        }
      };
      const reading = read();
      await Promise.all(others.map((catalog, writer) => write(catalog, writer)));
      writing = false;
      await reading;
      expect(seen.map(({ position }) => position)).toEqual(Array.from({ length: 75 }, (_, n) => n + 1));
      for (const writer of [0, 1, 2]) {
        const own = seen.map(({ name }) => name).filter((name) => name.startsWith(`${writer}:`));
        expect(own).toEqual(Array.from({ length: 25 }, (_, n) => `${writer}:${n}`));
      }
    } finally {
      await Promise.all(others.map((catalog) => catalog.close()));
    }
  });

  it('lets a transaction that fails leave no gap behind', async () => {
    await append('a');
    await expect(
      given.catalog.transaction(async ({ outbox }) => {
        await outbox.append([event('never')]);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    await append('b');
    expect((await given.catalog.outbox.after(0, 5)).map(({ position }) => position)).toEqual([1, 2]);
  });

  it('gives a subscriber to one owner at a time, from the event after the first lease on', async () => {
    const { outbox } = given.catalog;
    await append('before');
    expect(await outbox.lease('mail', 'one', HOUR_MS)).toBe(1);
    expect(await outbox.lease('mail', 'two', HOUR_MS)).toBeUndefined();
    expect(await outbox.lease('mail', 'one', HOUR_MS)).toBe(1);
    await append('a', 'b');
    expect(await outbox.advance('mail', 'two', 3)).toBe(false);
    expect(await outbox.advance('mail', 'one', 2)).toBe(true);
    expect(await outbox.advance('mail', 'one', 1)).toBe(false);
    await outbox.release('mail', 'two');
    expect(await outbox.lease('mail', 'two', HOUR_MS)).toBeUndefined();
    await outbox.release('mail', 'one');
    expect(await outbox.lease('mail', 'two', 0)).toBe(2);
    await sleep(5);
    expect(await outbox.lease('mail', 'three', HOUR_MS)).toBe(2);
    expect(await outbox.advance('mail', 'two', 3)).toBe(false);
    expect(await outbox.lease('export', 'one', HOUR_MS)).toBe(3);
  });

  it('ends leases that were made before the clock was set back, and every lease for a process that is alone', async () => {
    const { outbox } = given.catalog;
    await outbox.lease('mail', 'one', HOUR_MS);
    await given.run(`update event_subscribers set leased_until = leased_until + ${24 * HOUR_MS}`);
    expect(await outbox.lease('mail', 'two', HOUR_MS)).toBe(0);
    expect(await outbox.lease('mail', 'one', HOUR_MS)).toBeUndefined();
    await outbox.releaseAll();
    expect(await outbox.lease('mail', 'one', HOUR_MS)).toBe(0);
  });

  it('forgets old events that everybody has read, and very old ones in any case', async () => {
    const { outbox } = given.catalog;
    await outbox.lease('mail', 'one', HOUR_MS);
    await outbox.lease('export', 'one', HOUR_MS);
    await append('a', 'b', 'c', 'd');
    await outbox.advance('mail', 'one', 4);
    await outbox.advance('export', 'one', 2);
    await sleep(5);
    expect(await outbox.prune({ readMs: HOUR_MS, unreadMs: HOUR_MS, limit: 10 })).toBe(0);
    expect(await outbox.prune({ readMs: 0, unreadMs: HOUR_MS, limit: 1 })).toBe(1);
    expect(await outbox.prune({ readMs: 0, unreadMs: HOUR_MS, limit: 10 })).toBe(1);
    expect(await names()).toEqual(['c', 'd']);
    expect(await outbox.prune({ readMs: 0, unreadMs: 0, limit: 10 })).toBe(2);
    expect([await outbox.first(), await outbox.last()]).toEqual([undefined, 4]);
    await append('e');
    expect((await outbox.after(0, 5)).map(({ position }) => position)).toEqual([5]);
  });
});

describe('the outbox of a PostgreSQL catalog', () => {
  const given = givenCatalog('postgres');

  const append = (catalog: Catalog): Promise<void> =>
    catalog.outbox.append([{ id: randomUUID(), name: 'a', version: 1, payload: {} }]);

  async function toldOf(listener: () => void, work: () => Promise<void>): Promise<void> {
    const told = Promise.withResolvers<void>();
    const stop = given.catalog.outbox.onAppended(() => {
      listener();
      told.resolve();
    });
    await work();
    await told.promise;
    stop();
  }

  it('tells other processes of new events, also after it lost the connection', async () => {
    const other = await openCatalog(given.options);
    try {
      const first = jest.fn();
      await toldOf(first, () => append(other));
      expect(first).toHaveBeenCalled();
      await given.run(`select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%'`);
      // It connects again by itself, which is a hint, too.
      await toldOf(jest.fn(), () => Promise.resolve());
    } finally {
      await other.close();
    }
  });
});
