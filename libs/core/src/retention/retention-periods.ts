import type { RetentionPolicy } from '@app/domain';
import type { DateTime } from 'luxon';

/** One kind of period of the calendar. */
export interface Period {
  rule: keyof RetentionPolicy & ('hourly' | 'daily' | 'weekly' | 'monthly' | 'yearly');
  unit: string;
  /** The period of a time, in the zone whose calendar it is. For people, and one name for each period. */
  nameOf(time: DateTime): string;
}

/** From the shortest. */
export const PERIODS: readonly Period[] = [
  // With the offset: an hour that the clocks repeat is two.
  { rule: 'hourly', unit: 'hour', nameOf: (time) => `the hour ${time.toFormat('yyyy-MM-dd HH:00 ZZ')}` },
  { rule: 'daily', unit: 'day', nameOf: (time) => time.toFormat('yyyy-MM-dd') },
  { rule: 'weekly', unit: 'week', nameOf: (time) => `week ${time.weekNumber}, ${time.weekYear}` },
  { rule: 'monthly', unit: 'month', nameOf: (time) => time.setLocale('en').toFormat('LLLL yyyy') },
  { rule: 'yearly', unit: 'year', nameOf: (time) => String(time.year) },
];
