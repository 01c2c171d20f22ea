import { withMore } from '@app/domain';
export type Colour = 'green' | 'amber' | 'red';
/** The worst state of all folders that a database's backups need. `low`: less than a tenth of the file system is free. */
export type StorageState = 'fine' | 'low' | 'unwritable' | 'missing';
/** `stopped`: the database depends on the default schedule, which is stopped. `paused`: all schedules of its own are paused. */
export type ScheduleState = 'scheduled' | 'stopped' | 'paused';
/** `newest`: an older backup is whole. `all`: there are backups, and each of them is damaged. */
export type DamageState = 'none' | 'newest' | 'all';

/** The facts about one database. Times are epoch milliseconds. */
export interface ProtectionFacts {
  /** The time of the newest backup that exists, is whole and is not known to be damaged. */
  usableAt: number | undefined;
  damage: DamageState;
  schedule: ScheduleState;
  /** The result of {@link expectedBy}. */
  expectedBy: number | undefined;
  storage: StorageState;
  /** The failure of the last job that failed, unless a job of its kind or a backup has succeeded since. */
  failure: { what: string; message: string } | undefined;
  /** The last backup, when there is no backup any more. */
  lost?: LostBackup | undefined;
}

/** `deleted`: a call of this service deleted it at that time. `gone`: it was made at that time and is no longer there. */
export interface LostBackup {
  how: 'deleted' | 'gone';
  /** Epoch milliseconds. */
  at: number;
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
  /** The sentence for people: the first of the reasons, or that all is well. */
  sentence: string;
  /** Every reason why it is not green, the worst first. */
  reasons: readonly Reason[];
}

/** How many periods of its schedule old a backup may be before the next one counts as missing. */
const PATIENCE_PERIODS = 1.5;
const SHOWN_NAMES = 3;

/** Returns the time at which the next backup is overdue. `periodMs` is the period of the database's most frequent schedule. */
export function expectedBy(
  usableAt: number | undefined,
  periodMs: number | undefined,
  unscheduledMs: number,
): number | undefined {
  if (usableAt === undefined) return undefined;
  return usableAt + (periodMs === undefined ? unscheduledMs : periodMs * PATIENCE_PERIODS);
}

/** Judges one database. Red: it could not be restored now, or no backup can be made any more. Amber: that will happen if nobody acts. */
export function verdictOf(facts: ProtectionFacts, now: number): ProtectionVerdict {
  const red = redReasons(facts);
  const reasons = [...red, ...amberReasons(facts, now)];
  const colour = red.length > 0 ? 'red' : reasons.length > 0 ? 'amber' : 'green';
  return { colour, sentence: reasons[0]?.message ?? 'It could be restored right now.', reasons };
}

interface Judged {
  name: string;
  verdict: ProtectionVerdict;
}

export interface OverallVerdict {
  colour: Colour;
  sentence: string;
  /** Every reason that the sentence does not give, in whole sentences. The reasons of one database are one text. */
  details: readonly string[];
}

/** Judges all databases together. */
export function overallVerdict(databases: readonly Judged[]): OverallVerdict {
  const of = (colour: Colour) => databases.filter(({ verdict }) => verdict.colour === colour);
  const total = databases.length;
  if (total === 0) return { colour: 'amber', sentence: 'No database is backed up yet.', details: [] };
  const [red, amber] = [of('red'), of('amber')];
  if (red.length > 0)
    return { colour: 'red', ...inWords(red, amber, total, ['is not protected', 'are not protected']) };
  if (amber.length > 0) {
    return { colour: 'amber', ...inWords(amber, [], total, ['needs attention', 'need attention']) };
  }
  const which = total === 1 ? 'The database' : total === 2 ? 'Both databases' : `All ${total} databases`;
  return { colour: 'green', sentence: `${which} could be restored right now.`, details: [] };
}

/** `concerned` are the databases that decide the colour. `others` are more databases that are not green. */
function inWords(
  concerned: readonly Judged[],
  others: readonly Judged[],
  total: number,
  [one, many]: readonly [string, string],
): Omit<OverallVerdict, 'colour'> {
  const [first] = concerned;
  if (total === 1 && first !== undefined) {
    const { sentence, reasons } = first.verdict;
    return { sentence, details: reasons.slice(1).map(({ message }) => message) };
  }
  const named = concerned.slice(0, SHOWN_NAMES);
  const shown = byText(named.map(({ name, verdict }) => [name, lowerFirst(verdict.sentence).replace(/\.$/, '')]));
  const list = withMore(shown, concerned.length - named.length, '; ');
  const unsaid = [
    ...named.map(({ name, verdict }) => ({ name, reasons: verdict.reasons.slice(1) })),
    ...[...concerned.slice(SHOWN_NAMES), ...others].map(({ name, verdict }) => ({ name, reasons: verdict.reasons })),
  ].filter(({ reasons }) => reasons.length > 0);
  return {
    sentence: `${concerned.length} of ${total} databases ${concerned.length === 1 ? one : many}: ${list}.`,
    details: byText(unsaid.map(({ name, reasons }) => [name, reasons.map(({ message }) => message).join(' ')])),
  };
}

/** Writes a text that holds for several names once, as in `shop, crm: no backup yet`. */
function byText(pairs: readonly (readonly [name: string, text: string])[]): string[] {
  const names = new Map<string, string[]>();
  for (const [name, text] of pairs) names.set(text, [...(names.get(text) ?? []), name]);
  return [...names].map(([text, of]) => `${of.join(', ')}: ${text}`);
}

function redReasons({ usableAt, damage, storage, lost }: ProtectionFacts): Reason[] {
  const reasons: Reason[] = [];
  if (storage === 'missing') {
    reasons.push({
      code: 'storage_missing',
      message: 'The backup folder is missing, so no backup in it can be restored.',
    });
  } else if (usableAt === undefined) {
    reasons.push(
      damage === 'none'
        ? { code: 'no_backup', message: noBackup(lost) }
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

function noBackup(lost: LostBackup | undefined): string {
  if (lost === undefined) return 'No backup yet.';
  const at = new Date(lost.at).toISOString().slice(0, 16).replace('T', ' ');
  return lost.how === 'deleted'
    ? `No backup any more: the last one was deleted on ${at} UTC.`
    : `No backup any more: the last one, made on ${at} UTC, is no longer there.`;
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

/** Returns a sentence for the place after a colon: its first word is in lower case, unless it is a name or an abbreviation. */
function lowerFirst(sentence: string): string {
  return /^[A-Z][a-z ]/.test(sentence) ? sentence.charAt(0).toLowerCase() + sentence.slice(1) : sentence;
}
