import type { BackupRow } from '@app/catalog';
import type { Manifest, RetentionPolicy } from '@app/domain';
import { DateTime } from 'luxon';
import { PERIODS } from './retention-periods.js';
import type { Period } from './retention-periods.js';

/** The facts that a policy uses. `createdAt` is the recorded start, never the time of the name or the file (FAILURES 42). */
export type RetentionCandidate = Pick<
  BackupRow,
  'id' | 'filename' | 'createdAt' | 'size' | 'status' | 'verification' | 'verificationFailed'
> & { manifest?: Pick<Manifest, 'artifact' | 'verification'> | null };

export interface RetentionSituation {
  now: Date;
  /** The IANA name of the zone whose calendar defines a day, a week, and so on. */
  timezone: string;
  /** The ids of pinned backups. They always stay, and do not count against the number or the size of the others. */
  pinned?: ReadonlySet<string>;
  /** The ids of backups that an undo needs until it expires. They are treated as pinned. */
  needed?: ReadonlySet<string>;
  /** The id of the backup that was just made. It counts as the newest, even if the clock was set back. */
  made?: string;
}

/** One rule of a policy, applied to the given backups. */
export interface RetentionRule<T> {
  /** Says why the rule keeps a backup; undefined when it does not. */
  keeps(backup: T): string | undefined;
  /** Says why the rule does not keep a backup. */
  against(backup: T): string;
}

/** Returns the rules of a policy without the size limit. `counting` has the newest first. */
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

/** Counts days of the calendar, which a change of the clocks makes longer or shorter: the limit has the same time of day. */
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
