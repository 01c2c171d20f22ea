import type { BackupRow } from '@app/catalog';
import type { Manifest, RetentionPolicy } from '@app/domain';
import { DateTime } from 'luxon';
import { PERIODS } from './retention-periods.js';
import type { Period } from './retention-periods.js';

/** What a policy looks at. `createdAt` is the recorded start, never the name's or the file's time (FAILURES 42). */
export type RetentionCandidate = Pick<
  BackupRow,
  'id' | 'filename' | 'createdAt' | 'size' | 'status' | 'verification' | 'verificationFailed'
> & { manifest?: Pick<Manifest, 'artifact' | 'verification'> | null };

export interface RetentionSituation {
  now: Date;
  /** IANA name: whose calendar says what a day, a week, … is. */
  timezone: string;
  /** Ids. These always stay, and take no other backup's place or bytes. */
  pinned?: ReadonlySet<string>;
  /** Ids of those that a restore can be undone by, until that has expired; as those that are pinned. */
  needed?: ReadonlySet<string>;
  /** The id of the backup that was just made: it counts as the newest, even by a clock that was set back. */
  made?: string;
}

/** One rule of a policy, worked out for the backups at hand. */
export interface RetentionRule<T> {
  /** Why it keeps a backup; undefined when it does not. */
  keeps(backup: T): string | undefined;
  /** Why it does not. */
  against(backup: T): string;
}

/** The rules that a policy sets, but for the size limit. `counting`: newest first. */
export function rulesOf<T extends RetentionCandidate>(
  policy: RetentionPolicy,
  counting: readonly T[],
  situation: RetentionSituation,
): RetentionRule<T>[] {
  const { keepLast, days } = policy;
  return [
    ...(keepLast === undefined ? [] : [lastRule(keepLast, counting, situation)]),
    ...(days === undefined ? [] : [daysRule(days, situation)]),
    ...PERIODS.flatMap((period) => {
      const count = policy[period.rule];
      return count === undefined ? [] : [periodRule(period, count, counting, situation)];
    }),
  ];
}

function lastRule<T extends RetentionCandidate>(
  count: number,
  counting: readonly T[],
  { made }: RetentionSituation,
): RetentionRule<T> {
  const order = [...counting.filter(({ id }) => id === made), ...counting.filter(({ id }) => id !== made)];
  const newest = new Set(order.slice(0, count));
  const reason = count === 1 ? 'the newest' : `one of the newest ${count}`;
  return {
    keeps: (backup) => (newest.has(backup) ? reason : undefined),
    against: () => `older than the newest ${count === 1 ? 'one' : count}`,
  };
}

/** A day of the calendar, which a change of the clocks makes longer or shorter: the same time of day, so many days ago. */
function daysRule(days: number, { now, timezone }: RetentionSituation): RetentionRule<RetentionCandidate> {
  const limit = DateTime.fromJSDate(now, { zone: timezone }).minus({ days }).toMillis();
  const age = days === 1 ? '1 day' : `${days} days`;
  return {
    keeps: ({ createdAt }) => (createdAt > limit ? `younger than ${age}` : undefined),
    against: () => `older than ${age}`,
  };
}

function periodRule<T extends RetentionCandidate>(
  period: Period,
  count: number,
  counting: readonly T[],
  { timezone }: RetentionSituation,
): RetentionRule<T> {
  const nameOf = ({ createdAt }: T): string => period.nameOf(DateTime.fromMillis(createdAt, { zone: timezone }));
  const newestOf = new Map<string, T>();
  for (const backup of counting) {
    if (newestOf.size === count) break;
    const name = nameOf(backup);
    if (!newestOf.has(name)) newestOf.set(name, backup);
  }
  const newest = new Map([...newestOf].map(([name, backup]) => [backup, name]));
  const past = count === 1 ? `last ${period.unit} that has one` : `last ${count} ${period.unit}s that have one`;
  return {
    keeps: (backup) => (newest.has(backup) ? `newest of ${newest.get(backup)}` : undefined),
    against: (backup) => {
      const name = nameOf(backup);
      return newestOf.has(name) ? `not the newest of ${name}` : `older than the ${past}`;
    },
  };
}
