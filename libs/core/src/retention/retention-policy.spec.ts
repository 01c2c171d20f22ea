import type { RetentionPolicy } from '@app/domain';
import { decide, retentionPolicyFault } from './retention-policy.js';
import type { RetentionCandidate, RetentionSituation } from './retention-policy.js';

/** A backup is named by its start; `2026-11-22` stands for 02:00 UTC of that day. */
function backup(start: string, more: Partial<RetentionCandidate> = {}): RetentionCandidate {
  const createdAt = Date.parse(start.includes('T') ? start : `${start}T02:00:00Z`);
  if (Number.isNaN(createdAt)) throw new RangeError(start);
  return {
    id: start,
    filename: `${start}.sql`,
    createdAt,
    size: 10,
    status: 'complete',
    verification: 'complete',
    verificationFailed: false,
    ...more,
  };
}

const now = new Date('2026-11-22T03:00:00Z');
const judge = (
  policy: RetentionPolicy,
  backups: readonly (string | RetentionCandidate)[],
  situation: Partial<RetentionSituation> = {},
) => {
  const all = backups.map((one) => (typeof one === 'string' ? backup(one) : one));
  const { keep, remove } = decide(policy, all, { now, timezone: 'UTC', ...situation });
  const reasons = Object.fromEntries([...keep, ...remove].map((verdict) => [verdict.backup.id, verdict.reasons]));
  return { keep: keep.map(({ backup: { id } }) => id), remove: remove.map(({ backup: { id } }) => id), reasons };
};

function dailyFrom(first: string, last: string): string[] {
  const days: string[] = [];
  for (let day = Date.parse(first); day <= Date.parse(last); day += 86_400_000) {
    days.push(new Date(day).toISOString().slice(0, 10));
  }
  return days;
}

describe('a retention policy', () => {
  it('without a rule keeps everything', () => {
    expect(judge({}, ['2020-01-01', '2026-11-22'])).toEqual({
      keep: ['2026-11-22', '2020-01-01'],
      remove: [],
      reasons: {
        '2026-11-22': ['the policy has no rule: all stay'],
        '2020-01-01': ['the policy has no rule: all stay'],
      },
    });
  });

  it('keeps the newest three by their recorded time, whatever the order that they come in (FAILURES 42)', () => {
    const judged = judge({ keepLast: 3 }, ['2026-11-20', '2026-11-22', '2026-11-19', '2026-11-21']);
    expect(judged).toMatchObject({ keep: ['2026-11-22', '2026-11-21', '2026-11-20'], remove: ['2026-11-19'] });
    expect(judged.reasons['2026-11-20']).toEqual(['one of the newest 3']);
    expect(judged.reasons['2026-11-19']).toEqual(['older than the newest 3']);
  });

  it('breaks a tie of times as the list does', () => {
    const twins = [backup('2026-11-21', { id: 'a', filename: 'a' }), backup('2026-11-21', { id: 'b', filename: 'b' })];
    expect(judge({ keepLast: 1 }, twins)).toMatchObject({ keep: ['b'], remove: ['a'] });
    expect(judge({ keepLast: 1 }, twins.toReversed())).toMatchObject({ keep: ['b'], remove: ['a'] });
  });

  it('by days keeps younger backups, and always the newest one (FAILURES 41)', () => {
    const judged = judge({ days: 7 }, ['2026-11-14', '2026-11-15', '2026-11-16']);
    expect(judged).toMatchObject({ keep: ['2026-11-16'], remove: ['2026-11-15', '2026-11-14'] });
    expect(judged.reasons['2026-11-15']).toEqual(['older than 7 days']);
    const away = judge({ days: 7 }, ['2026-01-01', '2026-01-02']);
    expect(away).toMatchObject({ keep: ['2026-01-02'], remove: ['2026-01-01'] });
    expect(away.reasons['2026-01-02']).toEqual(['the newest one is never removed']);
  });

  describe('grandfather, father, son against a year of daily backups', () => {
    const policy = { daily: 7, weekly: 5, monthly: 12, yearly: 3 };
    const expected = [
      ['2026-11-22', '2026-11-21', '2026-11-20', '2026-11-19', '2026-11-18', '2026-11-17', '2026-11-16'], // the days
      ['2026-11-15', '2026-11-08', '2026-11-01'], // Sundays of weeks 46 to 44; 47 ends with the newest
      ['2026-10-31', '2026-10-25'], // the end of October; the Sunday of week 43
      ['2026-09-30', '2026-08-31', '2026-07-31', '2026-06-30', '2026-05-31', '2026-04-30'],
      ['2026-03-31', '2026-02-28', '2026-01-31', '2025-12-31'],
    ].flat();
    const year = dailyFrom('2025-11-23', '2026-11-22');

    it('keeps the expected set, and gives the reasons', () => {
      expect(year).toHaveLength(365);
      const judged = judge(policy, year);
      expect(judged.keep).toEqual(expected);
      expect(judged.remove).toHaveLength(365 - expected.length);
      expect(judged.reasons['2026-11-22']).toEqual([
        'newest of 2026-11-22',
        'newest of week 47, 2026',
        'newest of November 2026',
        'newest of 2026',
      ]);
      expect(judged.reasons['2025-12-31']).toEqual(['newest of December 2025', 'newest of 2025']);
      expect(judged.reasons['2026-11-14']).toEqual([
        'older than the last 7 days that have one',
        'not the newest of week 46, 2026',
        'not the newest of November 2026',
        'not the newest of 2026',
      ]);
      expect(judged.reasons['2025-11-30']).toEqual([
        'older than the last 7 days that have one',
        'older than the last 5 weeks that have one',
        'older than the last 12 months that have one',
        'not the newest of 2025',
      ]);
    });

    it('ends with the same set when it is applied day by day', () => {
      let there: string[] = [];
      for (const day of year) there = judge(policy, [...there, day], { made: day }).keep;
      expect(there).toEqual(expected);
    });

    it('counts the periods that have a backup, not the empty ones between them', () => {
      const sparse = ['2026-11-22', '2026-11-02', '2026-11-01', '2026-07-04', '2023-05-06', '2021-01-01'];
      expect(judge({ daily: 3 }, sparse).keep).toEqual(['2026-11-22', '2026-11-02', '2026-11-01']);
      expect(judge({ weekly: 3 }, sparse).keep).toEqual(['2026-11-22', '2026-11-02', '2026-11-01']);
      expect(judge({ monthly: 3 }, sparse).keep).toEqual(['2026-11-22', '2026-07-04', '2023-05-06']);
      expect(judge({ yearly: 3 }, sparse).keep).toEqual(['2026-11-22', '2023-05-06', '2021-01-01']);
    });
  });

  describe('goes by the calendar of its zone', () => {
    const berlin = { timezone: 'Europe/Berlin' };

    it('on the short day in March', () => {
      const [before, early, late, after] = [
        '2026-03-28T22:59:00Z', // 23:59 on the 28th
        '2026-03-28T23:01:00Z', // 00:01 on the 29th
        '2026-03-29T21:59:00Z', // 23:59 on the 29th
        '2026-03-29T22:01:00Z', // 00:01 on the 30th
      ];
      const judged = judge({ daily: 3 }, [before, early, late, after], berlin);
      expect(judged).toMatchObject({ keep: [after, late, before], remove: [early] });
      expect(judged.reasons[late]).toEqual(['newest of 2026-03-29']);
      expect(judge({ daily: 3 }, [before, early, late, after])).toMatchObject({ keep: [after, early] });
    });

    it('on the long day in October', () => {
      const [before, early, late, after] = [
        '2026-10-24T21:59:00Z', // 23:59 on the 24th
        '2026-10-24T22:01:00Z', // 00:01 on the 25th
        '2026-10-25T22:59:00Z', // 23:59 on the 25th
        '2026-10-25T23:01:00Z', // 00:01 on the 26th
      ];
      expect(judge({ daily: 3 }, [before, early, late, after], berlin)).toMatchObject({
        keep: [after, late, before],
        remove: [early],
      });
    });

    it('a day ago is the same time of the day before, also when that is 23 or 25 hours', () => {
      const spring = { ...berlin, now: new Date('2026-03-29T10:00:00Z') };
      const inSpring = ['2026-03-28T10:30:00Z', '2026-03-28T11:30:00Z', '2026-03-29T09:00:00Z'];
      expect(judge({ days: 1 }, inSpring, spring).remove).toEqual(['2026-03-28T10:30:00Z']);
      const autumn = { ...berlin, now: new Date('2026-10-25T11:00:00Z') };
      const inAutumn = ['2026-10-24T09:30:00Z', '2026-10-24T10:30:00Z', '2026-10-25T09:00:00Z'];
      expect(judge({ days: 1 }, inAutumn, autumn).remove).toEqual(['2026-10-24T09:30:00Z']);
    });

    it('an hour that the clocks repeat is two hours', () => {
      const [first, again, second] = ['2026-10-25T00:10:00Z', '2026-10-25T00:50:00Z', '2026-10-25T01:30:00Z'];
      const judged = judge({ hourly: 24 }, [first, again, second], berlin);
      expect(judged).toMatchObject({ keep: [second, again], remove: [first] });
      expect(judged.reasons).toEqual({
        [second]: ['newest of the hour 2026-10-25 02:00 +01:00'],
        [again]: ['newest of the hour 2026-10-25 02:00 +02:00'],
        [first]: ['not the newest of the hour 2026-10-25 02:00 +02:00'],
      });
    });

    it('of two zones, each has its own days, months and years', () => {
      const [eve, morning] = ['2026-12-31T09:00:00Z', '2026-12-31T11:00:00Z'];
      expect(judge({ yearly: 2 }, [eve, morning], { timezone: 'Pacific/Auckland' }).keep).toEqual([morning, eve]);
      expect(judge({ yearly: 2 }, [eve, morning], { timezone: 'America/New_York' }).keep).toEqual([morning]);
    });

    it('at the end of the year, weeks are those of ISO 8601', () => {
      const days = ['2026-12-26', '2026-12-27', '2026-12-31', '2027-01-02', '2027-01-04'];
      const judged = judge({ weekly: 3 }, days);
      expect(judged).toMatchObject({
        keep: ['2027-01-04', '2027-01-02', '2026-12-27'],
        remove: ['2026-12-31', '2026-12-26'],
      });
      expect(judged.reasons).toMatchObject({
        '2027-01-04': ['newest of week 1, 2027'],
        '2027-01-02': ['newest of week 53, 2026'],
        '2026-12-31': ['not the newest of week 53, 2026'],
        '2026-12-27': ['newest of week 52, 2026'],
      });
      const turn = judge({ weekly: 2 }, ['2024-12-29', '2024-12-30', '2025-01-05']);
      expect(turn.reasons).toMatchObject({
        '2025-01-05': ['newest of week 1, 2025'],
        '2024-12-30': ['not the newest of week 1, 2025'],
        '2024-12-29': ['newest of week 52, 2024'],
      });
    });
  });

  describe('with a size limit', () => {
    it('removes the oldest first, until the others fit', () => {
      const days = ['2026-11-18', '2026-11-19', '2026-11-20', '2026-11-21', '2026-11-22'];
      const judged = judge({ keepLast: 4, maxBytes: 25 }, days);
      expect(judged).toMatchObject({
        keep: ['2026-11-22', '2026-11-21'],
        remove: ['2026-11-20', '2026-11-19', '2026-11-18'],
      });
      expect(judged.reasons['2026-11-20']).toEqual(['the newer ones take up the 25 B of the size limit']);
      expect(judged.reasons['2026-11-18']).toEqual(['older than the newest 4']);
      expect(judge({ maxBytes: 30 }, days).keep).toEqual(['2026-11-22', '2026-11-21', '2026-11-20']);
    });

    it('never removes the newest, the newest verified or a pinned one, and counts no pinned bytes', () => {
      const days = [
        backup('2026-11-19', { size: 500 }),
        backup('2026-11-20', { verification: 'stored' }),
        '2026-11-21',
        backup('2026-11-22', { size: 100 }),
      ];
      const judged = judge({ maxBytes: 1 }, days, { pinned: new Set(['2026-11-19']) });
      expect(judged).toMatchObject({ keep: ['2026-11-22', '2026-11-20', '2026-11-19'], remove: ['2026-11-21'] });
      expect(judge({ maxBytes: 120 }, days, { pinned: new Set(['2026-11-19']) }).remove).toEqual([]);
    });
  });

  it('keeps the newest that was restored and the newest that was read back, but not by the level of a failed one', () => {
    const days = [
      backup('2026-11-16', { verification: 'restored' }),
      backup('2026-11-17', { verification: 'restored' }),
      backup('2026-11-18', { verification: 'stored' }),
      backup('2026-11-19', { verification: 'stored' }),
      backup('2026-11-20', { verification: 'restored', verificationFailed: true, status: 'damaged' }),
      '2026-11-21',
      '2026-11-22',
    ];
    const judged = judge({ keepLast: 1 }, days);
    expect(judged).toMatchObject({
      keep: ['2026-11-22', '2026-11-20', '2026-11-19', '2026-11-17'],
      remove: ['2026-11-21', '2026-11-18', '2026-11-16'],
    });
    expect(judged.reasons['2026-11-17']).toEqual(['the newest one that was restored is never removed']);
    expect(judged.reasons['2026-11-19']).toEqual(['the newest verified one is never removed']);
  });

  it('keeps a pinned backup in addition to the others', () => {
    const days = ['2026-11-18', '2026-11-19', '2026-11-20', '2026-11-21', '2026-11-22'];
    const judged = judge({ keepLast: 2 }, days, { pinned: new Set(['2026-11-18', '2026-11-22']) });
    expect(judged).toMatchObject({
      keep: ['2026-11-22', '2026-11-21', '2026-11-20', '2026-11-18'],
      remove: ['2026-11-19'],
    });
    expect(judged.reasons['2026-11-18']).toEqual(['pinned']);
    expect(judge({ daily: 1 }, days, { pinned: new Set(['2026-11-22']) }).keep).toEqual(['2026-11-22', '2026-11-21']);
  });

  it('never removes the newest that was read back from storage (FAILURES 41)', () => {
    const days = [
      backup('2026-11-18', { verification: 'stored' }),
      backup('2026-11-19', { verification: 'stored' }),
      '2026-11-20',
      '2026-11-21',
    ];
    const judged = judge({ keepLast: 1 }, days);
    expect(judged).toMatchObject({ keep: ['2026-11-21', '2026-11-19'], remove: ['2026-11-20', '2026-11-18'] });
    expect(judged.reasons['2026-11-19']).toEqual(['the newest verified one is never removed']);
  });

  it('counts complete backups only, and removes no other (FAILURES 41)', () => {
    const judged = judge({ keepLast: 2 }, [
      '2026-11-16',
      '2026-11-17',
      '2026-11-18',
      backup('2026-11-19', { status: 'foreign', verification: null }),
      backup('2026-11-20', { status: 'damaged' }),
      backup('2026-11-21', { verificationFailed: true }),
      backup('2026-11-22', { verificationFailed: true, verification: 'stored' }),
    ]);
    expect(judged.remove).toEqual(['2026-11-16']);
    expect(judged.keep).toHaveLength(6);
    expect(judged.reasons).toMatchObject({
      '2026-11-19': ['not made by this service: it counts for nothing and is left alone'],
      '2026-11-20': ['damaged: it counts for nothing, and only a person deletes it'],
      '2026-11-21': [
        'its verification failed: it counts for nothing, and stays until a newer one fails for the same reason, or 5 newer ones for others',
      ],
      '2026-11-18': ['one of the newest 2'],
    });
  });

  describe('of backups that could not be restored', () => {
    const failed = (start: string, message: string, level: 'stored' | 'restored' = 'restored') =>
      backup(start, {
        ...{ status: 'damaged', verification: 'stored', verificationFailed: true },
        manifest: {
          artifact: `${start}.sql`,
          verification: { level: 'stored', at: start, failed: { at: start, message, level } },
        },
      });

    it('41: keeps the newest for each reason, numbers and names of files apart, and every good one', () => {
      const judged = judge({ keepLast: 2 }, [
        '2026-11-14',
        '2026-11-15',
        failed('2026-11-16', 'It could not be restored: line 7 of 2026-11-16.sql.'),
        failed('2026-11-17', 'public.t has 3 rows instead of 4.'),
        failed('2026-11-18', 'It could not be restored: line 9 of 2026-11-18.sql.'),
        failed('2026-11-19', 'public.t has 5 rows instead of 6.'),
        failed('2026-11-20', 'public.u has 5 rows instead of 6.'),
        failed('2026-11-21', '2026-11-21.sql is not as it was written: its hash differs.', 'stored'),
        failed('2026-11-22', '2026-11-22.sql is not as it was written: its hash differs.', 'stored'),
      ]);
      expect(judged.remove).toEqual(['2026-11-17', '2026-11-16']);
      expect(judged.reasons['2026-11-16']).toEqual([
        '2026-11-18.sql, which is newer, failed its verification for the same reason',
      ]);
      expect(judged.keep).toEqual(expect.arrayContaining(['2026-11-14', '2026-11-15']));
    });

    it('41: keeps no more than the newest of five reasons, whatever the words of each failure, and every good one', () => {
      const words = [
        'orders on host a',
        'orders on host b',
        'users',
        'b, then a',
        'a, then b',
        'x is 7 kB',
        'x is 8 MB',
      ];
      const days = dailyFrom('2026-11-01', '2026-11-21');
      const judged = judge({ keepLast: 2 }, [
        '2026-10-01',
        '2026-10-02',
        ...days.map((day, at) => failed(day, `It could not be restored: ${'x'.repeat(at)} ${words[at % 7]}.`)),
      ]);
      expect(judged.keep).toEqual([...days.slice(-5).toReversed(), '2026-10-02', '2026-10-01']);
      expect(judged.reasons['2026-11-16']).toEqual(['newer ones failed their verification for 5 other reasons']);
      const undo = { needed: new Set(['2026-11-01']), pinned: new Set(['2026-11-02']) };
      const kept = judge(
        { keepLast: 2 },
        days.map((day, at) => failed(day, 'x'.repeat(at + 1))),
        undo,
      ).keep;
      expect(kept).toEqual([...days.slice(-5).toReversed(), '2026-11-02', '2026-11-01']);
    });

    it('41: keeps a backup that is pinned or needed for an undo, and one that was just made by a clock that was set back', () => {
      const days = ['2026-11-16', '2026-11-17', '2026-11-18', '2026-11-19'].map((day) => failed(day, 'broken'));
      const situation = { pinned: new Set(['2026-11-16']), needed: new Set(['2026-11-17']), made: '2026-11-18' };
      expect(judge({ keepLast: 1 }, days, situation).remove).toEqual([]);
      expect(judge({ keepLast: 1 }, days).remove).toEqual(['2026-11-18', '2026-11-17', '2026-11-16']);
    });
  });

  it('counts the backup that was just made as the newest, even when the clock was set back', () => {
    const days = ['2025-01-01', '2026-11-20', '2026-11-21', '2026-11-22'];
    expect(judge({ keepLast: 3 }, days, { made: '2025-01-01' })).toMatchObject({ remove: ['2026-11-20'] });
    const byDays = judge({ days: 30 }, days, { made: '2025-01-01' });
    expect(byDays).toMatchObject({ remove: [] });
    expect(byDays.reasons['2025-01-01']).toEqual(['it was just made']);
  });

  it.each([
    [1, ['c', 'b', 'a']],
    [2, ['b', 'a']],
    [3, ['a']],
    [4, []],
  ] as const)('that keeps %d of four removes the others', (keepLast, gone) => {
    const at = (id: string, hour: number) => backup(`2026-01-01T0${hour}:00:00Z`, { id });
    const all = [at('a', 1), at('c', 3), at('b', 2), at('made', 4)];
    expect(judge({ keepLast }, all, { made: 'made' }).remove).toEqual(gone);
  });

  it('is judged the same in any order of its backups', () => {
    const year = dailyFrom('2025-11-23', '2026-11-22');
    const policy = { keepLast: 2, days: 9, weekly: 4, monthly: 6, maxBytes: 150 };
    expect(judge(policy, year.toReversed())).toEqual(judge(policy, year));
  });
});

describe('the check of a retention policy', () => {
  it.each([
    [{}],
    [{ keepLast: 3 }],
    [{ days: 1, hourly: 24, daily: 7, weekly: 4, monthly: 12, yearly: 10, maxBytes: 1 }],
  ])('accepts %j', (policy) => {
    expect(retentionPolicyFault(policy)).toBeUndefined();
  });

  it.each([
    [{ keepLast: 0 }, 'keep_last', 'must be a whole number from 1 to 1000000'],
    [{ days: 1.5 }, 'days', 'must be a whole number from 1 to 1000000'],
    [{ daily: '7' }, 'daily', 'must be a whole number from 1 to 1000000'],
    [{ weekly: -1 }, 'weekly', 'must be a whole number from 1 to 1000000'],
    [{ yearly: 2_000_000 }, 'yearly', 'must be a whole number from 1 to 1000000'],
    [{ maxBytes: Infinity }, 'max_bytes', `must be a whole number from 1 to ${Number.MAX_SAFE_INTEGER}`],
    [{ fortnightly: 2 }, 'fortnightly', 'is no rule of a retention policy'],
    [[], 'retention', 'must be an object of rules'],
    [3, 'retention', 'must be an object of rules'],
    [null, 'retention', 'must be an object of rules'],
  ])('refuses %j and names %s', (policy, field, message) => {
    expect(retentionPolicyFault(policy)).toEqual({ field, message });
  });
});
