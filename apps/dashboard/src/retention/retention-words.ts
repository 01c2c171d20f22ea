import type { Schemas } from '../api/client.js';
import { formatBytes, formatCount } from '../format/format.js';

type Policy = Schemas['RetentionPolicyBody'];

const PERIODS = [
  ['hourly', 'hour'],
  ['daily', 'day'],
  ['weekly', 'week'],
  ['monthly', 'month'],
  ['yearly', 'year'],
] as const;

/** `Keeps the newest 3 and the newest of each of the last 7 days.` */
export function policyInWords(policy: Policy): string {
  const { keep_last: last, days, max_bytes: limit } = policy;
  const rules = [
    ...(last ? [last === 1 ? 'the newest' : `the newest ${formatCount(last)}`] : []),
    ...(days ? [`what is younger than ${counted(days, 'day')}`] : []),
    ...PERIODS.flatMap(([rule, unit]) => {
      const count = policy[rule];
      if (!count) return [];
      return [
        count === 1 ? `the newest of the last ${unit}` : `the newest of each of the last ${counted(count, unit)}`,
      ];
    }),
  ];
  const kept = rules.length === 0 ? 'everything' : listed(rules);
  return `Keeps ${kept}${limit ? `, up to ${formatBytes(limit)} in all` : ''}.`;
}

const counted = (count: number, unit: string): string => `${formatCount(count)} ${unit}${count === 1 ? '' : 's'}`;

function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
