import type { Schemas } from '../api/client.js';

type Policy = Schemas['RetentionPolicyBody'];

export const COUNT_RULES = ['keep_last', 'days', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
export type CountRule = (typeof COUNT_RULES)[number];

/** Powers of 1000, as sizes are written everywhere here. */
export const SIZE_UNITS = { MB: 1e6, GB: 1e9, TB: 1e12 } as const;
export type SizeUnit = keyof typeof SIZE_UNITS;

/** A retention policy as somebody types it; an empty text is a rule that is not set. */
export interface RetentionDraft {
  counts: Readonly<Record<CountRule, string>>;
  size: string;
  unit: SizeUnit;
}

/** Whether a connection has rules of its own, and which; as it is chosen and typed, whether it makes sense yet or not. */
export interface RetentionChoiceDraft {
  own: boolean;
  draft: RetentionDraft;
}

const NO_COUNTS = Object.fromEntries(COUNT_RULES.map((rule) => [rule, ''])) as Record<CountRule, string>;
const MAX_COUNT = 1_000_000;

export function draftOf(policy: Policy | null): RetentionDraft {
  const counts = { ...NO_COUNTS };
  for (const rule of COUNT_RULES) counts[rule] = String(policy?.[rule] ?? '');
  const bytes = policy?.max_bytes ?? undefined;
  if (bytes === undefined) return { counts, size: '', unit: 'GB' };
  // The largest unit in which it is at least one.
  const unit = bytes >= SIZE_UNITS.TB ? 'TB' : bytes >= SIZE_UNITS.GB ? 'GB' : 'MB';
  return { counts, size: String(bytes / SIZE_UNITS[unit]), unit };
}

/** Returns the faults of what was typed, by field of the API. */
export function draftFaults({
  counts,
  size,
}: RetentionDraft): Readonly<Partial<Record<CountRule | 'max_bytes', string>>> {
  const faults: Partial<Record<CountRule | 'max_bytes', string>> = {};
  for (const rule of COUNT_RULES) {
    const text = counts[rule].trim();
    if (text !== '' && !(/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_COUNT)) {
      faults[rule] = 'A whole number from 1, or nothing';
    }
  }
  const limit = size.trim();
  if (limit !== '' && !(sizeOf(limit) > 0)) faults.max_bytes = 'A number above 0, or nothing';
  return faults;
}

/** Returns the policy of a draft without faults. */
export function policyOf({ counts, size, unit }: RetentionDraft): Policy {
  const policy: Policy = {};
  for (const rule of COUNT_RULES) {
    if (counts[rule].trim() !== '') policy[rule] = Number(counts[rule]);
  }
  if (size.trim() !== '') policy.max_bytes = Math.max(1, Math.round(sizeOf(size) * SIZE_UNITS[unit]));
  return policy;
}

export const choiceOf = (policy: Policy | null): RetentionChoiceDraft => ({
  own: policy !== null,
  draft: draftOf(policy),
});

/** Returns the policy as the API takes it, null for the service's default; undefined while something that was typed is wrong. */
export function chosenPolicy({ own, draft }: RetentionChoiceDraft): Policy | null | undefined {
  if (!own) return null;
  return Object.keys(draftFaults(draft)).length > 0 ? undefined : policyOf(draft);
}

/** Returns the refusals of the API by field: what it says of `retention.days` is for the field `days`. */
export function refusedRules(fields: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([field]) => field.startsWith('retention.'))
      .map(([field, words]) => [field.slice('retention.'.length), words]),
  );
}

/** With a comma, too, as half the world writes it. */
const sizeOf = (text: string): number => (/^\d+(?:[.,]\d+)?$/.test(text.trim()) ? Number(text.replace(',', '.')) : NaN);
