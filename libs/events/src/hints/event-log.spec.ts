import { EventLog } from './event-log.js';
import type { ServiceEvent } from './event-log.js';

const connection = (connectionId: string) => ({ type: 'connection', change: 'changed', connectionId }) as const;
const namesOf = (events: ServiceEvent[]) => events.map((event) => ('connectionId' in event ? event.connectionId : ''));

describe('EventLog', () => {
  it('sends every watcher all later events, until it unsubscribes', () => {
    const log = new EventLog();
    const seen: ServiceEvent[] = [];
    log.publish(connection('before'));
    const { missed, unsubscribe } = log.subscribe((event) => seen.push(event));
    expect(missed).toBe(false);
    expect(log.publish(connection('1'))).toEqual({ ...connection('1'), id: log.lastId });
    unsubscribe();
    log.publish(connection('2'));
    expect(namesOf(seen)).toEqual(['1']);
  });

  it('replays the events after the last one seen, in order, before any new event', () => {
    const log = new EventLog();
    const { id } = log.publish(connection('0'));
    for (const name of ['1', '2', '3']) log.publish(connection(name));
    const seen: ServiceEvent[] = [];
    const { missed } = log.subscribe((event) => seen.push(event), id);
    expect(missed).toBe(false);
    expect(namesOf(seen)).toEqual(['1', '2', '3']);
    log.publish(connection('4'));
    expect(namesOf(seen)).toEqual(['1', '2', '3', '4']);
    expect(new Set(seen.map((event) => event.id)).size).toBe(4);
  });

  it('replays nothing to a watcher that has seen all', () => {
    const log = new EventLog();
    log.publish(connection('0'));
    const seen: ServiceEvent[] = [];
    expect(log.subscribe((event) => seen.push(event), log.lastId).missed).toBe(false);
    expect(seen).toEqual([]);
    const fresh = new EventLog();
    expect(fresh.subscribe(() => undefined, fresh.lastId).missed).toBe(false);
  });

  it('says when events are lost because they are too old, of another run or unknown', () => {
    const log = new EventLog(3);
    const ids = ['0', '1', '2', '3', '4'].map((name) => log.publish(connection(name)).id);
    const seen: ServiceEvent[] = [];
    const watch = (id: string) => log.subscribe((event) => seen.push(event), id);
    expect(watch(ids[0] ?? '').missed).toBe(true);
    expect(watch(new EventLog().publish(connection('x')).id).missed).toBe(true);
    expect(watch(`${log.lastId}1`).missed).toBe(true);
    expect(watch('nonsense').missed).toBe(true);
    expect(watch('').missed).toBe(true);
    expect(seen).toEqual([]);
    expect(watch(ids[1] ?? '').missed).toBe(false);
    expect(namesOf(seen)).toEqual(['2', '3', '4']);
    log.publish(connection('5'));
    // A watcher that has missed some events still gets the new ones.
    expect(seen.slice(3)).toHaveLength(6);
  });

  it('keeps a thousand events', () => {
    const log = new EventLog();
    const { id } = log.publish(connection('first'));
    for (let i = 0; i < 1_000; i += 1) log.publish(connection(String(i)));
    let seen = 0;
    expect(log.subscribe(() => (seen += 1), id).missed).toBe(false);
    expect(seen).toBe(1_000);
    log.publish(connection('one more'));
    expect(log.subscribe(() => undefined, id).missed).toBe(true);
  });

  it('does not let a failing watcher harm the others', () => {
    const log = new EventLog();
    const { id } = log.publish(connection('0'));
    const fail = () => {
      throw new Error('broken');
    };
    log.publish(connection('1'));
    expect(() => log.subscribe(fail, id)).not.toThrow();
    const seen: ServiceEvent[] = [];
    log.subscribe((event) => seen.push(event));
    expect(() => log.publish(connection('2'))).not.toThrow();
    expect(namesOf(seen)).toEqual(['2']);
  });

  it('keeps the order for all watchers when a watcher publishes an event itself', () => {
    const log = new EventLog();
    const seen: ServiceEvent[] = [];
    const late: ServiceEvent[] = [];
    log.subscribe((event) => {
      if (namesOf([event])[0] !== '1') return;
      log.publish(connection('2'));
      log.subscribe((one) => late.push(one), event.id);
    });
    log.subscribe((event) => seen.push(event));
    log.publish(connection('1'));
    expect(namesOf(seen)).toEqual(['1', '2']);
    expect(namesOf(late)).toEqual(['2']);
  });
});
