import type { RetentionPolicy } from '@app/domain';
import type { DateTime } from 'luxon';

/** One kind of period of the calendar. */
export interface Period {
  rule: keyof RetentionPolicy & ('hourly' | 'daily' | 'weekly' | 'monthly' | 'yearly');
  unit: string;
  /** Names the period of a time, in the zone of the calendar. People read the name, and each period has only one. */
  nameOf(time: DateTime): string;
}

/** All periods, the shortest first. */
export const PERIODS: readonly Period[] = [
  // The name has the offset, as an hour that the clocks repeat is two hours.
  { rule: 'hourly', unit: 'hour', nameOf: (time) => `the hour ${time.toFormat('yyyy-MM-dd HH:00 ZZ')}` },
  { rule: 'daily', unit: 'day', nameOf: (time) => time.toFormat('yyyy-MM-dd') },
  { rule: 'weekly', unit: 'week', nameOf: (time) => `week ${time.weekNumber}, ${time.weekYear}` },
  { rule: 'monthly', unit: 'month', nameOf: (time) => time.setLocale('en').toFormat('LLLL yyyy') },
  { rule: 'yearly', unit: 'year', nameOf: (time) => String(time.year) },
];
