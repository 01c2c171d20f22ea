import { holds } from '@app/artifact';
import { formatBytes } from '@app/domain';
import type { FieldFault, RetentionPolicy, VerificationLevel } from '@app/domain';
import { rulesOf } from './retention-rules.js';
import type { RetentionCandidate, RetentionSituation } from './retention-rules.js';

export type { RetentionCandidate, RetentionSituation } from './retention-rules.js';

export interface Verdict<T> {
  backup: T;
  /** The reasons in plain words; never empty. */
  reasons: string[];
}

/** Each list has the newest first. */
export interface RetentionDecision<T> {
  keep: Verdict<T>[];
  remove: Verdict<T>[];
}

/**
 * Decides which backups of one database a policy keeps. These rules hold above every policy: only complete backups count and
 * are removed (FAILURES 41). Backups that could not be restored do not count; the newest one stays for each of the newest
 * {@link KINDS_OF_FAILURES} reasons. Pinned backups, those that an undo needs (FAILURES 55), the newest, the newest that was
 * read back from storage and the newest that was restored are never removed (FAILURES 41, 50).
 */
export function decide<T extends RetentionCandidate>(
  policy: RetentionPolicy,
  backups: readonly T[],
  situation: RetentionSituation,
): RetentionDecision<T> {
  const isPinned = ({ id }: T): boolean => situation.pinned?.has(id) === true;
  const isNeeded = ({ id }: T): boolean => situation.needed?.has(id) === true;
  const ordered = backups.toSorted(newestFirst);
  const whole = ordered.filter((backup) => faultOf(backup) === undefined);
  const counting = whole.filter((backup) => !isPinned(backup) && !isNeeded(backup));
  const rules = rulesOf(policy, counting, situation);
  const guarded = guards(whole, situation);
  const superseded = supersededFailures(
    ordered,
    (backup) => isPinned(backup) || isNeeded(backup) || backup.id === situation.made,
  );
  const byRules = (backup: T): string[] =>
    rules.length === 0
      ? [policy.maxBytes === undefined ? 'the policy has no rule: all stay' : 'within the size limit']
      : rules.map((rule) => rule.keeps(backup)).filter((reason) => reason !== undefined);
  const wanted = new Map(counting.map((backup) => [backup, byRules(backup)]));
  const staying = counting.filter((backup) => wanted.get(backup)?.length !== 0 || guarded.has(backup));
  const overfull = overTheLimit(policy.maxBytes, staying, guarded);

  const decision: RetentionDecision<T> = { keep: [], remove: [] };
  for (const backup of ordered) {
    const own = [
      faultOf(backup),
      isPinned(backup) ? 'pinned' : undefined,
      isNeeded(backup) ? 'a restore can be undone by it: it stays until that has expired' : undefined,
    ].filter((reason) => reason !== undefined);
    const reasons = [...own, ...(wanted.get(backup) ?? [])];
    const spare = superseded.get(backup);
    if (spare !== undefined) {
      decision.remove.push({ backup, reasons: [spare] });
    } else if (overfull.has(backup)) {
      const limit = formatBytes(policy.maxBytes ?? 0);
      decision.remove.push({ backup, reasons: [`the newer ones take up the ${limit} of the size limit`] });
    } else if (reasons.length > 0) {
      decision.keep.push({ backup, reasons });
    } else if (guarded.has(backup)) {
      decision.keep.push({ backup, reasons: [guarded.get(backup) ?? ''] });
    } else {
      decision.remove.push({ backup, reasons: rules.map((rule) => rule.against(backup)) });
    }
  }
  return decision;
}

const COUNTED_RULES = ['keepLast', 'days', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
const MAX_COUNT = 1_000_000;
const FIELDS: Readonly<Record<string, string>> = { keepLast: 'keep_last', maxBytes: 'max_bytes' };

/** Says what is wrong with a policy, under the API's name of the field; undefined when nothing is. */
export function retentionPolicyFault(value: unknown): FieldFault | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { field: 'retention', message: 'must be an object of rules' };
  }
  for (const [rule, given] of Object.entries(value)) {
    const field = FIELDS[rule] ?? rule;
    const counted = (COUNTED_RULES as readonly string[]).includes(rule);
    if (!counted && rule !== 'maxBytes') return { field, message: 'is no rule of a retention policy' };
    if (given === undefined) continue;
    const most = counted ? MAX_COUNT : Number.MAX_SAFE_INTEGER;
    if (typeof given !== 'number' || !Number.isInteger(given) || given < 1 || given > most) {
      return { field, message: `must be a whole number from 1 to ${most}` };
    }
  }
  return undefined;
}

/** Orders backups as the listings do. */
export function newestFirst(
  a: Pick<RetentionCandidate, 'createdAt' | 'filename'>,
  b: Pick<RetentionCandidate, 'createdAt' | 'filename'>,
): number {
  if (a.createdAt !== b.createdAt) return b.createdAt - a.createdAt;
  return a.filename < b.filename ? 1 : a.filename > b.filename ? -1 : 0;
}

/** Says why a backup neither counts nor is removed. */
function faultOf(backup: RetentionCandidate): string | undefined {
  if (backup.status === 'foreign') return 'not made by this service: it counts for nothing and is left alone';
  if (backup.verificationFailed)
    return `its verification failed: it counts for nothing, and stays until a newer one fails for the same reason, or ${KINDS_OF_FAILURES} newer ones for others`;
  if (backup.status !== 'complete') return 'damaged: it counts for nothing, and only a person deletes it';
  return undefined;
}

/** A server's message can have different names, sizes or hosts each time, so the number of reasons needs a limit, too. */
const KINDS_OF_FAILURES = 5;

/**
 * Finds backups that are as they were written, could not be restored, and are not needed to find the reason. The newest one
 * with the same message, apart from numbers and names of files, is enough for that, and so are the newest few reasons. All of
 * them would fill the disk.
 */
function supersededFailures<T extends RetentionCandidate>(
  newestFirst: readonly T[],
  stays: (backup: T) => boolean,
): Map<T, string> {
  const newestOf = new Map<string, T>();
  const superseded = new Map<T, string>();
  for (const backup of newestFirst) {
    const { failed } = backup.manifest?.verification ?? {};
    if (!backup.verificationFailed || failed?.level !== 'restored') continue;
    const kind = failed.message.replaceAll(backup.filename, '').replaceAll(/\d+/g, '#');
    const newest = newestOf.get(kind);
    if (newest !== undefined) {
      if (!stays(backup))
        superseded.set(backup, `${newest.filename}, which is newer, failed its verification for the same reason`);
    } else if (newestOf.size < KINDS_OF_FAILURES) {
      newestOf.set(kind, backup);
    } else if (!stays(backup)) {
      superseded.set(backup, `newer ones failed their verification for ${KINDS_OF_FAILURES} other reasons`);
    }
  }
  return superseded;
}

/** Returns the backups that no rule and no size limit may remove. */
function guards<T extends RetentionCandidate>(whole: readonly T[], { made }: RetentionSituation): Map<T, string> {
  const newestWith = (level: VerificationLevel): T | undefined =>
    whole.find(({ verification }) => verification !== null && holds(verification, level));
  const [verified, restored] = [newestWith('stored'), newestWith('restored')];
  const justMade = whole.find(({ id }) => id === made);
  const guarded = new Map<T, string>();
  if (justMade !== undefined) guarded.set(justMade, 'it was just made');
  if (restored !== undefined) guarded.set(restored, 'the newest one that was restored is never removed');
  if (verified !== undefined) guarded.set(verified, 'the newest verified one is never removed');
  if (whole[0] !== undefined) guarded.set(whole[0], 'the newest one is never removed');
  return guarded;
}

/** Returns the backups to remove, the oldest first, until the others fit. */
function overTheLimit<T extends RetentionCandidate>(
  maxBytes: number | undefined,
  staying: readonly T[],
  guarded: ReadonlyMap<T, unknown>,
): Set<T> {
  const over = new Set<T>();
  if (maxBytes === undefined) return over;
  let total = staying.reduce((sum, { size }) => sum + size, 0);
  for (const backup of staying.toReversed()) {
    if (total <= maxBytes) break;
    if (guarded.has(backup)) continue;
    over.add(backup);
    total -= backup.size;
  }
  return over;
}
