import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { silentLogger } from '@app/domain';
import { startProcess } from '@app/process';
import { EVERY_CATALOG } from '../../../catalog/src/testing/catalog-matrix.js';
import { givenCatalog } from '../../../catalog/src/testing/given-catalog.js';
import { EventDispatcher } from './event-dispatcher.js';

type Said = { committed: string } | { handled: string };

describe.each(EVERY_CATALOG)('a service that is killed, with a catalog on $kind,', ({ kind }) => {
  const given = givenCatalog(kind);

  /** Runs `delivering-process.fixture.mjs` until it has committed so many events, and kills it in that moment. */
  async function killedAfter(count: number): Promise<{ committed: string[]; handled: string[] }> {
    const { url, file } = given.options;
    const killer = new AbortController();
    const child = startProcess({
      command: process.execPath,
      args: [
        '--experimental-transform-types',
        '--disable-warning=ExperimentalWarning',
        join(__dirname, '../testing/delivering-process.fixture.mjs'),
        JSON.stringify({ url, file }),
      ],
      signal: killer.signal,
      killAfterMs: 0,
    });
    const [committed, handled]: string[][] = [[], []];
    for await (const line of createInterface({ input: child.stdout })) {
      const said = JSON.parse(line) as Said;
      if ('committed' in said) committed?.push(said.committed);
      else handled?.push(said.handled);
      if (committed?.length === count) break;
    }
    killer.abort();
    await child.completed.catch(() => undefined);
    return { committed: committed ?? [], handled: handled ?? [] };
  }

  it('delivers after its next start every event that was committed and not handled', async () => {
    const { committed, handled } = await killedAfter(100);
    expect(handled.length).toBeGreaterThan(0);
    expect(handled.length).toBeLessThan(committed.length);
    const later: string[] = [];
    const next = new EventDispatcher({ catalog: given.catalog, logger: silentLogger, instance: 'next', pollMs: 50 });
    next.subscribe({
      name: 'slow',
      events: ['ScheduleChanged'],
      handle: (events) => {
        later.push(...events.map(({ payload }) => payload.scheduleId));
        return Promise.resolve();
      },
    });
    await next.start();
    const last = committed.at(-1) ?? '';
    while (!later.includes(last)) await sleep(10);
    await next.stop();
    // At least once: what was handled in the moment of the kill may come again, and nothing is missing or out of order.
    const from = Number(later[0]);
    expect(from).toBeLessThanOrEqual(handled.length);
    expect(later).toEqual(later.map((_, n) => `${from + n}`));
    expect(new Set([...handled, ...later])).toEqual(new Set([...committed, ...later]));
  }, 60_000);
});
