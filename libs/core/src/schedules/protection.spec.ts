import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectedBy, overallVerdict, verdictOf } from './protection.js';
import type { DamageState, ProtectionFacts, ScheduleState, StorageState } from './protection.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 29);

const AGES = ['none', 'fresh', 'overdue'] as const;
const SCHEDULES: readonly ScheduleState[] = ['scheduled', 'stopped', 'paused'];
const DAMAGES: readonly DamageState[] = ['none', 'newest', 'all'];
const STORAGES: readonly StorageState[] = ['fine', 'low', 'unwritable', 'missing'];
const FAILURES = ['ok', 'failed'] as const;

interface Case {
  age: (typeof AGES)[number];
  facts: ProtectionFacts;
  name: string;
}

/** `all` damaged is exactly when there is no usable backup but others; a newest damaged one needs an older one. */
function isPossible(age: Case['age'], damage: DamageState): boolean {
  return age === 'none' ? damage !== 'newest' : damage !== 'all';
}

function cases(): Case[] {
  return AGES.flatMap((age) =>
    SCHEDULES.flatMap((schedule) =>
      DAMAGES.filter((damage) => isPossible(age, damage)).flatMap((damage) =>
        STORAGES.flatMap((storage) =>
          FAILURES.map((failed): Case => {
            const usableAt = age === 'none' ? undefined : NOW - (age === 'fresh' ? DAY : 11 * DAY);
            const period = schedule === 'scheduled' ? 7 * DAY : undefined;
            return {
              age,
              name: [age, schedule, damage, storage, failed].join(' | '),
              facts: {
                ...{ usableAt, damage, schedule, storage, expectedBy: expectedBy(usableAt, period, 7 * DAY) },
                failure: failed === 'ok' ? undefined : { what: 'backup', message: 'No answer.' },
              },
            };
          }),
        ),
      ),
    ),
  );
}

describe('80: the verdict on a database', () => {
  /** Age, schedule, damage, storage, last job → colour and sentence. A change of it is a change of what people are told. */
  const table = readFileSync(join(__dirname, '../testing/protection-table.txt'), 'utf8').trimEnd().split('\n');

  it('matches the table for every combination of age, schedule, damage, storage and failure', () => {
    const found = cases().map(({ name, facts }) => {
      const { colour, sentence } = verdictOf(facts, NOW);
      return `${name} → ${colour}: ${sentence}`;
    });
    expect(found).toEqual(table);
  });

  it('is green only with a whole backup that is not too old, a schedule, good storage, and no failure', () => {
    const green = cases().filter(({ facts }) => verdictOf(facts, NOW).colour === 'green');
    expect(green.map(({ name }) => name)).toEqual(['fresh | scheduled | none | fine | ok']);
  });

  it('is red exactly when nothing could be restored, or no backup can be made', () => {
    for (const { facts, name } of cases()) {
      const red = facts.usableAt === undefined || facts.storage === 'missing' || facts.storage === 'unwritable';
      expect([name, verdictOf(facts, NOW).colour === 'red']).toEqual([name, red]);
    }
  });

  it('gives every reason, not only the first', () => {
    const facts: ProtectionFacts = {
      ...{ usableAt: NOW - 11 * DAY, damage: 'newest', schedule: 'stopped', storage: 'low', expectedBy: NOW - 1 },
      failure: { what: 'restore', message: 'No answer.' },
    };
    expect(verdictOf(facts, NOW).reasons.map(({ code }) => code)).toEqual([
      ...['newest_damaged', 'not_scheduled', 'overdue', 'job_failed', 'storage_low'],
    ]);
  });

  it.each([
    ['1.5 periods of its schedule', 7 * DAY, 10.5 * DAY],
    ['1.5 periods of an hourly one', HOUR, 1.5 * HOUR],
    ['the set number of days without a schedule', undefined, 7 * DAY],
  ])('counts a backup as overdue when it is older than %s', (_title, period, age) => {
    const facts = (usableAt: number): ProtectionFacts => ({
      ...{ usableAt, damage: 'none', storage: 'fine', failure: undefined },
      schedule: period === undefined ? 'stopped' : 'scheduled',
      expectedBy: expectedBy(usableAt, period, 7 * DAY),
    });
    const codes = (usableAt: number) => verdictOf(facts(usableAt), NOW).reasons.map(({ code }) => code);
    expect(codes(NOW - age)).not.toContain('overdue');
    expect(codes(NOW - age - 1)).toContain('overdue');
  });
});

describe('80: the verdict on all databases', () => {
  const green: ProtectionFacts = {
    ...{ usableAt: NOW - DAY, damage: 'none', schedule: 'scheduled', storage: 'fine' },
    ...{ expectedBy: NOW + DAY, failure: undefined },
  };
  const of = (name: string, facts: Partial<ProtectionFacts> = {}) => ({
    name,
    verdict: verdictOf({ ...green, ...facts }, NOW),
  });
  const none = { usableAt: undefined };

  it.each([
    [[], 'amber', 'No database is backed up yet.'],
    [[of('shop')], 'green', 'The database could be restored right now.'],
    [[of('shop'), of('crm')], 'green', 'Both databases could be restored right now.'],
    [[of('shop'), of('crm'), of('blog')], 'green', 'All 3 databases could be restored right now.'],
    [[of('shop', none)], 'red', 'No backup yet.'],
    [[of('shop', none), of('crm'), of('blog')], 'red', '1 of 3 databases is not protected: shop: no backup yet.'],
    [
      [of('shop', { ...none, lost: { how: 'deleted', at: Date.UTC(2026, 10, 28, 23, 59) } })],
      'red',
      'No backup any more: the last one was deleted on 2026-11-28 23:59 UTC.',
    ],
    [
      [of('shop', { ...none, lost: { how: 'gone', at: Date.UTC(2026, 10, 28, 23, 59) } }), of('crm')],
      'red',
      '1 of 2 databases is not protected: shop: no backup any more: the last one, made on 2026-11-28 23:59 UTC, is no longer there.',
    ],
    [
      [of('shop', none), of('crm', { usableAt: undefined, damage: 'all' }), of('blog', { schedule: 'stopped' })],
      'red',
      '2 of 3 databases are not protected: shop: no backup yet; crm: every backup of it is damaged.',
    ],
    [
      [of('shop'), of('crm', { schedule: 'paused' })],
      'amber',
      '1 of 2 databases needs attention: crm: its schedule is paused, so no backup is made by itself.',
    ],
    [
      ['a', 'b', 'c', 'd', 'e'].map((name) => of(name, none)),
      'red',
      '5 of 5 databases are not protected: a, b, c: no backup yet; and 2 more.',
    ],
  ])('names the databases that need attention: %#', (databases, colour, sentence) => {
    expect(overallVerdict(databases)).toMatchObject({ colour, sentence });
  });

  const stopped = 'The scheduler is stopped, so no backup is made by itself.';
  const low = 'Less than 10 % of the disk with the backups is free.';
  it.each([
    ['nothing where all is well', [of('shop'), of('crm')], []],
    ['nothing that the sentence of a single database says', [of('shop', none)], []],
    [
      'the other reasons of a single database',
      [of('shop', { ...none, schedule: 'stopped', storage: 'low' })],
      [stopped, low],
    ],
    ['nothing that the sentence says of several', [of('shop', none), of('crm', none), of('blog')], []],
    ['the other reasons of each', [of('shop', { ...none, storage: 'low' }), of('crm', none)], [`shop: ${low}`]],
    [
      'one text once, for all that it holds for',
      [of('shop', { ...none, storage: 'low' }), of('crm', { ...none, storage: 'low' })],
      [`shop, crm: ${low}`],
    ],
    [
      'all reasons of those that decide no colour',
      [of('shop', none), of('blog', { schedule: 'stopped', storage: 'low' })],
      [`blog: ${stopped} ${low}`],
    ],
    [
      'all reasons of those that the sentence only counts',
      ['a', 'b', 'c', 'd'].map((name) => of(name, none)),
      ['d: No backup yet.'],
    ],
  ])('adds to the sentence %s', (_title, databases, details) => {
    expect(overallVerdict(databases).details).toEqual(details);
  });
});
