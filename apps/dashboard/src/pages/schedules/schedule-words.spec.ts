import { deedOf, optionsInWords, toMinute, withoutZone, zoneChoices } from './schedule-words.js';
import type { Schedule } from './schedule-words.js';

const NAMES: Record<string, string> = { a: 'shop', b: 'staging' };
const nameOf = (id: string): string | undefined => NAMES[id];
const schedule = (change: Partial<Schedule>): Schedule =>
  ({ action: 'backup', connection_id: 'a', connection_ids: [], source_connection_id: null, ...change }) as Schedule;

describe('a schedule in words', () => {
  it('says what it does', () => {
    expect(deedOf(schedule({}), nameOf)).toBe('Backup of shop');
    expect(deedOf(schedule({ connection_id: null }), nameOf)).toBe('Backup of the connected database');
    expect(deedOf(schedule({ connection_ids: ['a', 'b'] }), nameOf)).toBe('Backup of shop and staging');
    expect(deedOf(schedule({ connection_ids: ['a', 'b', 'c'] }), nameOf)).toBe(
      'Backup of shop and 2 more without a schedule of their own',
    );
    expect(deedOf(schedule({ action: 'restore', connection_id: 'b', source_connection_id: 'a' }), nameOf)).toBe(
      'Restore of the newest verified backup of shop into staging',
    );
    expect(deedOf(schedule({ connection_id: 'gone' }), nameOf)).toBe('Backup of a connection that is no longer there');
  });

  it('says when, with the zone apart', () => {
    expect(withoutZone({ description: 'At 00:00, only on Saturday (UTC)', timezone: 'UTC' })).toBe(
      'At 00:00, only on Saturday',
    );
    expect(withoutZone({ description: 'At 00:00', timezone: 'UTC' })).toBe('At 00:00');
    expect(toMinute('2026-11-28 02:30:00')).toBe('2026-11-28 02:30');
  });

  it('says which options are its own', () => {
    expect(optionsInWords({})).toBeUndefined();
    expect(optionsInWords({ compression: 'zstd', verification: 'restored', name: 'nightly' })).toBe(
      'compression zstd, verification: restored on a verification server, files called nightly_…',
    );
  });
});

describe('the choice of time zones', () => {
  it('begins with those that are likely, and has each once', () => {
    expect(zoneChoices(['Europe/Berlin', 'Europe/Berlin'], ['Europe/Berlin', 'Africa/Cairo'])).toEqual([
      { group: 'Suggested', items: ['Europe/Berlin'] },
      { group: 'All', items: ['Africa/Cairo', 'UTC'] },
    ]);
  });
});
