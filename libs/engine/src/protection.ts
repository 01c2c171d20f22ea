import { lowerFirst } from './lower-first.js';

export type Colour = 'green' | 'amber' | 'red';
/** `low`: less than a tenth of the file system is free. The worst one of all folders that a database's backups need. */
export type StorageState = 'fine' | 'low' | 'unwritable' | 'missing';
/** `stopped`: the default schedule, of which it depends, is. `paused`: all schedules of its own are. */
export type ScheduleState = 'scheduled' | 'stopped' | 'paused';
/** `newest`: an older backup is whole. `all`: there are backups, and each of them is damaged. */
export type DamageState = 'none' | 'newest' | 'all';

/** What is known of one database. Times are epoch milliseconds. */
export interface ProtectionFacts {
  /** When the newest backup was made that is whole, there, and not known to be damaged. */
  usableAt: number | undefined;
  damage: DamageState;
  schedule: ScheduleState;
  /** See {@link expectedBy}. */
  expectedBy: number | undefined;
  storage: StorageState;
  /** The last job that failed, of whose kind none has succeeded since. */
  failure: { what: string; message: string } | undefined;
}

export type ReasonCode =
  | 'storage_missing'
  | 'no_backup'
  | 'all_damaged'
  | 'storage_unwritable'
  | 'newest_damaged'
  | 'not_scheduled'
  | 'overdue'
  | 'job_failed'
  | 'storage_low';

export interface Reason {
  code: ReasonCode;
  /** A whole sentence. */
  message: string;
}

export interface ProtectionVerdict {
  colour: Colour;
  /** What people are told: the first of the reasons, or that all is well. */
  sentence: string;
  /** Everything that keeps it from being green, the worst first. */
  reasons: readonly Reason[];
}

/** A backup may be so many periods of its schedule old before the next one counts as missing. */
const PATIENCE_PERIODS = 1.5;
const SHOWN_NAMES = 3;

/** When the next backup must be there, so that a database does not count as overdue. `periodMs`: of its most frequent schedule. */
export function expectedBy(
  usableAt: number | undefined,
  periodMs: number | undefined,
  unscheduledMs: number,
): number | undefined {
  if (usableAt === undefined) return undefined;
  return usableAt + (periodMs === undefined ? unscheduledMs : periodMs * PATIENCE_PERIODS);
}

/** Red: it could not be restored now, or no backup can be made any more. Amber: it will be so if nobody looks after it. */
export function verdictOf(facts: ProtectionFacts, now: number): ProtectionVerdict {
  const red = redReasons(facts);
  const reasons = [...red, ...amberReasons(facts, now)];
  const colour = red.length > 0 ? 'red' : reasons.length > 0 ? 'amber' : 'green';
  return { colour, sentence: reasons[0]?.message ?? 'It could be restored right now.', reasons };
}

/** Of all databases together. */
export function overallVerdict(
  databases: readonly { name: string; verdict: ProtectionVerdict }[],
): Omit<ProtectionVerdict, 'reasons'> {
  const of = (colour: Colour) => databases.filter(({ verdict }) => verdict.colour === colour);
  const total = databases.length;
  if (total === 0) return { colour: 'amber', sentence: 'No database is backed up yet.' };
  const red = of('red');
  if (red.length > 0) {
    return { colour: 'red', sentence: summary(red, total, ['is not protected', 'are not protected']) };
  }
  const amber = of('amber');
  if (amber.length > 0) {
    return { colour: 'amber', sentence: summary(amber, total, ['needs attention', 'need attention']) };
  }
  const which = total === 1 ? 'The database' : total === 2 ? 'Both databases' : `All ${total} databases`;
  return { colour: 'green', sentence: `${which} could be restored right now.` };
}

function summary(
  concerned: readonly { name: string; verdict: ProtectionVerdict }[],
  total: number,
  [one, many]: readonly [string, string],
): string {
  const [first] = concerned;
  if (total === 1 && first !== undefined) return first.verdict.sentence;
  const shown = concerned
    .slice(0, SHOWN_NAMES)
    .map(({ name, verdict }) => `${name}: ${lowerFirst(verdict.sentence).replace(/\.$/, '')}`);
  const more = concerned.length - shown.length;
  const list = [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
  return `${concerned.length} of ${total} databases ${concerned.length === 1 ? one : many}: ${list}.`;
}

function redReasons({ usableAt, damage, storage }: ProtectionFacts): Reason[] {
  const reasons: Reason[] = [];
  if (storage === 'missing') {
    reasons.push({
      code: 'storage_missing',
      message: 'The backup folder is missing, so no backup in it can be restored.',
    });
  } else if (usableAt === undefined) {
    reasons.push(
      damage === 'none'
        ? { code: 'no_backup', message: 'No backup yet.' }
        : { code: 'all_damaged', message: 'Every backup of it is damaged.' },
    );
  }
  if (storage === 'unwritable') {
    reasons.push({
      code: 'storage_unwritable',
      message: 'The backup folder cannot be written, so no backup can be made.',
    });
  }
  return reasons;
}

function amberReasons(facts: ProtectionFacts, now: number): Reason[] {
  const { usableAt, damage, schedule, failure, storage } = facts;
  const reasons: Reason[] = [];
  if (damage === 'newest' && usableAt !== undefined) {
    reasons.push({ code: 'newest_damaged', message: 'The newest backup is damaged; an older one can be restored.' });
  }
  if (schedule !== 'scheduled') {
    const message =
      schedule === 'stopped'
        ? 'The scheduler is stopped, so no backup is made by itself.'
        : 'Its schedule is paused, so no backup is made by itself.';
    reasons.push({ code: 'not_scheduled', message });
  }
  if (isOverdue(facts, now))
    reasons.push({ code: 'overdue', message: 'The newest backup is too old, the next one is overdue.' });
  if (failure !== undefined) {
    reasons.push({ code: 'job_failed', message: `The last ${failure.what} failed: ${failure.message}` });
  }
  if (storage === 'low') {
    reasons.push({ code: 'storage_low', message: 'Less than 10 % of the disk with the backups is free.' });
  }
  return reasons;
}

export function isOverdue({ expectedBy: by }: Pick<ProtectionFacts, 'expectedBy'>, now: number): boolean {
  return by !== undefined && now > by;
}
